package platform

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"github.com/tierform/tierform/test/runtime/world"
)

// Of the server.
const (
	// databaseName has the form of a cluster's endpoint.
	databaseName = "db-payments.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com"
	// superuser is who makes the master's role, as RDS does; no program gets it.
	superuser = "rdsadmin"
	// nobody exists on every Linux; PostgreSQL refuses root, and initdb refuses a user without a passwd entry.
	nobody = 65534
)

// Database is a PostgreSQL server with TLS only and passwords by SCRAM-SHA-256 only.
type Database struct {
	// Host is the DNS name that its certificate has.
	Host string

	platform *Platform
	host     *world.Host
	process  *world.Process
	password string // the superuser's
}

func (p *Platform) startDatabase(ctx context.Context) (err error) {
	d := &Database{Host: databaseName, platform: p, password: rand.Text()}
	p.Database = d
	if d.host, err = p.add("database", "database"); err != nil {
		return err
	}
	p.zone.Set(d.Host, 5*time.Second, d.host.Addresses...)
	dir := filepath.Join(p.Dir, "database")
	if err := d.files(dir); err != nil {
		return fmt.Errorf("preparing the database: %w", err)
	}
	data := filepath.Join(dir, "data")
	if err := d.initialize(ctx, dir, data); err != nil {
		return err
	}
	settings := []string{"listen_addresses=" + d.host.Addresses[0].String(), "port=" + strconv.Itoa(p.World.Database.Port),
		"unix_socket_directories=", "max_connections=500", "fsync=off", "ssl=on", "ssl_min_protocol_version=TLSv1.2",
		"ssl_cert_file=" + filepath.Join(dir, "server.crt"), "ssl_key_file=" + filepath.Join(dir, "server.key")}
	arguments := []string{"-D", data}
	for _, s := range append(settings, p.options.PostgreSQL...) {
		arguments = append(arguments, "-c", s)
	}
	if d.process, err = world.Start(p.context, d.program("postgres", arguments...)); err != nil {
		return err
	}
	p.onStop(d.stop)
	if err := d.await(ctx); err != nil {
		return err
	}
	return d.createMaster(ctx)
}

// files writes what the server reads before it starts.
func (d *Database) files(dir string) error {
	certificate, key, err := d.platform.Authority.Issue(d.Host)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	files := map[string][]byte{"server.crt": certificate, "server.key": key, "password": []byte(d.password)}
	for name, content := range files {
		path := filepath.Join(dir, name)
		err = errors.Join(err, os.WriteFile(path, content, 0o600), give(path))
	}
	return errors.Join(err, give(dir))
}

// give hands a file to the user that runs the server.
func give(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(path, nobody, nobody)
}

func (d *Database) program(name string, arguments ...string) world.Program {
	folder := filepath.Join(d.platform.options.Root, "bin/postgresql")
	p := world.Program{Host: d.host, Path: filepath.Join(folder, "bin", name), Folder: folder, Arguments: arguments, Environment: []string{"LC_ALL=C", "TZ=UTC"}}
	if os.Getuid() == 0 {
		p.User = nobody
	}
	return p
}

func (d *Database) initialize(ctx context.Context, dir, data string) error {
	initdb, err := world.Start(ctx, d.program("initdb", "-D", data, "-U", superuser, "--pwfile="+filepath.Join(dir, "password"),
		"--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"))
	if err != nil {
		return err
	}
	if err := initdb.Wait(ctx); err != nil {
		return fmt.Errorf("initdb: %w; its output:\n%s", err, initdb.Output())
	}
	rules := filepath.Join(data, "pg_hba.conf")
	return errors.Join(os.WriteFile(rules, []byte("hostssl all all 0.0.0.0/0 scram-sha-256\n"), 0o600), give(rules))
}

// await waits for the first login.
func (d *Database) await(ctx context.Context) error {
	err := world.Until(ctx, func() error {
		select {
		case <-d.process.Ended():
			return fmt.Errorf("%w: it ended", world.ErrGiveUp)
		default:
		}
		c, err := d.connect(ctx, "postgres", superuser, d.password)
		if err == nil {
			err = c.Close(ctx)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("no login to PostgreSQL: %w; its output:\n%s", err, d.process.Output())
	}
	return nil
}

// createMaster makes the master's role and the database, as RDS does: the role is no superuser, but may make roles.
func (d *Database) createMaster(ctx context.Context) error {
	credentials, err := d.platform.Credentials(ctx, masterSecret, "AWSCURRENT")
	if err != nil {
		return err
	}
	c, err := d.connect(ctx, "postgres", superuser, d.password)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	master, name := pgx.Identifier{credentials["username"]}.Sanitize(), pgx.Identifier{d.platform.World.Database.Name}.Sanitize()
	for _, statement := range []string{"CREATE ROLE " + master + " LOGIN CREATEDB CREATEROLE", "CREATE DATABASE " + name + " OWNER " + master} {
		if _, err := c.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	// In a statement of its own, which no message shows; the server takes no parameters here.
	_, err = c.Exec(ctx, "ALTER ROLE "+master+" PASSWORD "+quoted(credentials["password"]))
	if err != nil {
		return errors.New("the master's password is not accepted")
	}
	return nil
}

// quoted is a string of SQL.
func quoted(text string) string {
	var b []byte
	for _, c := range []byte(text) {
		if c == '\'' {
			b = append(b, c)
		}
		b = append(b, c)
	}
	return "'" + string(b) + "'"
}

// Superuser logs in who may look at everything, from the server's own host.
func (d *Database) Superuser(ctx context.Context) (*pgx.Conn, error) {
	return d.connect(ctx, d.platform.World.Database.Name, superuser, d.password)
}

// Login logs a role in from the server's own host, as the services do: with TLS, verified. A function may change the settings.
func (d *Database) Login(ctx context.Context, role, password string, change ...func(*pgx.ConnConfig)) (*pgx.Conn, error) {
	return d.connect(ctx, d.platform.World.Database.Name, role, password, change...)
}

func (d *Database) connect(ctx context.Context, name, role, password string, change ...func(*pgx.ConnConfig)) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d dbname=%s sslmode=verify-full sslrootcert=%s connect_timeout=10",
		d.Host, d.platform.World.Database.Port, name, d.platform.authorityFile))
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	config.User, config.Password = role, password
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{d.host.Addresses[0].String()}, nil }
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		return d.host.Dial(ctx, network, address)
	}
	for _, f := range change {
		f(config)
	}
	c, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	return c, nil
}

// PID is the server's first process.
func (d *Database) PID() int { return d.process.PID() }

// Output is the server's log.
func (d *Database) Output() string { return d.process.Output() }

// stop ends connections and then the server, as SIGINT does (PostgreSQL manual, "Shutting Down the Server").
func (d *Database) stop() error {
	if err := d.process.Signal(unix.SIGINT); err != nil {
		return fmt.Errorf("stopping PostgreSQL: %w; its output:\n%s", err, d.process.Output())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := d.process.Wait(ctx); err != nil {
		d.process.Kill()
		return fmt.Errorf("stopping PostgreSQL: %w; its output:\n%s", err, d.process.Output())
	}
	return nil
}
