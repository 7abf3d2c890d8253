package store_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
)

// uploaded is an account in which templates were uploaded two hours ago.
func uploaded(t *testing.T, templates ...*source.Template) *account {
	t.Helper()
	a := newAccount(t)
	if _, err := a.bucket(0).Upload(t.Context(), templates); err != nil {
		t.Fatal(err)
	}
	a.pass(2 * time.Hour)
	return a
}

// collected are the keys that a gc deletes.
func (a *account) collected(ahead time.Duration) []string {
	a.Helper()
	gone, err := a.bucket(ahead).Collect(a.Context(), 1, nil, false)
	if err != nil {
		a.Fatal(err)
	}
	return gone
}

// A plan takes no lock: what it finds in the bucket and means to use becomes too young for a gc, by S3's clock. What is in use needs that
// not.
func TestUploadRenewsWhatIsThere(t *testing.T) {
	one, two := template(t, "one", ""), template(t, "two", "")
	a := uploaded(t, one, two)
	got, err := a.bucket(0).Upload(t.Context(), []*source.Template{one, two}, "in use: "+two.Key())
	if diff := cmp.Diff(store.Uploaded{}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff([]string{two.Key()}, a.collected(3*time.Hour)); diff != "" {
		t.Error(diff)
	}
	writes := 0
	a.before = func(r *http.Request) *http.Response {
		if r.Method == http.MethodPut && r.Header.Get("If-Match") != "" {
			writes++
		}
		return nil
	}
	for range 3 {
		a.pass(20 * time.Minute)
		if _, err := a.bucket(0).Upload(t.Context(), []*source.Template{one}); err != nil {
			t.Fatal(err)
		}
	}
	if writes != 1 {
		t.Errorf("written again %d times in an hour, want once", writes)
	}
	a.undated = true
	a.pass(30 * time.Minute)
	if diff := cmp.Diff([]string(nil), a.collected(0)); diff != "" {
		t.Error(diff)
	}
}

// A gc that has listed an old template leaves it alone when a plan has renewed it since, at whatever moment.
func TestCollectNoticesARenewal(t *testing.T) {
	one := template(t, "one", "")
	for name, hook := range map[string]func(*account, *http.Request) *http.Response{
		"before it looks": func(a *account, r *http.Request) *http.Response {
			if r.Method == http.MethodHead {
				a.before = nil
				if _, err := a.bucket(0).Upload(a.Context(), []*source.Template{one}); err != nil {
					a.Error(err)
				}
			}
			return nil
		},
		"before it deletes": func(_ *account, r *http.Request) *http.Response {
			if r.Method == http.MethodDelete {
				if r.Header.Get("If-Match") == "" {
					t.Error("deletes without a condition")
				}
				return answer(http.StatusPreconditionFailed, "<Error><Code>PreconditionFailed</Code></Error>")
			}
			return nil
		},
		"another gc was faster": func(_ *account, r *http.Request) *http.Response {
			if r.Method == http.MethodHead {
				return answer(http.StatusNotFound, "")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := uploaded(t, one)
			a.before = func(r *http.Request) *http.Response { return hook(a, r) }
			if gone := a.collected(0); len(gone) != 0 {
				t.Errorf("%v are gone", gone)
			}
			a.before = nil
			if body, err := a.bucket(0).Template(t.Context(), one.Key()); err != nil || body == nil {
				t.Errorf("it is gone, %v", err)
			}
		})
	}
}

// An upload that finds a template which a gc deletes at that moment stores it anew.
func TestUploadNoticesACollection(t *testing.T) {
	one := template(t, "one", "")
	for name, method := range map[string]string{"before it compares": http.MethodHead, "before it renews": http.MethodPut} {
		t.Run(name, func(t *testing.T) {
			a := uploaded(t, one)
			a.before = func(r *http.Request) *http.Response {
				if r.Method == method && (method == http.MethodHead || r.Header.Get("If-Match") != "") {
					a.before = nil
					a.collected(0)
				}
				return nil
			}
			got, err := a.bucket(0).Upload(t.Context(), []*source.Template{one})
			if diff := cmp.Diff(store.Uploaded{Objects: 1, Bytes: len(one.Body)}, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			if body, err := a.bucket(0).Template(t.Context(), one.Key()); err != nil || body == nil {
				t.Errorf("it is gone, %v", err)
			}
		})
	}
}

// Where S3 does not tell when an object was written, it is left alone.
func TestCollectKeepsWhatHasNoDate(t *testing.T) {
	one := template(t, "one", "")
	a := uploaded(t, one)
	a.before = func(r *http.Request) *http.Response {
		if r.Method == http.MethodGet && r.URL.Query().Get("prefix") == "templates/" {
			return page("<ListBucketResult><Contents><Key>" + one.Key() + "</Key></Contents></ListBucketResult>")
		}
		return nil
	}
	if gone := a.collected(0); len(gone) != 0 {
		t.Errorf("%v are gone", gone)
	}
}
