package deploy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// interloper deploys the second image between another run's look and its lock.
func interloper(w *world) *beyond {
	b := newBeyond(w)
	b.on["s3:"] = func() {
		delete(b.on, "s3:")
		w.run(apply(release(another))).ends(fault.OK)
	}
	return b
}

// An image that ran when the run looked, and not any more when it has the lock, is judged then; the lock is held while that takes.
func TestGateWithTheLock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes time.Duration
		lost  bool
	}{"scanned": {}, "scanned slowly": {9 * time.Minute, false}, "lock lost": {9 * time.Minute, true}} {
		t.Run(name, func(t *testing.T) {
			w := deployed(t)
			w.plant(simulator.Scan{})
			b := interloper(w)
			back := request("Size", "2")
			back.Images = map[string]string{"api": digest}
			w.must(w.sim.PlantScan(registry, digest, simulator.Scan{Takes: c.takes}))
			b.on["ecr:DescribeImages"] = func() { w.must(w.sim.PlantScan(registry, digest, simulator.Scan{Takes: c.takes})) }
			if c.lost {
				b.on["ecr:DescribeImageScanFindings"] = func() {
					w.must(w.sim.DeleteObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json"))
				}
			}
			r := b.run(apply(back), b.in)
			if c.lost { // what it looked at is judged, and nothing of it executed
				w.nothingLeft()
				if r.ends(fault.Busy, "the lock of dev was lost", "deploy watch -e dev"); len(all[report.Plan](r)) > 0 {
					t.Error("it proposes without the lock")
				}
			} else if r.ends(fault.OK); last[report.ImageScan](r).Digest != digest {
				t.Errorf("%+v", last[report.ImageScan](r))
			}
			warned := slices.ContainsFunc(all[report.Note](r), func(n report.Note) bool {
				return n.Level == report.Warning && strings.Contains(n.Text, "lock of dev was lost")
			})
			if warned != c.lost {
				t.Errorf("notes %v", all[report.Note](r))
			}
		})
	}
	w := deployed(t)
	w.plant(simulator.Scan{})
	w.must(w.sim.PlantScan(registry, digest, vulnerable("HIGH")))
	b := interloper(w)
	back := request("Size", "2")
	back.Images = map[string]string{"api": digest}
	b.run(apply(back), b.in).ends(fault.Refused, "findings above MEDIUM")
	w.nothingLeft()
}
