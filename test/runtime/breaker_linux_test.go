package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// limits sends more requests than the circuit breaker lets through at a time, and counts what becomes of them.
func limits(ctx context.Context, e env, w *world.World, c call) error {
	return played(ctx, e, w, c, 2, func(s *scene) error {
		p := promised()
		stats, err := s.envoy.Stats(ctx, c.to)
		if err != nil {
			return err
		}
		idle := map[string]int{"remaining_cx": p.connections, "remaining_pending": p.pending, "remaining_rq": p.requests}
		for name, want := range idle {
			if got := stats["circuit_breakers.default."+name]; got != want {
				return fmt.Errorf("%s to %s: Envoy at rest has %s %d, promised are %d", c.from, c.to, name, got, want)
			}
		}
		return s.overflows(ctx, p)
	})
}

// overflows fills the connections, then the queue; what comes on top is refused at once while the others are still held. A request
// that opens a connection queues until it stands, so the connections are filled in steps shorter than the queue.
func (s *scene) overflows(ctx context.Context, p breaker) error {
	const more, step = 30, 25
	s.tasks.hold()
	statuses, done := make(chan int, p.connections+p.pending+more), sync.WaitGroup{}
	defer done.Wait()
	defer s.tasks.release()
	send := func(n int) {
		for range n {
			done.Go(func() {
				status, _, _ := s.send(ctx, http.MethodPost, "/transactions")
				statuses <- status
			})
		}
	}
	for sent := step; sent <= p.connections; sent += step {
		send(step)
		if _, err := s.reaches(ctx, func(map[string]int) bool { return s.tasks.held() >= sent }); err != nil {
			return err
		}
	}
	send(p.pending)
	if _, err := s.reaches(ctx, func(stats map[string]int) bool { return stats["upstream_rq_pending_active"] >= p.pending }); err != nil {
		return err
	}
	send(more)
	stats, err := s.reaches(ctx, func(stats map[string]int) bool { return stats["upstream_rq_pending_overflow"] >= more })
	if err != nil {
		return err
	}
	got := [...]int{s.tasks.held(), stats["upstream_cx_active"], stats["upstream_rq_pending_active"], stats["upstream_rq_pending_overflow"]}
	want := [...]int{p.connections, p.connections, p.pending, more}
	if got != want {
		return fmt.Errorf("%s: requests held, connections, pending and overflow are %v, want %v", s.upstream.Name, got, want)
	}
	s.tasks.release()
	done.Wait()
	return s.answered(statuses, map[int]int{http.StatusServiceUnavailable: more, http.StatusOK: p.connections + p.pending})
}

// reaches waits until Envoy's counters, or the tasks, are so far, and gives the counters.
func (s *scene) reaches(ctx context.Context, far func(map[string]int) bool) (last map[string]int, err error) {
	err = s.envoy.Await(ctx, s.upstream.Name, "hold what fits and refuse the rest", func(stats map[string]int) bool {
		last = stats
		return far(stats)
	})
	return last, err
}

// answered counts the answers by status.
func (s *scene) answered(statuses <-chan int, want map[int]int) error {
	got := map[int]int{}
	for len(statuses) > 0 {
		got[<-statuses]++
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("%s: answers by status are %v, want %v", s.upstream.Name, got, want)
	}
	return nil
}

// ejects lets one of two tasks fail until it is ejected, then the other: then the circuit is open.
func ejects(ctx context.Context, e env, w *world.World, c call) error {
	return played(ctx, e, w, c, 2, func(s *scene) error {
		first, second := s.tasks.addresses[0].String(), s.tasks.addresses[1].String()
		for ejected, task := range []string{first, second} {
			s.tasks.answer(func(t string, _ *http.Request) int {
				if t == task || ejected == 1 {
					return http.StatusInternalServerError
				}
				return http.StatusOK
			})
			failures, err := s.failuresUntil(ctx, task, ejected+1)
			if err != nil {
				return err
			}
			if want := promised().failures; failures != want {
				return fmt.Errorf("%s to %s: a task was ejected after %d failures in a row, promised are %d", c.from, c.to, failures, want)
			}
		}
		return s.open(ctx)
	})
}

// failuresUntil counts the failures of a task until as many tasks are ejected. Envoy's answer about its counters comes after
// the ejection that the last failure caused.
func (s *scene) failuresUntil(ctx context.Context, task string, ejected int) (int, error) {
	for range 100 {
		if _, _, err := s.send(ctx, http.MethodPost, "/"); err != nil {
			return 0, err
		}
		stats, err := s.envoy.Stats(ctx, s.upstream.Name)
		if err != nil {
			return 0, err
		}
		if stats["outlier_detection.ejections_active"] == ejected {
			return s.tasks.count(task), nil
		}
	}
	return 0, fmt.Errorf("%s: a task that failed %d times in a row is not ejected", s.upstream.Name, s.tasks.count(task))
}

// open expects that nothing is sent any more once all tasks are ejected.
func (s *scene) open(ctx context.Context) error {
	if err := s.found(ctx, 0); err != nil {
		return err
	}
	s.tasks.answer(func(string, *http.Request) int { return http.StatusOK })
	status, body, err := s.send(ctx, http.MethodGet, "/")
	if err == nil && (status != http.StatusServiceUnavailable || s.tasks.count() != 0) {
		err = fmt.Errorf("%s: with all tasks ejected the answer is %d %q and %d requests were sent", s.upstream.Name, status, body, s.tasks.count())
	}
	return err
}

// recovers waits for an ejected task to be asked again: not before the ejection time, and at the next look after it.
func recovers(ctx context.Context, e env, w *world.World, c call) error {
	return played(ctx, e, w, c, 1, func(s *scene) error {
		p := promised()
		s.tasks.answer(func(string, *http.Request) int { return http.StatusInternalServerError })
		before := time.Now()
		if _, err := s.failuresUntil(ctx, s.tasks.addresses[0].String(), 1); err != nil {
			return err
		}
		s.tasks.answer(func(string, *http.Request) int { return http.StatusOK })
		ctx, cancel := context.WithTimeout(ctx, p.ejection+p.interval+10*time.Second)
		defer cancel()
		back := func(stats map[string]int) bool { return stats["membership_healthy"] == 1 }
		if err := s.envoy.Await(ctx, c.to, "have its ejected task back", back); err != nil {
			return err
		}
		if after := time.Since(before); after < p.ejection {
			return fmt.Errorf("%s to %s: the ejected task came back after %v, promised are %v", c.from, c.to, after, p.ejection)
		}
		status, _, err := s.send(ctx, http.MethodGet, "/")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s to %s: after the ejection the answer is %d", c.from, c.to, status)
		}
		return err
	})
}

// played starts a scene with time enough for its requests, waits until Envoy knows the tasks, plays it and stops it.
func played(ctx context.Context, e env, w *world.World, c call, count int, play func(*scene) error) (err error) {
	w, err = unhurried(w, c)
	if err != nil {
		return err
	}
	s, err := newScene(ctx, e, w, c, count)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.found(ctx, count); err != nil {
		return err
	}
	return play(s)
}

func TestCircuitBreaker(t *testing.T) {
	t.Parallel()
	e, w := realParts(t), rendered(t)
	for name, check := range breakerChecks() {
		for _, c := range calls() {
			t.Run(name+" of "+c.from, func(t *testing.T) {
				t.Parallel()
				if err := check(limited(t), e, w, c); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// check looks at a call of a world at run time.
type check func(ctx context.Context, e env, w *world.World, c call) error

func breakerChecks() map[string]check {
	return map[string]check{"limits": limits, "ejection": ejects, "recovery": recovers, "retries": retries, "retry budget": budget}
}
