package resources_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

func TestManagedPolicyHoldsStatementsAndReasons(t *testing.T) {
	policy := rendered(t, just(resources.ManagedPolicy("policy-dev",
		resources.Statement{Sid: "Make", Actions: []string{"kms:CreateKey"}, AnyResource: "no key yet"},
		resources.Statement{Sid: "Read", Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::b/*"}},
	)))
	want := map[string]any{"ManagedPolicyName": "policy-dev", "PolicyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Sid": "Make", "Effect": "Allow", "Action": []any{"kms:CreateKey"}, "Resource": []any{"*"}},
		map[string]any{"Sid": "Read", "Effect": "Allow", "Action": []any{"s3:GetObject"}, "Resource": []any{"arn:aws:s3:::b/*"}},
	}}}
	if diff := cmp.Diff(want, policy["Properties"]); diff != "" {
		t.Error(diff)
	}
	if follow(policy, "Metadata", "AnyResource", "Make") != "no key yet" {
		t.Errorf("reasons are %v", policy["Metadata"])
	}
}

func TestManagedPolicyNeedsResources(t *testing.T) {
	root := cfn.NewTemplate("root", "A test")
	cfn.Add(root, "It", "What is tested", resources.ManagedPolicy("policy-dev", resources.Statement{Sid: "Read", Actions: []string{"s3:GetObject"}}))
	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compiler.Compile(root); err == nil || !strings.Contains(err.Error(), "names no resources") {
		t.Errorf("error %v", err)
	}
}
