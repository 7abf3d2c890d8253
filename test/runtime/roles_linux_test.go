package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/tierform/tierform/test/runtime/platform"
)

// credentials are those of a service's role.
func credentials(t *testing.T, p *platform.Platform, service string) (role, password string) {
	t.Helper()
	value, err := p.Credentials(t.Context(), "secret-"+service+"-"+p.World.Suffix, "AWSCURRENT")
	if err != nil {
		t.Fatal(err)
	}
	return value["username"], value["password"]
}

// databaseRefuses tries logins that must not succeed, beside one that does.
func databaseRefuses(t *testing.T, p *platform.Platform) {
	role, password := credentials(t, p, api)
	stranger, err := platform.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		password string
		change   func(*pgx.ConnConfig)
		says     string
	}{
		"right":                {password, func(*pgx.ConnConfig) {}, ""},
		"plain text":           {password, func(c *pgx.ConnConfig) { c.TLSConfig = nil }, "no encryption"},
		"other name":           {password, func(c *pgx.ConnConfig) { c.TLSConfig.ServerName = "db.example.com" }, "not db.example.com"},
		"unknown authority":    {password, func(c *pgx.ConnConfig) { c.TLSConfig.RootCAs = stranger.Pool() }, "unknown authority"},
		"password":             {"wrong", func(*pgx.ConnConfig) {}, "28P01"},
		"role":                 {password, func(c *pgx.ConnConfig) { c.User = "payment" }, "28P01"},
		"another role's login": {password, func(c *pgx.ConnConfig) { c.User = "transaction_processor" }, "28P01"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := p.Database.Login(t.Context(), role, c.password, c.change)
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				var version string
				if err := conn.QueryRow(t.Context(), "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&version); err != nil || version != "TLSv1.3" {
					t.Errorf("the connection has %s, %v", version, err)
				}
				_ = conn.Close(t.Context())
			} else if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v lacks %q", err, c.says)
			}
		})
	}
}

// rolesMayDoNoMore tries every statement on every table as each role. What is listed is all that is allowed.
func rolesMayDoNoMore(t *testing.T, p *platform.Platform) {
	for service, want := range map[string][]string{
		api:       {"INSERT outbox", "INSERT payments", "SELECT payments"},
		processor: {"DELETE outbox", "INSERT outbox", "INSERT settlements", "SELECT outbox", "SELECT payments", "SELECT settlements", "UPDATE outbox", "UPDATE payments status"},
	} {
		t.Run(service, func(t *testing.T) {
			role, password := credentials(t, p, service)
			conn, err := p.Database.Login(t.Context(), role, password)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close(t.Context()) }()
			var got []string
			for _, s := range statements() {
				if allowed(t, conn, s[1]) {
					got = append(got, s[0])
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s may (-want +got):\n%s", role, d)
			}
		})
	}
}

// statements are names and texts, by name. None changes a row.
func statements() [][2]string {
	list := [][2]string{}
	tables := []struct{ name, column string }{{"outbox", "attempts"}, {"payments", "amount"}, {"settlements", "status"}}
	for _, table := range tables {
		list = append(list, [2]string{"DELETE " + table.name, "DELETE FROM " + table.name + " WHERE false"})
	}
	for _, table := range tables {
		list = append(list, [2]string{"INSERT " + table.name, "INSERT INTO " + table.name + " DEFAULT VALUES"})
	}
	for _, table := range tables {
		list = append(list, [2]string{"SELECT " + table.name, "SELECT count(*) FROM " + table.name})
	}
	list = append(list, [2]string{"SELECT passwords", "SELECT rolpassword FROM pg_authid"})
	for _, table := range tables {
		list = append(list, [2]string{"TRUNCATE " + table.name, "TRUNCATE " + table.name + " CASCADE"})
	}
	for _, table := range tables {
		list = append(list, [2]string{"UPDATE " + table.name, "UPDATE " + table.name + " SET " + table.column + " = " + table.column + " WHERE false"})
	}
	return append(list, [2]string{"UPDATE payments status", "UPDATE payments SET status = status WHERE false"},
		[2]string{"CREATE table", "CREATE TABLE mine ()"}, [2]string{"CREATE temporary table", "CREATE TEMPORARY TABLE mine ()"},
		[2]string{"CREATE role", "CREATE ROLE mine"}, [2]string{"ALTER the other's password", "ALTER ROLE payadmin PASSWORD 'mine'"})
}

// allowed tells whether the role may: a statement that fails for what it says is allowed.
func allowed(t *testing.T, conn *pgx.Conn, statement string) bool {
	t.Helper()
	_, err := conn.Exec(t.Context(), statement)
	answer, refused := errors.AsType[*pgconn.PgError](err)
	if err != nil && !refused {
		t.Fatal(statement, err)
	}
	return err == nil || answer.Code != "42501" // insufficient_privilege
}

// reconcilesAgain runs the administration as the schedule does, on what it has made already.
func reconcilesAgain(t *testing.T, p *platform.Platform) {
	_, before := credentials(t, p, api)
	output, err := p.Administer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"role created", "password rotated", "migration applied"} {
		if strings.Contains(output, word) {
			t.Errorf("the second run says %q:\n%s", word, output)
		}
	}
	if _, after := credentials(t, p, api); after != before {
		t.Error("the second run has replaced a password that is not due")
	}
	if _, err := p.Administer(t.Context(), "renew"); err == nil || !strings.Contains(err.Error(), "usage: service [reconcile | migrate | rotate]") {
		t.Errorf("an unknown word: %v", err)
	}
}

// rotates replaces the passwords under payments, of which none may fail, although new connections are made meanwhile.
func rotates(t *testing.T, p *platform.Platform) {
	role, old := credentials(t, p, api)
	stop := load(t, p, "rotate", 3)
	for _, name := range []string{"burst-a", "burst-b"} {
		if _, err := p.Administer(t.Context(), "rotate"); err != nil {
			t.Error(err)
		}
		burst(t, p, name) // of more payments than connections, so that the tasks make more of them
	}
	ids := stop()
	settles(t, p, ids)
	if _, now := credentials(t, p, api); now == old {
		t.Error("the password is the same")
	}
	if _, err := p.Database.Login(t.Context(), role, old); err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("a login with the old password: %v", err)
	}
	// Tasks that run lose all connections and have to make new ones, with the new password.
	conn, err := p.Database.Superuser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('payment_api', 'transaction_processor')"); err != nil {
		t.Fatal(err)
	}
	ids = append(ids, some(t, p, "after", 6)...)
	settles(t, p, ids)
	notifies(t, p, ids, 1)
}

// burst pays more at once than a task has connections.
func burst(t *testing.T, p *platform.Platform, name string) {
	t.Helper()
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			if _, err := pays(t.Context(), p, fmt.Sprintf("%s-%d", name, i)); err != nil {
				t.Error("during the rotation: ", err)
			}
		})
	}
	all.Wait()
}

// load pays all the time, by clients at the same time that do not try again, until the function is called, which returns the
// payments.
func load(t *testing.T, p *platform.Platform, name string, clients int) func() []string {
	t.Helper()
	return clientsOf(t, name, clients, func(ctx context.Context, key string) (string, error) { return pays(ctx, p, key) })
}

// insistentLoad is load by clients that try again.
func insistentLoad(t *testing.T, p *platform.Platform, name string, clients int) func() []string {
	t.Helper()
	return clientsOf(t, name, clients, func(ctx context.Context, key string) (string, error) { return insists(ctx, p, key) })
}

func clientsOf(t *testing.T, name string, clients int, pay func(ctx context.Context, key string) (string, error)) func() []string {
	t.Helper()
	var all sync.WaitGroup
	var lock sync.Mutex
	var ids []string
	end := make(chan struct{})
	for client := range clients {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				id, err := pay(t.Context(), fmt.Sprintf("%s-%d-%d", name, client, i))
				if err != nil {
					t.Errorf("payment %d of client %d: %v", i, client, err)
					return
				}
				lock.Lock()
				ids = append(ids, id)
				lock.Unlock()
			}
		})
	}
	return func() []string { close(end); all.Wait(); return ids }
}
