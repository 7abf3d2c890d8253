package deploy

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/verify"
)

// scheduleType is the resource whose target says where and how the task runs (Template reference, AWS::Scheduler::Schedule).
const scheduleType = "AWS::Scheduler::Schedule"

// An administration is the administration task as it is deployed.
type administration struct {
	// definition is the revision that runs, family what it belongs to.
	definition, family string
	// container does the work; group and stream are its log, without the task's ID.
	container, group, stream string
	// order is the call that starts it as the schedule does, without a command and without a token.
	order ecs.RunTaskInput
}

// administration reads how the task runs: the revision from the output, all else from the target of the schedule that runs its family. That
// is read from the deployed templates, with the values that the stacks have.
func (e *Engine) administration(ctx context.Context, p *stack) (administration, error) {
	a := administration{definition: p.outputs[administrationOutput]}
	a.family, _, _ = strings.Cut(shortRevision(a.definition), ":")
	estate, err := e.administrationStack(ctx, p)
	if err != nil {
		return a, err
	}
	schedule := scheduleOf(estate, a.family)
	if schedule == nil {
		return a, unschedulable("no "+scheduleType+" runs "+a.family+": network and cluster of the administration task are not known", "")
	}
	if a.order, err = orderOf(schedule); err != nil {
		return a, err
	}
	a.order.TaskDefinition, a.order.Count = &a.definition, aws.Int32(1)
	return a, e.readContainer(ctx, &a)
}

// administrationStack reads the stack that the output comes from: the nested one that it names, or all of them.
func (e *Engine) administrationStack(ctx context.Context, p *stack) (*verify.Estate, error) {
	body, err := e.deployedTemplate(ctx, p.arn)
	if err != nil {
		return nil, err
	}
	root, err := source.Parse("the template of "+p.name, []byte(body))
	if err != nil {
		return nil, err
	}
	arn := p.arn
	if id := outputOf(root, administrationOutput); id != "" {
		if arn, err = e.nestedStack(ctx, p.arn, id); err != nil {
			return nil, err
		}
	}
	return verify.Survey(ctx, e.Cloud.CloudFormation(), e.Cloud.Region(), e.caller.Account, func(string) {}, arn)
}

// outputOf is the logical ID of the nested stack that an output is taken from; empty for one that is made in another way.
func outputOf(t *source.Template, name string) string {
	declared, _ := t.Outputs[name].(map[string]any)
	value, _ := declared["Value"].(map[string]any)
	way, _ := value["Fn::GetAtt"].([]any)
	if len(way) != 2 || !strings.HasPrefix(fmt.Sprint(way[1]), "Outputs.") {
		return ""
	}
	return fmt.Sprint(way[0])
}

// nestedStack is the ARN of a stack nested in another.
func (e *Engine) nestedStack(ctx context.Context, parent, id string) (string, error) {
	in := &cloudformation.ListStackResourcesInput{StackName: &parent}
	for {
		out, err := e.Cloud.CloudFormation().ListStackResources(ctx, in)
		if err != nil {
			return "", fmt.Errorf("list the resources of %s: %w", stackName(parent), err)
		}
		for _, s := range out.StackResourceSummaries {
			if text(s.LogicalResourceId) == id && strings.HasPrefix(text(s.PhysicalResourceId), "arn:") {
				return text(s.PhysicalResourceId), nil
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return "", unschedulable("the nested stack of the administration task is not there", id)
		}
	}
}

// scheduleOf is the schedule that runs a family; nil for none.
func scheduleOf(estate *verify.Estate, family string) *verify.Resource {
	for _, r := range estate.Of(scheduleType) {
		definition, _ := r.Property("Target", "EcsParameters", "TaskDefinitionArn")
		if name, _, _ := strings.Cut(shortRevision(textIn(definition)), ":"); name == family {
			return r
		}
	}
	return nil
}

// orderOf is the call that starts a task as a schedule does (Amazon EventBridge Scheduler API reference, EcsParameters).
func orderOf(schedule *verify.Resource) (order ecs.RunTaskInput, err error) {
	cluster, known := schedule.Property("Target", "Arn")
	target, all := schedule.Property("Target", "EcsParameters")
	if !known || !all {
		return order, unschedulable("where the administration task runs cannot be told from the template of its schedule", schedule.Place())
	}
	m, _ := target.(map[string]any)
	order = ecs.RunTaskInput{Cluster: optional(cluster), PlatformVersion: optional(m["PlatformVersion"]), LaunchType: types.LaunchType(textIn(m["LaunchType"])), PropagateTags: types.PropagateTags(textIn(m["PropagateTags"])),
		EnableECSManagedTags: textIn(m["EnableECSManagedTags"]) == "true"}
	for _, item := range listIn(m["CapacityProviderStrategy"]) {
		c, _ := item.(map[string]any)
		order.CapacityProviderStrategy = append(order.CapacityProviderStrategy, types.CapacityProviderStrategyItem{CapacityProvider: optional(c["CapacityProvider"]), Weight: numberIn(c["Weight"]), Base: numberIn(c["Base"])})
	}
	network, _ := m["NetworkConfiguration"].(map[string]any)
	if way, has := network["AwsvpcConfiguration"].(map[string]any); has {
		order.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{AssignPublicIp: types.AssignPublicIp(textIn(way["AssignPublicIp"])),
			SecurityGroups: textsIn(way["SecurityGroups"]), Subnets: textsIn(way["Subnets"])}}
	}
	return order, nil
}

// unschedulable says that nobody can tell how the task would run.
func unschedulable(what, found string) error {
	return &fault.Error{Code: fault.NeedsPerson, What: what, Found: found, Do: "give the templates a schedule of the administration task, with its network, or run the task by hand"}
}

// readContainer finds the container that works, the first essential one, and its log.
func (e *Engine) readContainer(ctx context.Context, a *administration) error {
	d, err := e.revision(ctx, a.definition)
	if err != nil {
		return err
	}
	for _, c := range d.ContainerDefinitions {
		if c.Essential != nil && !*c.Essential {
			continue
		}
		a.container = text(c.Name)
		if c.LogConfiguration != nil && c.LogConfiguration.LogDriver == types.LogDriverAwslogs {
			o := c.LogConfiguration.Options
			a.group, a.stream = o["awslogs-group"], o["awslogs-stream-prefix"]+"/"+a.container+"/"
		}
		return nil
	}
	return unschedulable("task definition has no essential container", a.definition)
}

// Values of templates: scalars are texts.
func textIn(v any) string { s, _ := v.(string); return s }
func listIn(v any) []any  { l, _ := v.([]any); return l }

func textsIn(v any) (all []string) {
	for _, item := range listIn(v) {
		all = append(all, textIn(item))
	}
	return all
}

func numberIn(v any) int32 {
	n, _ := strconv.ParseInt(textIn(v), 10, 32)
	return int32(n)
}

func optional(v any) *string {
	if s := textIn(v); s != "" {
		return &s
	}
	return nil
}
