package settlement

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/codes"

	"github.com/tierform/tierform/services/internal/outbox"
)

// overdue is what an operator's alarm looks for; the payment goes on to be tried.
func overdue(t *testing.T, r *rig) {
	r.network.failures = 2
	id := r.pay(t, "tok_visa", "")
	age := func(age string) {
		t.Helper()
		if _, err := r.pool.Exec(t.Context(), "UPDATE outbox SET created_at = now() - $1::text::interval, attempts = 99 * attempts", age); err != nil {
			t.Fatal(err)
		}
		r.due(t)
	}
	age("10 minutes")
	next(t, r.settle)
	if log := r.log.String(); !strings.Contains(log, `"level":"WARN"`) || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the first failure is told as %s", log)
	}
	again(t, r, "1 second")
	r.log.Reset()
	age("16 minutes")
	next(t, r.settle)
	var line struct {
		Level, Msg, Topic, Age, Error string
		PaymentID                     uuid.UUID `json:"payment_id"`
		Attempt                       int
	}
	if err := json.Unmarshal([]byte(r.log.String()), &line); err != nil {
		t.Fatalf("%v: %s", err, r.log.String())
	}
	if line.Level != "ERROR" || line.Msg != "work of the outbox is overdue" || line.Topic != outbox.Settle || line.PaymentID != id ||
		line.Attempt != 100 || !strings.HasPrefix(line.Age, "16m") || !strings.Contains(line.Error, "the network is down") {
		t.Errorf("it is told as %+v", line)
	}
	for _, span := range r.spans.Ended() {
		if span.Status().Code != codes.Error {
			t.Errorf("the span %s does not tell that it failed", span.Name())
		}
	}
	r.expect(t, id, "accepted settle:100")
	again(t, r, "1 minute")
	age("40 days")
	next(t, r.settle)
	r.expect(t, id, "settled settled notify:0")
}

// again sees that the only row is tried again before long.
func again(t *testing.T, r *rig, before string) {
	t.Helper()
	var within bool
	if err := r.pool.QueryRow(t.Context(), "SELECT available_at <= now() + $1::text::interval FROM outbox", before).Scan(&within); err != nil || !within {
		t.Errorf("it is not tried again within %s: %v", before, err)
	}
}

// workingOff sees that workers take row after row, tell of each, and then wait to be woken.
func workingOff(t *testing.T, r *rig) {
	const payments = 3
	wake, done, ended := outbox.NewWake(), make(chan struct{}, payments), make(chan struct{})
	r.settle.Done = func() { done <- struct{}{} }
	for range payments {
		r.pay(t, "tok_visa", "")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { r.settle.Run(ctx, 2, wake); close(ended) }()
	for range payments {
		await(t, "a settlement", done)
	}
	wake.Up()
	wake.Up() // never waits
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.After(deadline); len(wake) > 0; {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("no worker waits to be woken")
		}
	}
	stop()
	await(t, "the end", ended)
	if log := r.log.String(); log != "" {
		t.Errorf("the log is %s", log)
	}
}

// noClaim is a database that answers, but does not give rows.
func noClaim(t *testing.T, r *rig) {
	master := r.database.Connect(t, r.database.Master, r.database.MasterPassword)
	if _, err := master.Exec(t.Context(), "REVOKE UPDATE ON outbox FROM transaction_processor"); err != nil {
		t.Fatal(err)
	}
	if found, err := r.settle.Next(t.Context()); found || err == nil || !strings.Contains(err.Error(), "claim a row") {
		t.Errorf("a row was found: %v, %v", found, err)
	}
}

// lines tells of each line that is written to it.
type lines chan struct{}

func (l lines) Write(text []byte) (int, error) {
	l <- struct{}{}
	return len(text), nil
}

// databaseAway sees that workers without a database say so, and wait before they try again.
func databaseAway(t *testing.T, r *rig) {
	told, ended := make(lines, 1000), make(chan struct{})
	r.settle.Log = logTo(told)
	r.pool.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { r.settle.Run(ctx, 1, nil); close(ended) }()
	await(t, "a line", told)
	time.AfterFunc(50*time.Millisecond, stop) // what does not wait writes hundreds of lines meanwhile
	for more := 0; ; more++ {
		select {
		case <-told:
		case <-ended:
			if more > 0 {
				t.Errorf("%d lines more were written at once", more)
			}
			return
		case <-time.After(deadline):
			t.Fatal("the workers did not end")
		}
	}
}

// requestsTrace sees that work which a request does belongs to the request's trace, not to that of the payment's row.
func requestsTrace(t *testing.T, r *rig) {
	id := r.pay(t, "tok_visa", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	ctx, request := r.tracing.Tracer().Start(t.Context(), "request")
	if found, err := r.settle.Of(ctx, id); !found || err != nil {
		t.Fatal(found, err)
	}
	request.End()
	for _, span := range r.spans.Ended() {
		if got, want := span.SpanContext().TraceID(), request.SpanContext().TraceID(); got != want {
			t.Errorf("%s belongs to %s, want %s", span.Name(), got, want)
		}
	}
	if got := len(r.spans.Ended()); got != 2 {
		t.Errorf("%d spans", got)
	}
}
