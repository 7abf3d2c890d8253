package emulation

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	stacktypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	codedeploytypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// traffic is a released service in the companion: blue serves, and the rule of a listener weighs the target groups.
type traffic struct {
	t                                                *testing.T
	way                                              *cloud.Cloud
	cluster, service, application, rule, blue, green string
}

func newTraffic(t *testing.T) *traffic {
	t.Helper()
	tr := &traffic{t: t, way: companion(t)}
	outputs := tr.stack()
	tr.cluster, tr.service, tr.application, tr.blue, tr.green = outputs["ClusterName"], outputs["ApiServiceName"], outputs["CodeDeployApplication"], outputs["BlueArn"], outputs["GreenArn"]
	rule, err := tr.way.ELB().CreateRule(t.Context(), &elasticloadbalancingv2.CreateRuleInput{ListenerArn: aws.String(outputs["ListenerArn"]), Priority: aws.Int32(10), Actions: tr.forward(100, 0),
		Conditions: []balancing.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &balancing.PathPatternConditionConfig{Values: []string{"/payments"}}}}})
	tr.must(err)
	tr.rule = aws.ToString(rule.Rules[0].RuleArn)
	tr.serve()
	tr.releasable(outputs["ListenerArn"])
	return tr
}

func (tr *traffic) must(err error) {
	tr.t.Helper()
	if err != nil {
		tr.t.Fatal(err)
	}
}

// stack deploys the template and gives its outputs.
func (tr *traffic) stack() map[string]string {
	tr.t.Helper()
	body, err := os.ReadFile("testdata/traffic/platform.yaml")
	tr.must(err)
	_, err = tr.way.CloudFormation().CreateStack(tr.t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("platform-dev"), TemplateBody: aws.String(string(body)),
		Parameters: []stacktypes.Parameter{{ParameterKey: aws.String("EnvironmentSuffix"), ParameterValue: aws.String("dev")}}})
	tr.must(err)
	out, err := tr.way.CloudFormation().DescribeStacks(tr.t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("platform-dev")})
	tr.must(err)
	outputs := map[string]string{}
	for _, o := range out.Stacks[0].Outputs {
		outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return outputs
}

// serve makes the service with its primary task set, behind blue.
func (tr *traffic) serve() {
	tr.t.Helper()
	api, ctx := tr.way.ECS(), tr.t.Context()
	task, err := api.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: aws.String("task-api-dev"), ContainerDefinitions: []ecstypes.ContainerDefinition{{
		Name: aws.String("application"), Image: aws.String("ecr-api-dev@sha256:" + strings.Repeat("ab", 32)), Memory: aws.Int32(512)}}})
	tr.must(err)
	_, err = api.CreateService(ctx, &ecs.CreateServiceInput{Cluster: &tr.cluster, ServiceName: &tr.service, DeploymentController: &ecstypes.DeploymentController{Type: ecstypes.DeploymentControllerTypeExternal}})
	tr.must(err)
	set, err := api.CreateTaskSet(ctx, &ecs.CreateTaskSetInput{Cluster: &tr.cluster, Service: &tr.service, TaskDefinition: task.TaskDefinition.TaskDefinitionArn,
		LoadBalancers: []ecstypes.LoadBalancer{{TargetGroupArn: &tr.blue, ContainerName: aws.String("application"), ContainerPort: aws.Int32(8080)}}})
	tr.must(err)
	_, err = api.UpdateServicePrimaryTaskSet(ctx, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: &tr.cluster, Service: &tr.service, PrimaryTaskSet: set.TaskSet.TaskSetArn})
	tr.must(err)
}

// releasable tells CodeDeploy about the service, its target groups and its listener.
func (tr *traffic) releasable(listener string) {
	tr.t.Helper()
	api, ctx := tr.way.CodeDeploy(), tr.t.Context()
	_, err := api.CreateApplication(ctx, &codedeploy.CreateApplicationInput{ApplicationName: &tr.application, ComputePlatform: codedeploytypes.ComputePlatformEcs})
	tr.must(err)
	_, err = api.CreateDeploymentGroup(ctx, &codedeploy.CreateDeploymentGroupInput{ApplicationName: &tr.application, DeploymentGroupName: aws.String("api"), ServiceRoleArn: aws.String("arn:aws:iam::123456789012:role/x"),
		DeploymentConfigName: aws.String("CodeDeployDefault.ECSLinear10PercentEvery1Minutes"), EcsServices: []codedeploytypes.ECSService{{ClusterName: &tr.cluster, ServiceName: &tr.service}},
		LoadBalancerInfo: &codedeploytypes.LoadBalancerInfo{TargetGroupPairInfoList: []codedeploytypes.TargetGroupPairInfo{{
			ProdTrafficRoute: &codedeploytypes.TrafficRoute{ListenerArns: []string{listener}},
			TargetGroups:     []codedeploytypes.TargetGroupInfo{{Name: aws.String("tg-api-blue-dev")}, {Name: aws.String("tg-api-green-dev")}}}}}})
	tr.must(err)
}

// forward weighs the target groups; a weight below zero leaves one out, and the other is alone without a weight.
func (tr *traffic) forward(blue, green int32) []balancing.Action {
	if green < 0 {
		return []balancing.Action{{Type: balancing.ActionTypeEnumForward, TargetGroupArn: &tr.blue}}
	}
	return []balancing.Action{{Type: balancing.ActionTypeEnumForward, ForwardConfig: &balancing.ForwardActionConfig{TargetGroups: []balancing.TargetGroupTuple{
		{TargetGroupArn: &tr.blue, Weight: &blue}, {TargetGroupArn: &tr.green, Weight: &green}}}}}
}

// status is the row of `release status` for the service.
func (tr *traffic) status() []string {
	tr.t.Helper()
	var row []string
	engine, err := deploy.New(deploy.Options{Environment: "dev", Cloud: tr.way, Clock: clock.System{}, Roots: deploy.Roots{Platform: "platform.yaml", Foundation: "foundation.yaml"},
		Reporter: report.Func(func(e report.Event) {
			if table, is := e.(report.Table); is {
				row = table.Rows[0]
			}
		})})
	tr.must(err)
	tr.must(engine.ReleaseStatus(tr.t.Context(), nil))
	return row
}

// What a listener's rule says about the traffic is what `release status` shows, whoever changed it.
func TestTrafficIsReadFromTheRules(t *testing.T) {
	tr := newTraffic(t)
	for _, c := range []struct {
		name        string
		blue, green int32
		want        string
	}{
		{"before a release", 100, 0, "tg-api-blue-dev 100 %; the primary task set is blue"},
		{"in the middle of one", 70, 30, "tg-api-blue-dev 70 %, tg-api-green-dev 30 %; the primary task set is blue"},
		{"weights that are not percents", 1, 3, "tg-api-blue-dev 25 %, tg-api-green-dev 75 %; the primary task set is blue"},
		{"to one target group, without a weight", 1, -1, "tg-api-blue-dev 100 %; the primary task set is blue"},
		{"changed by hand, to where no task is", 0, 999, "tg-api-green-dev 100 %; the primary task set is blue"},
	} {
		_, err := tr.way.ELB().ModifyRule(t.Context(), &elasticloadbalancingv2.ModifyRuleInput{RuleArn: &tr.rule, Actions: tr.forward(c.blue, c.green)})
		tr.must(err)
		if row := tr.status(); !slices.Contains(row, c.want) {
			t.Errorf("%s: %q, want %q", c.name, row, c.want)
		}
	}
}
