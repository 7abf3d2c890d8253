package resources_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

func TestTopicIsEncryptedAndRefusesPlaintext(t *testing.T) {
	topic := rendered(t, just(resources.Topic("topic-dev", "arn:key")))
	if diff := cmp.Diff(map[string]any{"TopicName": "topic-dev", "KmsMasterKeyId": "arn:key"}, topic["Properties"]); diff != "" {
		t.Error(diff)
	}
	if topic["DeletionPolicy"] != "Delete" || topic["UpdateReplacePolicy"] != "Delete" {
		t.Errorf("topic is kept: %v", topic)
	}
	open := resources.TopicPublisher("Events", "events.amazonaws.com")
	open.Exempt = "no condition"
	policy := rendered(t, just(resources.TopicPolicy("arn:topic", resources.TopicPublisher("Alarms", "cloudwatch.amazonaws.com").And("StringEquals", "aws:SourceAccount", "1"), open)))
	statements := bySid(t, follow(policy, "Properties", "PolicyDocument"))
	want := map[string]any{"Sid": "DenyPlaintext", "Effect": "Deny", "Principal": "*", "Action": []any{"sns:Publish"}, "Resource": []any{"arn:topic"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": []any{"false"}}}}
	if diff := cmp.Diff(want, statements["DenyPlaintext"]); diff != "" {
		t.Error(diff)
	}
	want = map[string]any{"Sid": "Alarms", "Effect": "Allow", "Principal": map[string]any{"Service": []any{"cloudwatch.amazonaws.com"}}, "Action": []any{"sns:Publish"},
		"Resource": []any{"arn:topic"}, "Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": []any{"1"}}}}
	if diff := cmp.Diff(want, statements["Alarms"]); diff != "" {
		t.Error(diff)
	}
	if follow(policy, "Metadata", "Exemptions", "Events") != "no condition" || !cmp.Equal(follow(policy, "Properties", "Topics"), []any{"arn:topic"}) {
		t.Errorf("policy is %v", policy)
	}
}

func TestKeyOfTopicIsHeldToTheTopic(t *testing.T) {
	it := rendered(t, just(resources.Key("A key", resources.KeyUseByPublishers("Alarms", "topic-dev", "cloudwatch.amazonaws.com", "events.rds.amazonaws.com"))))
	s := bySid(t, follow(it, "Properties", "KeyPolicy"))["Alarms"]
	want := map[string]any{"StringEquals": map[string]any{"kms:EncryptionContext:aws:sns:topicArn": []any{
		map[string]any{"Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:topic-dev"}}}}
	if diff := cmp.Diff(want, s["Condition"]); diff != "" {
		t.Error(diff)
	}
	actions := strs(s["Action"].([]any))
	if slices.Sort(actions); !slices.Equal(actions, []string{"kms:Decrypt", "kms:GenerateDataKey"}) {
		t.Errorf("actions are %v", actions)
	}
}
