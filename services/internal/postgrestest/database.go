package postgrestest

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Database is an empty database of a server, with its address and its master.
type Database struct {
	Host, Port, Name string
	// CAFile is the certificate that clients verify the server against.
	CAFile string
	// Master owns the database and may create roles, but is no superuser.
	Master, MasterPassword string

	server *Server
}

// Fresh drops the database and all roles of earlier calls and makes them anew: tests that follow each other share a
// server this way.
func (s *Server) Fresh(t testing.TB) Database {
	t.Helper()
	d := Database{
		Host: s.host, Port: strconv.Itoa(int(s.port)), Name: "payments", CAFile: s.caFile,
		Master: "master", MasterPassword: password, server: s,
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	conn, err := s.connect(ctx, "postgres", superuser, password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS payments WITH (FORCE)",
		`DO $$ DECLARE r name; BEGIN
			FOR r IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> current_user LOOP
				EXECUTE format('DROP ROLE %I', r);
			END LOOP;
		END $$`,
		"CREATE ROLE master LOGIN CREATEDB CREATEROLE PASSWORD '" + password + "'",
		"CREATE DATABASE payments OWNER master",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return d
}

// Connect logs a role in; the connection is closed when the test ends.
func (d Database) Connect(t testing.TB, role, password string) *pgx.Conn {
	t.Helper()
	conn, err := d.Login(t.Context(), role, password)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	})
	return conn
}

// ConnectSuperuser logs the superuser in, who may look at everything.
func (d Database) ConnectSuperuser(t testing.TB) *pgx.Conn {
	t.Helper()
	return d.Connect(t, superuser, password)
}

// Login tries a login.
func (d Database) Login(ctx context.Context, role, password string) (*pgx.Conn, error) {
	return d.server.connect(ctx, d.Name, role, password)
}

// connect logs in with the settings that the services use: the server's name and certificate are verified.
func (s *Server) connect(ctx context.Context, database, role, password string) (*pgx.Conn, error) {
	settings := fmt.Sprintf("host=%s port=%d dbname=%s sslmode=verify-full sslrootcert=%s connect_timeout=10",
		s.host, s.port, database, s.caFile)
	config, err := pgx.ParseConfig(settings)
	if err != nil {
		return nil, err
	}
	config.User, config.Password = role, password
	return pgx.ConnectConfig(ctx, config)
}
