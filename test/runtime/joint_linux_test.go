package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
	"golang.org/x/sys/unix"
)

const (
	api       = "payment-api"
	processor = "transaction-processor"
	notifier  = "notification-service"
)

// What the tests send and nobody may log; the number is a network's own for tests.
const (
	cardToken  = "tok_visa_4f3a9c21"
	cardNumber = "4111111111111111"
)

// started is a platform of its own for a test, which stops with it; what its containers have logged is looked through then.
func started(t *testing.T, tasks map[string]int) *platform.Platform {
	t.Helper()
	realParts(t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	p, err := platform.Start(ctx, platform.Options{Root: os.Getenv(rootVariable), World: rendered(t), Tasks: tasks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		passwords, err := p.Passwords(ctx)
		if err != nil {
			t.Error(err)
		}
		running := processes(p)
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		for name, pid := range running {
			if err := unix.Kill(pid, 0); err == nil {
				t.Errorf("%s still runs", name)
			}
		}
		if _, err := os.Stat(p.Dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", p.Dir, err)
		}
		for name, output := range p.Outputs() {
			for _, never := range append(passwords, cardToken, cardNumber) {
				if strings.Contains(output, never) {
					t.Errorf("%s has logged what nobody may: a card's number or token, or a password", name)
				}
			}
		}
	})
	return p
}

// processes are the process IDs of all that runs.
func processes(p *platform.Platform) map[string]int {
	list := map[string]int{"database": p.Database.PID()}
	for _, t := range p.Tasks("") {
		list[t.Name+" application"], list[t.Name+" envoy"], list[t.Name+" collector"] = t.Application().PID(), t.Envoy().PID(), t.Collector().PID()
	}
	return list
}

func order() platform.Order {
	return platform.Order{Amount: 1999, Currency: "EUR", CardToken: cardToken, Reference: "order 7"}
}

// pays sends a payment once; anything but 202 is an error.
func pays(ctx context.Context, p *platform.Platform, key string, headers ...string) (string, error) {
	status, payment, err := p.Pay(ctx, key, order(), headers...)
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("POST /payments: %d", status)
	}
	return payment.ID, err
}

// insists sends a payment again under the same key until it is accepted, as the documentation tells clients.
func insists(ctx context.Context, p *platform.Platform, key string) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err = world.Until(ctx, func() error {
		id, err = pays(ctx, p, key)
		return err
	})
	return id, err
}

// some are payments that were accepted one after the other.
func some(t *testing.T, p *platform.Platform, name string, count int) []string {
	t.Helper()
	var ids []string
	for i := range count {
		id, err := pays(t.Context(), p, fmt.Sprintf("%s-%d", name, i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// shows asks a payment of the payment-api and expects what a function accepts.
func shows(ctx context.Context, p *platform.Platform, id, what string, accept func(platform.Payment) bool) error {
	status, payment, err := p.Payment(ctx, id)
	if err == nil && (status != http.StatusOK || payment.ID != id || !accept(payment)) {
		err = fmt.Errorf("GET /payments/%s: %d %+v, want it %s", id, status, payment, what)
	}
	return err
}

func hasSettlement(p platform.Payment) bool {
	return p.Status == "settled" && p.Settlement != nil && p.Settlement.Status == "settled" && p.Settlement.NetworkReference != ""
}

// await waits until a check succeeds: much longer than any takes.
func await(t *testing.T, check func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	if err := world.Until(ctx, func() error { return check(ctx) }); err != nil {
		t.Fatal(err)
	}
}

// settles waits until payments are settled by what the database holds, each once and with a reference of the network.
func settles(t *testing.T, p *platform.Platform, ids []string) {
	t.Helper()
	conn, err := p.Database.Superuser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	await(t, func(ctx context.Context) error {
		var payments, settlements, waiting int
		err := conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM payments WHERE id = ANY($1) AND status = 'settled'),
			(SELECT count(*) FROM settlements WHERE payment_id = ANY($1) AND status = 'settled' AND network_reference <> ''),
			(SELECT count(*) FROM outbox WHERE payment_id = ANY($1) AND topic = 'settle')`, ids).Scan(&payments, &settlements, &waiting)
		if err == nil && (payments != len(ids) || settlements != len(ids) || waiting != 0) {
			err = fmt.Errorf("of %d payments %d are settled, with %d settlements; %d wait in the outbox", len(ids), payments, settlements, waiting)
		}
		return err
	})
}

// sent counts the notifications of payments that all notification-services together sent, and checks their keys.
func sent(p *platform.Platform) (map[string]int, error) {
	counts := map[string]int{}
	var problems []error
	for name, output := range p.Outputs() {
		if !strings.HasPrefix(name, notifier) || !strings.HasSuffix(name, " application") {
			continue
		}
		for line := range strings.Lines(output) {
			var entry struct {
				Message string `json:"msg"`
				Payment string `json:"payment_id"`
				Key     string `json:"key"`
			}
			if json.Unmarshal([]byte(line), &entry) != nil || entry.Message != "notification sent" {
				continue
			}
			counts[entry.Payment]++
			if want := "settlement-" + entry.Payment; entry.Key != want {
				problems = append(problems, fmt.Errorf("notification with key %s, want %s", entry.Key, want))
			}
		}
	}
	return counts, errors.Join(problems...)
}

// notifies waits until a notification of each payment was sent. Most is how often it may have been.
func notifies(t *testing.T, p *platform.Platform, ids []string, most int) {
	t.Helper()
	await(t, func(context.Context) error {
		counts, err := sent(p)
		for _, id := range ids {
			if counts[id] == 0 {
				return errors.Join(err, fmt.Errorf("no notification of payment %s; %d were sent", id, len(counts)))
			}
		}
		return err
	})
	// What is no longer in the outbox is not sent again.
	conn, err := p.Database.Superuser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	await(t, func(ctx context.Context) error {
		var waiting int
		err := conn.QueryRow(ctx, `SELECT count(*) FROM outbox WHERE payment_id = ANY($1)`, ids).Scan(&waiting)
		if err == nil && waiting > 0 {
			err = fmt.Errorf("%d rows wait in the outbox", waiting)
		}
		return err
	})
	counts, err := sent(p)
	if err != nil {
		t.Error(err)
	}
	for _, id := range ids {
		if counts[id] > most {
			t.Errorf("payment %s was notified %d times, want at most %d", id, counts[id], most)
		}
	}
}
