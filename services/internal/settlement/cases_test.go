package settlement

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tierform/tierform/services/internal/outbox"
)

func settledAndNotified(t *testing.T, r *rig) {
	id := r.pay(t, "tok_visa", "")
	if !next(t, r.settle) {
		t.Fatal("there is no row to settle")
	}
	r.expect(t, id, "settled settled notify:0")
	if !next(t, r.notify) {
		t.Fatal("there is no row to notify")
	}
	r.expect(t, id, "settled settled")
	want := "settlement-" + id.String() + ` POST /notifications {"status":"settled","payment_id":"` + id.String() + `"}`
	if diff := cmp.Diff([]string{want}, r.notified.received); diff != "" {
		t.Error(diff)
	}
	if next(t, r.settle) || next(t, r.notify) {
		t.Error("there is still a row")
	}
}

func declined(t *testing.T, r *rig) {
	id := r.pay(t, "tok_declined_expired", "")
	next(t, r.settle)
	r.expect(t, id, "declined declined notify:0")
}

func settledByRequest(t *testing.T, r *rig) {
	id := r.pay(t, "tok_visa", "")
	code, first := r.request(t, http.MethodPost, "/transactions", body(id))
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, first)
	}
	_, again := r.request(t, http.MethodPost, "/transactions", body(id))
	code, got := r.request(t, http.MethodGet, "/transactions/"+id.String(), "")
	if code != http.StatusOK || again != first || got != first {
		t.Errorf("answers differ: %s, %s, %s", first, again, got)
	}
	var s Settlement
	if err := json.Unmarshal([]byte(got), &s); err != nil || s.Status != Settled || s.NetworkReference == "" || s.SettledAt.IsZero() {
		t.Errorf("%v: %s", err, got)
	}
	if r.network.asked[id] != 1 {
		t.Errorf("the network was asked %d times", r.network.asked[id])
	}
}

func notSettled(t *testing.T, r *rig) {
	id := r.pay(t, "tok_visa", "")
	for _, tt := range []struct {
		method, path, body string
		code               int
	}{
		{http.MethodGet, "/transactions/" + id.String(), "", http.StatusNotFound},
		{http.MethodGet, "/transactions/" + uuid.NewString(), "", http.StatusNotFound},
		{http.MethodGet, "/transactions/x", "", http.StatusNotFound},
		{http.MethodPost, "/transactions", body(uuid.New()), http.StatusAccepted},
		{http.MethodPost, "/transactions", `{}`, http.StatusBadRequest},
		{http.MethodPost, "/transactions", `{"payment_id":"x"}`, http.StatusBadRequest},
	} {
		if code, got := r.request(t, tt.method, tt.path, tt.body); code != tt.code {
			t.Errorf("%s %s %s: %d %s, want %d", tt.method, tt.path, tt.body, code, got, tt.code)
		}
	}
	r.pool.Close()
	if code, got := r.request(t, http.MethodGet, "/transactions/"+id.String(), ""); code != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d %s", code, got)
	}
}

func failingNetwork(t *testing.T, r *rig) {
	r.network.failures = 2
	id := r.pay(t, "tok_visa", "")
	next(t, r.settle)
	r.expect(t, id, "accepted settle:1")
	if next(t, r.settle) {
		t.Error("the row is taken again at once")
	}
	if code, _ := r.request(t, http.MethodPost, "/transactions", body(id)); code != http.StatusAccepted || r.network.asked[id] != 1 {
		t.Errorf("a request asks the network again at once: %d", code)
	}
	r.due(t)
	next(t, r.settle)
	r.due(t)
	next(t, r.settle)
	r.expect(t, id, "settled settled notify:0")
}

func failingNotification(t *testing.T, r *rig) {
	r.notified.refuse = true
	id := r.pay(t, "tok_visa", "")
	next(t, r.settle)
	next(t, r.notify)
	r.expect(t, id, "settled settled notify:1")
	r.notified.refuse = false
	r.due(t)
	next(t, r.notify)
	r.expect(t, id, "settled settled")
	if len(r.notified.received) != 2 || r.notified.received[0] != r.notified.received[1] {
		t.Errorf("the second attempt differs, or has another key: %v", r.notified.received)
	}
}

// killedAfterAnswer loses the connection when the network has answered: nothing of it is written, and the next task does
// the same again.
func killedAfterAnswer(t *testing.T, r *rig) {
	id := r.pay(t, "tok_visa", "")
	work := r.settle.Work
	r.settle.Work = func(ctx context.Context, tx pgx.Tx, row outbox.Row) error {
		if err := work(ctx, tx, row); err != nil {
			return err
		}
		return tx.Conn().Close(ctx)
	}
	if _, err := r.settle.Next(t.Context()); err == nil {
		t.Error("a lost connection is no error")
	}
	r.expect(t, id, "accepted settle:0")
	r.settle.Work = work
	next(t, r.settle)
	r.expect(t, id, "settled settled notify:0")
}

func manyTasks(t *testing.T, r *rig) {
	const payments, tasks = 40, 3
	ids := make([]uuid.UUID, payments)
	for i := range ids {
		ids[i] = r.pay(t, "tok_visa", "")
	}
	var all sync.WaitGroup
	for range tasks {
		for _, q := range []outbox.Queue{*r.settle, *r.settle} {
			all.Go(func() {
				for found, err := q.Next(t.Context()); found || err != nil; found, err = q.Next(t.Context()) {
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	for _, id := range ids {
		r.expect(t, id, "settled settled notify:0")
		if r.network.asked[id] != 1 {
			t.Errorf("the network was asked %d times", r.network.asked[id])
		}
	}
}

func stopping(t *testing.T, r *rig) {
	r.network.entered, r.network.release = make(chan struct{}), make(chan struct{})
	ids := []uuid.UUID{r.pay(t, "tok_visa", ""), r.pay(t, "tok_visa", "")}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.settle.Run(ctx, 1, nil); close(ended) }()
	await(t, "the claim", r.network.entered)
	stop()
	select {
	case <-ended:
		t.Error("the stop did not wait for what is under way")
	default:
	}
	close(r.network.release)
	await(t, "the end", ended)
	r.expect(t, ids[0], "settled settled notify:0")
	r.expect(t, ids[1], "accepted settle:0")
}

func backlog(t *testing.T, r *rig) {
	for range 6 {
		r.pay(t, "tok_visa", "")
	}
	expect := func(want float64) {
		t.Helper()
		got, err := outbox.BacklogPerTask(t.Context(), r.pool, "transaction-processor")
		if err != nil || got != want {
			t.Errorf("backlog is %v, %v; want %v", got, err, want)
		}
	}
	expect(6)
	other := r.database.Pool(t, "transaction_processor", "transaction-processor/two")
	if err := other.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(3)
	r.network.failures = 1
	next(t, r.settle) // now it waits for its next attempt
	expect(2.5)
	next(t, r.settle) // becomes a notification
	expect(2.5)
	next(t, r.notify)
	expect(2)
	r.pool.Close()
	if got, err := outbox.BacklogPerTask(t.Context(), r.pool, "transaction-processor"); err == nil {
		t.Errorf("without a database %v is made up", got)
	}
}

func oneTrace(t *testing.T, r *rig) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	r.pay(t, "tok_visa", "00-"+trace+"-00f067aa0ba902b7-01")
	next(t, r.settle)
	next(t, r.notify)
	if len(r.notified.parents) != 1 || !strings.Contains(r.notified.parents[0], trace) {
		t.Errorf("the notification's traceparent is %v", r.notified.parents)
	}
	var names []string
	for _, span := range r.spans.Ended() {
		if span.SpanContext().TraceID().String() == trace {
			names = append(names, span.Name())
		}
	}
	if diff := cmp.Diff([]string{"outbox settle", "HTTP POST", "outbox notify"}, names); diff != "" {
		t.Error(diff)
	}
}

func repeatedRow(t *testing.T, r *rig) {
	id := r.pay(t, "tok_visa", "")
	next(t, r.settle)
	if _, err := r.pool.Exec(t.Context(), "INSERT INTO outbox (topic, payment_id) VALUES ('settle', $1)", id); err != nil {
		t.Fatal(err)
	}
	next(t, r.settle)
	r.expect(t, id, "settled settled notify:0")
}
