package operation

import (
	"time"
)

// What nested stacks may be asked beside the root, which is asked 300 times in ten minutes: together at most 600 calls in ten minutes.
// What is not spent is saved for busier minutes.
const (
	purseAtFirst = 15
	purseAtMost  = 60
	pursePerSec  = 0.45
	// perLook keeps the root's turn on time.
	perLook = 4
)

// A purse holds the calls that nested stacks may still be asked with.
type purse struct {
	calls float64
	at    time.Time
}

// fill adds what the time since the last filling brings.
func (p *purse) fill(now time.Time) {
	if p.at.IsZero() {
		p.calls, p.at = purseAtFirst, now
	}
	p.calls = min(p.calls+now.Sub(p.at).Seconds()*pursePerSec, purseAtMost)
	p.at = now
}

// turn is the nested stack to be asked next; nil for none. A failure is asked about at once, even on credit; else who waits longest.
func (f *Follower) turn(asked int) *feed {
	now := f.clock.Now()
	f.purse.fill(now)
	var next *feed
	for _, n := range f.nested {
		if !n.due(now, f.root.status) || !n.urgent && (asked >= perLook || f.purse.calls < 1) {
			continue
		}
		if next == nil || n.urgent && !next.urgent || n.urgent == next.urgent && n.next.Before(next.next) {
			next = n
		}
	}
	if next != nil {
		f.purse.calls = max(f.purse.calls-1, 0)
	}
	return next
}
