package drift_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/drift"
)

// platform is a root with two stacks, of which one has another nested in it.
func platform() *account {
	return &account{status: types.StackDriftDetectionStatusDetectionComplete, looks: 3, resources: map[string][]string{
		root:          {"DataStack arn:data AWS::CloudFormation::Stack IN_SYNC", "ServiceStack arn:service AWS::CloudFormation::Stack IN_SYNC", "Unmade - AWS::CloudFormation::Stack"},
		"arn:data":    {"Cluster db AWS::RDS::DBCluster MODIFIED", "Log log AWS::Logs::LogGroup DELETED", "Policy p AWS::S3::BucketPolicy NOT_CHECKED", "Deep arn:deep AWS::CloudFormation::Stack IN_SYNC"},
		"arn:service": {"Rule arn:rule AWS::ElasticLoadBalancingV2::ListenerRule MODIFIED", "Service s AWS::ECS::Service MODIFIED", "Target t AWS::ApplicationAutoScaling::ScalableTarget MODIFIED"},
		"arn:deep":    {"Policy p AWS::S3::BucketPolicy"},
	}, drifts: map[string][]types.StackResourceDrift{
		"arn:data": {modified("Cluster", "AWS::RDS::DBCluster", difference("/Port", "NOT_EQUAL", "5432", "5433"), difference("/BackupRetentionPeriod", "NOT_EQUAL", "7", "1")), state("Log", "AWS::Logs::LogGroup", types.StackResourceDriftStatusDeleted),
			state("Odd", "AWS::Odd::Odd", types.StackResourceDriftStatusUnknown)},
		"arn:service": {modified("Rule", "AWS::ElasticLoadBalancingV2::ListenerRule", difference("/Actions/0/ForwardConfig/TargetGroups/0/Weight", "NOT_EQUAL", "100", "0"))},
	}}
}

// Detection goes into each nested stack by itself, at most four at a time, and what differs is told once, by place.
func TestDetect(t *testing.T) {
	a := platform()
	got, err := drift.Detect(t.Context(), a, a, root)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range got.Resources {
		line := fmt.Sprintf("%s/%s %s deleted=%t real=%t", strings.Join(r.Path, "/"), r.LogicalID, r.ID, r.Deleted, r.Real())
		for _, d := range r.Differences {
			line += fmt.Sprintf("; %s %s %s->%s %s", d.Path, d.Kind, d.Expected, d.Actual, d.Owner)
		}
		lines = append(lines, line)
	}
	want := []string{"DataStack/Cluster p-Cluster deleted=false real=true; /BackupRetentionPeriod NOT_EQUAL 7->1 ; /Port NOT_EQUAL 5432->5433 ", "DataStack/Log p-Log deleted=true real=true",
		"ServiceStack/Rule p-Rule deleted=false real=false; /Actions/0/ForwardConfig/TargetGroups/0/Weight NOT_EQUAL 100->0 CodeDeploy"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"AWS::S3::BucketPolicy": 2, "AWS::CloudFormation::Stack": 1}, got.Unchecked); diff != "" || got.Checked != 8 {
		t.Error(diff, got.Checked)
	}
	if diff := cmp.Diff([]string{"Data/Odd: CloudFormation could not compare it"}, got.Incomplete); diff != "" {
		t.Error(diff)
	}
	detected := slices.DeleteFunc(slices.Clone(a.asked), func(s string) bool { return !strings.HasPrefix(s, "detect") })
	slices.Sort(detected)
	if diff := cmp.Diff([]string{"detect " + root, "detect arn:data", "detect arn:deep", "detect arn:service"}, detected); diff != "" || a.most > 4 {
		t.Error(diff, a.most)
	}
}

// A detection that failed for a resource still tells of the others.
func TestDetectionFailed(t *testing.T) {
	a := platform()
	a.resources, a.drifts, a.status = nil, nil, types.StackDriftDetectionStatusDetectionFailed
	got, err := drift.Detect(t.Context(), a, a, root)
	if err != nil || len(got.Incomplete) != 1 || got.Incomplete[0] != "platform-dev: Failed to detect drift on resource [X]" {
		t.Error(got.Incomplete, err)
	}
	if got, _ := drift.Detect(t.Context(), a, a, "just-a-name"); got.Incomplete[0] != "just-a-name: Failed to detect drift on resource [X]" {
		t.Error(got.Incomplete)
	}
}

// A detection that somebody else started, or our own whose answer was lost, is waited for, but not for ever.
func TestDetectionInProgress(t *testing.T) {
	a := platform()
	a.busy = 5
	if got, err := drift.Detect(t.Context(), a, a, root); err != nil || len(got.Resources) != 3 {
		t.Error(got, err)
	}
	a = platform()
	a.busy = 1000
	if _, err := drift.Detect(t.Context(), a, a, root); err == nil || !strings.Contains(err.Error(), "already in progress") || a.slept > time.Hour {
		t.Error(err, a.slept)
	}
}

func TestDetectFails(t *testing.T) {
	for name, tc := range map[string]struct {
		call  string
		after int
		want  string
	}{
		"the root's resources": {"list", 0, "list the resources of platform-dev"},
		"a nested stack's":     {"list", 2, "list the resources of Data"},
		"resources, once more": {"list", 8, "list the resources of"},
		"the beginning":        {"detect", 0, "detect the drift of"},
		"the end":              {"status", 0, "detect the drift of"},
		"differences":          {"drifts", 0, "read the drift of"},
	} {
		t.Run(name, func(t *testing.T) {
			a := platform()
			a.fails, a.after = tc.call, tc.after
			if _, err := drift.Detect(t.Context(), a, a, root); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v does not say %q", err, tc.want)
			}
		})
	}
	for name, limit := range map[string]time.Duration{"waiting for the end": time.Second, "waiting for the beginning": time.Second} {
		a := platform()
		a.limit = limit
		if name != "waiting for the end" {
			a.busy = 10
		}
		if _, err := drift.Detect(t.Context(), a, a, root); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// CodeDeploy owns weights, not rules; what it does not own is drift.
func TestOwners(t *testing.T) {
	const rule, service = "AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ECS::Service"
	for _, tc := range []struct {
		typ, path, kind, expected, actual string
		want                              string
	}{
		{rule, "/Actions/0/ForwardConfig/TargetGroups/0/Weight", "NOT_EQUAL", "100", "0", "CodeDeploy"},
		{rule, "/Actions/0", "NOT_EQUAL", `{"Type":"forward"}`, `{"ForwardConfig":{}}`, "CodeDeploy"},
		{rule, "/Actions/0/ForwardConfig", "REMOVE", `{"TargetGroups":[]}`, "null", "CodeDeploy"},
		{rule, "/Actions/0", "REMOVE", `{"ForwardConfig":{}}`, "", "CodeDeploy"},
		{rule, "/Actions/0", "REMOVE", `{"ForwardConfig":{}}`, "null", "CodeDeploy"},
		{rule, "/Actions/0", "REMOVE", `{"Type":"redirect"}`, "null", ""},
		{rule, "/Actions/0", "NOT_EQUAL", `{"ForwardConfig":{}}`, `{"Type":"fixed-response"}`, ""},
		{rule, "/Actions/0/Type", "NOT_EQUAL", "forward", "fixed-response", ""},
		{rule, "/Conditions/0", "REMOVE", `{"Field":"path-pattern","Weight":1}`, "", ""},
		{rule, "/Priority", "NOT_EQUAL", "1", "2", ""},
		{"AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/TargetGroupArn", "NOT_EQUAL", "a", "b", "CodeDeploy"},
		{service, "/TaskDefinition", "NOT_EQUAL", "task", "task:2", "CodeDeploy"},
		{service, "/LoadBalancers/0/TargetGroupArn", "NOT_EQUAL", "blue", "green", "CodeDeploy"},
		{service, "/TaskSets", "ADD", "", "[]", "CodeDeploy"},
		{service, "/DesiredCount", "NOT_EQUAL", "2", "5", "Application Auto Scaling"},
		{service, "/CapacityProviderStrategy/0", "REMOVE", "{}", "", ""},
		{"AWS::ApplicationAutoScaling::ScalableTarget", "/SuspendedState/DynamicScalingInSuspended", "NOT_EQUAL", "false", "true", "the release"},
		{"AWS::ApplicationAutoScaling::ScalableTarget", "/MinCapacity", "NOT_EQUAL", "2", "1", ""},
	} {
		a := &account{status: types.StackDriftDetectionStatusDetectionComplete, drifts: map[string][]types.StackResourceDrift{root: {modified("R", tc.typ, difference(tc.path, tc.kind, tc.expected, tc.actual))}}}
		got, err := drift.Detect(t.Context(), a, a, root)
		if err != nil {
			t.Fatal(err)
		}
		r := got.Resources[0]
		if d := r.Differences[0]; d.Owner != tc.want || (d.Reason != "") != (tc.want != "") || r.Real() != (tc.want == "") {
			t.Errorf("%s%s: owner %q, want %q", tc.typ, tc.path, d.Owner, tc.want)
		}
	}
}
