package cfn_test

import (
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/sns"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"
	"github.com/awslabs/goformation/v7/cloudformation/tags"

	"github.com/tierform/tierform/pkg/cfn"
)

func TestTypes(t *testing.T) {
	rows := []refusal{{
		name: "unknown type",
		bad:  func(c *cfn.Template) { raw(c, "Thing", "AWS::S4::Bucket", map[string]any{"Any": 1}) },
		want: []string{`test/Thing: resource type is not in the embedded schema (found "AWS::S4::Bucket"); allowed: the types of tools/schema/types.txt, or Custom::…; add the type there and run go run ./tools/schema [unknown-type]`},
		good: func(c *cfn.Template) { raw(c, "Thing", "Custom::Bucket", map[string]any{"Any": 1}) },
	}, {
		name: "custom resource takes any property",
		bad:  func(c *cfn.Template) { raw(c, "Thing", "AWS::CloudFormation::Custom", map[string]any{"Any": 1}) },
		want: []string{`test/Thing: resource type is not in the embedded schema (found "AWS::CloudFormation::Custom"); …[unknown-type]`},
		good: func(c *cfn.Template) {
			raw(c, "Thing", "AWS::CloudFormation::CustomResource", map[string]any{"Any": 1})
		},
	}, {
		name: "unknown property",
		bad:  func(c *cfn.Template) { addTopic(c, "Other").Patch("Color", "red") },
		want: []string{`test/Other/Properties.Color: property does not exist (found "Color"); allowed: ArchivePolicy, ContentBasedDeduplication, …, TracingConfig [unknown-property]`},
		good: func(c *cfn.Template) { addTopic(c, "Other").Patch("FifoThroughputScope", "Topic") },
	}, {
		name: "unknown property behind other attributes",
		bad: func(c *cfn.Template) {
			other := cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationDependsOn: []string{"Nope", "Neither"}})
			other.When(c.Condition("Yes", always()))
			other.Patch("Color", "red")
		},
		want: []string{
			`test/Other/DependsOn: DependsOn names a resource that is not declared (found "Nope"); …[undeclared-reference]`,
			`test/Other/DependsOn: DependsOn names a resource that is not declared (found "Neither"); …[undeclared-reference]`,
			`test/Other/Properties.Color: property does not exist…[unknown-property]`,
		},
	}, {
		name: "unknown property in a list",
		bad: func(c *cfn.Template) {
			raw(c, "Queue", "AWS::SQS::Queue", map[string]any{"Tags": []any{
				map[string]any{"Key": "a", "Value": "b"}, map[string]any{"Key": "a", "Value": "b", "Note": "c"}}})
		},
		want: []string{`test/Queue/Properties.Tags[1].Note: property does not exist (found "Note"); allowed: Key, Value [unknown-property]`},
		good: func(c *cfn.Template) {
			raw(c, "Queue", "AWS::SQS::Queue", map[string]any{"Tags": []any{map[string]any{"Key": "a", "Value": "b"}}})
		},
	}, {
		name: "attribute of a type is no property",
		bad:  func(c *cfn.Template) { addTopic(c, "Other").Patch("TopicArn", "x") },
		want: []string{`test/Other/Properties.TopicArn: property does not exist…[unknown-property]`},
	}, {
		name: "missing property",
		bad: func(c *cfn.Template) {
			raw(c, "Policy", "AWS::SQS::QueuePolicy", map[string]any{"PolicyDocument": "x"})
		},
		want: []string{`test/Policy/Properties.Queues: required property is missing; allowed: a list of a string [missing-property]`},
		good: func(c *cfn.Template) {
			raw(c, "Policy", "AWS::SQS::QueuePolicy", map[string]any{"PolicyDocument": "x", "Queues": []string{"u"}})
		},
	}, {
		name: "missing property of a nil struct",
		bad:  func(c *cfn.Template) { cfn.Add(c, "Policy", "A policy", (*sqs.QueuePolicy)(nil)) },
		want: []string{
			`test/Policy/Properties.PolicyDocument: required property is missing; allowed: anything [missing-property]`,
			`test/Policy/Properties.Queues: required property is missing; allowed: a list of a string [missing-property]`,
		},
	}, {
		name: "missing property of a nested object: goformation drops an empty tag value",
		bad: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{Tags: []tags.Tag{{Key: "a"}}})
		},
		want: []string{`test/Other/Properties.Tags[0].Value: required property is missing; allowed: a string [missing-property]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{Tags: []tags.Tag{{Key: "a", Value: "b"}}})
		},
	}, {
		name: "null: a required slice that is nil",
		bad:  func(c *cfn.Template) { cfn.Add(c, "Policy", "A policy", &sqs.QueuePolicy{PolicyDocument: "x"}) },
		want: []string{`test/Policy/Properties.Queues: value is missing; CloudFormation refuses null (found "null"); allowed: a value, or no property [null-value]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Policy", "A policy", &sqs.QueuePolicy{PolicyDocument: "x", Queues: []string{"u"}})
		},
	}, {
		name: "null in what a property of any kind holds",
		bad: func(c *cfn.Template) {
			addTopic(c, "Other").Patch("ArchivePolicy", map[string]any{"A": []any{"b", nil}, "B": map[string]int(nil), "C": (*int)(nil), "D": []any(nil)})
		},
		want: []string{
			`test/Other/Properties.ArchivePolicy.A[1]: value is missing…[null-value]`,
			`test/Other/Properties.ArchivePolicy.B: value is missing…[null-value]`,
			`test/Other/Properties.ArchivePolicy.C: value is missing…[null-value]`,
			`test/Other/Properties.ArchivePolicy.D: value is missing…[null-value]`,
		},
		good: func(c *cfn.Template) {
			addTopic(c, "Other").Patch("ArchivePolicy", map[string]any{"A": []any{"b", ""}})
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

// TestKinds gives each kind of property a value of each kind.
func TestKinds(t *testing.T) {
	const queue, service, acl = "AWS::SQS::Queue", "AWS::ECS::Service", "AWS::WAFv2::WebACL"
	action := func(body any) map[string]any {
		return map[string]any{"Scope": "REGIONAL", "DefaultAction": map[string]any{"Allow": map[string]any{}},
			"VisibilityConfig": map[string]any{"CloudWatchMetricsEnabled": true, "MetricName": "m", "SampledRequestsEnabled": true},
			"Rules": []any{map[string]any{"Name": "r", "Priority": 1, "Statement": map[string]any{
				"SizeConstraintStatement": map[string]any{"ComparisonOperator": "GT", "FieldToMatch": map[string]any{"Body": map[string]any{}},
					"TextTransformations": []any{}, "Size": body}},
				"VisibilityConfig": map[string]any{"CloudWatchMetricsEnabled": true, "MetricName": "m", "SampledRequestsEnabled": true}}}}
	}
	size := "Rules[0].Statement.SizeConstraintStatement.Size"
	object, list := map[string]any{"A": "b"}, []any{"a"}
	rows := []struct {
		resourceType, property string
		value                  any
		wrong                  string // found and allowed; empty when the value is right
	}{
		{queue, "QueueName", "a", ""},
		{queue, "QueueName", 1, `value has the wrong kind (found "1"); allowed: a string`},
		{queue, "QueueName", true, `value has the wrong kind (found "true"); allowed: a string`},
		{queue, "KmsMasterKeyId", object, `property has the wrong kind (found "an object"); allowed: a string`},
		{queue, "KmsMasterKeyId", list, `property has the wrong kind (found "a list"); allowed: a string`},
		{queue, "DelaySeconds", 1, ""},
		{queue, "DelaySeconds", 1.0, ""},
		{queue, "DelaySeconds", 1.5, `value has the wrong kind (found "1.5"); allowed: an integer`},
		{queue, "DelaySeconds", "1", `value has the wrong kind (found "1"); allowed: an integer`},
		{queue, "DelaySeconds", false, `value has the wrong kind (found "false"); allowed: an integer`},
		{queue, "FifoQueue", false, ""},
		{queue, "FifoQueue", "false", `value has the wrong kind (found "false"); allowed: true or false`},
		{queue, "FifoQueue", 0, `value has the wrong kind (found "0"); allowed: true or false`},
		{queue, "RedrivePolicy", object, ""},
		{queue, "RedrivePolicy", list, ""},
		{queue, "RedrivePolicy", "a", ""},
		{queue, "RedrivePolicy", 1.5, ""},
		{queue, "Tags", []any{}, ""},
		{queue, "Tags", object, `property has the wrong kind (found "an object"); allowed: a list of a Tag object`},
		{queue, "Tags", "a", `value has the wrong kind (found "a"); allowed: a list of a Tag object`},
		{queue, "Tags[0]", "a", `value has the wrong kind (found "a"); allowed: a Tag object`},
		{queue, "Tags[0]", list, `property has the wrong kind (found "a list"); allowed: a Tag object`},
		{service, "LoadBalancers[0]", object, `property does not exist`},
		{acl, size, 1.5, ""},
		{acl, size, 1, ""},
		{acl, size, "1", `value has the wrong kind (found "1"); allowed: a number`},
		{"AWS::CloudFormation::Stack", "Parameters", map[string]any{"A": "b"}, ""},
		{"AWS::CloudFormation::Stack", "Parameters", map[string]any{"A": 1}, `value has the wrong kind (found "1"); allowed: a string`},
		{"AWS::CloudFormation::Stack", "Parameters", list, `property has the wrong kind (found "a list"); allowed: a map to a string`},
	}
	for _, row := range rows {
		c := topicTemplate()
		properties := map[string]any{row.property: row.value}
		path := row.property
		switch row.property {
		case size:
			properties = action(row.value)
		case "Tags[0]":
			properties = map[string]any{"Tags": []any{row.value}}
		case "LoadBalancers[0]":
			properties, path = map[string]any{"LoadBalancers": []any{row.value}}, "LoadBalancers[0].A"
		case "Parameters":
			properties["TemplateURL"] = "u"
		}
		raw(c, "Thing", row.resourceType, properties)
		if row.wrong == "" {
			files(t, c)
			continue
		}
		wantProblems(t, c, []string{"test/Thing/Properties." + path + "…: " + row.wrong + "… [" + kindOf(row.wrong) + "]"})
	}
}

func kindOf(message string) string {
	if message == "property does not exist" {
		return string(cfn.UnknownProperty)
	}
	return string(cfn.WrongKind)
}
