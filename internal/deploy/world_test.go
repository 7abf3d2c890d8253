package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// A world is a simulated account with a directory of templates.
type world struct {
	*testing.T
	sim       *simulator.Simulator
	templates fs.FS
	runs      int
}

// A run is what one call of the command told.
type run struct {
	*testing.T
	events []report.Event
	err    error
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, templates: os.DirFS("testdata/small")}
	w.inAccount(simulator.Options{})
	return w
}

// inAccount moves the world to an account with nothing but the image that the small templates run, whose registry is not theirs.
func (w *world) inAccount(o simulator.Options) {
	w.sim = simulator.New(o)
	w.sim.CreateRepository(registry)
	w.pushImage("api", digest)
}

const registry = "ecr-api-dev"

// pushImage puts an image into its repository of the environment dev.
func (w *world) pushImage(name, digest string, tags ...string) {
	w.Helper()
	if _, err := w.sim.Push("ecr-"+name+"-dev", simulator.Push{Digest: digest, Tags: tags}); err != nil {
		w.Fatal(err)
	}
}

// edit replaces a text of a template, which must be there.
func (w *world) edit(name, old, now string) {
	w.Helper()
	edited := fstest.MapFS{}
	files, _ := fs.Glob(w.templates, "*")
	for _, file := range files {
		data, err := fs.ReadFile(w.templates, file)
		if err != nil {
			w.Fatal(err)
		}
		if file == name {
			if !strings.Contains(string(data), old) {
				w.Fatalf("%s does not hold %q", name, old)
			}
			data = []byte(strings.Replace(string(data), old, now, 1))
		}
		edited[file] = &fstest.MapFile{Data: data}
	}
	w.templates = edited
}

// an option changes what a run works with.
type option func(*deploy.Options, *cloud.Options)

// run calls a verb as one call of the command does: with clients and an engine of its own.
func (w *world) run(do func(context.Context, *deploy.Engine) error, options ...option) *run {
	w.Helper()
	return w.runIn(context.Background(), do, options...)
}

func (w *world) runIn(ctx context.Context, do func(context.Context, *deploy.Engine) error, options ...option) *run {
	w.Helper()
	w.runs++
	r, number, ids := &run{T: w.T}, w.runs, 0
	o := deploy.Options{Environment: "dev", Clock: w.sim.Clock(), Reporter: report.Func(func(e report.Event) { r.events = append(r.events, e) }),
		Templates: w.templates, Roots: deploy.DefaultRoots(), Command: "deploy test", Commit: "c0ffee",
		NewID: func() string { ids++; return fmt.Sprintf("20261122-%06d-%d", number, ids) }}
	c := cloud.Options{Region: simulator.Region, Client: w.sim.Client(), Clock: w.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")}
	for _, option := range options {
		option(&o, &c)
	}
	if o.Cloud, r.err = cloud.Open(ctx, c); r.err != nil {
		return r
	}
	engine, err := deploy.New(o)
	if err == nil {
		if err = engine.Begin(ctx, "test", false); err == nil {
			err = do(ctx, engine)
		}
		engine.Conclude(err)
	}
	r.err = err
	return r
}

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// request is one with values, approved by --yes.
func request(values ...string) deploy.Request {
	v := source.Values{Origin: "-p", ByName: map[string]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		v.ByName[values[i]] = values[i+1]
	}
	return deploy.Request{Values: []source.Values{v}, Consent: changeset.Consent{Yes: true}}
}

func firstRequest(values ...string) deploy.Request {
	r := request(values...)
	r.Images = map[string]string{"api": digest}
	return r
}

func apply(r deploy.Request) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.Apply(ctx, r) }
}

func plan(r deploy.Request) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { _, err := e.Plan(ctx, r); return err }
}

func bootstrap(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, request()) }

// deployed is a world whose environment dev is there.
func deployed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	return w
}

// ends wants an exit code, the same in the error and in the last event, and words in the error.
func (r *run) ends(want fault.Code, words ...string) *run {
	r.Helper()
	if got := fault.CodeOf(r.err); got != want {
		r.Fatalf("ended with %d, want %d: %v", got, want, r.err)
	}
	for _, word := range words {
		if r.err == nil || !strings.Contains(r.err.Error(), word) {
			r.Errorf("error %v does not say %q", r.err, word)
		}
	}
	if result := last[report.Result](r); len(r.events) > 0 && result.Code != want && !errors.Is(r.err, context.Canceled) {
		r.Errorf("result %+v, want exit code %d", result, want)
	}
	return r
}

// last is the last event of a kind; the zero event when there was none.
func last[E report.Event](r *run) (found E) {
	for _, e := range r.events {
		if is, ok := e.(E); ok {
			found = is
		}
	}
	return found
}

// all are the events of a kind.
func all[E report.Event](r *run) (found []E) {
	for _, e := range r.events {
		if is, ok := e.(E); ok {
			found = append(found, is)
		}
	}
	return found
}

// changes are the changes of a plan that were not disproved, as "stack/LogicalID action".
func changes(p report.Plan) []string {
	var found []string
	var walk func(path string, s report.Stack)
	walk = func(path string, s report.Stack) {
		for _, c := range s.Changes {
			if !c.Hidden && c.Certainty != report.Spurious {
				found = append(found, path+c.LogicalID+" "+string(c.Action))
			}
		}
		for _, n := range s.Nested {
			walk(path+report.StackName(n.Name)+"/", n)
		}
	}
	walk("", p.Root)
	return found
}

// expire ends the validity of all credentials.
func (w *world) expire() { w.sim.Inject(simulator.Fault{Kind: simulator.Expired}) }

// lockTime outlasts any lock.
const lockTime = time.Hour
