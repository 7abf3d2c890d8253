//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// The descriptors that the sandbox hands over, see outside.
const (
	listenerFile = 3
	endedFile    = 4
)

// exitInterrupted is what shells give a program that SIGINT ends.
const exitInterrupted = 130

// counts are the tasks that are started: two where the circuit breaker is to be seen.
func counts() []struct {
	service string
	tasks   int
} {
	return []struct {
		service string
		tasks   int
	}{{"notification-service", 1}, {"transaction-processor", 2}, {"payment-api", 1}}
}

// inside is the program in the sandbox.
func inside(s settings, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		// Ends when the program outside is asked to end, or has ended.
		_, _ = os.NewFile(endedFile, "end").Read(make([]byte, 1))
		cancel()
	}()
	if _, _, err := world.Sandbox(); err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return exitMissing
	}
	listener, err := net.FileListener(os.NewFile(listenerFile, "listener"))
	if err != nil {
		fmt.Fprintln(stderr, "demo: taking the address over:", err)
		return 1
	}
	d, err := start(ctx, s, stdout)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(stdout, "Stopped while starting; nothing is left.")
		return exitInterrupted
	}
	if err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 1
	}
	server := &http.Server{Handler: d.door(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	d.introduce(listener.Addr().String(), s.script == "")
	failed := d.follow(ctx, lines(ctx, s.script, stdin), s.script != "")
	fmt.Fprintln(stdout, "Stopping …")
	if err := errors.Join(server.Close(), d.stop()); err != nil {
		fmt.Fprintln(stderr, "demo: stopping:", err)
		return 1
	}
	fmt.Fprintln(stdout, "Stopped; nothing is left.")
	return failed
}

// start starts everything and says what it does. The platform runs on when the context ends, until it is stopped.
func start(ctx context.Context, s settings, out io.Writer) (*demo, error) {
	begun := time.Now()
	say := func(format string, arguments ...any) {
		fmt.Fprintf(out, "%5.1f s  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, arguments...))
	}
	w, err := readWorld(s.root)
	if err != nil {
		return nil, err
	}
	say("golden/ read, with the values of environments/prod.yaml")
	none := map[string]int{}
	for _, c := range counts() {
		none[c.service] = 0
	}
	p, err := platform.Start(context.WithoutCancel(ctx), platform.Options{Root: s.root, World: w, Tasks: none})
	if err != nil {
		return nil, err
	}
	d := newDemo(p, out)
	say("PostgreSQL runs, migrated by the administration task; secrets, X-Ray and the load balancer answer")
	for _, c := range counts() {
		for range c.tasks {
			t, err := p.StartTask(ctx, c.service)
			if err != nil {
				return nil, errors.Join(err, p.Stop())
			}
			say("%s runs at %v with Envoy and collector", t.Name, t.Host.Addresses[0])
		}
	}
	return d, nil
}

// readWorld reads the templates with the values of production.
func readWorld(root string) (*world.World, error) {
	o := world.Options{Suffix: "prod", Parameters: map[string]string{}}
	data, err := os.ReadFile(filepath.Join(root, "environments/prod.yaml"))
	if err == nil {
		err = yaml.Unmarshal(data, &o.Parameters)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the environment: %w", err)
	}
	return world.Read(filepath.Join(root, "golden"), o)
}

// operator is the header that makes a request come from an operator's address instead of a customer's.
const operator = "Demo-As"

// door leads from the person's own network to the load balancer.
func (d *demo) door() http.Handler {
	to, _ := url.Parse(platform.URL) // a constant
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Header["X-Forwarded-For"] = nil },
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			who := platform.Customer
			if r.Header.Get(operator) == platform.Operator {
				who = platform.Operator
			}
			r.Header.Del(operator)
			return d.platform.Client(who).Transport.RoundTrip(r)
		}),
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// introduce says what can be tried.
func (d *demo) introduce(address string, person bool) {
	fmt.Fprintf(d.out, `
The load balancer answers at http://%[1]s, also from another terminal:
  curl -si http://%[1]s/payments -H 'Idempotency-Key: key-1' -d '{"amount":1999,"currency":"EUR","card_token":"tok_visa","reference":"order 7"}'
  curl -s http://%[1]s/payments/ID-FROM-THE-ANSWER
  curl -s http://%[1]s/transactions/ID-FROM-THE-ANSWER -H 'Demo-As: operator'     # customers get 404 there
`, address)
	if person {
		fmt.Fprintf(d.out, "Commands here:\n%sTry: pay, kill transaction-processor, pay, pay, breaker, start transaction-processor, trace\n", help())
	}
}
