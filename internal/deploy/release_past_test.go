package deploy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// ran is the record of a run: "api shifted 10" is a release of api away from digest 10, and "back" marks a way back.
func ran(releases ...string) (r store.Record) {
	for _, text := range releases {
		words := strings.Fields(text)
		one := store.Release{Service: words[0], Result: words[1], Images: map[string]string{}}
		for _, word := range words[2:] {
			switch name, digest, sidecar := strings.Cut(word, "="); {
			case word == "back":
				one.Back = true
			case sidecar:
				one.Images[name] = digest
			default:
				one.Images[words[0]] = word
			}
		}
		r.Releases = append(r.Releases, one)
	}
	return r
}

// A way back leads from the last release of each service to what ran before it, once, and says how to go further.
func TestWayBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		past     past
		services []string
		want     string
		further  string
		err      string
	}{
		"the last run":                   {past: past{{}, ran("api shifted 11", "worker shifted 11"), ran("other shifted 1")}, want: "[api worker] map[api:11 worker:11] done []"},
		"each its own last":              {past: past{ran("api shifted 11"), ran("worker shifted 11"), ran("api shifted 10")}, services: []string{"api", "worker"}, want: "[api worker] map[api:11 worker:11] done []"},
		"one went back":                  {past: past{ran("api shifted 12 back", "worker rolled_back 12 back"), ran("api shifted 11", "worker shifted 11")}, want: "[worker] map[worker:11] done [api]"},
		"went back":                      {past: past{ran("api shifted 12 back"), ran("api shifted 11"), ran("api shifted 10 proxy=2")}, want: "[] map[] done [api]", further: "deploy release --service api --image api=10 --image proxy=2"},
		"went back, and nothing is left": {past: past{ran("api shifted 12 back"), ran("api shifted 11")}, want: "[] map[] done [api]", further: "name the digest: deploy release --image NAME=sha256:…"},
		"went back, on, and back":        {past: past{ran("api shifted 13 back"), ran("api shifted 11"), ran("api shifted 12 back"), ran("api shifted 11"), ran("api shifted 10")}, want: "[] map[] done [api]", further: "--image api=10"},
		"stopped, then asked again":      {past: past{ran("api rolled_back 12"), ran("api needs_person 12"), ran("api shifted 11")}, want: "[] map[] done [api]", further: "--image api=11"},
		"one was not begun":              {past: past{ran("api unbegun 12"), ran("api shifted 11")}, want: "[api] map[api:11] done []"},
		"nothing":                        {err: "no earlier release"},
		"one has none":                   {past: past{ran("api shifted 11")}, services: []string{"api", "worker"}, err: `gone back from (found "worker")`},
		"no image":                       {past: past{ran("api shifted"), ran("api shifted 11")}, err: `changed no image, or did not end plainly (found "api")`},
		"not plain":                      {past: past{ran("api needs_person 12"), ran("api shifted 11")}, err: "did not end plainly"},
		"two digests of one image":       {past: past{ran("api shifted proxy=1", "worker shifted proxy=2")}, err: "--service api"},
	} {
		t.Run(name, func(t *testing.T) {
			services := tc.services
			if services == nil {
				services = tc.past.last()
			}
			way, err := tc.past.wayBack(services, "deploy release")
			if tc.err != "" {
				if fault.CodeOf(err) != fault.Usage || !strings.Contains(fmt.Sprint(err), tc.err) {
					t.Errorf("%v does not say %q", err, tc.err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, fmt.Sprintf("%v %v done %v", way.services, way.images, way.done)); err != nil || diff != "" {
				t.Error(err, diff)
			}
			if further := way.further("deploy release"); !strings.Contains(further, tc.further) {
				t.Errorf("%q does not say %q", further, tc.further)
			}
		})
	}
	for _, result := range []string{report.Shifted, report.RolledBack, report.NeedsPerson, report.Unbegun} { // the words of the table are those of records
		if ran("api " + result).Releases[0].Result != result {
			t.Error(result)
		}
	}
}
