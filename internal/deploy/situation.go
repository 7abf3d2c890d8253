package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/live"
	"github.com/tierform/tierform/internal/deploy/operation"
)

// A stack is a root stack as it is deployed.
type stack struct {
	name, arn, status, reason string
	parameters, outputs, tags map[string]string
	role                      string
	// protected tells that the stack has termination protection.
	protected bool
	// body is the deployed template.
	body string
}

// exists tells whether there is a stack that lives: one in review has no resources yet, and one whose creation was rolled back has none
// any more and takes nothing but its deletion.
func (s *stack) exists() bool { return s != nil && operation.WayOut(s.status) != operation.Recreate }

// A situation is what an environment is like before anything is done: read with four calls at most beside that for the caller.
type situation struct {
	platform *stack
	services []live.Service
}

// look reads the situation. DescribeStacks and GetTemplate go at the same time, then what runs.
func (e *Engine) look(ctx context.Context) (situation, error) {
	var s situation
	var body string
	group, parallel := errgroup.WithContext(ctx)
	group.Go(func() (err error) { s.platform, err = e.describe(parallel, e.environment.platform()); return err })
	group.Go(func() (err error) { body, err = e.deployedTemplate(parallel, e.environment.platform()); return err })
	if err := group.Wait(); err != nil {
		return situation{}, err
	}
	if s.platform == nil {
		return s, nil
	}
	s.platform.body = body
	services, err := live.Read(ctx, e.Cloud.ECS(), e.Cloud.Scaling(), live.Declared(s.platform.outputs))
	s.services = services
	return s, err
}

// describe reads a root stack; nil for none.
func (e *Engine) describe(ctx context.Context, name string) (*stack, error) {
	out, err := e.Cloud.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if cloud.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read stack %s: %w", name, err)
	}
	return newStack(out.Stacks[0]), nil
}

func newStack(d types.Stack) *stack {
	s := &stack{name: aws.ToString(d.StackName), arn: aws.ToString(d.StackId), status: string(d.StackStatus), reason: aws.ToString(d.StackStatusReason),
		role: aws.ToString(d.RoleARN), protected: aws.ToBool(d.EnableTerminationProtection), parameters: map[string]string{}, outputs: map[string]string{}, tags: map[string]string{}}
	for _, p := range d.Parameters {
		s.parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range d.Outputs {
		s.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, t := range d.Tags {
		s.tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return s
}

// deployedTemplate is the template as it was given; empty for a stack that has none.
func (e *Engine) deployedTemplate(ctx context.Context, name string) (string, error) {
	return e.templateIn(ctx, name, types.TemplateStageOriginal)
}

// templateIn is the template as it was given, or as macros left it.
func (e *Engine) templateIn(ctx context.Context, name string, stage types.TemplateStage) (string, error) {
	out, err := e.Cloud.CloudFormation().GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &name, TemplateStage: stage})
	if cloud.Missing(err) || cloud.ErrorCode(err) == "ValidationError" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the template of %s: %w", name, err)
	}
	return aws.ToString(out.TemplateBody), nil
}

// colors are the values of the services' ActiveColor parameters: what takes the traffic now. A service whose colour cannot be told is
// an error: a guess could move production traffic onto an empty target group.
func (s situation) colors() (map[string]string, error) {
	colors := map[string]string{}
	var unknown []string
	for _, service := range s.services {
		if service.Color == "" && service.Found {
			unknown = append(unknown, service.Name)
			continue
		}
		if service.Found {
			colors[service.ColorParameter()] = service.Color
		}
	}
	if len(unknown) > 0 {
		return nil, &fault.Error{Code: fault.NeedsPerson, What: "the colour that takes the traffic cannot be told", Found: strings.Join(unknown, ", "),
			Do: "look at the task sets and the listener's rules; a release may have been broken off"}
	}
	return colors, nil
}

// adopts are the services whose live colour differs from what the stack says: a release was not brought level.
func (s situation) adopts() []string {
	var names []string
	for _, service := range s.services {
		if was, known := s.platform.parameters[service.ColorParameter()]; known && service.Color != "" && was != service.Color {
			names = append(names, service.Name)
		}
	}
	return names
}

// suspended are the services whose scaling was left suspended while no release runs.
func (s situation) suspended() []string {
	var names []string
	for _, service := range s.services {
		if service.Suspended && !service.Releasing {
			names = append(names, service.Name)
		}
	}
	return names
}

// errNoEnvironment says that the platform stack does not exist.
var errNoEnvironment = errors.New("the environment does not exist")

// need is the platform stack, or an error that names the environments' own command to make it.
func (s situation) need(e environment) (*stack, error) {
	if s.platform != nil {
		return s.platform, nil
	}
	return nil, &fault.Error{Code: fault.Usage, What: "there is no stack " + e.platform(), Err: errNoEnvironment, Do: "deploy list shows what there is; deploy apply -e " + e.suffix + " makes it"}
}

// sortedKeys are those of a map.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
