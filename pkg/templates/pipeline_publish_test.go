package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const repositoryARN = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/"

// pushing is what writes to a repository.
var pushing = []string{"ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"}

// PCI DSS 6: who builds does not deploy. The role pushes to this environment's repositories, and can do nothing else at all.
func TestPublishRoleOnlyPushes(t *testing.T) {
	if got := texts(file(t, "foundation.yaml").Resources["PublishRole"].Properties["ManagedPolicyArns"]); !slices.Equal(got, []string{"${PublishPolicy}"}) {
		t.Errorf("who publishes has the policies %q", got)
	}
	publish := pipelinePermissions(t, "PublishRole")
	var may []string
	for _, p := range publish {
		may = append(may, p.actions...)
		if slices.Contains(p.resources, "*") && !slices.Equal(p.actions, []string{"ecr:GetAuthorizationToken"}) {
			t.Errorf("%s is about everything: %q", p.sid, p.actions)
		}
	}
	slices.Sort(may)
	want := append([]string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken"}, pushing...)
	slices.Sort(want)
	if diff := cmp.Diff(want, may); diff != "" {
		t.Errorf("who publishes may do other things: %s", diff)
	}
	for _, action := range pushing {
		for image, pushed := range map[string]bool{
			"ecr-payment-api-${EnvironmentSuffix}": true, "ecr-envoy-${EnvironmentSuffix}": true, "ecr-payment-api-other": false, "payment-api": false,
		} {
			if got := len(allowing(publish, action, repositoryARN+image)) > 0; got != pushed {
				t.Errorf("%s on %s: %v, want %v", action, image, got, pushed)
			}
		}
	}
}

// Who deploys does not build, and who audits does neither.
func TestOnlyThePublishPolicyPushes(t *testing.T) {
	for id := range file(t, "foundation.yaml").ofType("AWS::IAM::ManagedPolicy") {
		for _, action := range append([]string{"ecr:GetAuthorizationToken"}, pushing...) {
			if found := allowing(policyPermissions(t, id), action, ""); (len(found) > 0) != (id == "PublishPolicy") {
				t.Errorf("%s: %s: %v", id, action, found)
			}
		}
	}
	for id, r := range file(t, "foundation.yaml").ofType("AWS::IAM::Role") {
		if policies := texts(r.Properties["ManagedPolicyArns"]); slices.Contains(policies, "${PublishPolicy}") != (id == "PublishRole") {
			t.Errorf("%s has the policies %q", id, policies)
		}
	}
}

// The deploy role, which CloudFormation has, can change none of the roles that may call for it.
func TestDeployRoleLeavesThePipelinesRolesAlone(t *testing.T) {
	foundation := file(t, "foundation.yaml")
	for id, r := range foundation.ofType("AWS::IAM::Role") {
		name := text(r.Properties["RoleName"])
		if !slices.ContainsFunc(deployPermissions(t), func(p permission) bool {
			return p.effect == "Deny" && slices.Contains(p.actions, "iam:Put*") && slices.ContainsFunc(p.resources, func(arn string) bool { return strings.HasSuffix(arn, ":role/"+name) })
		}) {
			t.Errorf("the deploy role may change %s (%s)", id, name)
		}
	}
}
