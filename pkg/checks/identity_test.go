package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	roleP     = "arn:aws:iam::111122223333:role/p"
	roleQ     = "arn:aws:iam::111122223333:role/q"
	theKey    = "arn:aws:kms:us-east-1:111122223333:key/<app/Key>"
	theBucket = "arn:aws:s3:::bucket"
)

// flatStack is a template in JSON with long-form intrinsics, everything in one stack.
const flatStack = `{
  "Parameters": {"Account": {"Type": "String"}},
  "Resources": {
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [
      {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}, "Action": ["kms:Decrypt", "kms:Describe*"], "Resource": "*",
       "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}},
      {"Sid": "Direct", "Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["Q", "Arn"]}}, "Action": "kms:Encrypt", "Resource": "*"},
      {"Sid": "Foreign", "Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "kms:Verify", "Resource": "*"},
      {"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}
    ]}}},
    "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/app", "TargetKeyId": {"Ref": "Key"}}},
    "P": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "p",
      "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}},
      "Policies": [
        {"PolicyName": "a", "PolicyDocument": {"Statement": [
          {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}},
          {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::bucket/*"},
          {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/secret/*"},
          {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
          {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:sqs:us-east-1:111122223333:q"},
          {"Effect": "Allow", "Action": "dynamodb:GetItem", "NotResource": "arn:aws:dynamodb:us-east-1:111122223333:table/other"},
          {"Effect": "Allow", "Action": "dynamodb:PutItem"},
          {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/${aws:username}/*"},
          {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": {"Fn::Sub": "arn:aws:s3:::${Account}/*"}},
          {"Effect": "Allow", "Action": "sqs:Purge*", "NotResource": {"Ref": "Account"}}
        ]}}]}},
    "Q": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "q", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}}}},
    "Bounded": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "bounded", "PermissionsBoundary": {"Ref": "Boundary"}}},
    "Unbounded": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "unbounded", "PermissionsBoundary": "arn:aws:iam::aws:policy/Boundary"}},
    "Both": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["bounded", {"Ref": "Unbounded"}], "Users": [{"Ref": "Person"}], "PolicyDocument": {"Statement":
      {"Effect": "Allow", "Action": ["sns:Publish", "sns:Subscribe"], "Resource": "*"}}}},
    "Boundary": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [
      {"Effect": "Allow", "Action": ["sns:Publish", "sns:Subscribe", "sns:Unsubscribe"], "Resource": "*"},
      {"Effect": "Deny", "Action": "sns:Subscribe", "Resource": "*"}]}}},
    "Person": {"Type": "AWS::IAM::User", "Properties": {"UserName": "person", "Policies": [{"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "` + roleP + `"}}}]}},
    "People": {"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}}}]}},
    "Attached": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Q"}, "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "ecs:RunTask", "Resource": "*"}}}},
    "Nobodys": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": "somebody", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "ecs:RunTask", "Resource": "*"}}}},
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "bucket"}},
    "BucketPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [
      {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}},
      {"Effect": "Allow", "NotPrincipal": {"AWS": "` + roleQ + `"}, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::bucket"}]}}}
  }
}`

func flatWorld(t *testing.T) *World { return worldOf(t, nil, map[string]string{"app.json": flatStack}) }

func TestCan(t *testing.T) {
	p, q := asRole(roleP), asRole(roleQ)
	viaS3 := map[string][]string{"kms:ViaService": {"s3.us-east-1.amazonaws.com"}}
	secure := map[string][]string{"aws:SecureTransport": {"true"}}
	cases := []struct {
		name             string
		who              Principal
		action, resource string
		context          map[string][]string
		want             Tri
		why              string
		unknown          bool
	}{
		{"key policy leaves it to the role", p, "kms:Decrypt", theKey, viaS3, Yes, "", false},
		{"condition of the key policy", p, "kms:Decrypt", theKey, map[string][]string{"kms:ViaService": {"rds.us-east-1.amazonaws.com"}}, No, "the key policy does not allow it", false},
		{"condition that is open", p, "kms:Decrypt", theKey, nil, Maybe, "it depends on kms:ViaService", false},
		{"key policy alone", q, "kms:Encrypt", theKey, nil, Yes, "", false},
		{"role lacks it", p, "kms:DescribeKey", theKey, viaS3, No, "no policy of p allows it", false},
		{"key of another account", p, "kms:Decrypt", "arn:aws:kms:us-east-1:222233334444:key/x", viaS3, No, "no policy of p allows it", false},
		{"key that is not there", p, "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/x", viaS3, Maybe, "the policy of arn:aws:kms:us-east-1:111122223333:key/x is not in the templates", true},
		{"account named by its number", Principal{"AWS", "222233334444"}, "kms:Verify", theKey, nil, Yes, "", false},
		{"service in a key policy", asService("logs.us-east-1.amazonaws.com"), "kms:Decrypt", theKey, nil, Yes, "", false},
		{"service not in a key policy", asService("s3.amazonaws.com"), "kms:Decrypt", theKey, nil, No, "the key policy does not allow it", false},
		{"service not in a resource policy", asService("s3.amazonaws.com"), "s3:GetObject", theBucket + "/x", nil, No, "its resource policy does not allow it", false},
		{"wildcard in an action", p, "S3:getobject", theBucket + "/x", secure, Yes, "", false},
		{"explicit denial", p, "s3:GetObject", theBucket + "/secret/x", secure, No, "denied by app.json P Policies[0].PolicyDocument.Statement[2]", false},
		{"denial that may be", p, "s3:GetObject", theBucket + "/x", nil, Maybe, "it may be denied: it depends on aws:SecureTransport", false},
		{"bucket that is not there", p, "s3:DeleteObject", "arn:aws:s3:::other/x", nil, Maybe, "the policy of arn:aws:s3:::other is not in the templates", true},
		{"all actions but some", p, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", nil, Yes, "", false},
		{"one of those", p, "iam:PassRole", "arn:aws:sqs:us-east-1:111122223333:q", nil, No, "no policy of p allows it", false},
		{"all resources but some", p, "dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t", nil, Yes, "", false},
		{"one of these", p, "dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/other", nil, No, "no policy of p allows it", false},
		{"no resource", p, "dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t", nil, No, "no policy of p allows it", false},
		{"resources but unknown ones", p, "sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:r", nil, Maybe, "parameter Account has no value", true},
		{"policy variable", p, "s3:PutObject", theBucket + "/me/x", nil, Maybe, "it depends on the policy variable in arn:aws:s3:::bucket/${aws:username}/*", false},
		{"managed policy that is not there", q, "sns:Publish", "arn:aws:sns:us-east-1:111122223333:t", nil, Maybe, "the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is not in the templates", true},
		{"attached policy", q, "ecs:RunTask", "x", nil, Yes, "", false},
		{"within the boundary", asRole("arn:aws:iam::111122223333:role/bounded"), "sns:Publish", "x", nil, Yes, "", false},
		{"denied by the boundary", asRole("arn:aws:iam::111122223333:role/bounded"), "sns:Subscribe", "x", nil, No, "denied by app.json Boundary PolicyDocument.Statement[1]", false},
		{"outside the policy", asRole("arn:aws:iam::111122223333:role/bounded"), "sns:Unsubscribe", "x", nil, No, "no policy of bounded allows it", false},
		{"unknown boundary", asRole("arn:aws:iam::111122223333:role/unbounded"), "sns:Publish", "x", nil, Maybe, "the permissions boundary arn:aws:iam::aws:policy/Boundary is not in the templates", true},
		{"role that is not there", asRole("arn:aws:iam::111122223333:role/z"), "sns:Publish", "x", nil, Maybe, "arn:aws:iam::111122223333:role/z is not in the templates", true},
		{"trust that leaves it to users", asRole("<app/Person>.Arn"), "sts:AssumeRole", roleP, nil, No, "the trust policy does not allow it", false},
		{"trust of a service", asService("ecs-tasks.amazonaws.com"), "sts:AssumeRole", roleQ, nil, Yes, "", false},
		{"trust of another service", asService("ec2.amazonaws.com"), "sts:AssumeRole", roleQ, nil, No, "the trust policy does not allow it", false},
		{"anybody of the account", q, "s3:ListBucket", theBucket, nil, Yes, "", false},
		{"anybody", anybody(), "s3:ListBucket", theBucket, nil, No, "no policy of anybody allows it", false},
		{"everybody but q", anybody(), "s3:GetBucketAcl", theBucket, nil, Yes, "", false},
	}
	id := flatWorld(t).Identity()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := id.Can(c.who, c.action, c.resource, c.context)
			if got.Allowed != c.want || got.Why != c.why || got.Unknown != c.unknown {
				t.Errorf("got %s, %q, unknown %v; want %s, %q, unknown %v", got.Allowed, got.Why, got.Unknown, c.want, c.why, c.unknown)
			}
			if got.Allowed == Yes && len(got.By) == 0 {
				t.Error("no statement allows it")
			}
		})
	}
}

func TestWhoCan(t *testing.T) {
	id := flatWorld(t).Identity()
	type grant struct{ Who, Unknown string }
	cases := map[string]struct {
		action, resource string
		want             []grant
	}{
		"key":                 {"kms:Decrypt", theKey, []grant{{"p", ""}, {"q", "the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is not in the templates"}, {"logs.us-east-1.amazonaws.com", ""}}},
		"bucket by condition": {"s3:ListBucket", theBucket, []grant{{"bounded", ""}, {"p", ""}, {"q", ""}, {"unbounded", ""}}},
		"everybody but":       {"s3:GetBucketAcl", theBucket, []grant{{"anybody", ""}, {"bounded", ""}, {"p", ""}, {"q", "the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is not in the templates"}, {"unbounded", ""}}},
		"another account":     {"kms:Verify", theKey, []grant{{"222233334444", ""}}},
		"role":                {"ecs:RunTask", "x", []grant{{"q", ""}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got []grant
			for _, g := range id.WhoCan(c.action, c.resource) {
				if g.Principal.ID != "<app/Person>.Arn" && g.Principal.ID != "<app/Person>" {
					got = append(got, grant{g.Principal.String(), g.Unknown})
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
