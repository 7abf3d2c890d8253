package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// pauses between attempts at deleting a stack: network interfaces of tasks, instances in Cloud Map and what services still had to write
// go within minutes.
func pauses() []time.Duration {
	return []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, time.Minute}
}

// remove empties and deletes one root stack. A deletion that runs already is followed. What fails is eased and tried again.
func (d *destruction) remove(ctx context.Context, s *stack, artifacts string) error {
	s, err := d.refresh(ctx, s)
	switch {
	case err != nil || s == nil:
		return err
	case s.status == "REVIEW_IN_PROGRESS":
		return d.forget(ctx, s)
	}
	running := s.status == "DELETE_IN_PROGRESS"
	if !running {
		if err := d.quiet(ctx, d.held[s.name]); err != nil {
			return err
		}
		if err := d.finalSnapshots(ctx, s); err != nil {
			return err
		}
	}
	for try := 0; ; try++ {
		outcome, err := d.attempt(ctx, s, artifacts, running)
		if err != nil || outcome.Status == "DELETE_COMPLETE" {
			return err
		}
		diagnosis := operation.Diagnose(s.name, outcome)
		if try == len(pauses()) {
			diagnosis.Do = []string{d.again()}
			d.Reporter.Report(diagnosis)
			return &fault.Error{Code: fault.NeedsPerson, What: s.name + " is " + outcome.Status, Found: outcome.Reason, Do: "remove what stands in the way, as told above; then " + d.again()}
		}
		for _, c := range diagnosis.Causes {
			d.Reporter.Report(report.Note{Level: report.Warning, Text: fmt.Sprintf("%s stays for now: %s", report.Place(c.Path, c.LogicalID), c.Reason)})
		}
		if err := d.holding(ctx); err != nil {
			return err
		}
		d.ease(ctx, d.held[s.name])
		if err := d.Clock.Sleep(ctx, pauses()[try]); err != nil {
			return d.goesOn(s, err)
		}
		running = false
	}
}

// refresh reads a stack again when its turn comes: somebody without this command may have touched it while others were deleted. A stack that
// is gone by now is nil.
func (d *destruction) refresh(ctx context.Context, s *stack) (*stack, error) {
	now, err := d.describe(ctx, s.arn)
	if err != nil {
		return nil, err
	}
	if now == nil || now.status == "DELETE_COMPLETE" {
		d.note(s.name, operation.Outcome{Status: "DELETE_COMPLETE"})
		return nil, nil
	}
	if now.status != s.status {
		err = d.inspect(ctx, now)
	}
	return now, err
}

// again is the command that goes on where this run ends: with all that this one was asked to keep.
func (d *destruction) again() string { return d.request.again(d.environment.suffix) }

// attempt deletes a stack once and follows the deletion to its end.
func (d *destruction) attempt(ctx context.Context, s *stack, artifacts string, running bool) (operation.Outcome, error) {
	token := ""
	if !running {
		if err := d.ready(ctx, s, artifacts); err != nil {
			return operation.Outcome{}, err
		}
		token = "destroy-" + d.NewID()
		if err := d.order(ctx, s, token); err != nil {
			return operation.Outcome{}, err
		}
	}
	d.concealStack(ctx, s)
	outcome, err := operation.Follow(d.Cloud.CloudFormation(), d.Clock, d.watching(ctx, s.name), s.arn).Expect(token).Run(ctx)
	if err != nil {
		return outcome, d.goesOn(s, err)
	}
	d.note(s.name, outcome)
	return outcome, nil
}

// ready empties what the stack has, while this run has the lock, and has it still afterwards.
func (d *destruction) ready(ctx context.Context, s *stack, artifacts string) error {
	if err := d.holding(ctx); err != nil {
		return err
	}
	if err := d.clean(ctx, s, artifacts); err != nil {
		return err
	}
	return d.holding(ctx)
}

// clean empties what the stack has. The bucket with the lock is empty only at last, when nothing but the deletion is left to do.
func (d *destruction) clean(ctx context.Context, s *stack, artifacts string) error {
	holds := slices.ContainsFunc(d.held[s.name], func(r teardown.Resource) bool { return r.ID == artifacts && artifacts != "" })
	if !holds {
		return d.empty(ctx, d.held[s.name], "")
	}
	if err := d.empty(ctx, d.held[s.name], d.lockKey()); err != nil {
		return err
	}
	d.lock = nil // nothing renews it any more
	return d.empty(ctx, d.held[s.name], "")
}

// lockKey is where the lock is in the artifact bucket.
func (d *destruction) lockKey() string { return "env/" + d.environment.suffix + "/lock.json" }

// order tells CloudFormation to delete a stack, after turning off a termination protection. The stack's own role does it.
func (d *destruction) order(ctx context.Context, s *stack, token string) error {
	api := d.Cloud.CloudFormation()
	in := &cloudformation.DeleteStackInput{StackName: &s.arn, ClientRequestToken: &token}
	_, err := api.DeleteStack(ctx, in)
	if err != nil && strings.Contains(err.Error(), "TerminationProtection") {
		d.Reporter.Report(report.Note{Level: report.Info, Text: "turns off the termination protection of " + s.name})
		if _, err := api.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: &s.arn, EnableTerminationProtection: new(false)}); err != nil {
			return fmt.Errorf("turn off the termination protection of %s: %w", s.name, err)
		}
		_, err = api.DeleteStack(ctx, in)
	}
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "cannot be assumed"):
		return &fault.Error{Code: fault.NeedsPerson, What: "CloudFormation cannot act as the role that " + s.name + " was deployed with", Found: s.role, Err: err, Do: "make the role again (deploy bootstrap -e " + d.environment.suffix + "), then " + d.again()}
	case cloud.ErrorCode(err) == "ValidationError":
		return &fault.Error{Code: fault.NeedsPerson, What: "CloudFormation does not delete " + s.name, Err: err, Do: d.again() + " when that is settled"}
	}
	return fmt.Errorf("delete stack %s: %w", s.name, err)
}

// watching reports, keeps the lock, and empties buckets once more when their stack's turn comes: what wrote into them is gone by then.
func (d *destruction) watching(ctx context.Context, name string) report.Reporter {
	renewing := d.renewing(ctx)
	return report.Func(func(event report.Event) {
		renewing.Report(event)
		r, is := event.(report.Resource)
		if !is || r.Status != "DELETE_IN_PROGRESS" || r.Type != "AWS::CloudFormation::Stack" {
			return
		}
		nested := append(slices.Clone(r.Path), r.LogicalID)
		inside := slices.DeleteFunc(slices.Clone(d.held[name]), func(one teardown.Resource) bool { return !slices.Equal(one.Path, nested) })
		if err := d.empty(ctx, inside, ""); err != nil {
			d.Reporter.Report(report.Note{Level: report.Detail, Text: "emptied later: " + err.Error()})
		}
	})
}

// keptByPolicy is why something stays that the template retains.
const keptByPolicy = "kept by its DeletionPolicy"

// note takes the end of a deletion over: what the template retains stays, what the deletion reached is gone.
func (d *destruction) note(name string, o operation.Outcome) {
	last := map[string]string{}
	for _, e := range o.Events {
		last[strings.Join(append(slices.Clone(e.Path), e.LogicalID), "/")] = e.Status
	}
	for i, r := range d.held[name] {
		status, over := last[r.Place()], o.Status == "DELETE_COMPLETE"
		switch {
		case status == "DELETE_SKIPPED", over && r.Retained():
			d.held[name][i].Status, d.held[name][i].Kept = "DELETE_SKIPPED", keptByPolicy
		case status == "DELETE_COMPLETE", over:
			d.held[name][i].Status = "DELETE_COMPLETE"
		}
	}
}

// ease removes what typically stands in the way of a deletion: instances that Cloud Map still has, tasks that belong to no service.
func (d *destruction) ease(ctx context.Context, resources []teardown.Resource) {
	for _, r := range resources {
		count, err := 0, error(nil)
		switch {
		case r.Gone() || r.ID == "":
		case r.Type == "AWS::ServiceDiscovery::Service":
			if count, err = d.signer.Instances(ctx, r.ID); count > 0 {
				d.Reporter.Report(report.Note{Level: report.Info, Text: "deregistered " + report.Plural(count, "instance", "") + " of " + r.LogicalID})
			}
		case r.Type == "AWS::ECS::Cluster":
			err = teardown.StopTasks(ctx, d.Cloud.ECS(), r.ID)
		}
		if err != nil && !cloud.Missing(err) && !cloud.Unsupported(err) {
			d.Reporter.Report(report.Note{Level: report.Warning, Text: "it goes on, but could not " + err.Error()})
		}
	}
}

// goesOn says that a run ended and the deletion did not.
func (d *destruction) goesOn(s *stack, err error) error {
	code := fault.StillRunning
	if errors.Is(err, context.Canceled) {
		code = fault.Interrupted
	}
	return &fault.Error{Code: code, What: "the deletion of " + s.name + " goes on in AWS without this command", Err: err, Do: d.again() + " goes on from there"}
}
