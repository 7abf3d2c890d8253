package database

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tierform/tierform/services/internal/secret"
)

// SQLSTATE class 28 of the PostgreSQL manual, appendix A: what a login with the
// wrong password, or of a role that does not exist, is answered with.
const (
	invalidAuthorization = "28000"
	invalidPassword      = "28P01"
)

// Refused reports whether the database refused the login itself.
func Refused(err error) bool {
	answer, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (answer.Code == invalidPassword || answer.Code == invalidAuthorization)
}

// Login keeps the credentials that the database accepts. When it refuses them,
// the secret is read again: AWSCURRENT, and AWSPENDING where AWSCURRENT is what
// was refused, since a rotation sets the password before it moves the label.
type Login struct {
	source secret.Source
	log    *slog.Logger

	mu      sync.Mutex
	inUse   secret.Credentials
	refused bool
	asked   time.Time // when the secret last gave nothing else
}

// askAgain is how long a secret that gave nothing else is not asked again, while
// a role does not exist; shorter than the attempts of InTx take together.
const askAgain = 100 * time.Millisecond

// NewLogin starts with the credentials that the task was started with.
func NewLogin(initial secret.Credentials, source secret.Source, log *slog.Logger) *Login {
	return &Login{inUse: initial, source: source, log: log}
}

// credentials gives those in use, or reads others when these were refused.
func (l *Login) credentials(ctx context.Context) (secret.Credentials, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.refused || time.Since(l.asked) < askAgain {
		return l.inUse, nil
	}
	next, stage, err := l.other(ctx)
	if err != nil {
		return secret.Credentials{}, err
	}
	if next == l.inUse {
		l.asked = time.Now()
		return next, nil
	}
	l.log.InfoContext(ctx, "database login refused: other credentials taken from the secret", "stage", stage)
	l.inUse, l.refused = next, false
	return next, nil
}

// other reads AWSCURRENT, and AWSPENDING if that is no change. Without a change
// it gives the same again: the role may not exist yet.
func (l *Login) other(ctx context.Context) (secret.Credentials, string, error) {
	current, err := l.source.Credentials(ctx, secret.Current)
	if err != nil || current != l.inUse {
		return current, secret.Current, err
	}
	pending, err := l.source.Credentials(ctx, secret.Pending)
	if errors.Is(err, secret.ErrNoVersion) {
		return current, secret.Current, nil
	}
	return pending, secret.Pending, err
}

// report notes that the database refused these credentials. Those of a
// connection that was begun before others were taken do not count.
func (l *Login) report(used secret.Credentials) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if used == l.inUse {
		l.refused = true
	}
}

// prepare is pgxpool's BeforeConnect.
func (l *Login) prepare(ctx context.Context, config *pgx.ConnConfig) error {
	credentials, err := l.credentials(ctx)
	if err != nil {
		return err
	}
	config.User, config.Password = credentials.Username, credentials.Password.Reveal()
	return nil
}

// watch sees how connecting ends; it is a pgx.ConnectTracer.
type watch struct{ login *Login }

type usedKey struct{}

// TraceConnectStart implements pgx.ConnectTracer.
func (w watch) TraceConnectStart(ctx context.Context, data pgx.TraceConnectStartData) context.Context {
	used := secret.Credentials{Username: data.ConnConfig.User, Password: secret.NewText(data.ConnConfig.Password)}
	return context.WithValue(ctx, usedKey{}, used)
}

// TraceConnectEnd implements pgx.ConnectTracer.
func (w watch) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	used, ok := ctx.Value(usedKey{}).(secret.Credentials)
	if ok && Refused(data.Err) {
		w.login.report(used)
	}
}

// TraceQueryStart implements pgx.QueryTracer, which pgx asks of every tracer.
func (w watch) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (w watch) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
