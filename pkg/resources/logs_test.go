package resources_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

// R13, R20: encrypted, for 30 days, gone with the stack.
func TestLogGroup(t *testing.T) {
	it := rendered(t, just(resources.LogGroup("log-a-dev", "arn:key")))
	if diff := cmp.Diff(map[string]any{"LogGroupName": "log-a-dev", "KmsKeyId": "arn:key", "RetentionInDays": 30}, it["Properties"]); diff != "" {
		t.Error(diff)
	}
	if it["DeletionPolicy"] != "Delete" || it["UpdateReplacePolicy"] != "Delete" {
		t.Errorf("group is kept: %v", it)
	}
}

func TestLogWritersCannotMakeGroups(t *testing.T) {
	it := rendered(t, just(aRole(
		resources.LogGroupWriters("Write", "arn:a:*", resources.LogGroupNameARN("log-b")),
		aStatement(func(s *resources.Statement) { s.Resources = []string{resources.LogStreamNameARN("log-c", "d")} }),
	)))
	statements := bySid(t, follow(it, "Properties", "Policies", 0, "PolicyDocument"))
	const logs = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
	want := map[string]any{"Sid": "Write", "Effect": "Allow", "Action": []any{"logs:CreateLogStream", "logs:PutLogEvents"},
		"Resource": []any{"arn:a:*", map[string]any{"Sub": logs + "log-b:*"}}}
	if diff := cmp.Diff(want, statements["Write"]); diff != "" {
		t.Error(diff)
	}
	if got := follow(statements["Read"], "Resource", 0, "Sub"); got != logs+"log-c:log-stream:d" {
		t.Errorf("stream is %v", got)
	}
}
