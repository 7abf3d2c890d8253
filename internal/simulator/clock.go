package simulator

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// A Clock is virtual time. Sleeping advances it to the sleeper's end at once, or, at a given speed, after a fraction of that.
type Clock struct {
	lock sync.Mutex
	now  time.Time
	// pause waits in the real world for a virtual while; nil waits for nothing.
	pause func(ctx context.Context, d time.Duration) error
}

// epoch is when simulated time begins: the same in each run.
var epoch = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// NewClock starts at a fixed moment.
func NewClock() *Clock { return &Clock{now: epoch} }

// Now is the virtual present.
func (c *Clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

// Sleep advances time to d from now, unless it is later already.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.lock.Lock()
	until, pause := c.now.Add(d), c.pause
	c.lock.Unlock()
	if pause != nil {
		if err := pause(ctx, d); err != nil {
			return err
		}
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if until.After(c.now) {
		c.now = until
	}
	return nil
}

// Pause makes sleepers wait in the real world too, as a viewer wants: the function gets the virtual while.
func (c *Clock) Pause(wait func(ctx context.Context, d time.Duration) error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.pause = wait
}

// A schedule is what happens later, in order of time and then of its planning.
type schedule struct {
	due   queue
	count int
	// present is the time of what happens right now.
	present time.Time
}

type appointment struct {
	at    time.Time
	order int
	do    func()
}

type queue []appointment

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push and Pop are container/heap's.
func (q *queue) Push(x any) { *q = append(*q, x.(appointment)) }

// Pop takes the last.
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// at plans something.
func (s *schedule) at(t time.Time, do func()) {
	s.count++
	heap.Push(&s.due, appointment{t, s.count, do})
}

// run makes happen all that is due by a time, also what that plans in turn.
func (s *schedule) run(now time.Time) {
	for len(s.due) > 0 && !s.due[0].at.After(now) {
		next := heap.Pop(&s.due).(appointment)
		s.present = next.at
		next.do()
	}
	s.present = now
}
