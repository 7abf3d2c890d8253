package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/secret"
)

func open(t *testing.T, settings Settings) *pgxpool.Pool {
	t.Helper()
	opened, err := Open(t.Context(), settings, login(&versions{stage: map[string]string{secret.Current: "old"}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Close)
	return opened
}

// The cluster's max_connections must bear ten for each task, and a statement or
// transaction that hangs must not keep one.
func TestATaskTakesNoMoreThanItsShare(t *testing.T) {
	settings, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := open(t, settings.Database).Config()
	if got.MaxConns != 10 || got.MaxConnLifetime+got.MaxConnLifetimeJitter > 35*time.Minute || got.MaxConnIdleTime > 5*time.Minute {
		t.Errorf("%d connections, each for %s and %s, idle for %s", got.MaxConns, got.MaxConnLifetime, got.MaxConnLifetimeJitter, got.MaxConnIdleTime)
	}
	if most := got.ConnConfig.ConnectTimeout; most <= 0 || most > 5*time.Second {
		t.Errorf("connecting may take %s; a customer waits 5 s", most)
	}
	parameters := got.ConnConfig.RuntimeParams
	if parameters["statement_timeout"] != "5000" || parameters["idle_in_transaction_session_timeout"] != "15000" {
		t.Errorf("connects with %v", parameters)
	}
	t.Setenv("AWS_PROFILE", "missing")
	if _, err := settings.Open(t.Context(), quiet()); err == nil {
		t.Error("a pool was opened without the secret's client")
	}
	settings.Database.RootCert = "/nowhere/ca.pem"
	if _, err := Open(t.Context(), settings.Database, nil); err == nil {
		t.Error("a pool was opened without an authority")
	}
}

// breaking is a database that breaks every connection off, and counts them.
func breaking(t *testing.T) (Settings, *atomic.Int64) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var count atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			_ = conn.Close()
		}
	}()
	return Settings{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Name: "payments", SSLMode: "verify-full"}, &count
}

func TestAConnectionThatBreaksIsTriedAgainButNotForEver(t *testing.T) {
	settings, count := breaking(t)
	pool := open(t, settings)
	for name, use := range map[string]func() error{
		"begin a transaction": func() error {
			return InTx(t.Context(), pool, func(pgx.Tx) error { t.Error("work was done"); return nil })
		},
		"connect to the database": func() error {
			return InConn(t.Context(), pool, func(*pgx.Conn) error { t.Error("something was read"); return nil })
		},
	} {
		count.Store(0)
		if err := use(); err == nil || !strings.Contains(err.Error(), name) || count.Load() != attempts {
			t.Errorf("%s: %v after %d connections", name, err, count.Load())
		}
	}
}

// Only a connection that was refused or lost is tried again.
func TestWhatIsTriedAgain(t *testing.T) {
	of := func(code string) error { return fmt.Errorf("begin: %w", &pgconn.PgError{Code: code}) }
	for name, test := range map[string]struct {
		err   error
		tries int
	}{
		"nothing":              {nil, 1},
		"wrong password":       {of("28P01"), attempts},
		"no role":              {of("28000"), attempts},
		"server stopped":       {of("57P01"), attempts},
		"server crashed":       {of("57P02"), attempts},
		"end":                  {fmt.Errorf("read: %w", io.EOF), attempts},
		"end within a message": {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), attempts},
		"reset":                {fmt.Errorf("read: %w", syscall.ECONNRESET), attempts},
		"too many connections": {of("53300"), 1},
		"statement timeout":    {of("57014"), 1},
		"time is over":         {context.DeadlineExceeded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			tries := 0
			got, err := retry(t.Context(), func(context.Context) (int, error) { tries++; return tries, test.err })
			if tries != test.tries || got != tries || !errors.Is(err, test.err) {
				t.Errorf("%d tries give %d, %v; want %d", tries, got, err, test.tries)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tries := 0
	if _, err := retry(ctx, func(context.Context) (int, error) { tries++; return 0, io.EOF }); tries != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("a caller that has gone: %d tries, %v", tries, err)
	}
}

// stopper is a log that stops what writes into it.
type stopper struct {
	stop context.CancelFunc
	text strings.Builder
}

func (s *stopper) Write(text []byte) (int, error) {
	s.stop()
	return s.text.Write(text)
}

func TestADatabaseIsWaitedForUntilTheStop(t *testing.T) {
	settings, count := breaking(t)
	ctx, stop := context.WithCancel(t.Context())
	log := &stopper{stop: stop}
	err := WaitUntilReady(ctx, open(t, settings), slog.New(slog.NewTextHandler(log, nil)))
	if !errors.Is(err, context.Canceled) || !strings.Contains(log.text.String(), "role_refused=false") {
		t.Errorf("got %v, and the log is %s", err, log.text.String())
	}
	before := count.Load()
	if err := WaitUntilReady(ctx, open(t, settings), quiet()); !errors.Is(err, context.Canceled) || count.Load() != before {
		t.Errorf("a stopped task connects on: %v", err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
