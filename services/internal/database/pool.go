package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How a service uses its database. A tier's connections times its tasks must
// stay below the cluster's max_connections.
const (
	maxConnections = 10
	lifetime       = 30 * time.Minute
	spread         = 5 * time.Minute
	idleTime       = 5 * time.Minute

	// A statement that runs longer serves nobody: callers have gone by then.
	statementTimeout = "5000"
	idleTimeout      = "15000"
)

// Open makes a pool whose every new connection logs in with what the database
// accepts. It does not connect: see WaitUntilReady.
func Open(ctx context.Context, settings Settings, login *Login) (*pgxpool.Pool, error) {
	connection, err := settings.ConnConfig()
	if err != nil {
		return nil, err
	}
	connection.RuntimeParams["statement_timeout"] = statementTimeout
	connection.RuntimeParams["idle_in_transaction_session_timeout"] = idleTimeout
	connection.Tracer = watch{login}
	// ParseConfig alone makes a usable pool configuration.
	pool, err := pgxpool.ParseConfig(connection.ConnString())
	if err != nil {
		return nil, fmt.Errorf("prepare the connections to %s: %w", settings.Host, err)
	}
	pool.ConnConfig = connection
	pool.BeforeConnect = login.prepare
	pool.MaxConns = maxConnections
	pool.MaxConnLifetime, pool.MaxConnLifetimeJitter, pool.MaxConnIdleTime = lifetime, spread, idleTime
	opened, err := pgxpool.NewWithConfig(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("open the connections to %s: %w", settings.Host, err)
	}
	return opened, nil
}

const (
	firstWait = 250 * time.Millisecond
	longWait  = 15 * time.Second
)

// WaitUntilReady connects again and again, ever slower, until the database
// answers or ctx ends: before its first deployment is over, the administration
// task may not have made the role yet.
func WaitUntilReady(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	for wait := firstWait; ; wait = min(2*wait, longWait) {
		err := pool.Ping(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for the database: %w", ctx.Err())
		}
		log.WarnContext(ctx, "the database does not answer yet; trying again", "wait", wait.String(), "role_refused", Refused(err), "error", err)
		if err := pause(ctx, wait); err != nil {
			return fmt.Errorf("wait for the database: %w", err)
		}
	}
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// attempts at a connection: the credentials in use, AWSCURRENT, AWSPENDING, and
// AWSCURRENT once more when the rotation just ended.
const attempts = 4

// InTx does work in one transaction. When there is no connection because the
// login was refused, or it broke before the transaction began, it tries again
// with the credentials then in use; work itself is never done twice.
func InTx(ctx context.Context, pool *pgxpool.Pool, work func(pgx.Tx) error) (err error) {
	tx, err := retry(ctx, func(ctx context.Context) (pgx.Tx, error) {
		tx, err := pool.Begin(ctx)
		if ended(err) {
			pool.Reset() // what the server has done to one connection, it has done to all
		}
		return tx, err
	})
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	// Deferred, so that a panic in work does not keep the connection for ever.
	defer func() { err = errors.Join(err, rollback(ctx, tx)) }()
	if err := work(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// InConn reads, as with one SELECT, on one connection without a transaction. It
// tries again when InTx does, and also when the connection breaks while it
// reads: what reads only may be done twice.
func InConn(ctx context.Context, pool *pgxpool.Pool, read func(*pgx.Conn) error) error {
	_, err := retry(ctx, func(ctx context.Context) (struct{}, error) {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return struct{}{}, fmt.Errorf("connect to the database: %w", err)
		}
		defer conn.Release()
		err = read(conn.Conn())
		if ended(err) {
			pool.Reset()
		}
		return struct{}{}, err
	})
	return err
}

// SQLSTATE class 57 of the PostgreSQL manual, appendix A: what a connection that
// waited in the pool gives when the server was restarted, as in a failover.
const (
	adminShutdown = "57P01"
	crashShutdown = "57P02"
)

// ended reports whether the server had ended the connection before it was used.
func ended(err error) bool {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		return answer.Code == adminShutdown || answer.Code == crashShutdown
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func retry[T any](ctx context.Context, try func(context.Context) (T, error)) (T, error) {
	wait := 10 * time.Millisecond
	for attempt := 1; ; attempt++ {
		got, err := try(ctx)
		if err == nil || attempt == attempts || !(Refused(err) || ended(err) || pgconn.SafeToRetry(err)) {
			return got, err
		}
		if paused := pause(ctx, wait); paused != nil {
			return got, err
		}
		wait *= 4
	}
}

// rollback also works when the caller's context is over; the connection would
// otherwise be closed and opened anew. After a commit it does nothing.
func rollback(ctx context.Context, tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}
