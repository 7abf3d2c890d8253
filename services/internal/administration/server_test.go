package administration

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/postgrestest"
	"github.com/tierform/tierform/services/internal/secret"
	"github.com/tierform/tierform/services/migrations"
)

var processor = Service{Name: "transaction-processor", Role: "transaction_processor", SecretARN: "arn:of-transaction-processor"}

// TestOnAServer has the tests that need a real PostgreSQL server; they share one.
func TestOnAServer(t *testing.T) {
	server := postgrestest.Start(t)
	for name, test := range map[string]func(*testing.T, postgrestest.Database){
		"grants are exactly what services need":               grantsAreExact,
		"a second run changes nothing":                        secondRun,
		"an edited migration is refused":                      editedMigration,
		"a migration that fails changes nothing":              failingMigration,
		"a database that the master does not own":             foreignDatabase,
		"two runs at once":                                    twoRuns,
		"a run waits for another one only so long":            boundedWait,
		"passwords are rotated":                               rotatesOnServer,
		"the master's old password":                           oldMasterPassword,
		"a role that may do too much":                         powerfulRole,
		"the audit extension":                                 auditExtensionOnServer,
		"a database that cannot be reached":                   unreachable,
		"an older image leaves later migrations in place":     olderImage,
		"rights that an earlier image granted are taken away": staleGrants,
	} {
		t.Run(name, func(t *testing.T) { test(t, server.Fresh(t)) })
	}
}

// world is a run of the program against a real database and secrets that are fakes.
type world struct {
	Administration
	log     *strings.Builder
	secrets secretsByARN
}

func newWorld(d postgrestest.Database) *world {
	log := &strings.Builder{}
	secrets := secretsByARN{}
	for _, s := range []Service{payments, processor} {
		value := fmt.Sprintf(`{"username":%q,"password":"first-%s"}`, s.Role, s.Role)
		secrets[s.SecretARN] = newSecrets(&process{}, time.Now, value)
	}
	var port int
	_, _ = fmt.Sscan(d.Port, &port)
	return &world{log: log, secrets: secrets, Administration: Administration{
		Settings: Settings{
			Database: database.Settings{Host: d.Host, Port: port, Name: d.Name, SSLMode: "verify-full", RootCert: d.CAFile, Application: "administration"},
			Username: d.Master, Password: secret.NewText(d.MasterPassword),
			RotateAfter: 30 * day, Services: []Service{payments, processor},
		},
		Files: migrations.Files(), Secrets: secrets, Now: time.Now, LockWait: 30 * time.Second,
		Log: slog.New(slog.NewJSONHandler(log, nil)),
	}}
}

func (w *world) run(t *testing.T, command string) {
	t.Helper()
	if err := w.Run(t.Context(), command); err != nil {
		t.Fatal(err)
	}
}

func (w *world) password(s Service) string { return w.secrets[s.SecretARN].password(secret.Current) }

const allRights = `WITH r AS (SELECT oid, rolname FROM pg_roles WHERE rolname ~ '^(payment_api|transaction_processor|nobody_)'),
	c AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f'))
	SELECT rolname, relname, p, '' FROM r, c, unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p
	WHERE has_table_privilege(r.oid, c.oid, p)
	UNION ALL
	SELECT rolname, relname, p, attname FROM r, c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0,
		unnest(ARRAY['SELECT','INSERT','UPDATE','REFERENCES']) p
	WHERE NOT has_table_privilege(r.oid, c.oid, p) AND has_column_privilege(r.oid, c.oid, attnum, p)
	ORDER BY 1, 2, 3, 4`

// rights lists what the roles may do with tables, as "role table privilege column".
func rights(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), allRights)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var role, table, privilege, column string
		err := row.Scan(&role, &table, &privilege, &column)
		return strings.TrimSpace(strings.Join([]string{role, table, privilege, column}, " ")), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var exactRights = []string{
	"payment_api outbox INSERT",
	"payment_api payments INSERT",
	"payment_api payments SELECT",
	"transaction_processor outbox DELETE",
	"transaction_processor outbox INSERT",
	"transaction_processor outbox SELECT",
	"transaction_processor outbox UPDATE",
	"transaction_processor payments SELECT",
	"transaction_processor payments UPDATE status",
	"transaction_processor settlements INSERT",
	"transaction_processor settlements SELECT",
}

func grantsAreExact(t *testing.T, d postgrestest.Database) {
	newWorld(d).run(t, Reconcile)
	conn := d.ConnectSuperuser(t)
	exec(t, conn, "CREATE ROLE nobody_in_particular LOGIN")
	if diff := cmp.Diff(exactRights, rights(t, conn)); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
	var connects, temporary, usage, creates bool
	err := conn.QueryRow(t.Context(), `SELECT has_database_privilege('nobody_in_particular', 'payments', 'CONNECT'),
		has_database_privilege('payment_api', 'payments', 'TEMPORARY'), has_schema_privilege('nobody_in_particular', 'public', 'USAGE'),
		has_schema_privilege('payment_api', 'public', 'CREATE')`).Scan(&connects, &temporary, &usage, &creates)
	if err != nil {
		t.Fatal(err)
	}
	if connects || temporary || usage || creates {
		t.Errorf("more than needed: connects %t, temporary tables %t, usage %t, creates %t", connects, temporary, usage, creates)
	}
}

func staleGrants(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.run(t, Reconcile)
	master := d.Connect(t, d.Master, d.MasterPassword)
	exec(t, master, "GRANT DELETE ON payments TO payment_api")
	exec(t, master, "GRANT SELECT (network_reference) ON settlements TO payment_api")
	w.run(t, Reconcile)
	if diff := cmp.Diff(exactRights, rights(t, d.ConnectSuperuser(t))); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
}

func foreignDatabase(t *testing.T, d postgrestest.Database) {
	exec(t, d.ConnectSuperuser(t), "ALTER DATABASE payments OWNER TO CURRENT_USER; GRANT CREATE ON SCHEMA public TO master")
	err := newWorld(d).Run(t.Context(), Reconcile)
	if err == nil || !strings.Contains(err.Error(), "make the master its owner") {
		t.Errorf("error: %v", err)
	}
}

func secondRun(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.run(t, Reconcile)
	state := func() string {
		var all string
		row := d.ConnectSuperuser(t).QueryRow(t.Context(), `SELECT (SELECT json_agg(m)::text FROM schema_migrations m) ||
			(SELECT json_agg(a.rolpassword)::text FROM pg_authid a WHERE rolname ~ '_')`)
		if err := row.Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before, secrets := state(), w.password(payments)
	w.run(t, Reconcile)
	w.run(t, Migrate)
	if diff := cmp.Diff(before, state()); diff != "" || w.password(payments) != secrets {
		t.Errorf("a second run changed something: %s", diff)
	}
}

func rotatesOnServer(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.run(t, Reconcile)
	first := w.password(payments)
	working := d.Connect(t, payments.Role, first)
	w.run(t, Rotate)
	exec(t, working, "SELECT FROM payments") // who is connected stays so
	if _, err := d.Login(t.Context(), payments.Role, first); !database.Refused(err) {
		t.Errorf("the old password: %v", err)
	}
	for _, s := range []Service{payments, processor} {
		d.Connect(t, s.Role, w.password(s))
		if strings.Contains(w.log.String(), w.password(s)) {
			t.Error("the log has a password")
		}
	}
}

func oldMasterPassword(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.Settings.Password = secret.NewText("of-last-week")
	err := w.Run(t.Context(), Reconcile)
	if err == nil || !strings.Contains(err.Error(), "start the task again") || strings.Contains(err.Error(), "of-last-week") {
		t.Errorf("error: %v", err)
	}
}

func powerfulRole(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	exec(t, d.ConnectSuperuser(t), "CREATE ROLE payment_api LOGIN CREATEROLE")
	err := w.Run(t.Context(), Reconcile)
	if err == nil || !strings.Contains(err.Error(), "payment-api: making the role: role payment_api may do more") {
		t.Errorf("error: %v", err)
	}
	d.Connect(t, processor.Role, w.password(processor)) // one service's failure is not another's
}

func unreachable(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.Settings.Database.Port = 1
	w.ConnectWait = 100 * time.Millisecond
	err := w.Run(t.Context(), Reconcile)
	if err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("error: %v", err)
	}
}

func auditExtensionOnServer(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.run(t, Reconcile)
	if !strings.Contains(w.log.String(), "does not offer the audit extension") {
		t.Errorf("the log does not say that nothing is audited: %s", w.log)
	}
	conn := d.Connect(t, d.Master, d.MasterPassword)
	for range 2 { // pg_trgm stands in for an extension that is offered
		if err := audit(t.Context(), conn, "pg_trgm", "an_audit_role", w.Log); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, conn, "SELECT 'an_audit_role'::regrole, 'word' % 'words'")
}

func exec(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
