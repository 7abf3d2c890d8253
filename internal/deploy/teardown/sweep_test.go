package teardown_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/teardown"
)

func TestQuiet(t *testing.T) {
	all := []teardown.Resource{
		{Type: "AWS::ECS::Service", ID: "arn:aws:ecs:us-east-1:1:service/cluster-dev/api", Status: "CREATE_COMPLETE"},
		{Type: "AWS::ECS::Service", ID: "arn:aws:ecs:us-east-1:1:service/cluster-dev/gone", Status: "DELETE_COMPLETE"},
		{Type: "AWS::ECS::Service", ID: "not made yet"},
		{Type: "AWS::ECS::Cluster", ID: "cluster-dev"}, {Type: "AWS::ECS::Cluster", ID: "gone", Status: "DELETE_COMPLETE"},
		{Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", LogicalID: "Balancer", ID: "arn:alb"}, {Type: "AWS::CloudTrail::Trail", ID: "trail-dev"}, {Type: "AWS::CloudTrail::Trail"}}
	if got := teardown.Services(all); len(got) != 1 || got[0].Target() != "service/cluster-dev/api" {
		t.Error(got)
	}
	fine := map[string][]string{"ecs:UpdateService": {`{}`}, "ecs:ListTasks": {`{"taskArns":["t1"],"nextToken":"n"}`, `{"taskArns":["t2"]}`}, "ecs:StopTask": {`{}`, failed("ResourceNotFoundException")},
		"elasticloadbalancing:ModifyLoadBalancerAttributes": {`<R><ModifyLoadBalancerAttributesResult/></R>`}}
	way, script := scripted(t, fine)
	s, _ := signer(t, map[string][]string{"cloudtrail:StopLogging": {`{}`}})
	if failed := (teardown.Quieter{Tasks: way.ECS(), Balancers: way.ELB(), Signer: s}).Quiet(t.Context(), all); len(failed) > 0 {
		t.Error(failed)
	}
	if !strings.Contains(script.bodies[0], `"desiredCount":0`) || len(script.asked) != 6 {
		t.Error(script.asked, script.bodies)
	}
	// What fails is told; what is missing, or what the endpoint does not know, is no failure.
	way, _ = scripted(t, map[string][]string{"ecs:UpdateService": {failed("AccessDeniedException")}, "ecs:ListTasks": {failed("AccessDeniedException")},
		"elasticloadbalancing:ModifyLoadBalancerAttributes": {failedXML("AccessDenied")}})
	s, _ = signer(t, map[string][]string{"cloudtrail:StopLogging": {failed("UnknownOperationException")}})
	var told []string
	for _, err := range (teardown.Quieter{Tasks: way.ECS(), Balancers: way.ELB(), Signer: s}).Quiet(t.Context(), all) {
		text, _, _ := strings.Cut(err.Error(), ":")
		told = append(told, text)
	}
	if diff := cmp.Diff([]string{"scale service api to zero", "stop the tasks of cluster cluster-dev", "end the access logs of load balancer Balancer"}, told); diff != "" {
		t.Error(diff)
	}
	way, _ = scripted(t, map[string][]string{"ecs:ListTasks": {`{"taskArns":["t1"]}`}, "ecs:StopTask": {failed("Broken")}})
	wants(t, teardown.StopTasks(t.Context(), way.ECS(), "cluster-dev"), "Broken")
}

func TestTagged(t *testing.T) {
	way, script := scripted(t, map[string][]string{"tagging:GetResources": {`{"PaginationToken":"p","ResourceTagMappingList":[{"ResourceARN":"arn:1","Tags":[{"Key":"Environment","Value":"dev"}]}]}`, `{"PaginationToken":"","ResourceTagMappingList":[{"ResourceARN":"arn:2"}]}`}})
	got, err := teardown.Tagged(t.Context(), way.Tagging(), "Environment", "dev")
	wants(t, err, "")
	if diff := cmp.Diff([]teardown.Thing{{ARN: "arn:1", Tags: map[string]string{"Environment": "dev"}}, {ARN: "arn:2", Tags: map[string]string{}}}, got); diff != "" || !strings.Contains(script.bodies[0], `"Values":["dev"]`) {
		t.Error(diff, script.bodies)
	}
	way, _ = scripted(t, map[string][]string{"tagging:GetResources": {failed("Broken")}})
	_, err = teardown.Tagged(t.Context(), way.Tagging(), "Environment", "dev")
	wants(t, err, "look for tagged resources")
}

func TestLogGroups(t *testing.T) {
	groups := []teardown.Resource{{Type: "AWS::Logs::LogGroup", ID: "b"}, {Type: "AWS::Logs::LogGroup", ID: "a"}, {Type: "AWS::Logs::LogGroup", ID: "a"}, {Type: "AWS::Logs::LogGroup"}, {Type: "AWS::S3::Bucket", ID: "c"}}
	for name, tc := range map[string]struct {
		describe, remove []string
		deleted          []string
		want             string
	}{
		"made again": {[]string{`{"logGroups":[{"logGroupName":"a"},{"logGroupName":"a-long"}]}`, `{"logGroups":[]}`}, []string{`{}`}, []string{"a"}, ""},
		"longer":     {[]string{`{"logGroups":[{"logGroupName":"a-long"}]}`, `{"logGroups":[{"logGroupName":"b"}]}`}, []string{failed("ResourceNotFoundException")}, []string{"b"}, ""},
		"unread":     {[]string{failed("Broken")}, nil, nil, "look for log group a"},
		"undeleted":  {[]string{`{"logGroups":[{"logGroupName":"a"}]}`}, []string{failed("Broken")}, nil, "delete log group a"},
	} {
		way, _ := scripted(t, map[string][]string{"logs:DescribeLogGroups": tc.describe, "logs:DeleteLogGroup": tc.remove})
		got, err := teardown.LogGroups(t.Context(), way.Logs(), groups)
		wants(t, err, tc.want)
		if diff := cmp.Diff(tc.deleted, got); diff != "" {
			t.Error(name, diff)
		}
	}
}

func TestRevisions(t *testing.T) {
	definition := func(n int) teardown.Resource {
		return teardown.Resource{Type: "AWS::ECS::TaskDefinition", ID: fmt.Sprintf("arn:aws:ecs:us-east-1:1:task-definition/task-dev:%d", n)}
	}
	other := teardown.Resource{Type: "AWS::ECS::TaskDefinition", ID: "arn:aws:ecs:us-east-1:1:task-definition/task-b-dev:1"}
	if diff := cmp.Diff([]string{"task-b-dev", "task-dev"}, teardown.Families([]teardown.Resource{definition(1), other, definition(2)})); diff != "" {
		t.Error(diff)
	}
	list := func(next string, n int) string {
		var arns []string
		for i := range n {
			arns = append(arns, fmt.Sprintf(`"arn:aws:ecs:us-east-1:1:task-definition/task-dev:%d"`, i))
		}
		return `{"taskDefinitionArns":["arn:aws:ecs:us-east-1:1:task-definition/task-dev-other:1"` + strings.Join(append([]string{""}, arns...), ",") + `]` + next + `}`
	}
	for name, tc := range map[string]struct {
		list, deregister, remove []string
		deleted                  int
		want                     string
	}{
		"many":         {[]string{list("", 1), list(`,"nextToken":"n"`, 8), list("", 4)}, []string{`{}`}, []string{`{}`}, 12, ""},
		"none":         {[]string{list("", 0)}, nil, nil, 0, ""},
		"unread":       {[]string{failed("Broken")}, nil, nil, 0, "list the revisions of task-dev"},
		"registered":   {[]string{list("", 1)}, []string{failed("Broken")}, nil, 0, "deregister arn:aws"},
		"unread later": {[]string{list("", 0), failed("Broken")}, nil, nil, 0, "list the revisions of task-dev"},
		"undeleted":    {[]string{list("", 0), list("", 1)}, nil, []string{failed("Broken")}, 0, "delete revisions of task-dev"},
		"refused":      {[]string{list("", 0), list("", 1)}, nil, []string{`{"failures":[{"arn":"arn:x","reason":"still in ACTIVE status"}]}`}, 0, "delete arn:x: still in ACTIVE status"},
	} {
		way, script := scripted(t, map[string][]string{"ecs:ListTaskDefinitions": tc.list, "ecs:DeregisterTaskDefinition": tc.deregister, "ecs:DeleteTaskDefinitions": tc.remove})
		got, err := teardown.Revisions(t.Context(), way.ECS(), "task-dev")
		wants(t, err, tc.want)
		if got != tc.deleted {
			t.Errorf("%s: deleted %d, want %d: %v", name, got, tc.deleted, script.asked)
		}
	}
}

func TestSecrets(t *testing.T) {
	known := []teardown.Resource{{Type: "AWS::SecretsManager::Secret", ID: "arn:aws:secretsmanager:us-east-1:1:secret:secret-dev-AbCdEf"}, {Type: "AWS::SecretsManager::Secret", ID: "short"}}
	way, script := scripted(t, map[string][]string{"secretsmanager:ListSecrets": {`{"SecretList":[{"Name":"secret-dev","ARN":"arn:new"},{"Name":"secret-dev-2"}]}`, `{}`}})
	got, err := teardown.SecretsOf(t.Context(), way.Secrets(), known)
	wants(t, err, "")
	if len(got) != 1 || *got[0].ARN != "arn:new" || !strings.Contains(script.bodies[0], `"IncludePlannedDeletion":true`) || !strings.Contains(script.bodies[0], `"secret-dev"`) {
		t.Error(got, script.bodies)
	}
	way, _ = scripted(t, map[string][]string{"secretsmanager:ListSecrets": {failed("Broken")}})
	_, err = teardown.SecretsOf(t.Context(), way.Secrets(), known)
	wants(t, err, "look for secret secret-dev")
}

func TestExistence(t *testing.T) {
	for answer, want := range map[string]error{`<R/>`: nil, failedS3("NoSuchBucket"): errAbsent, failedS3("AccessDenied"): errAbsent, failedS3("Forbidden"): errAbsent, failedS3("Broken"): errBroken} {
		way, _ := scripted(t, map[string][]string{"s3:HEAD": {answer}})
		exists, err := teardown.BucketExists(t.Context(), way.S3(), "b", "111122223333")
		if exists != (want == nil) || (err != nil) != (want == errBroken) {
			t.Errorf("%s: %t, %v", answer, exists, err)
		}
	}
	for answer, want := range map[string]error{`{}`: nil, failed("RepositoryNotFoundException"): errAbsent, failed("Broken"): errBroken} {
		way, _ := scripted(t, map[string][]string{"ecr:DescribeRepositories": {answer}})
		exists, err := teardown.RepositoryExists(t.Context(), way.ECR(), "r")
		if exists != (want == nil) || (err != nil) != (want == errBroken) {
			t.Errorf("%s: %t, %v", answer, exists, err)
		}
	}
}

var errAbsent, errBroken = errors.New("absent"), errors.New("broken")
