package store_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

func record(id string) store.Record {
	return store.Record{ID: id, Command: "apply", Caller: "arn", Root: "templates/root.yaml", Parameters: map[string]string{"A": "1"}, Started: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)}
}

// recorded writes a record of a deployment that ended.
func recorded(t *testing.T, b *store.Bucket, r store.Record) {
	t.Helper()
	tag, err := b.Begin(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	r.Result = "done"
	if err := b.End(t.Context(), r, tag); err != nil {
		t.Fatal(err)
	}
}

func TestADeploymentIsRecorded(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	if r, tag, err := b.Unfinished(t.Context()); err != nil || tag != nil || r.ID != "" {
		t.Errorf("%v, %v, %v", r, tag, err)
	}
	r := record("20261122-150000-aaaa")
	tag, err := b.Begin(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	running, runningTag, err := b.Unfinished(t.Context())
	if diff := cmp.Diff(r, running); diff != "" || err != nil || *runningTag != *tag {
		t.Errorf("%v %s", err, diff)
	}
	r.Result, r.Ended = "done", r.Started.Add(time.Minute)
	if err := b.End(t.Context(), r, tag); err != nil {
		t.Fatal(err)
	}
	got, err := b.Record(t.Context(), r.ID)
	if diff := cmp.Diff(r, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if _, tag, err := b.Unfinished(t.Context()); err != nil || tag != nil {
		t.Errorf("ended, and unfinished: %v", err)
	}
	if _, err := b.Record(t.Context(), "none"); !errors.Is(err, store.ErrNoRecord) {
		t.Error(err)
	}
}

func TestLostAnswersOfRecords(t *testing.T) {
	for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half, simulator.Twice} {
		for skip := range 2 {
			t.Run(fmt.Sprint(kind, skip), func(t *testing.T) {
				a := newAccount(t)
				a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: kind, Skip: skip, Times: 1})
				recorded(t, a.bucket(0), record("1"))
				if r, err := a.bucket(0).Record(t.Context(), "1"); err != nil || r.Result != "done" {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
	}
}

func TestTheEndIsRecordedOnce(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	r := record("1")
	tag, err := b.Begin(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	r.Result = "rolled_back"
	if err := b.End(t.Context(), r, tag); err != nil {
		t.Fatal(err)
	}
	r.Result = "needs_person"
	if err := b.End(t.Context(), r, tag); err != nil {
		t.Error(err)
	}
	if got, _ := b.Record(t.Context(), "1"); got.Result != "rolled_back" {
		t.Errorf("%s: the first to see the end was overwritten", got.Result)
	}
	// Somebody wrote the record meanwhile, but not its end.
	other := record("2")
	if tag, err = b.Begin(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	a.put("env/dev/deployments/2.json", `{"id":"2"}`)
	other.Result = "done"
	if err := b.End(t.Context(), other, tag); err == nil {
		t.Error("the end is not recorded, and nobody says so")
	}
}

func TestHistory(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	for i := range 25 {
		recorded(t, b, record(fmt.Sprintf("2026112%d-150000-aaaa", 10+i)))
	}
	a.put("env/dev/deployments/20261199-150000-bbbb.json", "{")
	a.put("env/dev/deployments/note.txt", "not a record")
	a.put("env/qa7/deployments/20261199-150000-cccc.json", "{}")
	got, err := b.History(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range got {
		ids = append(ids, r.ID+" "+r.Result)
	}
	if diff := cmp.Diff([]string{"20261199-150000-bbbb unreadable", "202611234-150000-aaaa done", "202611233-150000-aaaa done"}, ids); diff != "" {
		t.Error(diff)
	}
	for limit, want := range map[int]int{-1: 0, 0: 0, 100: 26} {
		if got, err := b.History(t.Context(), limit); err != nil || len(got) != want {
			t.Errorf("at most %d: %d, %v", limit, len(got), err)
		}
	}
	a.sim.Inject(simulator.Fault{Operation: "GetObject", Kind: simulator.Failing, Code: "NoSuchKey", Status: 404, Times: 1})
	if got, err := b.History(t.Context(), 1); err != nil || got[0].Result != store.Unreadable {
		t.Errorf("deleted meanwhile: %v, %v", got, err)
	}
	a.sim.Inject(simulator.Fault{Operation: "GetObject", Kind: simulator.Denied})
	_, err = b.History(t.Context(), 1)
	refused(t, err, fault.Usage, "read the deployment's record")
	_, _, err = b.Unfinished(t.Context())
	refused(t, err, fault.Usage, "read the deployment's record")
	_, err = b.Collect(t.Context(), 1, nil, false)
	refused(t, err, fault.Usage, "read the deployment's record")
}

func TestListsAreReadToTheLastPage(t *testing.T) {
	a := newAccount(t)
	pages := []string{"1", "2", "3"}
	asked := 0
	a.before = func(r *http.Request) *http.Response {
		if r.URL.Query().Get("list-type") != "2" {
			return nil
		}
		if token := r.URL.Query().Get("continuation-token"); asked > 0 && token != pages[asked] {
			t.Errorf("asked for page %q, want %q", token, pages[asked])
		}
		asked++
		next := ""
		if asked < len(pages) {
			next = "<NextContinuationToken>" + pages[asked] + "</NextContinuationToken>"
		}
		return page(fmt.Sprintf("<ListBucketResult><IsTruncated>%v</IsTruncated>%s<Contents><Key>env/dev/deployments/%d.json</Key></Contents></ListBucketResult>", asked < len(pages), next, asked))
	}
	if got, err := a.bucket(0).History(t.Context(), 100); err != nil || len(got) != 3 || asked != 3 {
		t.Errorf("%d records of %d pages, %v", len(got), asked, err)
	}
}

func TestCollectDeletesWhatNothingUses(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	inner := template(t, "inner", "")
	outer := template(t, "outer", "https://s3.us-east-1.amazonaws.com/artifacts/"+inner.Key())
	kept, recent, recentNested, old, fresh := template(t, "kept", ""), template(t, "recent", ""), template(t, "recent-nested", ""), template(t, "old", ""), template(t, "fresh", "")
	all := []*source.Template{inner, outer, kept, recent, recentNested, old}
	if _, err := b.Upload(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	a.pass(2 * time.Hour)
	if _, err := b.Upload(t.Context(), []*source.Template{fresh}); err != nil {
		t.Fatal(err)
	}
	first, second := record("1"), record("2")
	first.Root = old.Key()
	second.Root, second.Templates = recent.Key(), map[string]string{"nested.yaml": recentNested.Key()}
	recorded(t, b, first)
	recorded(t, b, second)
	inUse := []string{outer.Key(), "a kept plan with " + kept.Key() + " among its values", "dev"}
	for _, dry := range []bool{true, false} {
		gone, err := b.Collect(t.Context(), 0, inUse, dry)
		if diff := cmp.Diff([]string{old.Key()}, gone); diff != "" || err != nil {
			t.Errorf("dry %v: %v %s", dry, err, diff)
		}
		body, err := b.Template(t.Context(), old.Key())
		if err != nil || (body != nil) != dry {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
	for _, used := range append(all[:5], fresh) {
		if body, err := b.Template(t.Context(), used.Key()); err != nil || body == nil {
			t.Errorf("%s is gone, %v", used.Name, err)
		}
	}
	if gone, err := b.Collect(t.Context(), 1, inUse, false); err != nil || len(gone) != 0 {
		t.Errorf("again: %v, %v", gone, err)
	}
}

func TestCollectFails(t *testing.T) {
	for _, c := range []struct {
		operation string
		skip      int
		inUse     bool
		says      string
	}{{"ListObjectsV2", 0, false, "list env/dev/deployments/"}, {"ListObjectsV2", 1, false, "list templates/"}, {"GetObject", 0, true, "read templates/"}, {"DeleteObject", 1, false, "delete templates/"}} {
		t.Run(c.says, func(t *testing.T) {
			a := newAccount(t)
			b := a.bucket(0)
			one, two := template(t, "one", ""), template(t, "two", "")
			if _, err := b.Upload(t.Context(), []*source.Template{one, two}); err != nil {
				t.Fatal(err)
			}
			a.pass(2 * time.Hour)
			var inUse []string
			if c.inUse {
				inUse = []string{one.Key()}
			}
			a.sim.Inject(simulator.Fault{Operation: c.operation, Kind: simulator.Denied, Skip: c.skip})
			gone, err := b.Collect(t.Context(), 1, inUse, false)
			refused(t, err, fault.Usage, c.says)
			if len(gone) != c.skip*map[bool]int{true: 1}[c.operation == "DeleteObject"] {
				t.Errorf("tells that %v are gone", gone)
			}
		})
	}
}

// A record is kept level with what is done, also when the answer to an earlier writing was lost.
func TestARecordIsUpdated(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	r := record("20261122-150000-bbbb")
	first, err := b.Begin(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for i, deployment := range []string{"d-1", "d-2"} { // the second time with a tag that is not the newest
		r.Releases = []store.Release{{Service: "api", Deployment: deployment}}
		if _, err := b.Update(t.Context(), r, first); err != nil {
			t.Fatal(i, err)
		}
	}
	got, _, err := b.Unfinished(t.Context())
	if diff := cmp.Diff(r, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
