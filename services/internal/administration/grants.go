package administration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
)

// closeDatabase takes away what PostgreSQL gives to everybody: connecting, temporary tables, and looking into the schema.
func closeDatabase(ctx context.Context, conn *pgx.Conn, database string) error {
	name := quote(database)
	err := inTransaction(ctx, conn,
		"REVOKE ALL ON DATABASE "+name+" FROM PUBLIC",
		"REVOKE ALL ON SCHEMA public FROM PUBLIC",
		"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
	)
	if err != nil {
		return err
	}
	// Who owns neither gets a warning from REVOKE, not an error.
	var open bool
	err = conn.QueryRow(ctx, `SELECT has_database_privilege('public', $1, 'CONNECT') OR has_schema_privilege('public', 'public', 'USAGE')`,
		database).Scan(&open)
	if err != nil {
		return err
	}
	if open {
		return fmt.Errorf("everybody may still use database %s: make the master its owner", database)
	}
	return nil
}

// grant gives a service's role exactly what its file below grants says: what an earlier file gave goes in the same
// transaction, so that the service never sees less than one of the two.
func grant(ctx context.Context, conn *pgx.Conn, database string, s Service, files fs.FS, log *slog.Logger) error {
	own, err := fs.ReadFile(files, "grants/"+s.Role+".sql")
	if errors.Is(err, fs.ErrNotExist) {
		log.WarnContext(ctx, "the service has no file of grants: its role may log in only", "subject", s.Name)
	} else if err != nil {
		return fmt.Errorf("reading the grants: %w", err)
	}
	role, name := quote(s.Role), quote(database)
	err = inTransaction(ctx, conn,
		"REVOKE ALL ON DATABASE "+name+" FROM "+role,
		"REVOKE ALL ON SCHEMA public FROM "+role,
		"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "+role,
		"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM "+role,
		"REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM "+role,
		"GRANT CONNECT ON DATABASE "+name+" TO "+role,
		"GRANT USAGE ON SCHEMA public TO "+role,
		string(own),
	)
	if err != nil {
		return fmt.Errorf("granting: %w", err)
	}
	return nil
}

func inTransaction(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
