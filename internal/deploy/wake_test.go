package deploy_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	machine "github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A signal is noticed while the follower pauses, not at its next look; what was chosen is asked for once.
func TestInterruptionWakes(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for choice, want := range map[deploy.Interruption]fault.Code{deploy.Detach: fault.StillRunning, deploy.GoOn: fault.OK, deploy.CancelOperation: fault.RolledBack} {
		t.Run(string(choice), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := deployed(t)
				w.sim.Clock().Pause(machine.System{}.Sleep) // virtual time goes on as the bubble's does
				ctx, signal := context.WithCancel(t.Context())
				var sent time.Time
				asked := 0
				r := w.runIn(ctx, apply(request("Size", "2")), func(o *deploy.Options, _ *cloud.Options) {
					next := o.Reporter
					o.Reporter = report.Func(func(e report.Event) {
						next.Report(e)
						if _, following := e.(report.Tick); following && sent.IsZero() {
							sent = time.Now().Add(300 * time.Millisecond)
							time.AfterFunc(300*time.Millisecond, signal)
						}
					})
					o.Interrupted = func(context.Context) deploy.Interruption {
						asked++
						if late := time.Since(sent); late > 0 {
							t.Errorf("asked %s after the signal", late)
						}
						return choice
					}
				})
				if r.ends(want); asked != 1 {
					t.Errorf("asked %d times", asked)
				}
			})
		})
	}
}
