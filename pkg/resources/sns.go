package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/sns"

	"github.com/tierform/tierform/pkg/cfn"
)

// Topic is a topic whose messages are encrypted with key: its policy must let the publishers use it, see
// [KeyUseByPublishers].
func Topic(name string, key cfn.KeyARN) *sns.Topic {
	return &sns.Topic{
		TopicName:                            new(name),
		KmsMasterKeyId:                       new(string(key)),
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
	}
}

// TopicPolicy is the policy of a topic: it refuses what is not TLS, and else says what the statements do, whose resource
// is the topic.
// https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
func TopicPolicy(topic cfn.TopicARN, statements ...Statement) *sns.TopicPolicy {
	all := []Statement{{
		Sid: "DenyPlaintext", Deny: true, Principals: Principals{AWS: []string{"*"}}, Actions: []string{"sns:Publish"},
		Conditions: Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	}}
	all = append(all, statements...)
	for i := range all {
		all[i].Resources = []string{string(topic)}
	}
	return &sns.TopicPolicy{
		Topics: []string{string(topic)}, PolicyDocument: RolePolicy(all...),
		AWSCloudFormationMetadata: policyMetadata(all, nil),
	}
}

// TopicPublisher lets an AWS service publish to a topic, see TopicPolicy. Add a source condition with And, or the reason
// for having none with Exempt.
func TopicPublisher(sid, service string) Statement {
	return Statement{Sid: sid, Principals: Principals{Service: []string{service}}, Actions: []string{"sns:Publish"}}
}

// KeyUseByPublishers lets AWS services publish to an encrypted topic of this account and region: SNS uses the key in
// their name, for that topic only.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func KeyUseByPublishers(sid, topicName string, services ...string) Statement {
	return Statement{
		Sid:        sid,
		Principals: Principals{Service: services},
		Actions:    []string{"kms:Decrypt", "kms:GenerateDataKey"},
		Resources:  []string{"*"},
		Conditions: Conditions{"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": {TopicNameARN(topicName)}}},
	}
}

// TopicNameARN is the ARN of a topic of this account and region by name.
func TopicNameARN(name string) string {
	return "arn:" + cfn.Partition + ":sns:" + cfn.Region + ":" + cfn.AccountID + ":" + name
}
