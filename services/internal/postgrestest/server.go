// Package postgrestest starts a PostgreSQL server for tests, set up like the platform's: it accepts TLS only, asks for
// SCRAM-SHA-256, and its master is no superuser, but may create roles and owns the database, as on Aurora.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Runtime names the variable with the folder in which `make test` installs the real programs.
const Runtime = "TIERFORM_RUNTIME"

const (
	superuser    = "superuser"
	password     = "only-for-this-test"
	startTimeout = 60 * time.Second
	// nobody exists on every Linux; PostgreSQL refuses root, and initdb refuses a user without a passwd entry.
	nobody = 65534
)

// Server is a running PostgreSQL server of one test.
type Server struct {
	host, caFile string
	port         uint16
	log          string
}

// Start runs a server until the test ends. Without the variable TIERFORM_RUNTIME the test is skipped; with it, a server
// that does not start fails the test.
func Start(t testing.TB) *Server {
	t.Helper()
	runtime := os.Getenv(Runtime)
	if runtime == "" {
		t.Skipf("%s is not set: run make test, which installs PostgreSQL", Runtime)
	}
	installed := filepath.Join(runtime, "bin", "postgresql", "bin")
	dir, err := os.MkdirTemp("", "postgrestest-") // t.TempDir lies where the server's user may not go
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{host: "localhost", caFile: filepath.Join(dir, "ca.crt"), log: filepath.Join(dir, "log")}
	if err := s.prepare(installed, dir); err != nil {
		t.Fatal(err)
	}
	s.run(t, filepath.Join(installed, "postgres"), dir)
	return s
}

// prepare makes the data directory, the certificate and the rule that refuses plain text.
func (s *Server) prepare(installed, dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := writeCertificate(dir, s.host); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(password), 0o600); err != nil {
		return err
	}
	if err := give(dir); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	initdb := command(filepath.Join(installed, "initdb"), "-D", data, "-U", superuser,
		"--pwfile="+filepath.Join(dir, "password"), "--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", initdb.Path, err, out)
	}
	rules := "hostssl all all 127.0.0.0/8 scram-sha-256\n"
	return os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(rules), 0o644)
}

// run starts the server and waits until it accepts connections.
func (s *Server) run(t testing.TB, program, dir string) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s.port = port
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	server := command(program, "-D", filepath.Join(dir, "data"), "-c", "listen_addresses=127.0.0.1",
		"-c", "port="+strconv.Itoa(int(port)), "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "ssl=on",
		"-c", "ssl_cert_file="+filepath.Join(dir, "server.crt"), "-c", "ssl_key_file="+filepath.Join(dir, "server.key"),
		"-c", "ssl_min_protocol_version=TLSv1.2")
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		<-ended
		_ = log.Close()
	})
	if err := s.await(ended); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, s.Log())
	}
}

// await polls until the server accepts a login.
func (s *Server) await(ended chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := s.connect(ctx, "postgres", superuser, password)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case end := <-ended:
			ended <- end
			return errors.Join(errors.New("the server ended"), end)
		case <-ctx.Done():
			return fmt.Errorf("no login after %s: %w", startTimeout, err)
		}
	}
}

// Log returns what the server has logged.
func (s *Server) Log() string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return strings.ToValidUTF8(string(b), "?")
}

// command runs a program as a user that PostgreSQL accepts; it dies with the test.
func command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return c
}

// give hands the files of dir to the user that runs the server.
func give(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	})
}

func freePort() (uint16, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).AddrPort().Port(), nil
}
