package registry

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// What a registry says of an image decides whether something is uploaded, and whether it counts as pushed.
func TestWhatTheRegistrySaysIsNotGuessed(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		want   string
	}{
		"takes an image and does not have it": {http.StatusNotFound, "does not have it: push again"},
		"does not let us look":                {http.StatusForbidden, "look for "},
	} {
		t.Run(name, func(t *testing.T) {
			var uploads atomic.Int32
			to := target(t, serve(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPut {
					uploads.Add(1)
				}
				if r.Method != http.MethodHead || !strings.Contains(r.URL.Path, "/manifests/") {
					return false
				}
				w.WriteHeader(test.status)
				return true
			}))
			image, _ := randomImage(t)
			if existed, err := to.Push(t.Context(), image, ""); existed || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("existed %v, %v; want %q", existed, err, test.want)
			}
			if test.status == http.StatusForbidden && uploads.Load() > 0 {
				t.Errorf("%d uploads all the same", uploads.Load())
			}
		})
	}
}
