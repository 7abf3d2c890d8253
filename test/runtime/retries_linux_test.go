package runtime_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// retries sends requests that fail in several ways, and counts the attempts that reach a task.
func retries(ctx context.Context, e env, w *world.World, c call) error {
	again := 1 + promised().retries
	unavailable := func(string, *http.Request) int { return http.StatusServiceUnavailable }
	breaks := func(string, *http.Request) int { return 0 }
	fails := func(string, *http.Request) int { return http.StatusInternalServerError }
	for _, one := range []struct {
		method, name string
		reply        reply
		attempts     int
	}{
		{http.MethodGet, "503", unavailable, again},
		{http.MethodGet, "a broken connection", breaks, again},
		{http.MethodGet, "500", fails, 1},
		// A task may have done the work before it answered so, or broke.
		{http.MethodPost, "503", unavailable, 1},
		{http.MethodPost, "a broken connection", breaks, 1},
		{http.MethodPatch, "503", unavailable, 1},
	} {
		// Few failures for each of many tasks: none is ejected.
		err := played(ctx, e, w, c, 4, func(s *scene) error {
			s.tasks.answer(one.reply)
			if _, _, err := s.send(ctx, one.method, "/transactions"); err != nil {
				return err
			}
			if n := s.tasks.count(); n != one.attempts {
				return fmt.Errorf("%s to %s: %s with %s is sent %d times, want %d", c.from, c.to, one.method, one.name, n, one.attempts)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return played(ctx, e, w, c, 2, func(s *scene) error { return s.refused(ctx) })
}

// refused closes one of two tasks: nothing listens there, so a POST cannot have been seen and is sent to the other.
func (s *scene) refused(ctx context.Context) error {
	if err := s.tasks.servers[0].Close(); err != nil {
		return err
	}
	for range 8 {
		status, _, err := s.send(ctx, http.MethodPost, "/transactions")
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("%s: with one of two tasks dead, a POST is answered %d: %w", s.upstream.Name, status, err)
		}
	}
	return nil
}

// budget lets many requests fail at the same time: only some may be tried again at the same time.
func budget(ctx context.Context, e env, w *world.World, c call) error {
	const tasks, each = 8, 3
	return played(ctx, e, w, c, tasks, func(s *scene) error {
		seen, lock := 0, sync.Mutex{}
		second := make(chan struct{}) // holds the further attempts
		s.tasks.answer(func(string, *http.Request) int {
			lock.Lock()
			seen++
			first := seen <= tasks*each
			lock.Unlock()
			if first {
				return http.StatusServiceUnavailable
			}
			<-second
			return http.StatusOK
		})
		s.tasks.hold()
		statuses, done := make(chan int, tasks*each), sync.WaitGroup{}
		for range tasks * each {
			done.Go(func() {
				status, _, _ := s.send(ctx, http.MethodGet, "/")
				statuses <- status
			})
		}
		defer done.Wait()
		var once sync.Once
		open := func() { once.Do(func() { close(second) }) }
		defer open()
		defer s.tasks.release()
		waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		if err := world.Until(waiting, func() error { return held(s, tasks*each) }); err != nil {
			return err
		}
		s.tasks.release()
		return s.bounded(ctx, tasks*each, open, statuses)
	})
}

func held(s *scene, want int) error {
	if n := s.tasks.held(); n < want {
		return fmt.Errorf("%s: %d of %d requests have come", s.upstream.Name, n, want)
	}
	return nil
}

// bounded counts the requests that were not tried again, which are answered at once.
func (s *scene) bounded(ctx context.Context, sent int, open func(), statuses <-chan int) error {
	p := promised()
	most := max(p.retryFloor, int(p.retryPercent*float64(sent)/100))
	err := s.envoy.Await(ctx, s.upstream.Name, "refuse further attempts", func(stats map[string]int) bool {
		return stats["upstream_rq_retry"]+stats["upstream_rq_retry_overflow"] >= sent
	})
	if err != nil {
		return err
	}
	stats, err := s.envoy.Stats(ctx, s.upstream.Name)
	if err != nil {
		return err
	}
	if n := stats["upstream_rq_retry"]; n < p.retryFloor || n > most {
		return fmt.Errorf("%s: %d of %d requests that failed at the same time were tried again, promised are %d to %d",
			s.upstream.Name, n, sent, p.retryFloor, most)
	}
	open()
	answers := map[int]int{}
	for range sent {
		answers[<-statuses]++
	}
	if answers[http.StatusServiceUnavailable] != stats["upstream_rq_retry_overflow"] {
		return fmt.Errorf("%s: answers %v do not fit %d refused attempts", s.upstream.Name, answers, stats["upstream_rq_retry_overflow"])
	}
	return nil
}
