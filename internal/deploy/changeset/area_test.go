package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
)

// TestBroadens: what lets more in is said, and what only takes away is not.
func TestBroadens(t *testing.T) {
	const (
		role   = "AWS::IAM::Role"
		policy = "AWS::IAM::ManagedPolicy"
		bucket = "AWS::S3::BucketPolicy"
		group  = "AWS::EC2::SecurityGroup"
	)
	for _, test := range []struct {
		name, typ, property, before, after, area string
		broadens                                 bool
	}{
		{"an action more", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}]}`, `{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}]}`, "identity", true},
		{"an action less", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}]}`, `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["*"]}]}`, "identity", false},
		{"an action of a family", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, `{"Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:x"}]}`, "identity", false},
		{"a family of an action", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "identity", true},
		{"a statement more", policy, "PolicyDocument", `{"Statement":[]}`, `{"Statement":[{"Effect":"Allow"}]}`, "identity", true},
		{"a statement less", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"a"},{"Effect":"Allow","Action":"b"}]}`, `{"Statement":[{"Effect":"Allow","Action":"b"}]}`, "identity", false},
		{"another identifier", policy, "PolicyDocument", `{"Statement":[{"Sid":"One","Effect":"Allow","Action":"a"}]}`, `{"Statement":[{"Sid":"Two","Effect":"Allow","Action":"a"}]}`, "identity", false},
		{"a denial less", bucket, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"a"},{"Effect":"Deny","Action":"b"}]}`, `{"Statement":[{"Effect":"Allow","Action":"a"}]}`, "identity", true},
		{"a denial of less", bucket, "PolicyDocument", `{"Statement":[{"Effect":"Deny","Action":["a","b"]}]}`, `{"Statement":[{"Effect":"Deny","Action":["a"]}]}`, "identity", true},
		{"a denial more", bucket, "PolicyDocument", `{"Statement":[{"Effect":"Deny","Action":"a"},{"Effect":"Allow","Action":"b"}]}`, `{"Statement":[{"Effect":"Deny","Action":"a"}]}`, "identity", false},
		{"a denial becomes a permission", bucket, "PolicyDocument", `{"Statement":[{"Effect":"Deny","Action":"a"}]}`, `{"Statement":[{"Effect":"Allow","Action":"a"}]}`, "identity", true},
		{"a condition less", role, "AssumeRolePolicyDocument", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["a","b"]},"Condition":{"Bool":{"x":"true"}}}]}`, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["a"]}}]}`, "identity", true},
		{"a condition more", role, "AssumeRolePolicyDocument", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["a","b"]}}]}`, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["a"]},"Condition":{"Bool":{"x":"true"}}}]}`, "identity", false},
		{"another condition", role, "AssumeRolePolicyDocument", `{"Statement":[{"Effect":"Allow","Condition":{"Bool":{"x":["true","y"]}}}]}`, `{"Statement":[{"Effect":"Allow","Condition":{"Bool":{"x":["true"]}}}]}`, "identity", true},
		{"exceptions less", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","NotAction":["a","b"]}]}`, `{"Statement":[{"Effect":"Allow","NotAction":["a"]}]}`, "identity", true},
		{"a field more", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"a"}]}`, `{"Statement":[{"Effect":"Allow","Action":"a","Other":"b"}]}`, "identity", true},
		{"a field less", policy, "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"a","Resource":"x"}]}`, `{"Statement":[{"Effect":"Allow","Action":"a"}]}`, "identity", true},
		{"a map instead of a text", policy, "PolicyDocument", `"x"`, `{"Statement":[]}`, "identity", true},
		{"one of a list", policy, "Roles", `"a"`, `["a"]`, "identity", false},
		{"not one of a list", policy, "Roles", `["a"]`, `"b"`, "identity", true},
		{"a policy as text", "AWS::Logs::ResourcePolicy", "PolicyDocument", `"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"a\",\"b\"]}]}"`, `"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"a\"]}]}"`, "identity", false},
		{"a text that is no policy", "AWS::Logs::ResourcePolicy", "PolicyDocument", `"{x"`, `"{y"`, "identity", true},
		{"no managed policies", role, "ManagedPolicyArns", `["a"]`, `[]`, "identity", false},
		{"no boundary", role, "PermissionsBoundary", `"a"`, `null`, "identity", true},
		{"another boundary", role, "PermissionsBoundary", `"a"`, `"b"`, "identity", true},
		{"another description", role, "Description", `"a"`, `"b"`, "identity", false},
		{"a rule less", group, "SecurityGroupIngress", `[{"CidrIp":"10.0.0.0/8","Description":"x"},{"CidrIp":"10.1.0.0/16"}]`, `[{"CidrIp":"10.0.0.0/8"}]`, "network", false},
		{"a rule more", group, "SecurityGroupIngress", `[{"CidrIp":"10.0.0.0/8"}]`, `[{"CidrIp":"10.0.0.0/8"},{"CidrIp":"0.0.0.0/0"}]`, "network", true},
		{"no egress rules are all", group, "SecurityGroupEgress", `[{"CidrIp":"10.0.0.0/8"}]`, `[]`, "network", true},
		{"a firewall's rule less", "AWS::WAFv2::WebACL", "Rules", `[{"Name":"a"},{"Name":"b"}]`, `[{"Name":"a"}]`, "network", true},
		{"a firewall's description", "AWS::WAFv2::WebACL", "Description", `"a"`, `"b"`, "network", false},
		{"a listener's condition less", "AWS::ElasticLoadBalancingV2::ListenerRule", "Conditions", `[{"Field":"a"},{"Field":"b"}]`, `[{"Field":"a"}]`, "network", true},
		{"a listener's weights", "AWS::ElasticLoadBalancingV2::ListenerRule", "Actions", `[{"Weight":100},{"Weight":"0"}]`, `[{"Weight":0},{"Weight":"100"}]`, "network", false},
		{"a route elsewhere", "AWS::EC2::Route", "NatGatewayId", `"a"`, `"b"`, "network", true},
		{"a key's policy", "AWS::KMS::Key", "KeyPolicy", `{"Statement":[]}`, `{"Statement":[{"Effect":"Allow"}]}`, "identity", true},
		{"a key's rotation", "AWS::KMS::Key", "RotationPeriodInDays", `"90"`, `"365"`, "", false},
		{"a database in public", "AWS::RDS::DBInstance", "PubliclyAccessible", `false`, `true`, "network", true},
		{"a queue's delay", "AWS::SQS::Queue", "DelaySeconds", `"1"`, `"2"`, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.app().Changes = changes(with(modify("Thing", test.typ, direct(test.property, test.before, test.after, types.RequiresRecreationNever)), func(c *types.ResourceChange) {
				c.BeforeContext, c.AfterContext = new(`{"Properties":{"Same":"x","`+test.property+`":`+test.before+`}}`), new(`{"Properties":{"Same":"x","`+test.property+`":`+test.after+`}}`)
			}))
			p := s.review().Plan
			c := find(t, p, "Thing")
			if c.Area != test.area || c.Broadens != test.broadens {
				t.Errorf("area %q, broadens %v", c.Area, c.Broadens)
			}
			_, named := changeset.Consent{}.Missing(p)
			if asked := len(p.Needs) > 1; asked != test.broadens || len(named) > 0 {
				t.Errorf("needs %q", p.Needs)
			}
		})
	}
}

// TestBroadensWhole: additions and removals, and changes that nobody shows.
func TestBroadensWhole(t *testing.T) {
	context := func(before, after string) func(*types.ResourceChange) {
		return func(c *types.ResourceChange) {
			if before != "" {
				c.BeforeContext = &before
			}
			if after != "" {
				c.AfterContext = &after
			}
		}
	}
	detail := func(property string) types.ResourceChangeDetail {
		return direct(property, "", "", types.RequiresRecreationNever)
	}
	for _, test := range []struct {
		name     string
		change   types.Change
		area     string
		broadens bool
	}{
		{"a new role", change(types.ChangeActionAdd, "Thing", "AWS::IAM::Role"), "identity", true},
		{"a role less", change(types.ChangeActionRemove, "Thing", "AWS::IAM::Role"), "identity", false},
		{"a policy less that allows", with(change(types.ChangeActionRemove, "Thing", "AWS::IAM::ManagedPolicy"), context(`{"Properties":{"PolicyDocument":{"Effect":"Allow"}}}`, "")), "identity", false},
		{"a policy less that denies", with(change(types.ChangeActionRemove, "Thing", "AWS::IAM::ManagedPolicy"), context(`{"Properties":{"PolicyDocument":{"Effect":"Deny"}}}`, "")), "identity", true},
		{"a policy less that nobody shows", change(types.ChangeActionRemove, "Thing", "AWS::IAM::ManagedPolicy"), "identity", true},
		{"a bucket policy less", with(change(types.ChangeActionRemove, "Thing", "AWS::S3::BucketPolicy"), context(`{"Properties":{}}`, "")), "identity", true},
		{"a firewall less", change(types.ChangeActionRemove, "Thing", "AWS::WAFv2::WebACLAssociation"), "network", true},
		{"a rule less", change(types.ChangeActionRemove, "Thing", "AWS::EC2::SecurityGroupIngress"), "network", false},
		{"a role that nobody shows", modify("Thing", "AWS::IAM::Role", detail("Policies")), "identity", true},
		{"a role's tags", modify("Thing", "AWS::IAM::Role", changed(detail(""), func(d *types.ResourceChangeDetail) { d.Target.Attribute = types.ResourceAttributeTags })), "identity", false},
		{"no reasons", modify("Thing", "AWS::IAM::Role"), "identity", true},
		{"reasons without a target", modify("Thing", "AWS::IAM::Role", types.ResourceChangeDetail{}), "identity", true},
		{"a value not known yet", with(modify("Thing", "AWS::IAM::Role", detail("Policies")), context(`{"Properties":{"Policies":["x"]}}`, `{"Properties":{"Policies":["`+afterApply+`"]}}`)), "identity", true},
		{"a new bucket without access", with(change(types.ChangeActionAdd, "Thing", "AWS::S3::Bucket"), context("", `{"Properties":{"BucketName":"x"}}`)), "", false},
		{"a new bucket with access", with(change(types.ChangeActionAdd, "Thing", "AWS::S3::Bucket"), context("", `{"Properties":{"AccessControl":"x"}}`)), "identity", true},
		{"a new bucket that nobody shows", change(types.ChangeActionAdd, "Thing", "AWS::S3::Bucket"), "identity", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.app().Changes = changes(test.change)
			if c := find(t, s.review().Plan, "Thing"); c.Area != test.area || c.Broadens != test.broadens {
				t.Errorf("area %q, broadens %v", c.Area, c.Broadens)
			}
		})
	}
}
