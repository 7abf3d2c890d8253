package administration

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/secret"
)

// serverRoles are the roles of a PostgreSQL server, changed through the connection that holds the lock.
type serverRoles struct {
	conn     *pgx.Conn
	settings database.Settings
}

var _ Roles = serverRoles{}

// Ensure implements Roles. The role may connect from the beginning, since its login is tested before it is granted
// anything else. A role that exists with more rights than a service's is refused.
func (r serverRoles) Ensure(ctx context.Context, role, verifier string) (bool, error) {
	exists, err := r.exists(ctx, role)
	if err != nil {
		return false, err
	}
	statements := []string{"GRANT CONNECT ON DATABASE " + quote(r.settings.Name) + " TO " + quote(role)}
	if !exists {
		statements = append([]string{statement("CREATE", role, verifier)}, statements...)
	}
	return !exists, inTransaction(ctx, r.conn, statements...)
}

func (r serverRoles) exists(ctx context.Context, role string) (bool, error) {
	var powerful bool
	err := r.conn.QueryRow(ctx, `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
		FROM pg_roles WHERE rolname = $1`, role).Scan(&powerful)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the role: %w", err)
	}
	if powerful {
		return false, fmt.Errorf("role %s may do more than a service's role (see pg_roles): drop it, or take the rights from it", role)
	}
	return true, nil
}

// SetPassword implements Roles.
func (r serverRoles) SetPassword(ctx context.Context, role, verifier string) error {
	_, err := r.conn.Exec(ctx, statement("ALTER", role, verifier))
	return err
}

// statement creates or alters a role. Such statements take no parameters; a verifier has no quotes.
func statement(verb, role, verifier string) string {
	return fmt.Sprintf("%s ROLE %s LOGIN PASSWORD '%s'", verb, quote(role), verifier)
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// Login implements Roles, on a connection of its own.
func (r serverRoles) Login(ctx context.Context, role string, password secret.Text) error {
	conn, err := connect(ctx, r.settings, role, password)
	if database.Refused(err) {
		return fmt.Errorf("%w of role %s", ErrLoginRefused, role)
	}
	if err != nil {
		return fmt.Errorf("logging in as %s: %w", role, err)
	}
	return conn.Close(ctx)
}

func connect(ctx context.Context, settings database.Settings, role string, password secret.Text) (*pgx.Conn, error) {
	config, err := settings.ConnConfig()
	if err != nil {
		return nil, err
	}
	config.User, config.Password = role, password.Reveal()
	return pgx.ConnectConfig(ctx, config)
}
