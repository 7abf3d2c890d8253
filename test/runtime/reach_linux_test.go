package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// reaches sends a request of each service to each that it calls, by the URL that the application is given, through its real
// Envoy, which asks DNS for the Cloud Map name.
func reaches(ctx context.Context, e env, w *world.World, c call) (err error) {
	s, err := newScene(ctx, e, w, c, 2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	from, err := w.Service(c.from)
	if err != nil {
		return err
	}
	if given := from.Task.Container("application").Environment[variable(c.to)]; given != s.upstream.URL {
		return fmt.Errorf("%s: the application finds %s at %q, Envoy listens on %s", c.from, c.to, given, s.upstream.URL)
	}
	if err := s.found(ctx, 2); err != nil {
		return fmt.Errorf("%s does not find %s, which registers as %s: %w", c.from, c.to, s.name, err)
	}
	for range 10 {
		if status, body, err := s.send(ctx, http.MethodGet, "/health"); err != nil || status != http.StatusOK || body != c.to {
			return fmt.Errorf("%s to %s: %d %q: %w", c.from, c.to, status, body, err)
		}
	}
	if n := s.tasks.count(s.tasks.addresses[0].String()); n != 5 {
		return fmt.Errorf("%s to %s: of ten requests %d came to the first of two tasks", c.from, c.to, n)
	}
	return s.moves(ctx)
}

// moves replaces the tasks by one, as a release does, and expects Envoy to follow when the records have expired.
func (s *scene) moves(ctx context.Context) error {
	left := s.tasks.addresses[1]
	s.zone.Set(s.name, time.Second, left)
	ctx, cancel := context.WithTimeout(ctx, s.ttl+10*time.Second)
	defer cancel()
	return s.envoy.Await(ctx, s.upstream.Name, "follow DNS to the task that is left", func(stats map[string]int) bool {
		return stats["membership_total"] == 1
	})
}

func TestServicesReachEachOtherByName(t *testing.T) {
	t.Parallel()
	e, w := realParts(t), rendered(t)
	for _, c := range calls() {
		t.Run(c.from, func(t *testing.T) {
			t.Parallel()
			if err := reaches(limited(t), e, w, c); err != nil {
				t.Error(err)
			}
		})
	}
}

// variable is the name of the environment variable with a service's URL.
func variable(service string) string {
	return strings.ReplaceAll(strings.ToUpper(service), "-", "_") + "_URL"
}
