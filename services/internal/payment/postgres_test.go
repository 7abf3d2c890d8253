package payment_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/payment"
	"github.com/tierform/tierform/services/internal/postgrestest"
	"github.com/tierform/tierform/services/internal/secret"
	"github.com/tierform/tierform/services/migrations"
)

// rotating is a secret of which AWSPENDING may be the password in force.
type rotating struct {
	mu               sync.Mutex
	current, pending string
}

func (r *rotating) Credentials(_ context.Context, stage string) (secret.Credentials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	password := map[string]string{secret.Current: r.current, secret.Pending: r.pending}[stage]
	if password == "" {
		return secret.Credentials{}, secret.ErrNoVersion
	}
	return secret.Credentials{Username: "payment_api", Password: secret.NewText(password)}, nil
}

func (r *rotating) set(current, pending string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current, r.pending = current, pending
}

// migrated is a database with the tables, but without the role.
func migrated(t *testing.T, server *postgrestest.Server) (postgrestest.Database, *pgx.Conn) {
	t.Helper()
	db := server.Fresh(t)
	master := db.Connect(t, db.Master, db.MasterPassword)
	files, err := fs.Glob(migrations.Files(), "*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, file := range files {
		execute(t, master, string(must(fs.ReadFile(migrations.Files(), file))))
	}
	return db, master
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}

func execute(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func createRole(t *testing.T, master *pgx.Conn, password string) {
	t.Helper()
	execute(t, master, "CREATE ROLE payment_api LOGIN PASSWORD '"+password+"'")
	execute(t, master, string(must(fs.ReadFile(migrations.Files(), "grants/payment_api.sql"))))
}

func pool(t *testing.T, db postgrestest.Database, source *rotating) *pgxpool.Pool {
	t.Helper()
	port, err := strconv.Atoi(db.Port)
	if err != nil {
		t.Fatal(err)
	}
	settings := database.Settings{Host: db.Host, Port: port, Name: db.Name, SSLMode: "verify-full", RootCert: db.CAFile, Application: "payment-api/test"}
	initial, _ := source.Credentials(t.Context(), secret.Current)
	opened, err := database.Open(t.Context(), settings, database.NewLogin(initial, source, slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Close)
	return opened
}

func request(reference string) payment.Request {
	return payment.Request{Amount: 1999, Currency: "EUR", CardToken: "tok_1a2B", Reference: reference}
}

func newPayment(t *testing.T, key string) payment.Payment {
	t.Helper()
	made, err := payment.New(key, request("order 7"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestOnAServer(t *testing.T) {
	server := postgrestest.Start(t)
	for name, test := range map[string]func(*testing.T, *postgrestest.Server){
		"one payment per key": onePaymentPerKey,
		"a password that rotates under load fails no payment":   rotationUnderLoad,
		"a role that is made later is waited for":               roleMadeLater,
		"connections that the server has ended fail no payment": connectionsEnded,
	} {
		t.Run(name, func(t *testing.T) { test(t, server) })
	}
}

func onePaymentPerKey(t *testing.T, server *postgrestest.Server) {
	db, master := migrated(t, server)
	createRole(t, master, "first")
	opened := pool(t, db, &rotating{current: "first"})
	store := payment.NewPostgres(opened, func(context.Context) string { return "00-trace" })
	ids := make([]uuid.UUID, 30)
	var all sync.WaitGroup
	for i := range ids {
		own := newPayment(t, "k")
		all.Go(func() {
			kept, err := store.Create(t.Context(), own)
			if err != nil || kept.Digest != own.Digest || kept.CreatedAt.IsZero() {
				t.Errorf("kept %+v, %v", kept, err)
			}
			ids[i] = kept.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("two payments under one key: %s and %s", ids[0], id)
		}
	}
	var rows int
	var traceparent, application string
	if err := master.QueryRow(t.Context(), "SELECT count(*), min(traceparent) FROM outbox WHERE topic = 'settle'").Scan(&rows, &traceparent); err != nil || rows != 1 || traceparent != "00-trace" {
		t.Errorf("%d rows of the outbox, %q, %v", rows, traceparent, err)
	}
	if err := opened.QueryRow(t.Context(), "SELECT current_setting('application_name')").Scan(&application); err != nil || application != "payment-api/test" {
		t.Errorf("connected as %q, %v", application, err)
	}
	found, err := store.Find(t.Context(), ids[0])
	if err != nil || found.Request != request("order 7") || found.Status != payment.Accepted {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := store.Find(t.Context(), uuid.New()); !errors.Is(err, payment.ErrUnknown) {
		t.Errorf("a payment that does not exist gives %v", err)
	}
}

func rotationUnderLoad(t *testing.T, server *postgrestest.Server) {
	db, master := migrated(t, server)
	createRole(t, master, "password-0")
	source := &rotating{current: "password-0"}
	opened := pool(t, db, source)
	store := payment.NewPostgres(opened, func(context.Context) string { return "" })
	stop := make(chan struct{})
	var all sync.WaitGroup
	var done [4]atomic.Int64
	for worker := range done {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := store.Create(t.Context(), newPayment(t, fmt.Sprintf("%d-%d", worker, n))); err != nil {
					t.Errorf("a payment failed: %v", err)
					done[worker].Store(math.MaxInt32) // nobody waits for it any more
					return
				}
				done[worker].Add(1)
			}
		})
	}
	for n := 1; n <= 10; n++ {
		old, next := fmt.Sprintf("password-%d", n-1), fmt.Sprintf("password-%d", n)
		source.set(old, next)
		execute(t, master, "ALTER ROLE payment_api PASSWORD '"+next+"'")
		opened.Reset() // connections in use stay; every next one logs in anew
		await(t, db, next, opened)
		source.set(next, "")
		opened.Reset()
		more(t, &done) // attempts must not be overtaken by one rotation after the other, which are days apart
	}
	close(stop)
	all.Wait()
}

// more waits until each worker has done another payment from its beginning.
func more(t *testing.T, done *[4]atomic.Int64) {
	t.Helper()
	deadline, tick := time.After(time.Minute), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for worker := range done {
		for before := done[worker].Load(); done[worker].Load() < min(before+2, math.MaxInt32); {
			select {
			case <-tick.C:
			case <-deadline:
				t.Fatalf("worker %d does no payment", worker)
			}
		}
	}
}

// await waits until the pool logs in with the new password.
func await(t *testing.T, db postgrestest.Database, password string, opened *pgxpool.Pool) {
	t.Helper()
	if conn, err := db.Login(t.Context(), "payment_api", password); err != nil {
		t.Fatal(err)
	} else if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := database.InConn(t.Context(), opened, func(conn *pgx.Conn) error { return conn.Ping(t.Context()) }); err != nil {
		t.Fatal(err)
	}
}

func roleMadeLater(t *testing.T, server *postgrestest.Server) {
	db, master := migrated(t, server)
	opened := pool(t, db, &rotating{current: "first"})
	if err := opened.Ping(t.Context()); !database.Refused(err) {
		t.Fatalf("without the role: %v", err)
	}
	ready := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() { ready <- database.WaitUntilReady(ctx, opened, slog.New(slog.DiscardHandler)) }()
	createRole(t, master, "first")
	if err := <-ready; err != nil {
		t.Error(err)
	}
}
