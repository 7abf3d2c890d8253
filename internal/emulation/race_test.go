package emulation

import (
	"context"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Of two pipelines for one environment the second is told who is first, and touches nothing.
func TestSecondPipelineIsTold(t *testing.T) {
	t.Parallel()
	e := deployed(t, "dev")
	asked, answer := make(chan string), make(chan bool)
	e.approve = func(_ context.Context, question string) (bool, error) {
		asked <- question
		return <-answer, nil
	}
	first := make(chan *run)
	go func() { first <- e.apply("RefundPattern=return") }()
	<-asked // the first pipeline holds the lock and waits for its approval

	second := e.again()
	busy := second.apply("RefundPattern=money").ends(fault.Busy, "busy")
	if text := busy.err.Error(); !strings.Contains(text, "arn:aws:iam::"+e.account) || !strings.Contains(text, "deploy watch -e dev") {
		t.Errorf("the error does not say who holds the lock, and what to do: %s", text)
	}
	if result, _ := last[report.Result](busy); result.Calls["cloudformation:CreateChangeSet"] > 0 {
		t.Errorf("the second pipeline made a change set: %v", result.Calls)
	}
	answer <- true
	(<-first).ends(fault.OK, "done")
	if got := e.pattern(); got != "return" {
		t.Errorf("the filter looks for %q, want %q", got, "return")
	}
	second.apply("RefundPattern=money").ends(fault.OK, "done")
	second.recorded("done", "done", "done")
}

// Pipelines that start at the same moment, on an environment that is not there yet: each deploys, finds nothing left to do, or is told
// that another one is at it. None fails otherwise, and none leaves anything.
func TestPipelinesStartTogether(t *testing.T) {
	t.Parallel()
	e := shop(t, "dev")
	e.bootstrap().ends(fault.OK, "done")
	const pipelines = 6
	done := make(chan *run)
	for i := range pipelines {
		one := e.again()
		go func() {
			if i%2 == 0 {
				done <- one.apply()
				return
			}
			done <- one.applyWaiting()
		}()
	}
	statuses := map[string]int{}
	for range pipelines {
		r := <-done
		result, _ := last[report.Result](r)
		statuses[result.Status]++
		switch result.Status {
		case "done", "unchanged", "busy":
		default:
			t.Errorf("a pipeline ended with %d, %v", r.code, r.err)
		}
	}
	if statuses["done"] != 1 || statuses["unchanged"] < pipelines/2-1 {
		t.Errorf("pipelines ended %v, want one that deployed and those that waited to find nothing left to do", statuses)
	}
	e.unexecuted("")
	e.recorded("done")
	e.apply().ends(fault.OK, "unchanged")
}
