package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// An account is one with an artifact bucket.
type account struct {
	*testing.T
	sim *simulator.Simulator
	// undated makes S3 answer without Date, silent without Last-Modified.
	undated, silent bool
	// before is called before each request is performed; an answer of its own replaces the simulator's.
	before func(*http.Request) *http.Response
	lock   sync.Mutex
}

func newAccount(t *testing.T) *account {
	a := &account{T: t, sim: simulator.New(simulator.Options{})}
	a.sim.CreateBucket("artifacts")
	return a
}

// Do answers as Amazon S3 does.
func (a *account) Do(r *http.Request) (*http.Response, error) {
	if a.before != nil {
		if answer := a.before(r); answer != nil {
			return answer, nil
		}
	}
	answer, err := a.sim.Client().Do(r)
	a.lock.Lock()
	defer a.lock.Unlock()
	if err == nil && a.undated {
		answer.Header.Del("Date")
	}
	if err == nil && a.silent {
		answer.Header.Del("Last-Modified")
	}
	return answer, err
}

// skewed is the clock of a machine that is ahead of the others.
type skewed struct {
	clock.Clock
	by time.Duration
}

func (s skewed) Now() time.Time { return s.Clock.Now().Add(s.by) }

// bucket is the artifact bucket as a machine sees it whose clock is ahead by a while.
func (a *account) bucket(ahead time.Duration) *store.Bucket {
	return a.named("artifacts", "dev", ahead)
}

func (a *account) named(name, environment string, ahead time.Duration) *store.Bucket {
	a.Helper()
	return a.on(skewed{a.sim.Clock(), ahead}, name, environment)
}

// on is a bucket on a machine with a clock.
func (a *account) on(machine clock.Clock, name, environment string) *store.Bucket {
	a.Helper()
	c, err := cloud.Open(a.Context(), cloud.Options{Region: "us-east-1", Client: a, Clock: machine, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")})
	if err != nil {
		a.Fatal(err)
	}
	return store.New(c.S3(), machine, name, environment, a.sim.Account())
}

// pass lets time pass.
func (a *account) pass(d time.Duration) { _ = a.sim.Clock().Sleep(context.Background(), d) }

// refused tells whether an error has a code and says some things.
func refused(t *testing.T, err error, code fault.Code, says ...string) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != code {
		t.Fatalf("%v has code %d, want %d", err, fault.CodeOf(err), code)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
}

// template is one that nests another if its address is given.
func template(t *testing.T, name, nests string) *source.Template {
	t.Helper()
	parsed, err := source.Parse(name+".yaml", fmt.Appendf(nil, "Description: %s\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Metadata: {Uses: '%s'}\n", name, nests))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestUploadSendsOnlyWhatIsNew(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	one, two := template(t, "one", ""), template(t, "two", "")
	for i, c := range []struct {
		templates []*source.Template
		want      store.Uploaded
	}{
		{[]*source.Template{one}, store.Uploaded{Objects: 1, Bytes: len(one.Body)}},
		{[]*source.Template{one, two, two}, store.Uploaded{Objects: 1, Bytes: len(two.Body)}},
		{[]*source.Template{one, two}, store.Uploaded{}},
	} {
		got, err := b.Upload(t.Context(), c.templates)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
	if body, err := b.Template(t.Context(), one.Key()); err != nil || string(body) != string(one.Body) || b.Name() != "artifacts" {
		t.Errorf("%q, %v", body, err)
	}
	if body, err := b.Template(t.Context(), "templates/none.yaml"); err != nil || body != nil {
		t.Errorf("%q, %v", body, err)
	}
}

func TestUploadSurvivesWhatAWSDoes(t *testing.T) {
	for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half, simulator.Twice, simulator.Refused, simulator.Throttled, simulator.Internal} {
		t.Run(string(kind), func(t *testing.T) {
			a := newAccount(t)
			one := template(t, "one", "")
			a.sim.Inject(simulator.Fault{Kind: kind, Times: 3})
			if _, err := a.bucket(0).Upload(t.Context(), []*source.Template{one}); err != nil {
				t.Fatal(err)
			}
			a.sim.Heal()
			if body, err := a.bucket(0).Template(t.Context(), one.Key()); err != nil || string(body) != string(one.Body) {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}

// conflict is Amazon S3's answer to a conditional write that met another.
func conflict() *http.Response {
	return answer(http.StatusConflict, "<Error><Code>ConditionalRequestConflict</Code><Message>The conditional request cannot succeed due to a conflicting operation against this resource.</Message></Error>")
}

// page is an answer of a list.
func page(body string) *http.Response { return answer(http.StatusOK, body) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/xml"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func TestAConflictIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		conflicts int
		ok        bool
	}{{4, true}, {24, true}, {25, false}} {
		a := newAccount(t)
		left := c.conflicts
		a.before = func(r *http.Request) *http.Response {
			if left == 0 || r.Method != http.MethodPut {
				return nil
			}
			left--
			return conflict()
		}
		one := template(t, "one", "")
		_, err := a.bucket(0).Upload(t.Context(), []*source.Template{one})
		body, _ := a.bucket(0).Template(t.Context(), one.Key())
		if stored := body != nil; stored != c.ok {
			t.Errorf("after %d conflicts: stored %v, %v", c.conflicts, stored, err)
		}
	}
}

func TestTheBucketIsMissingOrNotOurs(t *testing.T) {
	a := newAccount(t)
	a.sim.CreateForeignBucket("foreign", "999999999999")
	for name, want := range map[string][]string{"none": {"no artifact bucket", `"none"`, "deploy bootstrap -e dev"}, "foreign": {"not of account 111122223333", `"foreign"`, "deploy doctor"}} {
		b, ctx := a.named(name, "dev", 0), t.Context()
		one := template(t, "one", "")
		for call, do := range map[string]func() error{
			"Upload":     func() error { _, err := b.Upload(ctx, []*source.Template{one}); return err },
			"Template":   func() error { _, err := b.Template(ctx, one.Key()); return err },
			"Lock":       func() error { _, err := b.Lock(ctx, store.Holder{ID: "1"}, 0); return err },
			"Holder":     func() error { _, _, err := b.Holder(ctx); return err },
			"Unlock":     func() error { _, _, err := b.Unlock(ctx, true); return err },
			"Begin":      func() error { _, err := b.Begin(ctx, store.Record{ID: "1"}); return err },
			"End":        func() error { return b.End(ctx, store.Record{ID: "1"}, nil) },
			"Unfinished": func() error { _, _, err := b.Unfinished(ctx); return err },
			"History":    func() error { _, err := b.History(ctx, 1); return err },
			"Record":     func() error { _, err := b.Record(ctx, "1"); return err },
			"Collect":    func() error { _, err := b.Collect(ctx, 1, nil, true); return err },
		} {
			t.Run(name+" "+call, func(t *testing.T) { refused(t, do(), fault.Usage, want...) })
		}
	}
}

func TestHalfAnObjectIsReadAgain(t *testing.T) {
	a := newAccount(t)
	one := template(t, "one", "")
	if _, err := a.bucket(0).Upload(t.Context(), []*source.Template{one}); err != nil {
		t.Fatal(err)
	}
	a.sim.Inject(simulator.Fault{Operation: "GetObject", Kind: simulator.Half, Times: 3})
	if body, err := a.bucket(0).Template(t.Context(), one.Key()); err != nil || string(body) != string(one.Body) {
		t.Errorf("%q, %v", body, err)
	}
	a.sim.Inject(simulator.Fault{Operation: "GetObject", Kind: simulator.Half})
	if _, err := a.bucket(0).Template(t.Context(), one.Key()); err == nil || !strings.Contains(err.Error(), "artifacts") {
		t.Error(err)
	}
}

func TestInterruptionEndsWaiting(t *testing.T) {
	a := newAccount(t)
	ctx, cancel := context.WithCancel(t.Context())
	a.before = func(r *http.Request) *http.Response {
		if r.Method == http.MethodPut {
			cancel()
			return conflict()
		}
		return nil
	}
	if _, err := a.bucket(0).Begin(ctx, store.Record{ID: "1"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
