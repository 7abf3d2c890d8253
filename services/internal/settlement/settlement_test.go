package settlement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tierform/tierform/services/internal/logging"
	"github.com/tierform/tierform/services/internal/outbox"
	"github.com/tierform/tierform/services/internal/postgrestest"
	"github.com/tierform/tierform/services/internal/server"
	"github.com/tierform/tierform/services/internal/telemetry"
	"github.com/tierform/tierform/services/internal/upstream"
)

// TestOnAServer has the tests that need a real PostgreSQL server; they share one.
func TestOnAServer(t *testing.T) {
	running := postgrestest.Start(t)
	for name, test := range map[string]func(*testing.T, *rig){
		"a payment is settled and its customer notified":        settledAndNotified,
		"a declined payment":                                    declined,
		"a request settles at once, and again without effect":   settledByRequest,
		"payments that are not settled":                         notSettled,
		"a network that fails is asked again later":             failingNetwork,
		"a notification that fails stays":                       failingNotification,
		"a task that is killed before it wrote the answer":      killedAfterAnswer,
		"many tasks settle each payment once":                   manyTasks,
		"work that takes long holds nobody up":                  longWork,
		"stopping finishes what was claimed and claims no more": stopping,
		"the backlog is for each task that is connected":        backlog,
		"one trace goes from the payment to the notification":   oneTrace,
		"work by a request belongs to the request's trace":      requestsTrace,
		"an outbox row that was put in again":                   repeatedRow,
		"work that fails for long is told as an error":          overdue,
		"workers take row after row and wait to be woken":       workingOff,
		"rows that cannot be claimed are an error":              noClaim,
		"workers without a database say so and wait":            databaseAway,
	} {
		t.Run(name, func(t *testing.T) {
			d := running.Fresh(t)
			d.Migrate(t)
			d.Service(t, "payment_api")
			d.Service(t, "transaction_processor")
			test(t, newRig(t, d))
		})
	}
}

// rig is a transaction-processor on a database, with a notification-service that is a stand-in.
type rig struct {
	database       postgrestest.Database
	api, pool      *pgxpool.Pool
	network        *network
	notified       *notifications
	spans          *tracetest.SpanRecorder
	tracing        *telemetry.Tracing
	settle, notify *outbox.Queue
	routes         http.Handler
	log            strings.Builder // of the queues and the handler
}

func logTo(out io.Writer) *slog.Logger {
	return logging.New(logging.Output(out), "transaction-processor", "one")
}

func newRig(t *testing.T, d postgrestest.Database) *rig {
	t.Helper()
	r := &rig{database: d, network: &network{}, notified: &notifications{}, spans: tracetest.NewSpanRecorder()}
	r.api = d.Pool(t, "payment_api", "payment-api/one")
	r.pool = d.Pool(t, "transaction_processor", "transaction-processor/one")
	r.tracing = telemetry.New(sdktrace.WithSpanProcessor(r.spans), telemetry.Settings{Service: "transaction-processor"})
	log := logTo(&r.log)
	service := httptest.NewServer(r.notified)
	t.Cleanup(service.Close)
	base, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	settler := &Settler{Network: r.network, Tracing: r.tracing}
	notifier := &Notifier{Service: upstream.NewClient(base, r.tracing.Transport(upstream.NewTransport()), NotifyTime)}
	r.settle = &outbox.Queue{Pool: r.pool, Topic: outbox.Settle, Work: settler.Settle, Tracing: r.tracing, Log: log}
	r.notify = &outbox.Queue{Pool: r.pool, Topic: outbox.Notify, Work: notifier.Deliver, Tracing: r.tracing, Log: log}
	routes := http.NewServeMux()
	(&Handler{Settle: r.settle.Of, Log: log, Find: func(ctx context.Context, id uuid.UUID) (Settlement, error) {
		return Find(ctx, r.pool, id)
	}}).Routes(routes)
	r.routes = server.Handler(routes, r.tracing, slog.New(slog.DiscardHandler))
	return r
}

// network is a card network that counts, and fails as often as it is told.
type network struct {
	mu       sync.Mutex
	asked    map[uuid.UUID]int
	failures int
	entered  chan struct{} // told of each call, unless nil
	release  chan struct{} // each call waits for it, unless nil
}

func (n *network) Settle(ctx context.Context, p Payment) (Result, error) {
	if until, ok := ctx.Deadline(); !ok || time.Until(until) > 5*time.Second || ctx.Err() != nil {
		return Result{}, errors.New("asking is bounded by five seconds, which leave time to put the row off")
	}
	if n.entered != nil {
		n.entered <- struct{}{}
		<-n.release
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.asked == nil {
		n.asked = map[uuid.UUID]int{}
	}
	n.asked[p.ID]++
	if n.failures > 0 {
		n.failures--
		return Result{}, errors.New("the network is down")
	}
	return Sandbox{}.Settle(ctx, p)
}

// notifications is a notification-service.
type notifications struct {
	mu       sync.Mutex
	refuse   bool
	received []string // key, then body
	parents  []string
}

func (n *notifications) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.received, n.parents = append(n.received, fmt.Sprint(r.Header.Get("Idempotency-Key"), " ", r.Method, " ", r.URL.Path, " ", string(body))), append(n.parents, r.Header.Get("traceparent"))
	if n.refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// pay does what payment-api does, with its role.
func (r *rig) pay(t *testing.T, token, traceparent string) uuid.UUID {
	t.Helper()
	id := uuid.New()
	err := pgx.BeginFunc(t.Context(), r.api, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO payments (id, idempotency_key, request_digest, amount, currency, card_token, reference, status)
			VALUES ($1, $2, sha256('request'), 1999, 'EUR', $3, 'order-1', 'accepted')`, id, id.String(), token)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), "INSERT INTO outbox (topic, payment_id, traceparent) VALUES ('settle', $1, $2)", id, traceparent)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// next works one row off.
func next(t *testing.T, q *outbox.Queue) bool {
	t.Helper()
	found, err := q.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// status is what is in the database of a payment: its status, its settlement's, and the topics of its rows.
func (r *rig) status(t *testing.T, id uuid.UUID) string {
	t.Helper()
	var text string
	err := r.pool.QueryRow(t.Context(), `SELECT concat_ws(' ', status, (SELECT status FROM settlements WHERE payment_id = $1),
		(SELECT string_agg(topic || ':' || attempts, ' ' ORDER BY topic) FROM outbox WHERE payment_id = $1)) FROM payments WHERE id = $1`, id).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (r *rig) expect(t *testing.T, id uuid.UUID, want string) {
	t.Helper()
	if diff := cmp.Diff(want, r.status(t, id)); diff != "" {
		t.Errorf("payment (-want +got):\n%s", diff)
	}
}

// due makes rows that wait for their next attempt available now.
func (r *rig) due(t *testing.T) {
	t.Helper()
	if _, err := r.pool.Exec(t.Context(), "UPDATE outbox SET available_at = now() - interval '1 second'"); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) request(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	r.routes.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	if !json.Valid(answer.Body.Bytes()) {
		t.Errorf("%s %s is answered with %s, which is not one JSON value", method, path, answer.Body)
	}
	return answer.Code, answer.Body.String()
}

// deadline of what is waited for in tests.
const deadline = 30 * time.Second

func await(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(deadline):
		t.Fatalf("%s did not happen within %s", what, deadline)
	}
}
