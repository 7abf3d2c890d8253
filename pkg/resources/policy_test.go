package resources_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// aStatement is one that is right.
func aStatement(edit func(*resources.Statement)) resources.Statement {
	s := resources.Statement{Sid: "Read", Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::b/*"}}
	if edit != nil {
		edit(&s)
	}
	return s
}

// aRole is a role with a policy of these statements.
func aRole(statements ...resources.Statement) cfn.Properties {
	return resources.Role(resources.RoleInput{Name: "role", Description: "A role", Trust: resources.ServiceTrust("x.amazonaws.com", nil), Statements: statements})
}

func TestStatementsOfRolesAreExact(t *testing.T) {
	for name, tc := range map[string]struct {
		want string
		edit func(*resources.Statement)
	}{
		"exact":                      {"", nil},
		"any resource with a reason": {"", func(s *resources.Statement) { s.Resources, s.AnyResource = nil, "because" }},
		"wildcard in a Deny":         {"", func(s *resources.Statement) { s.Deny, s.Actions = true, []string{"s3:*"} }},
		"no Sid":                     {"has no Sid", func(s *resources.Statement) { s.Sid = "" }},
		"no action":                  {"has no action", func(s *resources.Statement) { s.Actions = nil }},
		"wildcard action":            {"wildcard action", func(s *resources.Statement) { s.Actions = []string{"s3:Get*"} }},
		"single-letter wildcard":     {"wildcard action", func(s *resources.Statement) { s.Actions = []string{"s3:GetObject", "s3:GetObjec?"} }},
		"no resource":                {"names no resources", func(s *resources.Statement) { s.Resources = nil }},
		"any resource by asterisk":   {"names no resources", func(s *resources.Statement) { s.Resources = []string{"*"} }},
		"resource and reason":        {"both resources and a reason", func(s *resources.Statement) { s.AnyResource = "because" }},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { cfn.Add(root, "Role", "A role", aRole(aStatement(tc.edit))) })
		})
	}
}

func TestStatementsAreRenderedAsTheyAreMeant(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(*resources.Statement)
		want map[string]any
	}{
		"allow": {nil, map[string]any{"Sid": "Read", "Effect": "Allow", "Action": []any{"s3:GetObject"}, "Resource": []any{"arn:aws:s3:::b/*"}}},
		"deny with a condition": {func(s *resources.Statement) {
			s.Deny, s.Conditions = true, resources.Conditions{"Bool": {"aws:SecureTransport": {"false"}}}
		}, map[string]any{"Sid": "Read", "Effect": "Deny", "Action": []any{"s3:GetObject"}, "Resource": []any{"arn:aws:s3:::b/*"},
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": []any{"false"}}}}},
		"any resource": {func(s *resources.Statement) { s.Resources, s.AnyResource = nil, "because" },
			map[string]any{"Sid": "Read", "Effect": "Allow", "Action": []any{"s3:GetObject"}, "Resource": []any{"*"}}},
		"a service": {func(s *resources.Statement) { s.Principals.Service = []string{"x.amazonaws.com"} },
			map[string]any{"Sid": "Read", "Effect": "Allow", "Action": []any{"s3:GetObject"}, "Resource": []any{"arn:aws:s3:::b/*"},
				"Principal": map[string]any{"Service": []any{"x.amazonaws.com"}}}},
		"everybody": {func(s *resources.Statement) { s.Principals.AWS = []string{"*"} },
			map[string]any{"Sid": "Read", "Effect": "Allow", "Action": []any{"s3:GetObject"}, "Resource": []any{"arn:aws:s3:::b/*"}, "Principal": "*"}},
	} {
		t.Run(name, func(t *testing.T) {
			it := rendered(t, just(aRole(aStatement(tc.edit))))
			if diff := cmp.Diff(tc.want, follow(it, "Properties", "Policies", 0, "PolicyDocument", "Statement", 0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReasonsAreRenderedBesideThePolicy(t *testing.T) {
	it := rendered(t, just(aRole(
		aStatement(func(s *resources.Statement) {
			s.Sid, s.Resources, s.AnyResource = "Any", nil, "no resource-level permission"
		}),
		aStatement(func(s *resources.Statement) { s.Exempt = "cannot be narrower" }),
		aStatement(func(s *resources.Statement) { s.Sid = "Exact" }),
	)))
	want := map[string]any{"Description": "What is tested", "AnyResource": map[string]any{"Any": "no resource-level permission"}, "Exemptions": map[string]any{"Read": "cannot be narrower"}}
	if diff := cmp.Diff(want, it["Metadata"]); diff != "" {
		t.Error(diff)
	}
	plain := rendered(t, just(aRole(aStatement(nil))))
	if diff := cmp.Diff(map[string]any{"Description": "What is tested"}, plain["Metadata"]); diff != "" {
		t.Error(diff)
	}
}

func TestWeakTrustIsRenderedToo(t *testing.T) {
	trust := resources.Policy(resources.Statement{Sid: "Assume", Actions: []string{"sts:AssumeRole"}, Principals: resources.Principals{Service: []string{"x.amazonaws.com"}}, Exempt: "documents no condition"})
	it := rendered(t, just(resources.Role(resources.RoleInput{Name: "role", Description: "A role", Trust: trust, MaxSessionSeconds: 7200})))
	if got := follow(it, "Metadata", "Exemptions", "Assume"); got != "documents no condition" {
		t.Errorf("exemption of the trust policy is %v", got)
	}
	if follow(it, "Properties", "Policies") != nil || follow(it, "Properties", "MaxSessionDuration") != 7200 {
		t.Errorf("role without statements: %v", it["Properties"])
	}
}

func TestConditionalStatement(t *testing.T) {
	it := rendered(t, func(root *cfn.Template) cfn.Properties {
		wanted := root.Condition("Wanted", cfn.Equals(cfn.Region, "us-east-1"))
		return aRole(aStatement(func(s *resources.Statement) { s.When = wanted }))
	})
	statement := follow(it, "Properties", "Policies", 0, "PolicyDocument", "Statement", 0, "If")
	if follow(statement, 0) != "Wanted" || follow(statement, 1, "Sid") != "Read" || follow(statement, 2, "Ref") != "AWS::NoValue" {
		t.Errorf("conditional statement is %v", statement)
	}
}

func TestAndKeepsOtherConditionsAndTheOriginal(t *testing.T) {
	first := aStatement(func(s *resources.Statement) {
		s.Conditions = resources.Conditions{"StringEquals": {"a": {"1"}, "b": {"2"}}, "Bool": {"c": {"true"}}}
	})
	second := first.And("StringEquals", "a", "3", "4").And("ArnLike", "d", "5")
	want := resources.Conditions{"StringEquals": {"a": {"3", "4"}, "b": {"2"}}, "Bool": {"c": {"true"}}, "ArnLike": {"d": {"5"}}}
	if diff := cmp.Diff(want, second.Conditions); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(first.Conditions["StringEquals"]["a"], []string{"1"}) || len(first.Conditions) != 2 {
		t.Errorf("the original became %v", first.Conditions)
	}
}

func TestServiceTrustIsForThisAccountOnly(t *testing.T) {
	trust := func(conditions resources.Conditions) any {
		return follow(rendered(t, just(resources.Role(resources.RoleInput{Name: "r", Description: "d", Trust: resources.ServiceTrust("x.amazonaws.com", conditions)}))),
			"Properties", "AssumeRolePolicyDocument", "Statement", 0)
	}
	account := map[string]any{"aws:SourceAccount": []any{map[string]any{"Ref": "AWS::AccountId"}}}
	if diff := cmp.Diff(map[string]any{"StringEquals": account}, follow(trust(nil), "Condition")); diff != "" {
		t.Error(diff)
	}
	more := trust(resources.Conditions{"StringEquals": {"k": {"v"}}, "ArnLike": {"aws:SourceArn": {"arn"}}})
	account["k"] = []any{"v"}
	if diff := cmp.Diff(map[string]any{"StringEquals": account, "ArnLike": map[string]any{"aws:SourceArn": []any{"arn"}}}, follow(more, "Condition")); diff != "" {
		t.Error(diff)
	}
	if follow(more, "Principal", "Service", 0) != "x.amazonaws.com" || follow(more, "Action", 0) != "sts:AssumeRole" {
		t.Errorf("trust is %v", more)
	}
}
