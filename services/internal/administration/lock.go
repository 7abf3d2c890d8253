package administration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// lockKey is the advisory lock of administration runs: any constant that nothing else in the database uses.
const lockKey = 7_305_004_821

// lockNotAvailable is the SQLSTATE of a wait that lock_timeout ended, appendix A of the PostgreSQL manual.
const lockNotAvailable = "55P03"

// errLocked is another run that did not end in time.
var errLocked = errors.New("another administration run holds the lock; see its log, and start the task again when it has ended")

// lock excludes other runs until the connection ends, however it ends. All that this run does in the database goes
// through the same connection: a run that lost its lock can change nothing any more.
func lock(ctx context.Context, conn *pgx.Conn, wait time.Duration, log *slog.Logger) error {
	var held bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockKey).Scan(&held); err != nil {
		return fmt.Errorf("taking the lock: %w", err)
	}
	if held {
		return nil
	}
	log.InfoContext(ctx, "another administration run is at work; waiting for it", "most", wait.String())
	if err := setLockTimeout(ctx, conn, wait); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey)
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok && answer.Code == lockNotAvailable {
		return fmt.Errorf("%w (waited %s)", errLocked, wait)
	}
	if err != nil {
		return fmt.Errorf("waiting for the lock: %w", err)
	}
	return nil
}

// setLockTimeout bounds every wait for a lock that follows on the connection.
func setLockTimeout(ctx context.Context, conn *pgx.Conn, timeout time.Duration) error {
	if _, err := conn.Exec(ctx, fmt.Sprintf("SET lock_timeout = %d", timeout.Milliseconds())); err != nil {
		return fmt.Errorf("bounding waits for locks: %w", err)
	}
	return nil
}
