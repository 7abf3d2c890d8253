package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
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
		if err := p.Stop(); err != nil {
			t.Error(err)
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

// TestPlatform has one platform for what leaves it whole; first what may run side by side.
func TestPlatform(t *testing.T) {
	t.Parallel()
	p := started(t, map[string]int{api: 2, processor: 2, notifier: 2})
	t.Run("together", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T, *platform.Platform){
			"payment": onePayment, "card number": noCardNumbers, "database": databaseRefuses, "roles": rolesMayDoNoMore,
			"trace": oneTrace, "metrics": backlogs, "health": healthChecks,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, p) })
		}
	})
	t.Run("reconcile again", func(t *testing.T) { reconcilesAgain(t, p) })
	t.Run("rotate", func(t *testing.T) { rotates(t, p) })
	t.Run("Spot", func(t *testing.T) { spot(t, p) })
}

// onePayment goes through all services and back; the same request again is the same payment.
func onePayment(t *testing.T, p *platform.Platform) {
	ids := some(t, p, "one", 1)
	settles(t, p, ids)
	await(t, func(ctx context.Context) error { return shows(ctx, p, ids[0], "settled", hasSettlement) })
	if again, err := pays(t.Context(), p, "one-0"); err != nil || again != ids[0] {
		t.Errorf("the same request again: %s, %v; want payment %s", again, err, ids[0])
	}
	other := order()
	other.Amount++
	if status, _, err := p.Pay(t.Context(), "one-0", other); status != http.StatusUnprocessableEntity {
		t.Errorf("the key with another request: %d, %v", status, err)
	}
	notifies(t, p, ids, 1)
	var settlement platform.Settlement
	status, err := p.Call(t.Context(), platform.Operator, http.MethodGet, "/transactions/"+ids[0], nil, &settlement)
	if err != nil || status != http.StatusOK || settlement.PaymentID != ids[0] {
		t.Errorf("an operator asks for the transaction: %d, %v, %+v", status, err, settlement)
	}
	if status, err := p.Call(t.Context(), platform.Customer, http.MethodGet, "/transactions/"+ids[0], nil, nil); status != http.StatusNotFound {
		t.Errorf("a customer asks for the transaction: %d, %v", status, err)
	}
	if !slices.Contains(slices.Collect(maps.Values(routed(t, p))), true) {
		t.Error("no Envoy of payment-api has carried a request to transaction-processor")
	}
}

// routed tells of each payment-api whether its Envoy has carried requests.
func routed(t *testing.T, p *platform.Platform) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	for _, task := range p.Tasks(api) {
		stats, err := task.Envoy().Stats(t.Context(), processor)
		if err != nil {
			t.Fatal(err)
		}
		list[task.Name] = stats["upstream_rq_completed"] > 0
	}
	return list
}

// noCardNumbers has a card's number refused wherever it stands; what is logged about it is looked at in the end.
func noCardNumbers(t *testing.T, p *platform.Platform) {
	for name, change := range map[string]func(*platform.Order){
		"token": func(o *platform.Order) { o.CardToken = cardNumber }, "reference": func(o *platform.Order) { o.Reference = cardNumber },
	} {
		o := order()
		change(&o)
		if status, _, err := p.Pay(t.Context(), "number-"+name, o); status != http.StatusBadRequest {
			t.Errorf("a card's number as %s: %d, %v", name, status, err)
		}
	}
	if status, _, err := p.Pay(t.Context(), cardNumber, order()); status != http.StatusBadRequest {
		t.Errorf("a card's number as key: %d, %v", status, err)
	}
}

// healthChecks runs each container's health check as ECS does, with the container's environment.
func healthChecks(t *testing.T, p *platform.Platform) {
	for _, task := range p.Tasks("") {
		if err := task.CheckHealth(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
