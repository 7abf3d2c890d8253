package load

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A server that answers nothing for two seconds makes those wait who come meanwhile: measuring from when a request could be sent would
// show one slow answer.
func TestAStallIsSeenByAllWhoComeMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		r := Run(t.Context(), Plan{Rate: 10, For: 4 * time.Second, Send: func(context.Context) Kind {
			if now := time.Since(begun); now >= time.Second && now < 3*time.Second {
				<-time.After(3*time.Second - now)
			}
			return Whole
		}})
		if r.Requests() != 40 || r.Share(Whole) != 1 {
			t.Errorf("%d requests, %v whole; want 40, all", r.Requests(), r.Share(Whole))
		}
		if got := r.Quantile(0.5); got < 50*time.Millisecond || got > 200*time.Millisecond {
			t.Errorf("half of the requests took %v at most, want about 0.1 s: half of them came during the stall", got)
		}
		if got := r.Quantile(0.99); got != 2*time.Second {
			t.Errorf("the longest took %v, want 2 s", got)
		}
	})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		r := Run(t.Context(), Plan{Rate: 100, For: time.Second, Send: func(context.Context) Kind { return Kind(n.Add(1) % 4 % 3) }})
		if want := [3]int{50, 25, 25}; r.Counts != want {
			t.Errorf("counts %v, want %v", r.Counts, want)
		}
		if r.Share(Failed) != 0.25 || r.Throughput() < 75 || r.Throughput() > 76 {
			t.Errorf("%v failed, %v in a second", r.Share(Failed), r.Throughput())
		}
	})
}

func TestThePlanEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if r := Run(ctx, Plan{Rate: 1, For: time.Hour, Send: func(context.Context) Kind { return Whole }}); r.Requests() > 2 {
			t.Errorf("%d requests within a second", r.Requests())
		}
		if r := (Result{}); r.Quantile(0.5) != 0 || r.Share(Whole) != 0 {
			t.Error("no requests have no latency and no share")
		}
	})
}
