package administration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5"
)

// migration is one SQL file.
type migration struct{ name, sql, sha256 string }

var migrationName = regexp.MustCompile(`^[0-9]{4}_[a-z0-9_]+\.sql$`)

// readMigrations reads the SQL files at the top of files, in the order of their names.
func readMigrations(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	var all []migration
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if !migrationName.MatchString(e.Name()) {
			return nil, fmt.Errorf("migration %s: allowed is a name as 0001_payments.sql", e.Name())
		}
		content, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the migrations: %w", err)
		}
		digest := sha256.Sum256(content)
		all = append(all, migration{name: e.Name(), sql: string(content), sha256: hex.EncodeToString(digest[:])})
	}
	return all, nil
}

const createRecord = `CREATE TABLE IF NOT EXISTS schema_migrations (
	name       text        PRIMARY KEY,
	sha256     text        NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
)`

// migrate applies what is not recorded yet, each file in a transaction with its record. The caller holds the lock.
func migrate(ctx context.Context, conn *pgx.Conn, files fs.FS, log *slog.Logger) error {
	all, err := readMigrations(files)
	if err != nil {
		return err
	}
	applied, err := readApplied(ctx, conn)
	if err != nil {
		return err
	}
	due, unknown, err := compare(all, applied)
	if err != nil {
		return err
	}
	if len(unknown) > 0 { // an older image after a newer one, as on the way back of a release
		log.WarnContext(ctx, "the database has migrations that this image does not know; they stay", "migrations", unknown)
	}
	for _, m := range due {
		if err := apply(ctx, conn, m); err != nil {
			return fmt.Errorf("migration %s, which changed nothing: %w", m.name, err)
		}
		log.InfoContext(ctx, "migration applied", "migration", m.name)
	}
	return nil
}

// readApplied returns the digests of what was applied, by name.
func readApplied(ctx context.Context, conn *pgx.Conn) (map[string]string, error) {
	if _, err := conn.Exec(ctx, createRecord); err != nil {
		return nil, fmt.Errorf("making the table schema_migrations: %w", err)
	}
	rows, err := conn.Query(ctx, "SELECT name, sha256 FROM schema_migrations")
	if err != nil {
		return nil, fmt.Errorf("reading schema_migrations: %w", err)
	}
	applied := map[string]string{}
	var name, digest string
	_, err = pgx.ForEachRow(rows, []any{&name, &digest}, func() error { applied[name] = digest; return nil })
	if err != nil {
		return nil, fmt.Errorf("reading schema_migrations: %w", err)
	}
	return applied, nil
}

// compare returns the migrations to apply and the names of those that were applied by another image.
func compare(all []migration, applied map[string]string) (due []migration, unknown []string, err error) {
	known := map[string]bool{}
	last := ""
	for _, m := range all {
		known[m.name] = true
		digest, ok := applied[m.name]
		switch {
		case !ok:
			due = append(due, m)
		case digest != m.sha256:
			return nil, nil, fmt.Errorf("migration %s was edited after it was applied: undo the edit and write a new migration", m.name)
		default:
			last = m.name
		}
	}
	if len(due) > 0 && due[0].name < last {
		return nil, nil, fmt.Errorf("migration %s comes before %s, which is applied: give it a later number", due[0].name, last)
	}
	for name := range applied {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return due, unknown, nil
}

func apply(ctx context.Context, conn *pgx.Conn, m migration) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, m.sql); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", m.name, m.sha256)
		return err
	})
}
