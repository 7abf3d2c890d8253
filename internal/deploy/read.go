package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// bucket is the environment's artifact bucket; nil when it has none.
func (e *Engine) bucket(ctx context.Context, platform *stack) (*store.Bucket, error) {
	name := ""
	if platform != nil {
		name = platform.parameters[bucketParameter]
	}
	if name == "" {
		foundation, err := e.describe(ctx, e.environment.foundation())
		if err != nil || foundation == nil || foundation.outputs[bucketOutput] == "" {
			return nil, err
		}
		name = foundation.outputs[bucketOutput]
	}
	return store.New(e.Cloud.S3(), e.Clock, name, e.environment.suffix, e.caller.Account), nil
}

// needBucket is the artifact bucket, or an error that says how to make it.
func (e *Engine) needBucket(ctx context.Context) (*store.Bucket, error) {
	platform, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return nil, err
	}
	bucket, err := e.bucket(ctx, platform)
	if err == nil && bucket == nil {
		err = e.noBucket()
	}
	return bucket, err
}

// Outputs prints the root stack's outputs.
func (e *Engine) Outputs(ctx context.Context) error {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return err
	}
	e.reportOutputs(ctx, p)
	e.result(report.Result{Status: "done", Text: report.Plural(len(p.outputs), "output", "")})
	return nil
}

// List shows all environments of the account: each suffix with the states of its stacks.
func (e *Engine) List(ctx context.Context) error {
	environments, err := e.environments(ctx)
	if err != nil {
		return err
	}
	t := report.Table{Title: "Environments", Columns: []string{"Environment", "Foundation", "Platform", "Changed"}}
	for _, suffix := range sortedKeys(environments) {
		found := environments[suffix]
		t.Rows = append(t.Rows, []string{suffix, cmp.Or(found["foundation"], "none"), cmp.Or(found["platform"], "none"), found["changed"]})
	}
	e.Reporter.Report(t)
	e.result(report.Result{Status: "done", Text: report.Plural(len(t.Rows), "environment", "")})
	return nil
}

// environments finds the root stacks of ours by their names.
func (e *Engine) environments(ctx context.Context) (map[string]map[string]string, error) {
	found := map[string]map[string]string{}
	in := &cloudformation.DescribeStacksInput{}
	for {
		out, err := e.Cloud.CloudFormation().DescribeStacks(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the stacks: %w", err)
		}
		for _, s := range out.Stacks {
			kind, suffix, is := strings.Cut(aws.ToString(s.StackName), "-")
			if _, err := newEnvironment(suffix); !is || err != nil || s.ParentId != nil || !slices.Contains([]string{"foundation", "platform"}, kind) {
				continue
			}
			if found[suffix] == nil {
				found[suffix] = map[string]string{}
			}
			found[suffix][kind] = string(s.StackStatus)
			if changed := aws.ToTime(s.LastUpdatedTime); kind == "platform" && !changed.IsZero() {
				found[suffix]["changed"] = changed.UTC().Format(time.RFC3339)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found, nil
		}
	}
}

// History shows the latest deployments, newest first.
func (e *Engine) History(ctx context.Context, limit int) error {
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	records, err := bucket.History(ctx, limit)
	if err != nil {
		return err
	}
	t := report.Table{Title: "Deployments", Columns: []string{"Deployment", "Command", "Result", "By", "Commit", "Changes"}}
	for i, r := range records {
		changes := ""
		if r.Result == "" {
			if r.Result, err = e.unfinished(ctx, bucket, i == 0); err != nil {
				return err
			}
		}
		if c := r.Changes; c != nil {
			changes = fmt.Sprintf("%d add, %d change, %d replace, %d delete", c.Add, c.Change, c.Replace, c.Delete)
		}
		t.Rows = append(t.Rows, []string{r.ID, r.Command, ending(r), who(r), r.Commit, changes})
	}
	e.Reporter.Report(t)
	e.result(report.Result{Status: "done", Text: report.Plural(len(records), "deployment", "")})
	return nil
}

// Unlock breaks the lock of an environment: one that expired, or any with force.
func (e *Engine) Unlock(ctx context.Context, force bool) error {
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	holder, was, err := bucket.Unlock(ctx, force)
	if err != nil {
		return err
	}
	text := "nobody holds the lock of " + e.environment.suffix
	if was {
		text = "the lock of " + holder.Owner + ", who ran " + holder.Command + ", is broken"
	}
	e.result(report.Result{Status: "done", Text: text})
	return nil
}

// Collect deletes templates that neither the deployed stack nor a change set that waits for its execution nor the latest keep deployments
// use, while nobody else works on the environment. A dry one tells which, and takes no lock.
func (e *Engine) Collect(ctx context.Context, keep int, dry bool) error {
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	do := func(ctx context.Context) error { return e.collect(ctx, bucket, keep, dry) }
	if dry {
		return do(ctx)
	}
	return e.locked(ctx, bucket, 0, do)
}

// Diagnose tells why the last operation on the platform stack failed, or that it did not.
func (e *Engine) Diagnose(ctx context.Context) error {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return err
	}
	e.concealStack(ctx, p)
	outcome, err := operation.Read(ctx, e.Cloud.CloudFormation(), e.Clock, p.arn)
	if err != nil {
		return err
	}
	diagnosis := operation.Explain(ctx, e.Cloud.ECS(), e.Cloud.Logs(), operation.Diagnose(p.name, outcome), outcome)
	diagnosis.Do = []string{operation.WayOut(p.status).Command(e.environment.suffix)}
	e.Reporter.Report(diagnosis)
	e.result(report.Result{Status: "done", Text: p.name + " is " + p.status + "; " + report.Plural(len(diagnosis.Causes), "cause", "")})
	return nil
}
