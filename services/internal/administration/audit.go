package administration

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
)

// What Aurora's audit log needs in the database beside the cluster's parameters, see "Using pgAudit to log database
// activity" of the Amazon Aurora User Guide.
const (
	auditExtension = "pgaudit"
	auditRole      = "rds_pgaudit"
)

// audit makes the role and the extension of the audit log where the server offers the extension, and says so where it
// does not: PostgreSQL itself does not bring it.
func audit(ctx context.Context, conn *pgx.Conn, extension, role string, log *slog.Logger) error {
	var offered, installed, hasRole bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1),
		EXISTS (SELECT FROM pg_extension WHERE extname = $1), EXISTS (SELECT FROM pg_roles WHERE rolname = $2)`,
		extension, role).Scan(&offered, &installed, &hasRole)
	if err != nil {
		return fmt.Errorf("looking for the audit extension: %w", err)
	}
	if !offered {
		log.WarnContext(ctx, "the server does not offer the audit extension: statements are not audited", "extension", extension)
		return nil
	}
	var statements []string
	if !hasRole {
		statements = append(statements, "CREATE ROLE "+quote(role))
	}
	if !installed {
		statements = append(statements, "CREATE EXTENSION "+quote(extension))
	}
	if err := inTransaction(ctx, conn, statements...); err != nil {
		return fmt.Errorf("setting up the audit log (shared_preload_libraries must have %s, which takes a restart of the database): %w", extension, err)
	}
	return nil
}
