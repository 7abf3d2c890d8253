package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// collect looks what is in use and deletes the rest. A stack that is under way or has to be brought back may still need what it had
// before, which its parameters do not tell: then nothing is deleted.
func (e *Engine) collect(ctx context.Context, bucket *store.Bucket, keep int, dry bool) error {
	platform, err := e.describe(ctx, e.environment.platform())
	if err == nil {
		err = e.passable(platform)
	}
	if err != nil {
		return err
	}
	inUse, err := e.inUse(ctx, platform)
	if err != nil {
		return err
	}
	gone, err := bucket.Collect(ctx, keep, inUse, dry)
	level, verb := report.Detail, "deleted"
	if dry {
		level, verb = report.Info, "would delete"
	}
	for _, key := range gone {
		e.Reporter.Report(report.Note{Level: level, Text: verb + " " + key})
	}
	if err != nil {
		return err
	}
	e.result(report.Result{Status: "done", Text: verb + " " + report.Plural(len(gone), "template", "")})
	return nil
}

// inUse are texts that name the templates in use: those of the deployed stack and of the change sets that can still be executed.
func (e *Engine) inUse(ctx context.Context, platform *stack) ([]string, error) {
	if platform == nil {
		return nil, nil
	}
	body, err := e.deployedTemplate(ctx, platform.name)
	if err != nil {
		return nil, err
	}
	texts := []string{body, contentKey(body)}
	for _, value := range platform.parameters {
		texts = append(texts, value)
	}
	sets, err := e.waiting(ctx, platform.arn)
	for i := 0; i < len(sets) && err == nil; i++ {
		var more []string
		more, err = e.proposed(ctx, sets[i])
		texts = append(texts, more...)
	}
	return texts, err
}

// contentKey is the content address of a root template.
func contentKey(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "templates/" + hex.EncodeToString(sum[:]) + ".yaml"
}

// waiting are the change sets of a stack that are computed or can be executed, by ARN.
func (e *Engine) waiting(ctx context.Context, stack string) ([]string, error) {
	var sets []string
	in := &cloudformation.ListChangeSetsInput{StackName: &stack}
	for {
		out, err := e.Cloud.CloudFormation().ListChangeSets(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the change sets of %s: %w", stackName(stack), err)
		}
		for _, s := range out.Summaries {
			if s.ExecutionStatus == types.ExecutionStatusAvailable || strings.HasPrefix(string(s.Status), "CREATE_") && s.Status != types.ChangeSetStatusCreateComplete {
				sets = append(sets, aws.ToString(s.ChangeSetId))
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return sets, nil
		}
	}
}

// proposed are the template and the parameter values of a change set; none of one that is gone by now.
func (e *Engine) proposed(ctx context.Context, set string) ([]string, error) {
	api := e.Cloud.CloudFormation()
	out, err := api.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &set})
	if err == nil {
		var texts []string
		for _, p := range out.Parameters {
			texts = append(texts, aws.ToString(p.ParameterValue))
		}
		var template *cloudformation.GetTemplateOutput
		if template, err = api.GetTemplate(ctx, &cloudformation.GetTemplateInput{ChangeSetName: &set, TemplateStage: types.TemplateStageOriginal}); err == nil {
			body := aws.ToString(template.TemplateBody)
			return append(texts, body, contentKey(body)), nil
		}
	}
	if cloud.Missing(err) {
		return nil, nil
	}
	return nil, fmt.Errorf("read the change set %s: %w", set, err)
}
