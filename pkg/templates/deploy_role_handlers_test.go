package templates_test

import (
	"bufio"
	"bytes"
	"embed"
	"strings"
	"testing"
)

//go:embed testdata/handlers.txt testdata/handlers-unused.txt testdata/handlers-further.txt
var permissionLists embed.FS

// permissionLines are the lines of a list that say something.
func permissionLines(t *testing.T, name string) (lines []string) {
	t.Helper()
	data, err := permissionLists.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(bytes.NewReader(data))
	for scanner.Scan() {
		if line := scanner.Text(); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// handlerActions are the actions of a type's handlers: all of them, or those of one handler.
func handlerActions(t *testing.T, handler string) map[string][]string {
	t.Helper()
	actions := map[string][]string{}
	for _, line := range permissionLines(t, "handlers.txt") {
		fields := strings.Fields(line)
		if handler == "" || fields[1] == handler {
			actions[fields[0]] = append(actions[fields[0]], fields[2:]...)
		}
	}
	return actions
}

// reasonedActions are actions with a reason, by action.
func reasonedActions(t *testing.T, name string) map[string]string {
	t.Helper()
	reasons := map[string]string{}
	for _, line := range permissionLines(t, name) {
		cut := strings.LastIndex(line, ": ")
		if cut <= 0 {
			t.Fatalf("%s: line %q is not REASON: ACTIONS", name, line)
		}
		for _, action := range strings.Fields(line[cut+2:]) {
			if reasons[action] != "" {
				t.Errorf("%s: %s is listed twice", name, action)
			}
			reasons[action] = line[:cut]
		}
	}
	return reasons
}

func TestDeployRoleMayDoWhatEveryHandlerNeeds(t *testing.T) {
	all, handlers, unused := deployPermissions(t), handlerActions(t, ""), reasonedActions(t, "handlers-unused.txt")
	needed := map[string]bool{}
	platformResources(t, func(file, id string, r resource) {
		actions, known := handlers[r.Type]
		if !known {
			t.Errorf("%s: %s is of type %s; add the actions of its handlers to testdata/handlers.txt and the missing ones to the deploy role", file, id, r.Type)
		}
		for _, action := range actions {
			needed[action] = true
		}
	})
	for action := range needed {
		allowed := len(allowing(all, action, "")) > 0
		if reason, left := unused[action]; allowed == left {
			t.Errorf("%s: the deploy role has it: %v; left out for the reason %q", action, allowed, reason)
		}
	}
	for action := range unused {
		if !needed[action] {
			t.Errorf("testdata/handlers-unused.txt: no handler of a type in the platform needs %s", action)
		}
	}
}

func TestDeployRoleMayDoNothingElse(t *testing.T) {
	further, needed := reasonedActions(t, "handlers-further.txt"), map[string]bool{}
	handlers := handlerActions(t, "")
	platformResources(t, func(_, _ string, r resource) {
		for _, action := range handlers[r.Type] {
			needed[action] = true
		}
	})
	granted := map[string]bool{}
	for _, p := range deployPermissions(t) {
		if p.effect != "Allow" {
			continue
		}
		for _, action := range p.actions {
			granted[action] = true
			if strings.ContainsAny(action, "*?") {
				t.Errorf("%s: %s is not exact", p.sid, action)
			}
			if !needed[action] && further[action] == "" {
				t.Errorf("%s: no handler of a type in the platform needs %s, and testdata/handlers-further.txt has no reason for it", p.sid, action)
			}
		}
	}
	for action := range further {
		if !granted[action] || needed[action] {
			t.Errorf("testdata/handlers-further.txt: %s is not granted, or a handler needs it anyway", action)
		}
	}
}

// namedARNs are the ARNs of resources with names, by type and the property with the name. R, A and SUFFIX are region,
// account and suffix. https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
var namedARNs = map[string]struct{ property, arn string }{
	"AWS::CloudTrail::Trail":                    {"TrailName", "cloudtrail:R:A:trail/NAME"},
	"AWS::CloudWatch::Alarm":                    {"AlarmName", "cloudwatch:R:A:alarm:NAME"},
	"AWS::CloudWatch::Dashboard":                {"DashboardName", "cloudwatch::A:dashboard/NAME"},
	"AWS::CodeDeploy::Application":              {"ApplicationName", "codedeploy:R:A:application:NAME"},
	"AWS::CodeDeploy::DeploymentGroup":          {"DeploymentGroupName", "codedeploy:R:A:deploymentgroup:app-payments-SUFFIX/NAME"},
	"AWS::ECS::Cluster":                         {"ClusterName", "ecs:R:A:cluster/NAME"},
	"AWS::ECS::Service":                         {"ServiceName", "ecs:R:A:service/cluster-payments-SUFFIX/NAME"},
	"AWS::ECS::TaskDefinition":                  {"Family", "ecs:R:A:task-definition/NAME:1"},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {"Name", "elasticloadbalancing:R:A:loadbalancer/app/NAME/50dc6c495c0c9188"},
	"AWS::ElasticLoadBalancingV2::TargetGroup":  {"Name", "elasticloadbalancing:R:A:targetgroup/NAME/73e2d6bc24d8a067"},
	"AWS::Events::Rule":                         {"Name", "events:R:A:rule/NAME"},
	"AWS::IAM::Role":                            {"RoleName", "iam::A:role/NAME"},
	"AWS::KMS::Alias":                           {"AliasName", "kms:R:A:NAME"},
	"AWS::KinesisFirehose::DeliveryStream":      {"DeliveryStreamName", "firehose:R:A:deliverystream/NAME"},
	"AWS::Logs::LogGroup":                       {"LogGroupName", "logs:R:A:log-group:NAME:*"},
	"AWS::RDS::DBCluster":                       {"DBClusterIdentifier", "rds:R:A:cluster:NAME"},
	"AWS::RDS::DBClusterParameterGroup":         {"DBClusterParameterGroupName", "rds:R:A:cluster-pg:NAME"},
	"AWS::RDS::DBInstance":                      {"DBInstanceIdentifier", "rds:R:A:db:NAME"},
	"AWS::RDS::DBParameterGroup":                {"DBParameterGroupName", "rds:R:A:pg:NAME"},
	"AWS::RDS::DBSubnetGroup":                   {"DBSubnetGroupName", "rds:R:A:subgrp:NAME"},
	"AWS::RDS::EventSubscription":               {"SubscriptionName", "rds:R:A:es:NAME"},
	"AWS::S3::Bucket":                           {"BucketName", "s3:::NAME"},
	"AWS::SNS::Topic":                           {"TopicName", "sns:R:A:NAME"},
	"AWS::Scheduler::Schedule":                  {"Name", "scheduler:R:A:schedule/schedules-administration-SUFFIX/NAME"},
	"AWS::Scheduler::ScheduleGroup":             {"Name", "scheduler:R:A:schedule-group/NAME"},
	"AWS::SecretsManager::Secret":               {"Name", "secretsmanager:R:A:secret:NAME-a1B2c3"},
	"AWS::WAFv2::WebACL":                        {"Name", "wafv2:R:A:regional/webacl/NAME/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"},
}

// fullARN writes an ARN as the templates do.
func fullARN(arn string) string {
	service, rest, _ := strings.Cut(arn, ":")
	region, rest, _ := strings.Cut(rest, ":")
	account, rest, _ := strings.Cut(rest, ":")
	return strings.Join([]string{"arn", "${AWS::Partition}", service, strings.ReplaceAll(region, "R", "${AWS::Region}"),
		strings.ReplaceAll(account, "A", "${AWS::AccountId}"), strings.ReplaceAll(rest, "SUFFIX", "${EnvironmentSuffix}")}, ":")
}

// What a handler does to a resource it must be allowed to do to every one we name, by the very name.
func TestDeployRoleReachesEveryNamedResource(t *testing.T) {
	all, unused := deployPermissions(t), reasonedActions(t, "handlers-unused.txt")
	changes := map[string][]string{}
	for _, handler := range []string{"create", "update", "delete"} {
		for resourceType, actions := range handlerActions(t, handler) {
			changes[resourceType] = append(changes[resourceType], actions...)
		}
	}
	seen := map[string]bool{}
	platformResources(t, func(file, id string, r resource) {
		named, ok := namedARNs[r.Type]
		if !ok {
			return
		}
		seen[r.Type] = true
		name := text(r.Properties[named.property])
		if name == "" {
			t.Errorf("%s: %s has no %s of its own", file, id, named.property)
			return
		}
		arn := strings.ReplaceAll(fullARN(named.arn), "NAME", name)
		service, _, _ := strings.Cut(named.arn, ":")
		for _, action := range changes[r.Type] {
			if strings.HasPrefix(action, service+":") && unused[action] == "" && action != "iam:PassRole" && len(allowing(all, action, arn)) == 0 {
				t.Errorf("%s: %s: the deploy role may not %s on %s", file, id, action, arn)
			}
		}
	})
	for resourceType := range namedARNs {
		if !seen[resourceType] {
			t.Errorf("no template has a %s", resourceType)
		}
	}
}
