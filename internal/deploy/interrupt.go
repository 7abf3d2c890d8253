package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// An Interruption is what shall become of an operation whose following is interrupted.
type Interruption string

// The choices; anything else counts as Detach, which leaves everything in AWS as it is.
const (
	// Detach leaves the operation to AWS; `deploy watch` picks it up.
	Detach Interruption = "detach"
	// CancelOperation brings back what was: an update is cancelled, a first deployment deleted.
	CancelOperation Interruption = "cancel"
	// GoOn follows it on as if nothing had happened.
	GoOn Interruption = "continue"
)

// ParseInterruption reads a choice that a person typed: in whole, or as much of it as leaves no doubt.
func ParseInterruption(typed string) (Interruption, bool) {
	var meant []Interruption
	for _, choice := range []Interruption{Detach, CancelOperation, GoOn} {
		if typed != "" && strings.HasPrefix(string(choice), typed) {
			meant = append(meant, choice)
		}
	}
	if len(meant) != 1 {
		return Detach, false
	}
	return meant[0], true
}

// Why following ended before the operation did.
var (
	errDetached = errors.New("detached")
	errDeleting = errors.New("the first deployment is being deleted")
)

// outliving is a context for work that AWS has begun: an interruption does not end it, the time limit does.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	alive := context.WithoutCancel(ctx)
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithDeadline(alive, deadline)
	}
	return context.WithCancel(alive)
}

// followThrough follows an operation that this run began. When ctx is interrupted it asks once what shall become of the operation. It is
// asked between two looks, so that no screen is painted over the question.
func (e *Engine) followThrough(ctx, alive context.Context, stack, token string) (operation.Outcome, error) {
	following, end := context.WithCancelCause(alive)
	defer end(nil)
	waker, renewing := &waker{Clock: e.Clock, run: ctx}, e.renewing(alive)
	asked := false
	reporter := report.Func(func(event report.Event) {
		if o, begins := event.(report.Operation); begins {
			o.Interrupt = e.OnInterrupt
			event = o
		}
		renewing.Report(event)
		if _, tick := event.(report.Tick); !tick || asked || !errors.Is(ctx.Err(), context.Canceled) {
			return
		}
		asked, waker.woken = true, true
		if why := e.interrupted(alive, stack); why != nil {
			end(why)
		}
	})
	outcome, err := operation.Follow(e.Cloud.CloudFormation(), waker, reporter, stack).Counting(e.Cloud.ECS()).Expect(token).Run(following)
	switch why := context.Cause(following); {
	case err == nil:
		return outcome, nil
	case errors.Is(why, errDeleting):
		return e.follow(alive, stack, "")
	case errors.Is(why, errDetached):
		return outcome, errDetached
	}
	return outcome, err
}

// A waker is the clock of a follower that outlives its run: an interruption of the run ends one pause early, so that it is noticed at once
// and not at the next look. It is used by one goroutine.
type waker struct {
	clock.Clock
	run   context.Context
	woken bool
}

// Sleep waits for a while, or until the run is interrupted for the first time.
func (w *waker) Sleep(ctx context.Context, d time.Duration) error {
	if w.woken {
		return w.Clock.Sleep(ctx, d)
	}
	pause, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(w.run, end)()
	err := w.Clock.Sleep(pause, d)
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil:
		w.woken = true
		return nil
	}
	return ctx.Err() // and not that of the pause: a time limit ends the run's context and this one in any order
}

// interrupted asks and does what was chosen. An error ends the following.
func (e *Engine) interrupted(ctx context.Context, stack string) error {
	choice := Detach
	if e.Interrupted != nil {
		choice = e.Interrupted(ctx)
	}
	switch choice {
	case GoOn:
		return nil
	case CancelOperation:
		doing, err := e.stop(ctx, stack)
		if err != nil {
			e.Reporter.Report(report.Note{Level: report.Warning, Text: "not cancelled, it goes on: " + e.words(err)})
			return nil
		}
		e.Reporter.Report(report.Note{Level: report.Info, Text: doing})
		if doing == deletes {
			return errDeleting
		}
		return nil
	}
	return errDetached
}

// What stop does to an operation.
const (
	cancels = "the update is cancelled: what was comes back"
	deletes = "the first deployment is deleted"
)

// stop cancels the update of a stack, or deletes it while it is being created for the first time.
func (e *Engine) stop(ctx context.Context, stack string) (string, error) {
	s, err := e.describe(ctx, stack)
	if err != nil {
		return "", err
	}
	api := e.Cloud.CloudFormation()
	switch {
	case s != nil && s.status == "UPDATE_IN_PROGRESS":
		// An update that has ended in the meantime refuses to be cancelled; following tells how it ended.
		if _, err := api.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &s.arn}); err != nil && cloud.ErrorCode(err) != "ValidationError" {
			return "", fmt.Errorf("cancel the update of %s: %w", s.name, err)
		}
		return cancels, nil
	case s != nil && s.status == "CREATE_IN_PROGRESS":
		if _, err := api.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &s.arn}); err != nil {
			return "", fmt.Errorf("delete stack %s: %w", s.name, err)
		}
		return deletes, nil
	}
	found := "no stack"
	if s != nil {
		found = s.status
	}
	return "", &fault.Error{Code: fault.Usage, What: stackName(stack) + " has no operation that can be cancelled", Found: found, Allowed: "UPDATE_IN_PROGRESS, CREATE_IN_PROGRESS"}
}
