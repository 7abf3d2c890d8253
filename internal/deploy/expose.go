package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// reportOutputs reports a stack's outputs. Those that give a secret away are masked, and those of which nobody can tell: CloudFormation masks a
// NoEcho parameter, but not what a template makes of it (Template reference, "Parameters", NoEcho). What is masked here is masked from
// here on wherever it stands.
func (e *Engine) reportOutputs(ctx context.Context, s *stack) {
	var found changeset.Exposure
	if len(s.outputs) > 0 {
		found = e.exposed(ctx, s).Expose()
	}
	e.hide(found.Secrets)
	values := maps.Clone(s.outputs)
	for _, name := range found.Masked {
		values[name] = report.Masked
	}
	if len(found.Unclear) > 0 {
		e.Reporter.Report(report.Note{Level: report.Detail, Text: "masked, because the templates do not tell that no secret is in it: " + strings.Join(found.Unclear, ", ")})
	}
	e.Reporter.Report(report.Outputs{Stack: s.name, Values: values})
}

// conceal is concealStack for a stack that was not read yet.
func (e *Engine) conceal(ctx context.Context, arn string) {
	if e.Mask == nil || e.concealed[arn] {
		return
	}
	if s, err := e.describe(ctx, arn); err == nil && s != nil {
		e.concealStack(ctx, s)
	}
}

// concealStack learns the secrets that a root stack shows to everybody who may describe it, and masks them wherever they stand in what the
// run reports: in reasons of events, in values of properties, in errors. A stack is looked through once in a run. What cannot be read
// teaches nothing.
func (e *Engine) concealStack(ctx context.Context, s *stack) {
	if e.Mask == nil || e.concealed[s.arn] {
		return
	}
	if e.concealed == nil {
		e.concealed = map[string]bool{}
	}
	e.concealed[s.arn] = true
	d := e.exposed(ctx, s)
	e.hide(d.Expose().Secrets)
	e.hide(d.Handed())
}

func (e *Engine) hide(secrets []string) {
	if e.Mask != nil && len(secrets) > 0 {
		e.Mask(secrets...)
	}
}

// exposed is a stack with the ways to read what its templates lead to.
func (e *Engine) exposed(ctx context.Context, s *stack) changeset.Deployed {
	r := &reader{engine: e, bucket: s.parameters[bucketParameter], members: map[string]map[string]string{}}
	return changeset.Deployed{Root: r.template(ctx, s.arn, s.body), Parameters: s.parameters, Outputs: s.outputs,
		Pseudo: map[string]string{"AWS::AccountId": e.caller.Account, "AWS::Region": e.Cloud.Region()}, Public: []string{e.environment.suffix, s.name},
		Template: func(path []string, key string) *source.Template { return r.nested(ctx, s.arn, path, key) },
		Values: func(path []string) map[string]string {
			if arn := r.find(ctx, s.arn, path); arn != "" {
				if nested, err := e.describe(ctx, arn); err == nil && nested != nil {
					return nested.parameters
				}
			}
			return nil
		}}
}

// A reader reads what is deployed, each thing once.
type reader struct {
	engine *Engine
	// bucket holds the stack's templates.
	bucket string
	// members are the ARNs of nested stacks by the ARN of the stack they are in and their logical ID.
	members map[string]map[string]string
	// told is set when it was said that something cannot be read.
	told bool
}

// errUnprocessed says that nobody knows what macros made of a template.
var errUnprocessed = errors.New("CloudFormation does not give the template as its macros left it")

// template is a stack's; nil when it cannot be read. body is what is known of it. A template with macros is read as CloudFormation
// processed it (API reference, GetTemplate, "TemplateStage").
func (r *reader) template(ctx context.Context, stack, body string) *source.Template {
	var err error
	if body == "" {
		body, err = r.engine.deployedTemplate(ctx, stack)
	}
	if err == nil && changeset.Macros(body) {
		if body, err = r.engine.templateIn(ctx, stack, types.TemplateStageProcessed); err == nil && changeset.Macros(body) {
			err = errUnprocessed
		}
	}
	if err == nil {
		var t *source.Template
		if t, err = source.Parse(stackName(stack), []byte(body)); err == nil {
			return t
		}
	}
	if !r.told {
		r.told = true
		r.engine.Reporter.Report(report.Note{Level: report.Detail, Text: "what outputs are made of cannot be told: " + err.Error()})
	}
	return nil
}

// nested is the template of a nested stack: the one at hand, if it has the content address, and else the deployed one.
func (r *reader) nested(ctx context.Context, root string, path []string, key string) *source.Template {
	if t := r.engine.atHand(key, r.bucket); t != nil && !changeset.Macros(string(t.Body)) {
		return t
	}
	stack := r.find(ctx, root, path)
	if stack == "" {
		return nil
	}
	return r.template(ctx, stack, "")
}

// atHand is the template in the directory of templates that has a content address; nil for none.
func (e *Engine) atHand(key, bucket string) *source.Template {
	if e.local == nil {
		set, err := source.Load(e.Templates, e.Roots.Platform)
		if err == nil {
			set, err = set.Package(bucket, e.Cloud.Region())
		}
		if err != nil { // somebody deployed it who has them
			set = &source.Set{}
		}
		e.keep(set)
	}
	return e.local[key]
}

// keep remembers templates at hand.
func (e *Engine) keep(set *source.Set) {
	e.local = map[string]*source.Template{}
	for _, t := range set.Nested {
		e.local[t.Key()] = t
	}
}

// find is the ARN of a nested stack; empty for none.
func (r *reader) find(ctx context.Context, root string, path []string) string {
	stack := root
	for _, id := range path {
		if r.members[stack] == nil {
			r.members[stack] = r.list(ctx, stack)
		}
		if stack = r.members[stack][id]; stack == "" {
			return ""
		}
	}
	return stack
}

// list are the ARNs of the stacks nested in one, by their logical IDs.
func (r *reader) list(ctx context.Context, stack string) map[string]string {
	found := map[string]string{}
	in := &cloudformation.ListStackResourcesInput{StackName: &stack}
	for {
		out, err := r.engine.Cloud.CloudFormation().ListStackResources(ctx, in)
		if err != nil {
			r.engine.Reporter.Report(report.Note{Level: report.Detail, Text: fmt.Sprintf("what outputs are made of cannot be told: list the resources of %s: %s", stackName(stack), err)})
			return found
		}
		for _, s := range out.StackResourceSummaries {
			if id := aws.ToString(s.PhysicalResourceId); strings.HasPrefix(id, "arn:") && aws.ToString(s.ResourceType) == "AWS::CloudFormation::Stack" {
				found[aws.ToString(s.LogicalResourceId)] = id
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found
		}
	}
}
