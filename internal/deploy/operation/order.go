package operation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// heldAtMost is how long the end of a nested stack waits for what that stack said before: it is mostly asked within the same look.
const heldAtMost = 6 * time.Second

// tell reports what was read and not told yet, of all stacks in order of time: a reader sees a cause before its effect. What may still be
// missing is waited for, unless all is to be told.
func (f *Follower) tell(all bool) {
	feeds := append([]*feed{f.root}, f.nested...)
	limit, held := f.missing(feeds)
	for {
		next := earliest(feeds)
		if next == nil || !all && held && !next.untold[0].Time.Before(limit) {
			return
		}
		f.reporter.Report(next.untold[0])
		next.untold = next.untold[1:]
	}
}

// missing is the end of a nested stack that was not asked yet what came before. A failure is never held back for another stack's sake.
func (f *Follower) missing(feeds []*feed) (limit time.Time, is bool) {
	for _, d := range feeds {
		for _, r := range d.untold {
			if strings.HasSuffix(r.Status, "_FAILED") {
				return time.Time{}, false
			}
			at := slices.IndexFunc(f.nested, func(n *feed) bool { return n.stack == r.PhysicalID && n != d })
			if at < 0 || !ended(r.Status) || !f.nested[at].awaited(f.clock.Now()) {
				continue
			}
			if !is || r.Time.Before(limit) {
				limit, is = r.Time, true
			}
		}
	}
	return limit, is
}

// awaited tells whether a nested stack, whose parent said that it ended, is about to be asked.
func (d *feed) awaited(now time.Time) bool {
	return d.owed && !d.unreadable && d.trouble == 0 && now.Sub(d.owedSince) < heldAtMost
}

// earliest is the stack that spoke first; nil when all is told.
func earliest(feeds []*feed) (first *feed) {
	for _, d := range feeds {
		if len(d.untold) > 0 && (first == nil || sooner(d.untold[0], first.untold[0]) < 0) {
			first = d
		}
	}
	return first
}

// sooner orders events of different stacks. Of the same moment, ends come before beginnings; what is nested ends before what it is nested
// in, and begins after it.
func sooner(a, b report.Resource) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	rank := func(r report.Resource) int {
		if ended(r.Status) {
			return -1 - len(r.Path)
		}
		return len(r.Path)
	}
	return cmp.Compare(rank(a), rank(b))
}
