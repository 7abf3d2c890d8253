package verify

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

// A listener rule may name one target group in either way; several share by weights.
func TestWeights(t *testing.T) {
	into := map[string]int32{}
	weigh([]balancing.Action{{TargetGroupArn: aws.String("old")}, {Type: balancing.ActionTypeEnumFixedResponse}, {ForwardConfig: &balancing.ForwardActionConfig{TargetGroups: []balancing.TargetGroupTuple{{TargetGroupArn: aws.String("one"), Weight: aws.Int32(0)}}}},
		{ForwardConfig: &balancing.ForwardActionConfig{TargetGroups: []balancing.TargetGroupTuple{{TargetGroupArn: aws.String("a"), Weight: aws.Int32(30)}, {TargetGroupArn: aws.String("b"), Weight: aws.Int32(70)}}}}}, into)
	if diff := cmp.Diff(map[string]int32{"old": 100, "one": 100, "a": 30, "b": 70}, into); diff != "" {
		t.Error(diff)
	}
	if short("no-arn") != "no-arn" || secretARN("arn:aws:secretsmanager:r:a:secret:n") != "arn:aws:secretsmanager:r:a:secret:n" {
		t.Error("names are cut")
	}
}

// A suffix is a word of its own at the end of a name or of a part of it, or the name is another environment's.
func TestNamesOfAnEnvironment(t *testing.T) {
	for name, want := range map[string]bool{"log-api-qa": true, "/aws/ecs/cluster-qa/performance": true, "qa": true, "log_qa": true, "log-api-qa-eu": false, "log-qaa": false, "/aws/lambda/qable": false, "": false} {
		if got := carries(name, "qa"); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
}

// The cluster of a service is in its ARN, in the template, or the account's default one.
func TestClusterOfAService(t *testing.T) {
	s := estateOf(t, `{Resources: {Named: {Type: AWS::ECS::Service, Properties: {Cluster: !Sub 'cluster/c'}}, Unnamed: {Type: AWS::ECS::Service}}}`, nil)
	for id, want := range map[string]string{"Named": "c", "Unnamed": "default"} {
		r := s.resources[id]
		if got := clusterOf(r); got != "c" {
			t.Errorf("%s: %s", id, got)
		}
		if r.ID = "arn:aws:ecs:us-east-1:111122223333:service/svc"; clusterOf(r) != want {
			t.Errorf("%s: %s", id, clusterOf(r))
		}
	}
}

func TestReasons(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{errors.New("odd"), "odd"},
		{asking("a:B", errors.New("odd")), "a:B: odd"},
		{asking("a:B", apiError("AccessDeniedException")), "denied: the caller may not a:B"},
		{asking("a:B", apiError("ThrottlingException")), "throttled: a:B was refused again and again"},
		{asking("a:B", apiError("Strange")), "a:B answered Strange"},
	} {
		if got := reason(tc.err); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
