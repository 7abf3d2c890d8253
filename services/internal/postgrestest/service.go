package postgrestest

import (
	"io/fs"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/migrations"
)

// ServicePassword is the password of the roles that Service makes.
const ServicePassword = "a-services-password"

// Migrate applies all migrations as the master, without recording them: tests of services need no more of the
// administration program.
func (d Database) Migrate(t testing.TB) {
	t.Helper()
	files := migrations.Files()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	conn := d.Connect(t, d.Master, d.MasterPassword)
	for _, name := range names {
		d.apply(t, conn, files, name)
	}
	if _, err := conn.Exec(t.Context(), "REVOKE ALL ON SCHEMA public FROM PUBLIC"); err != nil {
		t.Fatal(err)
	}
}

// Service makes the role of a service with exactly its grants and ServicePassword; Migrate comes before it.
func (d Database) Service(t testing.TB, role string) {
	t.Helper()
	conn, name := d.Connect(t, d.Master, d.MasterPassword), pgx.Identifier{role}.Sanitize()
	for _, statement := range []string{
		"CREATE ROLE " + name + " LOGIN PASSWORD '" + ServicePassword + "'",
		"GRANT USAGE ON SCHEMA public TO " + name,
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	d.apply(t, conn, migrations.Files(), "grants/"+role+".sql")
}

func (d Database) apply(t testing.TB, conn *pgx.Conn, files fs.FS, name string) {
	t.Helper()
	sql, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), string(sql)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// Pool connects a role that Service made, under an application_name; it is closed when the test ends.
func (d Database) Pool(t testing.TB, role, application string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig("sslmode=verify-full sslrootcert=" + d.CAFile + " host=" + d.Host + " port=" + d.Port + " dbname=" + d.Name)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.User, config.ConnConfig.Password = role, ServicePassword
	config.ConnConfig.RuntimeParams["application_name"] = application
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
