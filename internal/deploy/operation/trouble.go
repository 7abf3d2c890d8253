package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// longestPause between looks while CloudFormation does not answer.
const longestPause = 20 * time.Second

// endure decides what an error of a look means: nothing lasting, then it says for how long to wait beyond the usual pause, or the end of
// following.
func (f *Follower) endure(ctx context.Context, err error) (time.Duration, error) {
	switch {
	case err == nil:
		if f.trouble > 0 {
			f.note(report.Info, "CloudFormation answers again")
		}
		f.trouble = 0
		return 0, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case !cloud.Transient(err):
		return 0, f.lost(err)
	}
	if f.trouble++; f.trouble == 1 {
		f.note(report.Warning, "CloudFormation does not answer; the operation goes on, and is asked about again: "+err.Error())
	}
	return min(rootEvery<<min(f.trouble, 4), longestPause) - rootEvery, nil
}

// lost says why an operation cannot be followed any more.
func (f *Follower) lost(err error) error {
	known := &fault.Error{}
	switch {
	case errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case cloud.Missing(err):
		return &fault.Error{Code: fault.Usage, What: "there is no stack " + f.root.stack, Err: err, Do: "deploy list shows what there is"}
	case cloud.Expired(err):
		return &fault.Error{Code: fault.StillRunning, What: "the credentials ran out; AWS goes on with " + f.root.stack, Err: err, Do: "sign in again, then: deploy watch"}
	}
	return &fault.Error{Code: fault.StillRunning, What: "the operation on " + f.root.stack + " cannot be followed", Err: err, Do: "deploy doctor, then: deploy watch"}
}

// late waits for an expected operation that no event tells of yet, but not for ever.
func (f *Follower) late() error {
	if f.clock.Now().Sub(f.started) < startsWithin {
		return nil
	}
	return &fault.Error{Code: fault.StillRunning, What: fmt.Sprintf("CloudFormation has told nothing of the operation on %s for %v", f.root.stack, startsWithin), Do: "deploy watch"}
}

// pardon takes an error about a nested stack: the root tells enough to go on without it.
func (f *Follower) pardon(n *feed, err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), cloud.Expired(err):
		return err
	case cloud.Transient(err):
		if n.trouble++; n.trouble == 1 {
			f.note(report.Warning, "the events of "+report.Place(n.path, "")+" cannot be read now, and are asked for again: "+err.Error())
		}
		n.urgent, n.next = false, f.clock.Now().Add(nestedAtMost)
		return nil
	}
	f.unread(n, err)
	return nil
}

// unread gives a nested stack up.
func (f *Follower) unread(n *feed, err error) {
	n.unreadable = true
	f.note(report.Warning, "the events of "+report.Place(n.path, "")+" cannot be read: "+err.Error())
}

func (f *Follower) note(level, text string) { f.reporter.Report(report.Note{Level: level, Text: text}) }
