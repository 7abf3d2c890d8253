package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/simulator"
)

// An account is a simulated one behind an HTTP address, as --endpoint-url takes it.
type account struct {
	sim *simulator.Simulator
	// elsewhere are the other regions, in which there is nothing.
	elsewhere *simulator.Simulator
	server    *httptest.Server

	lock sync.Mutex
	// changing are the calls that change something, by service and operation.
	changing []string
	// hurried is how much time each request takes; 0 lets the callers' time go on.
	hurried time.Duration
	// calls counts the requests; deadly may end their caller instead of letting it have an answer.
	calls  int
	deadly func(call int, perform func()) (died bool)
}

// The address and the header by which an account tells its time.
const (
	timePath   = "/time"
	timeHeader = "X-Present"
)

func newAccount(t testing.TB) *account {
	a := &account{sim: simulator.New(simulator.Options{}), elsewhere: simulator.New(simulator.Options{})}
	a.server = httptest.NewUnstartedServer(a)
	a.server.Config.SetKeepAlivesEnabled(false) // an open connection would keep a caller's virtual time from going on
	a.server.Start()
	t.Cleanup(a.server.Close)
	return a
}

// ServeHTTP answers as the simulator does, at the time of who asks: the one that the signature is of.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["Date"] = nil // or the SDK would correct its clock by ours
	if r.URL.Path == timePath {
		w.Header().Set(timeHeader, a.sim.Clock().Now().Format(time.RFC3339Nano))
		return
	}
	a.lock.Lock()
	pass := a.hurried
	a.lock.Unlock()
	if told, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")); err == nil && pass == 0 {
		pass = max(0, told.Sub(a.sim.Clock().Now()))
	}
	if err := a.sim.Clock().Sleep(r.Context(), pass); err != nil {
		return
	}
	a.count(r)
	a.lock.Lock()
	a.calls++
	call, deadly := a.calls, a.deadly
	a.lock.Unlock()
	if deadly != nil && deadly(call, func() { a.sim.ServeHTTP(httptest.NewRecorder(), r) }) {
		panic(http.ErrAbortHandler) // closes the connection (net/http, Handler)
	}
	if !strings.Contains(r.Header.Get("Authorization"), "/"+simulator.Region+"/") {
		a.elsewhere.ServeHTTP(w, r)
		return
	}
	a.sim.ServeHTTP(w, r)
}

// count keeps the calls that change something.
func (a *account) count(r *http.Request) {
	operation := r.Method + " " + r.URL.Path
	if _, target, json := strings.Cut(r.Header.Get("X-Amz-Target"), "."); json {
		operation = target
	} else if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		r.Body = http.NoBody
		form, _ := url.ParseQuery(body.String())
		operation, r.Body = form.Get("Action"), readCloser{&body}
	}
	if !slices.ContainsFunc([]string{"Get", "Describe", "List", "BatchGet", "GET ", "HEAD "}, func(prefix string) bool { return strings.HasPrefix(operation, prefix) }) {
		a.lock.Lock()
		defer a.lock.Unlock()
		a.changing = append(a.changing, operation)
	}
}

type readCloser struct{ *bytes.Buffer }

// Close does nothing.
func (readCloser) Close() error { return nil }

// hurry makes each request take a minute, for callers whose time goes on too slowly.
func (a *account) hurry() {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.hurried = time.Minute
}

// changes are the calls that changed something since the last look.
func (a *account) changes() []string {
	a.lock.Lock()
	defer a.lock.Unlock()
	was := a.changing
	a.changing = nil
	return was
}

// called counts the requests so far.
func (a *account) called() int {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.calls
}

// play makes go wrong what a scenario says.
func (a *account) play(origin string, data []byte) error {
	s, err := simulator.ReadScenario(origin, data)
	if err == nil {
		a.sim.Play(s)
	}
	return err
}

// environment is what a command needs to reach the account and nothing else.
func (a *account) environment() []string {
	return []string{endpointVariable + "=" + a.server.URL, "AWS_ACCESS_KEY_ID=AKIASIMULATED", "AWS_SECRET_ACCESS_KEY=simulated", "AWS_SESSION_TOKEN=", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"LANG=C.UTF-8", "TERM=xterm-256color", "NO_PROXY=127.0.0.1", "DEPLOY_TEMPLATES=templates", "DEPLOY_ENV=dev"}
}

// A place is a directory from which commands are called, with the account that they reach.
type place struct {
	*account
	t   testing.TB
	dir string
}

func newPlace(t testing.TB) *place { return newAccount(t).from(t) }

// from is a new place from which the account is reached.
func (a *account) from(t testing.TB) *place {
	p := &place{a, t, t.TempDir()}
	if err := os.CopyFS(filepath.Join(p.dir, "templates"), os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	return p
}

// deployed is a place whose environment dev is there.
func deployed(t testing.TB) *place {
	p := newPlace(t)
	p.call("bootstrap", "--yes").exits(0)
	p.call("apply", "--yes", "-p", "LicenseKey="+canary).exits(0)
	p.changes()
	return p
}

// write makes a file and returns its name.
func (p *place) write(name, text string) string {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
	return name
}

// An ended command with what it printed.
type ended struct {
	t              testing.TB
	call           string
	stdout, stderr string
	code           int
}

// call runs the command with arguments; those before it of the form NAME=VALUE are for its environment.
func (p *place) call(args ...string) *ended {
	p.t.Helper()
	var environment []string
	for len(args) > 0 && strings.Contains(args[0], "=") {
		environment, args = append(environment, args[0]), args[1:]
	}
	return p.run(environment, "deploy", args...)
}

func (p *place) run(environment []string, command string, args ...string) *ended {
	p.t.Helper()
	c := exec.CommandContext(p.t.Context(), command, args...)
	c.Dir, c.Env = p.dir, slices.Concat(p.environment(), []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "GOCOVERDIR=" + p.t.TempDir()}, environment)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	return &ended{p.t, strings.Join(append([]string{command}, args...), " "), stdout.String(), stderr.String(), exitCode(err)}
}

// exits wants an exit code.
func (e *ended) exits(want int) *ended {
	e.t.Helper()
	if e.code != want {
		e.t.Fatalf("%s: exit code %d, want %d\n%s\n%s", e.call, e.code, want, e.stdout, e.stderr)
	}
	return e
}

// exitCode is that of a process that ran; -1 of one that did not.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// head are the first lines of a text.
func head(text string, lines int) string {
	all := strings.SplitAfter(text, "\n")
	return strings.Join(all[:min(lines, len(all))], "")
}
