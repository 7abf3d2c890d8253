package emulation

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A hasty clock lets twenty seconds pass in one: the emulator is done in milliseconds, and what polls it need not wait longer.
type hasty struct{ began time.Time }

const haste = 20

func (h hasty) Now() time.Time { return h.began.Add(haste * time.Since(h.began)) }

func (hasty) Sleep(ctx context.Context, d time.Duration) error {
	return clock.System{}.Sleep(ctx, d/haste)
}

// A client sends requests to the emulator. It sends a copy of each body: the SDK closes bodies when the headers of a response come, and
// net/http then gives up connections to a server that answers faster than it reads.
type client struct{ transport *http.Transport }

func newClient(t *testing.T) client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return client{transport}
}

// Do sends a request.
func (c client) Do(r *http.Request) (*http.Response, error) {
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	return c.send(r, body)
}

func bodyOf(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(r.Body)
}

// send sends a request with a body, as often as it is called.
func (c client) send(r *http.Request, body []byte) (*http.Response, error) {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		again.Body = http.NoBody
	}
	return c.transport.RoundTrip(again)
}

// pipelines counts those that tests make.
var pipelines atomic.Int64

// An environment is one that a test deploys, in an account of its own.
type environment struct {
	t         *testing.T
	account   string
	suffix    string
	clock     clock.Clock
	client    aws.HTTPClient
	templates fs.FS
	roots     deploy.Roots
	// pipeline and runs make the identifiers of runs unique.
	pipeline int64
	runs     atomic.Int64
	// approve answers instead of a person; nil for --yes.
	approve func(context.Context, string) (bool, error)
	consent changeset.Consent
}

// A run is what one call of the deploy command told.
type run struct {
	t      *testing.T
	code   fault.Code
	err    error
	lock   sync.Mutex
	events []report.Event
}

// Report takes an event.
func (r *run) Report(e report.Event) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.events = append(r.events, e)
}

// cloud are clients of the environment's account.
func (e *environment) cloud() *cloud.Cloud {
	e.t.Helper()
	way, err := cloud.Open(e.t.Context(), cloud.Options{Region: "us-east-1", Endpoint: running.URL, RequestsPerSecond: 1000, Clock: e.clock, Client: e.client,
		Credentials: credentials.NewStaticCredentialsProvider(e.account, "test", "")})
	if err != nil {
		e.t.Fatal(err)
	}
	return way
}

// call runs a verb as a process of its own would: with a new engine and new clients.
func (e *environment) call(do func(context.Context, *deploy.Engine) error) *run {
	e.t.Helper()
	r := &run{t: e.t}
	number := e.runs.Add(1)
	ids := 0
	engine, err := deploy.New(deploy.Options{Environment: e.suffix, Account: e.account, Cloud: e.cloud(), Clock: e.clock, Reporter: r, Templates: e.templates, Roots: e.roots,
		Approve: e.approve, NewID: func() string { ids++; return fmt.Sprintf("%04d-%d-%d", number, e.pipeline, ids) }, Command: "deploy"})
	if err != nil {
		e.t.Fatal(err)
	}
	if r.err = engine.Begin(e.t.Context(), "test", false); r.err == nil {
		r.err = do(e.t.Context(), engine)
	}
	engine.Conclude(r.err)
	r.code = fault.CodeOf(r.err)
	return r
}

// request asks for values as flags give them: NAME=VALUE.
func (e *environment) request(flags ...string) deploy.Request {
	values := source.Values{Origin: "-p", ByName: map[string]string{}}
	for _, flag := range flags {
		name, value, _ := strings.Cut(flag, "=")
		values.ByName[name] = value
	}
	consent := e.consent
	consent.Yes = e.approve == nil
	return deploy.Request{Values: []source.Values{values}, Consent: consent}
}

func (e *environment) bootstrap() *run {
	return e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Bootstrap(ctx, e.request()) })
}

func (e *environment) apply(flags ...string) *run {
	return e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Apply(ctx, e.request(flags...)) })
}

// applyWaiting is apply with --wait-lock.
func (e *environment) applyWaiting() *run {
	return e.call(func(ctx context.Context, engine *deploy.Engine) error {
		r := e.request()
		r.WaitLock = time.Hour
		return engine.Apply(ctx, r)
	})
}

// again is the same environment as another pipeline sees it.
func (e *environment) again() *environment {
	other := &environment{t: e.t, account: e.account, suffix: e.suffix, clock: e.clock, client: e.client, templates: e.templates, roots: e.roots, pipeline: pipelines.Add(1)}
	return other
}

func (e *environment) plan(flags ...string) *run {
	return e.call(func(ctx context.Context, engine *deploy.Engine) error {
		_, err := engine.Plan(ctx, e.request(flags...))
		return err
	})
}

// keyOf is the address of a template in the artifact bucket.
func (e *environment) keyOf(file string) string {
	e.t.Helper()
	set, err := source.Load(e.templates, e.roots.Platform)
	if err != nil {
		e.t.Fatal(err)
	}
	return set.Nested[file].Key()
}

func (e *environment) destroy() *run {
	return e.call(func(ctx context.Context, engine *deploy.Engine) error {
		return engine.Destroy(ctx, deploy.DestroyRequest{Confirm: e.suffix})
	})
}

// ends fails the test when a run did not end as it should: with an exit code and a status.
func (r *run) ends(code fault.Code, status string) *run {
	r.t.Helper()
	result, _ := last[report.Result](r)
	if r.code != code || result.Status != status || result.Code != code {
		r.t.Fatalf("ended with exit code %d and the result %q, want %d and %q: %v\n%s", r.code, result.Status, code, status, r.err, r.story())
	}
	return r
}

// all are the events of a kind.
func all[E report.Event](r *run) []E {
	var found []E
	for _, event := range r.events {
		if e, is := event.(E); is {
			found = append(found, e)
		}
	}
	return found
}

// last is the last event of a kind.
func last[E report.Event](r *run) (E, bool) {
	found := all[E](r)
	if len(found) == 0 {
		var none E
		return none, false
	}
	return found[len(found)-1], true
}

// story is what a run told, but for what went well, for a failing test.
func (r *run) story() string {
	var text strings.Builder
	for _, event := range r.events {
		resource, is := event.(report.Resource)
		if _, tick := event.(report.Tick); tick || is && !strings.HasSuffix(resource.Status, "_FAILED") {
			continue
		}
		fmt.Fprintf(&text, "%s %+v\n", event.Kind(), event)
	}
	return text.String()
}

// told tells whether a note of the run says something.
func (r *run) told(what string) bool {
	return slices.ContainsFunc(all[report.Note](r), func(n report.Note) bool { return strings.Contains(n.Text, what) })
}

// blames fails the test unless the run's diagnosis names one cause, by its path, with a reason.
func (r *run) blames(place, reason string) {
	r.t.Helper()
	diagnosis, _ := last[report.Diagnosis](r)
	if len(diagnosis.Causes) != 1 {
		r.t.Fatalf("causes %+v, want one", diagnosis.Causes)
	}
	cause := diagnosis.Causes[0]
	if got := path.Join(append(slices.Clone(cause.Path), cause.LogicalID)...); got != place || !strings.Contains(cause.Reason, reason) {
		r.t.Errorf("the cause is %s: %s; want %s: %s", got, cause.Reason, place, reason)
	}
}
