package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// started is a demo that runs as a program of its own, with a folder for temporary files of its own.
type started struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	out     *bufio.Reader
	said    bytes.Buffer
	folder  string
}

func runDemo(t *testing.T, args ...string) *started {
	t.Helper()
	if os.Getenv(rootVariable) == "" || os.Getenv("ALLOW_NO_NETNS") == "1" {
		t.Skip("needs the programs that `make test` installs, and network namespaces")
	}
	// Not t.TempDir, where the users that the programs run as may not go.
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &started{folder: filepath.Join(dir, "tmp")}
	program := filepath.Join(dir, "demo")
	build := exec.Command("go", "build", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s.command = exec.Command(program, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	s.command.Env = append(os.Environ(), "TMPDIR="+s.folder)
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.command.Stderr = s.command.Stdout
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(io.TeeReader(out, &s.said))
	limit := time.AfterFunc(3*time.Minute, func() { _ = s.command.Process.Kill() })
	t.Cleanup(func() { limit.Stop() })
	return s
}

// until reads until a line matches, and returns its groups.
func (s *started) until(t *testing.T, pattern string) []string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for {
		line, err := s.out.ReadString('\n')
		if found := expression.FindStringSubmatch(line); found != nil {
			return found
		}
		if err != nil {
			t.Fatalf("%q was not said: %v\n%s", pattern, err, &s.said)
		}
	}
}

// ended expects that it ends with 0, says so, and leaves no file.
func (s *started) ended(t *testing.T) {
	t.Helper()
	s.until(t, "^Stopped; nothing is left")
	_, _ = io.Copy(io.Discard, s.out)
	if err := s.command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &s.said)
	}
	left, err := os.ReadDir(s.folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if bytes.ContainsRune(s.said.Bytes(), 0x1b) {
		t.Error("escape codes where there is no terminal")
	}
}

func TestScript(t *testing.T) {
	t.Parallel()
	s := runDemo(t, "--script", "pay; kill transaction-processor; pay; pay; breaker; backlog; start transaction-processor; trace; backlog; quit")
	for _, want := range []string{
		`^ *[0-9.]+ s  payment-api/\d runs at 10\.`,
		`POST /payments  202`, `GET  /payments/…  200 .* settled, sandbox-`,
		`^> kill`, `transaction-processor/\d: the program is gone`,
		`POST /payments  202`, `200 .*settlement_unavailable`, `POST /payments  202`, `200 .*settlement_unavailable`,
		`payment-api/\d -> transaction-processor  open: all tasks are ejected`, `2 ejected now`,
		`2 payments wait to be settled`, `runs and answers its health check`,
		`  trace [0-9a-f]{32}`, `payment-api POST 202`, `outbox settle`, `outbox notify`, `notification-service POST 200`,
		`0 payments wait to be settled, 0 notifications`, `^> quit`,
	} {
		s.until(t, want)
	}
	s.ended(t)
}

func TestInterruptStopsEverything(t *testing.T) {
	t.Parallel()
	s := runDemo(t)
	address := s.until(t, `answers at (http://\S+),`)[1]
	s.until(t, "^Try: pay")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Post(address+"/payments", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a payment without anything from this machine's own network: %s, want 400 of payment-api", answer.Status)
	}
	if err := s.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.ended(t)
}
