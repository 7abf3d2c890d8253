package verify

import (
	"errors"
	"testing"
)

// Names that are not of the form expected stay as they are.
func TestStrangeNames(t *testing.T) {
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
