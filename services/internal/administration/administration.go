// Package administration brings the database to what the image and the secrets say: its schema, a role with least
// privilege for each service, and passwords that are rotated without a service noticing. Each step can be repeated, and a
// run finishes what an earlier one left.
package administration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tierform/tierform/services/internal/database"
)

// Commands of the program.
const (
	Reconcile = "reconcile" // migrate, make roles, rotate what is due
	Migrate   = "migrate"   // migrate only
	Rotate    = "rotate"    // rotate all passwords now
)

// Bounds of waiting. A service's query must not queue for long behind a migration that waits for its lock.
const (
	defaultConnectWait = 2 * time.Minute
	defaultLockWait    = 10 * time.Minute
	statementLockWait  = 10 * time.Second
	connectInterval    = 2 * time.Second
)

// Administration is one run's surroundings.
type Administration struct {
	Settings Settings
	// Files are the migrations and, below grants, the grants of each role.
	Files   fs.FS
	Secrets SecretsManager
	Log     *slog.Logger
	Now     func() time.Time
	// ConnectWait and LockWait bound the waits for the database and for another run; zero means the default.
	ConnectWait, LockWait time.Duration
}

// Run does what the command says. Other runs wait for it. What fails for one service does not keep it from the others.
func (a Administration) Run(ctx context.Context, command string) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing) // frees the lock
	}()
	if err := lock(ctx, conn, orDefault(a.LockWait, defaultLockWait), a.Log); err != nil {
		return err
	}
	if err := setLockTimeout(ctx, conn, statementLockWait); err != nil {
		return err
	}
	switch command {
	case Migrate:
		return migrate(ctx, conn, a.Files, a.Log)
	case Rotate:
		return a.each(ctx, a.rotator(conn).Rotate)
	case Reconcile:
		return a.reconcile(ctx, conn)
	}
	return fmt.Errorf("unknown command %q", command)
}

// reconcile rotates even when a migration fails: passwords must not grow old because of it.
func (a Administration) reconcile(ctx context.Context, conn *pgx.Conn) error {
	audited := audit(ctx, conn, auditExtension, auditRole, a.Log)
	migrated := migrate(ctx, conn, a.Files, a.Log)
	closed := closeDatabase(ctx, conn, a.Settings.Database.Name)
	if closed != nil {
		closed = fmt.Errorf("taking the rights of PUBLIC away: %w", closed)
	}
	rotator := a.rotator(conn)
	served := a.each(ctx, func(ctx context.Context, s Service) error {
		err := rotator.Reconcile(ctx, s)
		if migrated != nil {
			return err // its grants may name tables that are not there
		}
		return errors.Join(err, grant(ctx, conn, a.Settings.Database.Name, s, a.Files, a.Log))
	})
	return errors.Join(audited, migrated, closed, served)
}

// each does something for every service and names those that failed.
func (a Administration) each(ctx context.Context, do func(context.Context, Service) error) error {
	var failed []error
	for _, s := range a.Settings.Services {
		if err := do(ctx, s); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return errors.Join(failed...)
}

func (a Administration) rotator(conn *pgx.Conn) *Rotator {
	return &Rotator{
		Secrets: a.Secrets, Roles: serverRoles{conn: conn, settings: a.Settings.Database},
		Log: a.Log, RotateAfter: a.Settings.RotateAfter, Now: a.Now,
	}
}

// connect logs the master in. A database that cannot be reached is tried again: after its creation its name may not
// resolve yet.
func (a Administration) connect(ctx context.Context) (*pgx.Conn, error) {
	wait := orDefault(a.ConnectWait, defaultConnectWait)
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(connectInterval)
	defer tick.Stop()
	for {
		conn, err := connect(ctx, a.Settings.Database, a.Settings.Username, a.Settings.Password)
		if err == nil {
			return conn, nil
		}
		if database.Refused(err) {
			return nil, fmt.Errorf("the database refused the master's login: RDS rotates the master's password, and ECS reads it when the task starts, so start the task again: %w", err)
		}
		select {
		case <-tick.C:
			a.Log.WarnContext(ctx, "the database cannot be reached; trying again", "error", err)
		case <-ctx.Done():
			return nil, fmt.Errorf("the database cannot be reached (waited at most %s; see its status and the security groups): %w", wait, err)
		}
	}
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
