package changeset_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
)

// A liveState is what CodeDeploy has set.
type liveState struct {
	rule, listener changeset.Weights
	releasing      string
	err            error
}

func (l liveState) Weights(string) (changeset.Weights, error)        { return l.rule, l.err }
func (l liveState) DefaultWeights(string) (changeset.Weights, error) { return l.listener, l.err }
func (l liveState) Releasing(service string) bool                    { return service == l.releasing }

const (
	serviceType = "AWS::ECS::Service"
	taskType    = "AWS::ECS::TaskDefinition"
	ruleType    = "AWS::ElasticLoadBalancingV2::ListenerRule"
	listener    = "AWS::ElasticLoadBalancingV2::Listener"
	groupType   = "AWS::ElasticLoadBalancingV2::TargetGroup"
	never       = types.RequiresRecreationNever
	always      = types.RequiresRecreationAlways
)

const services = `
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: !Sub 'task-${Zone}', Cpu: !Ref Vpc}}
  Other: {Type: AWS::ECS::TaskDefinition, Properties: {Family: other}}
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Sub 'task-${Zone}', Cluster: !Ref Vpc}}
  Blue: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: !Ref Vpc}}
  Green: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: !Ref Vpc}}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Vpc
      Priority: 1
      Actions:
        - Type: forward
          ForwardConfig:
            TargetGroups:
              - {TargetGroupArn: !Ref Blue, Weight: !If [BlueIsActive, 100, 0]}
              - {TargetGroupArn: !Ref Green, Weight: !If [BlueIsActive, 0, 100]}
Outputs: {}
`

// colour passes a colour under a condition.
func colour(condition, color, zone string) func(*scene) {
	return func(s *scene) {
		s.edit("both", "root.yaml", "Color: !Ref Color", "Color: !If ["+condition+", !Ref Color, blue]")
		s.given["Color"], s.given["Zone"] = given(color), given(zone)
	}
}

// forward is a rule's context with two groups.
func forward(property, blue, green, weightBlue, weightGreen string) *string {
	return new(`{"Properties":{"` + property + `":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"` + blue + `","Weight":` + weightBlue + `},{"TargetGroupArn":"` + green + `","Weight":"` + weightGreen + `"}]}}]}}`)
}

// TestGuard: what is CodeDeploy's, shown to block and not to block.
func TestGuard(t *testing.T) {
	live := liveState{rule: changeset.Weights{"physical-Blue": 1, "physical-Green": 0}, listener: changeset.Weights{"physical-Blue": 100}, releasing: "physical-Busy"}
	context := func(c types.Change, before, after *string) types.Change {
		return with(c, func(c *types.ResourceChange) { c.BeforeContext, c.AfterContext = before, after })
	}
	service := modify("Service", serviceType, direct("HealthCheckGracePeriodSeconds", "1", "2", never))
	task := replaced("Task", taskType, direct("Cpu", "1", "2", always))
	group := func(id string) types.Change { return replaced(id, groupType, byParameter("VpcId", "Vpc")) }
	rule := modify("Rule", ruleType, direct("Priority", "1", "2", never))
	recoloured := modify("Rule", ruleType, changed(direct("Actions", "", "", never), func(d *types.ResourceChangeDetail) {
		d.ChangeSource, d.CausingEntity, d.Target.BeforeValue, d.Target.AfterValue = types.ChangeSourceParameterReference, new("Color"), new("old"), new(afterApply)
	}))
	for _, test := range []struct {
		name    string
		changes []types.Change
		stage   func(*scene)
		want    string
	}{
		{name: "the service alone", changes: changes(service)},
		{name: "the task definition alone", changes: changes(task)},
		{name: "both", changes: changes(service, task), want: "its task definition Task change together"},
		{name: "a new task definition", changes: changes(service, change(types.ChangeActionAdd, "Task", taskType)), want: "change together"},
		{name: "both for the first time", changes: changes(change(types.ChangeActionAdd, "Service", serviceType), change(types.ChangeActionAdd, "Task", taskType))},
		{name: "the task definition goes", changes: changes(service, change(types.ChangeActionRemove, "Task", taskType))},
		{name: "the service goes", changes: changes(change(types.ChangeActionRemove, "Service", serviceType), task)},
		{name: "tags of both", changes: changes(service, modify("Task", taskType, direct("Tags", "1", "2", never)))},
		{name: "the task definition of another service", changes: changes(service, replaced("Other", taskType, direct("Family", "1", "2", always)))},
		{name: "a task definition that nobody knows", changes: changes(service, replaced("Third", taskType, direct("Cpu", "1", "2", always))), want: "Third change together",
			stage: func(s *scene) {
				s.edit("now", "app.yaml", "  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: !Sub 'task-${Zone}', Cpu: !Ref Vpc}}\n", "")
			}},
		{name: "by reference", changes: changes(service, task), want: "change together", stage: func(s *scene) {
			s.edit("both", "app.yaml", "{TaskDefinition: !Sub 'task-${Zone}'", "{TaskDefinition: !Ref Task")
		}},
		{name: "both, of a service that waits for its rule too", changes: changes(service, task), want: "change together", stage: func(s *scene) {
			s.edit("both", "app.yaml", "Service: {Type: AWS::ECS::Service,", "Service: {Type: AWS::ECS::Service, DependsOn: [Rule],")
			s.edit("both", "app.yaml", "{TaskDefinition: !Sub 'task-${Zone}'", "{TaskDefinition: !Ref Vpc")
		}},
		{name: "a service that nobody knows", changes: changes(modify("Unknown", serviceType), task), want: "change together"},
		{name: "a task definition that does not change", changes: changes(service, replaced("Task", taskType, byParameter("Cpu", "Vpc")))},
		{name: "a service that does not change", changes: changes(replaced("Service", serviceType, byParameter("Cluster", "Vpc")), task)},
		{name: "while it is released", changes: changes(modify("Busy", serviceType)), want: "a release of this service is under way"},
		{name: "removed while it is released", changes: changes(change(types.ChangeActionRemove, "Busy", serviceType)), want: "a release of this service is under way"},
		{name: "the live weights", changes: changes(context(rule, nil, forward("Actions", "physical-Blue", "physical-Green", "100", "0")))},
		{name: "other weights", changes: changes(context(rule, nil, forward("Actions", "physical-Blue", "physical-Green", "0", "100"))), want: "it would get the weights physical-Green 100 %, and physical-Blue 100 % are live"},
		{name: "other groups", changes: changes(context(rule, nil, forward("Actions", "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/tg-blue/1", "x", "100", "0"))), want: "weights tg-blue 100 %"},
		{name: "one group", changes: changes(context(rule, nil, new(`{"Properties":{"Actions":[{"Type":"forward","TargetGroupArn":"physical-Blue"}]}}`)))},
		{name: "one group without a weight", changes: changes(context(rule, nil, new(`{"Properties":{"Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"physical-Blue"}]}}]}}`)))},
		{name: "one group of weight 0 takes everything", changes: changes(context(rule, nil, new(`{"Properties":{"Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"physical-Blue","Weight":0}]}}]}}`)))},
		{name: "two groups without weights", changes: changes(context(rule, nil, new(`{"Properties":{"Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"physical-Blue"},{"TargetGroupArn":"physical-Green"}]}}]}}`))), want: "it would get the weights physical-Blue 50 %, physical-Green 50 %"},
		{name: "nothing to forward to", changes: changes(context(rule, nil, new(`{"Properties":{"Actions":[{"Type":"fixed-response"}]}}`))), want: "the weights none, and"},
		{name: "a rule that goes", changes: changes(change(types.ChangeActionRemove, "Rule", ruleType))},
		{name: "a new rule", changes: changes(change(types.ChangeActionAdd, "Rule", ruleType))},
		{name: "an imported rule", changes: changes(change(types.ChangeActionImport, "Rule", ruleType))},
		{name: "weights that nobody shows, by the template", changes: changes(rule, group("Blue"), group("Green"))},
		{name: "the live colour, by the template", changes: changes(context(recoloured, nil, new(`{"Properties":{"Actions":"`+afterApply+`"}}`)), group("Blue"), group("Green")), want: "it would get the weights physical-Green 100 %",
			stage: func(s *scene) { s.given["Color"] = given("green") }},
		{name: "nothing changes", changes: changes(recoloured)},
		{name: "weights that stay", changes: changes(context(modify("Rule", ruleType, recoloured.ResourceChange.Details[0], direct("Priority", "1", "2", never)), forward("Actions", "physical-Blue", "physical-Green", "1", "0"), new(`{"Properties":{"Actions":[{"Type":"forward"}]}}`)))},
		{name: "a colour under a condition that holds", changes: changes(rule, group("Blue"), group("Green")), want: "physical-Green 100 %", stage: colour("IsZoned", "green", "a")},
		{name: "a colour under a condition that does not", changes: changes(rule, group("Blue"), group("Green")), stage: colour("IsZoned", "green", "b")},
		{name: "a colour under either condition", changes: changes(rule, group("Blue"), group("Green")), want: "physical-Green 100 %", stage: func(s *scene) {
			s.edit("both", "root.yaml", "!And [!Not", "!Or [!Not")
			colour("IsZoned", "green", "b")(s)
		}},
		{name: "a colour under a condition that nobody can tell", changes: changes(rule, group("Blue"), group("Green")), want: "cannot be told", stage: func(s *scene) {
			s.edit("both", "root.yaml", "!And [!Not [!Condition IsBig]", "!And [!Contains [!Condition IsBig]")
			colour("IsZoned", "green", "a")(s)
		}},
		{name: "a colour that is preset", changes: changes(rule, group("Blue"), group("Green")), stage: func(s *scene) {
			s.edit("both", "root.yaml", "        Color: !Ref Color\n", "")
			s.edit("both", "app.yaml", "Color: {Type: String}", "Color: {Type: String, Default: blue}")
		}},
		{name: "a weight that another stack gives", changes: changes(rule, group("Blue"), group("Green")), want: "cannot be told", stage: func(s *scene) {
			s.edit("both", "app.yaml", "Weight: !If [BlueIsActive, 100, 0]", "Weight: !Ref Vpc")
		}},
		{name: "no actions", changes: changes(rule), want: "cannot be told", stage: func(s *scene) {
			s.edit("both", "app.yaml", "      Actions:\n", "      Inaction:\n")
		}},
		{name: "weights that stay and are not live", changes: changes(context(modify("Rule", ruleType, recoloured.ResourceChange.Details[0], direct("Priority", "1", "2", never)), forward("Actions", "physical-Blue", "physical-Green", "0", "1"), nil)), want: "it would get the weights physical-Green 100 %"},
		{name: "a group that is replaced", changes: changes(rule, group("Green"), replaced("Blue", groupType, direct("VpcId", "1", "2", always))), want: "cannot be told before the execution"},
		{name: "groups that are not listed", changes: changes(rule), want: "cannot be told before the execution"},
		{name: "weights that are no numbers", changes: changes(context(modify("Elsewhere", ruleType), nil, forward("Actions", "a", "b", `"x"`, "1"))), want: "cannot be told"},
		{name: "actions that are no list", changes: changes(context(modify("Elsewhere", ruleType), nil, new(`{"Properties":{"Actions":["x"]}}`))), want: "cannot be told"},
		{name: "a context that is no JSON", changes: changes(context(modify("Elsewhere", ruleType), nil, new("x"))), want: "cannot be told"},
		{name: "a listener that answers by itself", changes: changes(context(modify("Elsewhere", listener), nil, new(`{"Properties":{"DefaultActions":[{"Type":"fixed-response"}]}}`)))},
		{name: "a listener with the live weights", changes: changes(context(modify("Elsewhere", listener), nil, forward("DefaultActions", "physical-Blue", "x", "100", "0")))},
		{name: "a listener with other weights", changes: changes(context(modify("Elsewhere", listener), nil, forward("DefaultActions", "physical-Blue", "x", "50", "50"))), want: "it would get the weights physical-Blue 50 %, x 50 %"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.edit("both", "app.yaml", "/${DeepTemplateKey}\n", "/${DeepTemplateKey}\n"+services)
			if test.stage != nil {
				test.stage(s)
			}
			s.app().Changes = append(test.changes, types.Change{})
			blocked, err := changeset.Guard(s.set, s.review(), live)
			switch {
			case err != nil:
				t.Error(err)
			case test.want == "" && len(blocked) > 0:
				t.Errorf("blocked: %+v", blocked)
			case test.want != "" && (len(blocked) != 1 || !strings.Contains(blocked[0].Reason, test.want) || len(blocked[0].Path) != 1 || blocked[0].Path[0] != "AppStack" || blocked[0].Do == ""):
				t.Errorf("blocked: %+v", blocked)
			}
		})
	}
	s := newScene(t)
	s.app().Changes = changes(rule, modify("Z", ruleType))
	if _, err := changeset.Guard(s.set, s.review(), liveState{err: errors.New("no answer")}); err == nil || !strings.Contains(err.Error(), "read the live weights of Rule") {
		t.Error(err)
	}
	if blocked, err := changeset.Guard(s.set, changeset.Review{}, live); err != nil || len(blocked) != 2 {
		t.Error("without a review everything counts:", blocked, err)
	}
}
