package templates_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/resources"
)

// permission is a statement of the deploy role.
type permission struct {
	sid, effect        string
	actions, resources []string
	condition          any
}

// deployPermissions are the statements of all policies of the deploy role.
func deployPermissions(t *testing.T) (all []permission) {
	t.Helper()
	template := file(t, "deploy-role.yaml")
	for _, id := range texts(template.Resources["Role"].Properties["ManagedPolicyArns"]) {
		policy, ok := template.Resources[strings.Trim(id, "${}")]
		if !ok {
			t.Fatalf("the role has the policy %s, which is not in the template", id)
		}
		for _, s := range items(at(policy.Properties, "PolicyDocument", "Statement")) {
			all = append(all, permission{
				sid: text(at(s, "Sid")), effect: text(at(s, "Effect")),
				actions: texts(at(s, "Action")), resources: texts(at(s, "Resource")), condition: at(s, "Condition"),
			})
		}
	}
	if len(all) == 0 {
		t.Fatal("the deploy role has no statements")
	}
	return all
}

// matches tells whether an IAM pattern, in which * is any text and ? any character, matches a value.
func matches(pattern, value string) bool {
	star, mark, p, v := -1, 0, 0, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark, p = p, v, p+1
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == value[v]):
			p, v = p+1, v+1
		case star >= 0:
			mark++
			p, v = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{"a*c", "abbc", true}, {"a*c", "abcd", false}, {"*", "", true}, {"a", "a", true}, {"a", "ab", false}, {"ab", "a", false},
		{"s-??", "s-ab", true}, {"s-??", "s-abc", false}, {"*-dev", "x-dev-dev", true}, {"*-dev*", "x-dev", true}, {"a*b*c", "a-b-b-c", true},
	} {
		if got := matches(c.pattern, c.value); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.value, got)
		}
	}
}

func (p permission) covers(action, resource string) bool {
	return slices.ContainsFunc(p.actions, func(a string) bool { return matches(strings.ToLower(a), strings.ToLower(action)) }) &&
		(resource == "" || slices.ContainsFunc(p.resources, func(r string) bool { return matches(r, resource) }))
}

// allowing are the statements that allow an action on a resource, or on any when it is empty. A denial without
// condition takes all of them away.
func allowing(all []permission, action, resource string) (found []permission) {
	for _, p := range all {
		switch {
		case !p.covers(action, resource):
		case p.effect == "Allow":
			found = append(found, p)
		case p.condition == nil && resource != "":
			return nil
		}
	}
	return found
}

// platformResources calls f for each resource of the platform, but not of the stacks before it.
func platformResources(t *testing.T, f func(file, id string, r resource)) {
	t.Helper()
	if _, err := defaultFiles(); err != nil {
		t.Fatal(err)
	}
	files, _ := defaultFiles()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == "foundation.yaml" || name == "deploy-role.yaml" {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(files[name].Resources)) {
			f(name, id, files[name].Resources[id])
		}
	}
}

// A role may be passed to the service that its trust policy names, and to no other.
func TestDeployRolePassesRolesToTheirServicesOnly(t *testing.T) {
	all := deployPermissions(t)
	services := func(p permission) []string { return texts(at(p.condition, "StringEquals", "iam:PassedToService")) }
	trusted := map[string]bool{}
	platformResources(t, func(file, id string, r resource) {
		if r.Type != "AWS::IAM::Role" {
			return
		}
		arn := fullARN("iam::A:role/" + text(r.Properties["RoleName"]))
		passing := allowing(all, "iam:PassRole", arn)
		principals := texts(at(r.Properties, "AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service"))
		if len(principals) == 0 && len(passing) > 0 {
			t.Errorf("%s: %s is no service's role, but can be passed", file, id)
		}
		for _, principal := range principals {
			trusted[principal] = true
			if !slices.ContainsFunc(passing, func(p permission) bool { return slices.Contains(services(p), principal) }) {
				t.Errorf("%s: %s cannot be passed to %s", file, id, principal)
			}
		}
	})
	itself := fullARN("iam::A:role/role-deploy-SUFFIX")
	for _, p := range all {
		if p.effect != "Allow" || !p.covers("iam:PassRole", "") {
			continue
		}
		if len(services(p)) == 0 {
			t.Errorf("%s passes roles to any service", p.sid)
		}
		for _, service := range services(p) {
			if !trusted[service] && !(service == "cloudformation.amazonaws.com" && slices.Equal(p.resources, []string{itself})) {
				t.Errorf("%s passes roles to %s, which no role trusts", p.sid, service)
			}
		}
	}
}

func TestDeployRoleCannotWidenItself(t *testing.T) {
	all := deployPermissions(t)
	itself := fullARN("iam::A:role/role-deploy-SUFFIX")
	for _, action := range handlerActions(t, "AWS::IAM::Role") {
		reads := strings.HasPrefix(action, "iam:Get") || strings.HasPrefix(action, "iam:List") || action == "iam:CreateRole"
		if !reads && len(allowing(all, action, itself)) > 0 {
			t.Errorf("the deploy role may %s on itself", action)
		}
	}
	for _, action := range []string{
		"iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey",
		"iam:CreateLoginProfile", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary",
		"iam:PutGroupPolicy", "iam:PutRolePermissionsBoundary", "iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "sts:AssumeRole",
	} {
		for _, p := range allowing(all, action, "") {
			t.Errorf("%s allows %s", p.sid, action)
		}
	}
}

func TestDeployRoleCannotChangeTheFoundation(t *testing.T) {
	all := deployPermissions(t)
	bucket := fullARN("s3:::bucket-artifacts-${AWS::AccountId}-SUFFIX")
	for _, action := range []string{"s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration"} {
		if len(allowing(all, action, bucket)) > 0 {
			t.Errorf("the deploy role may %s on the artifact bucket", action)
		}
	}
	if len(allowing(all, "s3:GetObject", bucket+"/templates/0.yaml")) == 0 || len(allowing(all, "s3:GetObject", bucket+"/env/dev/lock.json")) > 0 {
		t.Error("the deploy role should read templates, and nothing else of the artifact bucket")
	}
	alias := fullARN("kms:R:A:alias/foundation-SUFFIX")
	for _, action := range []string{"kms:DeleteAlias", "kms:UpdateAlias", "kms:CreateAlias"} {
		if len(allowing(all, action, alias)) > 0 {
			t.Errorf("the deploy role may %s on the foundation's alias, by which its key is known", action)
		}
	}
	for _, action := range []string{"kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:DisableKey", "kms:DisableKeyRotation"} {
		denied := slices.ContainsFunc(all, func(p permission) bool {
			aliases := texts(at(p.condition, "ForAnyValue:StringEquals", "kms:ResourceAliases"))
			return p.effect == "Deny" && p.covers(action, "") && slices.Equal(aliases, []string{"alias/foundation-${EnvironmentSuffix}"})
		})
		if !denied {
			t.Errorf("the deploy role may %s on the foundation's key", action)
		}
	}
	for _, p := range all {
		for _, action := range p.actions {
			if p.effect == "Allow" && strings.HasPrefix(action, "ecr:") {
				t.Errorf("%s allows %s", p.sid, action)
			}
		}
	}
}

// Without it a template could print a secret by a dynamic reference.
func TestDeployRoleReadsNoSecret(t *testing.T) {
	for _, action := range []string{"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter", "ssm:GetParameters"} {
		for _, p := range allowing(deployPermissions(t), action, "") {
			t.Errorf("%s allows %s", p.sid, action)
		}
	}
}

func TestDeployRoleStaysInItsRegion(t *testing.T) {
	if !slices.ContainsFunc(deployPermissions(t), func(p permission) bool {
		return p.effect == "Deny" && slices.Equal(p.actions, []string{"*"}) && slices.Equal(p.resources, []string{"*"}) &&
			slices.Equal(texts(at(p.condition, "StringNotEquals", "aws:RequestedRegion")), []string{"${AWS::Region}"})
	}) {
		t.Error("nothing denies requests to other regions")
	}
}

// Every statement about any resource has its reason in the Metadata of the policy.
func TestDeployRoleGivesReasons(t *testing.T) {
	for id, policy := range file(t, "deploy-role.yaml").ofType("AWS::IAM::ManagedPolicy") {
		for _, s := range items(at(policy.Properties, "PolicyDocument", "Statement")) {
			any, reason := slices.Contains(texts(at(s, "Resource")), "*"), text(at(policy.Metadata, "AnyResource", text(at(s, "Sid"))))
			if any != (reason != "") {
				t.Errorf("%s: %s: resource *: %v, reason %q", id, text(at(s, "Sid")), any, reason)
			}
		}
	}
}

func TestDeployRoleIsAssumedByCloudFormationOnly(t *testing.T) {
	role := file(t, "deploy-role.yaml").Resources["Role"]
	statements := items(at(role.Properties, "AssumeRolePolicyDocument", "Statement"))
	if len(statements) != 1 || !slices.Equal(texts(at(statements[0], "Principal", "Service")), []string{"cloudformation.amazonaws.com"}) ||
		at(statements[0], "Principal", "AWS") != nil {
		t.Errorf("trust policy: %v", statements)
	}
	if text(at(role.Metadata, "Exemptions", "Assume")) == "" {
		t.Error("no reason for the trust without source condition")
	}
}

// IAM counts characters after the references are resolved, without white space.
func TestDeployPoliciesFitIntoIAM(t *testing.T) {
	longest := strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "us-east-1", "${AWS::URLSuffix}", "amazonaws.com",
		"${AWS::AccountId}", "123456789012", "${EnvironmentSuffix}", "abcdefghijkl")
	policies := file(t, "deploy-role.yaml").ofType("AWS::IAM::ManagedPolicy")
	if len(policies) > 10 {
		t.Errorf("%d policies; a role takes 10", len(policies))
	}
	for id, policy := range policies {
		if n := policyLength(t, policy.Properties["PolicyDocument"], longest); n > resources.MaxManagedPolicyLength {
			t.Errorf("%s has %d characters, IAM takes %d", id, n, resources.MaxManagedPolicyLength)
		}
		if policy.Properties["Description"] != nil {
			t.Errorf("%s: changing a description replaces the policy, which its name forbids", id)
		}
	}
}

// policyLength is how many characters of a policy IAM counts; a reference that stays unresolved fails the test.
func policyLength(t *testing.T, policy any, values *strings.Replacer) int {
	t.Helper()
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(resolved(policy, values)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(document.String(), "${") || strings.Contains(document.String(), "Fn::") {
		t.Errorf("unresolved reference in %s", document.String())
	}
	return len(strings.Join(strings.Fields(document.String()), ""))
}

// resolved replaces references in a value.
func resolved(value any, replace *strings.Replacer) any {
	switch v := value.(type) {
	case map[string]any:
		if short := text(v); short != "" {
			return replace.Replace(short)
		}
		out := map[string]any{}
		for key, item := range v {
			out[key] = resolved(item, replace)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = resolved(item, replace)
		}
		return out
	case string:
		return v
	}
	return fmt.Sprint(value)
}
