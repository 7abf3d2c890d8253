//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tierform/tierform/test/runtime/load"
	"github.com/tierform/tierform/test/runtime/platform"
)

// newTrace makes a trace's ID and the header that begins it (W3C Trace Context, "traceparent").
func newTrace() (id, header string) {
	var b [24]byte
	rand.Read(b[:])
	id = hex.EncodeToString(b[:16])
	return id, "00-" + id + "-" + hex.EncodeToString(b[16:]) + "-01"
}

func (d *demo) pay(ctx context.Context, _ []string) error {
	trace, header := newTrace()
	begun := time.Now()
	order := platform.Order{Amount: 1999, Currency: "EUR", CardToken: "tok_visa", Reference: "demo"}
	status, payment, err := d.platform.Pay(ctx, rand.Text(), order, "Traceparent", header)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "  POST /payments  %d  %d ms  id %s, %s\n", status, time.Since(begun).Milliseconds(), payment.ID, payment.Status)
	if status != http.StatusAccepted {
		return nil
	}
	d.payment, d.trace = payment.ID, trace
	// The settlement takes milliseconds; who asks at once gets the answer before it.
	for range 5 {
		begun = time.Now()
		if status, payment, err = d.platform.Payment(ctx, d.payment); err != nil {
			return err
		}
		if status != http.StatusOK || payment.Settlement != nil || payment.SettlementUnavailable || !pause(ctx, 100*time.Millisecond) {
			break
		}
	}
	fmt.Fprintf(d.out, "  GET  /payments/…  %d  %d ms  %s\n", status, time.Since(begun).Milliseconds(), told(payment))
	return nil
}

func told(p platform.Payment) string {
	switch {
	case p.Settlement != nil:
		return p.Settlement.Status + ", " + p.Settlement.NetworkReference
	case p.SettlementUnavailable:
		return `"settlement_unavailable": the transaction-processor does not answer, the customer is served all the same`
	}
	return p.Status + ", not settled yet"
}

func (d *demo) load(ctx context.Context, arguments []string) error {
	rate, err := strconv.Atoi(arguments[0])
	if err != nil || rate < 1 || rate > 500 {
		return fmt.Errorf("say: load N, a whole number from 1 to 500")
	}
	if d.payment == "" {
		return errors.New("there is no payment to ask for: pay first")
	}
	r := load.Run(ctx, load.Plan{Rate: float64(rate), For: 5 * time.Second, Send: func(ctx context.Context) load.Kind {
		status, payment, err := d.platform.Payment(ctx, d.payment)
		return load.KindOf(status, payment.SettlementUnavailable, err)
	}})
	fmt.Fprintf(d.out, "  %d calls of GET /payments/…: %d whole, %d without settlement, %d failed; half within %d ms, 99 %% within %d ms\n",
		r.Requests(), r.Counts[load.Whole], r.Counts[load.Degraded], r.Counts[load.Failed], r.Quantile(0.5).Milliseconds(),
		r.Quantile(0.99).Milliseconds())
	return nil
}

func (d *demo) kill(_ context.Context, arguments []string) error {
	tasks, err := d.tasks(arguments[0])
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if slices.Contains(d.killed, t) {
			continue
		}
		t.Application().Kill()
		d.killed = append(d.killed, t)
		fmt.Fprintf(d.out, "  %s: the program is gone\n", t.Name)
	}
	return nil
}

func (d *demo) start(ctx context.Context, arguments []string) error {
	tasks, err := d.tasks(arguments[0])
	if err != nil {
		return err
	}
	if end := d.slow[arguments[0]]; end != nil {
		end()
		delete(d.slow, arguments[0])
		fmt.Fprintf(d.out, "  %s is as quick as before\n", arguments[0])
	}
	for _, t := range tasks {
		if !slices.Contains(d.killed, t) {
			continue
		}
		if err := t.StartApplication(ctx); err != nil {
			return err
		}
		d.killed = slices.DeleteFunc(d.killed, func(other *platform.Task) bool { return other == t })
		fmt.Fprintf(d.out, "  %s: runs and answers its health check; an ejected task gets calls again when its time is over (breaker)\n", t.Name)
	}
	return nil
}

// slowDown lets a service's programs run a tenth of the time.
func (d *demo) slowDown(_ context.Context, arguments []string) error {
	tasks, err := d.tasks(arguments[0])
	if err != nil || d.slow[arguments[0]] != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, t := range tasks {
		if slices.Contains(d.killed, t) {
			continue
		}
		all.Go(func() {
			for ctx.Err() == nil && t.Suspend() == nil {
				pause(ctx, time.Second)
				if t.Resume() != nil {
					return
				}
				pause(ctx, 100*time.Millisecond)
			}
		})
	}
	d.slow[arguments[0]] = func() { cancel(); all.Wait() }
	fmt.Fprintf(d.out, "  %s: its %d programs stand still for a second at a time\n", arguments[0], len(tasks))
	return nil
}

func (d *demo) breakers(ctx context.Context, _ []string) error {
	for _, t := range d.platform.Tasks("") {
		upstreams, err := t.Service.Upstreams()
		if err != nil {
			return err
		}
		for _, u := range upstreams {
			stats, err := t.Envoy().Stats(ctx, u.Name)
			if err != nil {
				return err
			}
			fmt.Fprint(d.out, circuit(t.Name, u, stats))
		}
	}
	return nil
}

// traceLimit is how long a trace may take to arrive: programs send every five seconds, collectors every second.
const traceLimit = 15 * time.Second

func (d *demo) showTrace(ctx context.Context, _ []string) error {
	if d.trace == "" {
		return errors.New("there is no trace: pay first")
	}
	begun, text, whole := time.Now(), "", false
	for !whole {
		segments, err := d.platform.Segments(ctx, d.trace)
		if err == nil {
			text, whole, err = tree(segments)
		}
		if err != nil {
			return err
		}
		if time.Since(begun) > traceLimit || !whole && !pause(ctx, 500*time.Millisecond) {
			break
		}
	}
	if text == "" {
		text = "  nothing has arrived yet\n"
	}
	fmt.Fprintf(d.out, "  trace %s\n%s", d.trace, text)
	return nil
}

func (d *demo) backlog(ctx context.Context, _ []string) error {
	c, err := d.platform.Database.Superuser(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var settle, notify int
	err = c.QueryRow(ctx, "SELECT count(*) FILTER (WHERE topic = 'settle'), count(*) FILTER (WHERE topic = 'notify') FROM outbox").Scan(&settle, &notify)
	if err != nil {
		return fmt.Errorf("counting the outbox's rows: %w", err)
	}
	fmt.Fprintf(d.out, "  %d payments wait to be settled, %d notifications to be delivered\n", settle, notify)
	return nil
}

func (d *demo) rotate(ctx context.Context, _ []string) error {
	output, err := d.platform.Administer(ctx, "rotate")
	if err != nil {
		return err
	}
	for line := range strings.Lines(output) {
		var entry struct{ Msg, Subject string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg != "" {
			fmt.Fprintln(d.out, "  "+strings.TrimSpace(entry.Msg+"  "+entry.Subject))
		}
	}
	return nil
}

func (d *demo) log(_ context.Context, arguments []string) error {
	tasks, err := d.tasks(arguments[0])
	if err != nil {
		return err
	}
	for _, t := range tasks {
		lines := strings.Split(strings.TrimSpace(t.Output()), "\n")
		for _, line := range lines[max(0, len(lines)-6):] {
			fmt.Fprintf(d.out, "  %s  %s\n", t.Name, line)
		}
	}
	return nil
}
