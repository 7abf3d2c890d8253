package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// passable refuses to plan for a stack that cannot take a change set, with the way out of its state.
func (e *Engine) passable(s *stack) error {
	if s == nil {
		return nil
	}
	switch way := operation.WayOut(s.status); way {
	case operation.Deploy, operation.Recreate, operation.Gone:
		return nil
	case operation.Wait:
		return &fault.Error{Code: fault.Busy, What: s.name + " is " + s.status, Do: way.Command(e.environment.suffix)}
	default:
		return &fault.Error{Code: fault.NeedsPerson, What: s.name + " is " + s.status, Do: way.Command(e.environment.suffix)}
	}
}

// settle clears what earlier runs left, with the lock held: a record without an end, change sets that nobody will execute, and a stack that never lived.
func (e *Engine) settle(ctx context.Context, p *proposal) error {
	now := p.situation.platform
	if err := e.passable(now); err != nil {
		return err
	}
	e.bury(ctx, p.bucket, now)
	if now == nil {
		return nil
	}
	if operation.WayOut(now.status) == operation.Recreate {
		return e.clear(ctx, now)
	}
	litter, _, err := changeset.Litter(ctx, e.Cloud.CloudFormation(), now.name, "")
	if err != nil {
		return err
	}
	for _, name := range litter {
		if err := changeset.Discard(ctx, e.Cloud.CloudFormation(), e.Clock, now.name, name, false); err != nil {
			return err
		}
	}
	if len(litter) > 0 {
		e.Reporter.Report(report.Note{Level: report.Info, Text: "deleted " + report.Plural(len(litter), "change set", "") + " that earlier runs left"})
	}
	return nil
}

// clear deletes a stack that never reached CREATE_COMPLETE, and waits for it.
func (e *Engine) clear(ctx context.Context, s *stack) error {
	e.Reporter.Report(report.Note{Level: report.Info, Text: fmt.Sprintf("%s is %s and never lived: it is deleted and made anew", s.name, s.status)})
	if s.status == "REVIEW_IN_PROGRESS" {
		if err := e.withdraw(ctx, s); err != nil {
			return err
		}
	}
	if _, err := e.Cloud.CloudFormation().DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &s.arn}); err != nil {
		return fmt.Errorf("delete stack %s: %w", s.name, err)
	}
	for {
		_ = e.Clock.Sleep(ctx, 2*time.Second) // a run that has ended fails at the look
		now, err := e.describe(ctx, s.arn)
		if err != nil || now == nil || now.status != "DELETE_IN_PROGRESS" && now.status != s.status {
			return errors.Join(err, e.passable(now))
		}
	}
}

// Watch follows the operation that runs on the platform stack, or tells how the last one ended.
func (e *Engine) Watch(ctx context.Context) error {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return err
	}
	if p.status == "REVIEW_IN_PROGRESS" {
		e.result(report.Result{Status: "done", Text: p.name + " is in review: no operation ran yet", Next: []string{operation.Recreate.Command(e.environment.suffix)}})
		return nil
	}
	if !strings.HasSuffix(p.status, "_IN_PROGRESS") {
		if any, err := e.watchReleases(ctx); any || err != nil {
			return err
		}
	}
	outcome, err := e.follow(ctx, p.arn, "")
	if err != nil {
		return e.detached(err)
	}
	left := e.adopt(ctx, outcome)
	if err := e.catchUp(ctx, p, left, outcome); err != nil {
		return err
	}
	if err := e.conclude(ctx, outcome, p.arn, left.Changes, whichever); err != nil {
		return err
	}
	_, err = e.watchReleases(ctx) // one that died while it brought the stack level
	return err
}

// Cancel stops the update that runs and brings back what was; a first deployment that runs is deleted. It wants an approval.
func (e *Engine) Cancel(ctx context.Context, yes bool) error {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return err
	}
	question := map[string]string{
		"UPDATE_IN_PROGRESS": "Cancel the update of " + p.name + " and bring back what was?",
		"CREATE_IN_PROGRESS": "Delete " + p.name + ", which is being created?",
	}[p.status]
	if question == "" {
		return &fault.Error{Code: fault.Usage, What: p.name + " has no operation that can be cancelled", Found: p.status, Allowed: "UPDATE_IN_PROGRESS, CREATE_IN_PROGRESS", Do: operation.WayOut(p.status).Command(e.environment.suffix)}
	}
	if err := e.agree(ctx, yes, question, "if that is meant: deploy cancel -e "+e.environment.suffix+" --yes"); err != nil {
		return err
	}
	if _, err := e.stop(ctx, p.arn); err != nil {
		return err
	}
	outcome, err := e.follow(ctx, p.arn, "")
	if err != nil {
		return e.detached(err)
	}
	e.adopt(ctx, outcome)
	return e.conclude(ctx, outcome, p.arn, nil, back)
}

// agree asks a person, unless the command line agreed. Without a person it is an error of code Unapproved that says what to do.
func (e *Engine) agree(ctx context.Context, yes bool, question, do string) error {
	if yes {
		return nil
	}
	if e.Approve == nil {
		return &fault.Error{Code: fault.Unapproved, What: "nobody is there to approve: " + question, Do: do}
	}
	ok, err := e.Approve(ctx, question)
	if err != nil || ok {
		return err
	}
	return &fault.Error{Code: fault.Unapproved, What: "not approved", Do: "nothing was changed"}
}

// A RollbackRequest says how to get out of a failed state.
type RollbackRequest struct {
	Yes bool
	// Force lets CloudFormation leave behind what it cannot roll back.
	Force bool
	// Skip names resources that ContinueUpdateRollback leaves as they are, as failures are shown: Data/Cluster. Each is reported.
	Skip []string
}

// again is the command that rolls back without asking.
func (r RollbackRequest) again(suffix string) string {
	words := []string{"deploy", "rollback", "-e", suffix}
	if r.Force {
		words = append(words, "--force")
	}
	for _, name := range r.Skip {
		words = append(words, "--skip", shell(name))
	}
	return strings.Join(append(words, "--yes"), " ")
}

// Rollback takes the way back that fits the state of the platform stack: cancels a running update, rolls back what failed, or goes on with
// a rollback that failed.
func (e *Engine) Rollback(ctx context.Context, r RollbackRequest) error {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return err
	}
	if p.status == "UPDATE_IN_PROGRESS" {
		return e.Cancel(ctx, r.Yes)
	}
	way := operation.WayOut(p.status)
	if way != operation.Rollback && way != operation.Continue {
		return &fault.Error{Code: fault.Usage, What: p.name + " has nothing to roll back", Found: p.status, Allowed: "UPDATE_IN_PROGRESS, UPDATE_FAILED, CREATE_FAILED, UPDATE_ROLLBACK_FAILED", Do: way.Command(e.environment.suffix)}
	}
	if err := e.agree(ctx, r.Yes, "Roll back "+p.name+", which is "+p.status+"?", "if that is meant: "+r.again(e.environment.suffix)); err != nil {
		return err
	}
	if err := e.back(ctx, p, way, r); err != nil {
		return err
	}
	outcome, err := e.follow(ctx, p.arn, "")
	if err != nil {
		return e.detached(err)
	}
	e.adopt(ctx, outcome)
	return e.conclude(ctx, outcome, p.arn, nil, back)
}

func (e *Engine) back(ctx context.Context, p *stack, way operation.Way, r RollbackRequest) error {
	api := e.Cloud.CloudFormation()
	if way == operation.Rollback {
		if _, err := api.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: &p.arn}); err != nil {
			return fmt.Errorf("roll back %s: %w", p.name, err)
		}
		return nil
	}
	skipped, err := e.skips(ctx, p, r.Skip)
	if err != nil {
		return err
	}
	in := &cloudformation.ContinueUpdateRollbackInput{StackName: &p.arn, ResourcesToSkip: skipped}
	if r.Force {
		in.ForceRollback, in.ResourcesToSkip = new(true), nil
	}
	for _, name := range r.Skip {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "left as it is, and no longer as the template says: " + name})
	}
	if _, err := api.ContinueUpdateRollback(ctx, in); err != nil {
		return fmt.Errorf("continue the rollback of %s: %w", p.name, err)
	}
	return nil
}
