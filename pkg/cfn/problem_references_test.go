package cfn_test

import (
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/sns"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"

	"github.com/tierform/tierform/pkg/cfn"
)

// ref and att are intrinsics in CloudFormation's long form, which can name what no Go value holds.
func ref(name string) map[string]any { return map[string]any{"Ref": name} }
func att(name string) map[string]any { return map[string]any{"Fn::GetAtt": name} }

func TestUndeclaredReferences(t *testing.T) {
	const nothing = "; allowed: a parameter or resource of this template [undeclared-reference]"
	const place = "test/Other/Properties.DisplayName: "
	rows := []refusal{{
		name: "Ref",
		bad:  func(c *cfn.Template) { display(c, ref("Nope")) },
		want: []string{place + `Ref names nothing that is declared (found "Nope")` + nothing},
		good: func(c *cfn.Template) { display(c, ref("Topic")) },
	}, {
		name: "Ref of a condition",
		bad:  func(c *cfn.Template) { c.Condition("Nope", always()); display(c, ref("Nope")) },
		want: []string{place + `Ref names nothing that is declared (found "Nope")` + nothing},
	}, {
		name: "Ref inside Sub",
		bad:  func(c *cfn.Template) { display(c, "a "+cfn.NewTemplate("test", "").Name()+addTopicElsewhere("Nope")) },
		want: []string{place + `Ref names nothing that is declared (found "Nope")` + nothing},
		good: func(c *cfn.Template) { display(c, "a test"+addTopicElsewhere("Topic")) },
	}, {
		name: "pseudo parameter",
		bad:  func(c *cfn.Template) { display(c, ref("AWS::Zone")) },
		want: []string{place + `there is no such pseudo parameter (found "AWS::Zone"); allowed: AWS::AccountId, …, AWS::URLSuffix [undeclared-reference]`},
		good: func(c *cfn.Template) {
			display(c, cfn.AccountID+cfn.Partition+cfn.Region+cfn.StackID+cfn.StackName+cfn.URLSuffix)
			addTopic(c, "Another").Patch("DisplayName", cfn.NoValue)
			addTopic(c, "Last").Patch("ArchivePolicy", ref("AWS::NotificationARNs"))
		},
	}, {
		name: "GetAtt",
		bad:  func(c *cfn.Template) { display(c, att("Nope.TopicArn")) },
		want: []string{place + `GetAtt names no resource that can be used here (found "Nope.TopicArn"); allowed: a resource of this template [undeclared-reference]`},
		good: func(c *cfn.Template) { display(c, att("Topic.TopicArn")) },
	}, {
		name: "GetAtt of a parameter",
		bad: func(c *cfn.Template) {
			use(c, "Out", cfn.AddParameter[string](c, "P", cfn.Parameter{}))
			display(c, att("P.Arn"))
		},
		want: []string{place + `GetAtt names no resource that can be used here (found "P.Arn"); allowed: a resource of this template [undeclared-reference]`},
	}, {
		name: "Condition of a resource",
		bad: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationCondition: "Nope"})
		},
		want: []string{`test/Other/Condition: condition is not declared (found "Nope"); allowed: none is declared [undeclared-reference]`},
		good: func(c *cfn.Template) {
			c.Condition("Yes", always())
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationCondition: "Yes"})
		},
	}, {
		name: "condition of If, others being declared",
		bad: func(c *cfn.Template) {
			c.Condition("A", always())
			c.Condition("B", always())
			display(c, map[string]any{"Fn::If": []any{"Nope", "x", "y"}})
		},
		want: []string{place[:len(place)-2] + `.Fn::If: condition is not declared (found "Nope"); allowed: A, B [undeclared-reference]`},
		good: func(c *cfn.Template) {
			c.Condition("A", always())
			display(c, map[string]any{"Fn::If": []any{"A", "x", "y"}})
		},
	}, {
		name: "zero condition",
		bad:  func(c *cfn.Template) { display(c, cfn.If(cfn.Condition{}, "x", "y")) },
		want: []string{place[:len(place)-2] + `.Fn::If: condition is not declared; allowed: none is declared [undeclared-reference]`},
	}, {
		name: "DependsOn",
		bad: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationDependsOn: []string{"Topic", "Nope"}})
		},
		want: []string{`test/Other/DependsOn: DependsOn names a resource that is not declared (found "Nope"); allowed: a logical ID of this template [undeclared-reference]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationDependsOn: []string{"Topic"}})
		},
	}, {
		name: "DependsOn of a parameter",
		bad: func(c *cfn.Template) {
			use(c, "Out", cfn.AddParameter[string](c, "P", cfn.Parameter{}))
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationDependsOn: []string{"P"}})
		},
		want: []string{`test/Other/DependsOn: DependsOn names a resource that is not declared (found "P"); allowed: a logical ID of this template [undeclared-reference]`},
	}, {
		name: "condition that refers to a resource",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.Equals(addTopic(c, "Other").Ref(), "x")) },
		want: []string{`test/C/Fn::Equals: conditions and rules can refer to parameters only (found "Other"); allowed: a parameter of this template [undeclared-reference]`},
		good: func(c *cfn.Template) {
			c.Condition("C", cfn.Equals(cfn.AddParameter[string](c, "P", cfn.Parameter{}), cfn.Region))
		},
	}, {
		name: "condition with GetAtt",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.Equals(addTopic(c, "Other").Att("TopicName"), "x")) },
		want: []string{`test/C/Fn::Equals: GetAtt names no resource that can be used here (found "Other.TopicName"); allowed: a resource of this template [undeclared-reference]`},
	}, {
		name: "rule that refers to a resource",
		bad: func(c *cfn.Template) {
			c.Rule("R", "", cfn.Assertion{Assert: cfn.Equals(addTopic(c, "Other").Ref(), "x"), Description: "so"})
		},
		want: []string{`test/R/Assertions[0].Assert.Fn::Equals: conditions and rules can refer to parameters only (found "Other"); allowed: a parameter of this template [undeclared-reference]`},
		good: func(c *cfn.Template) {
			p := cfn.AddParameter[string](c, "P", cfn.Parameter{})
			c.Rule("R", cfn.Equals(p, "y"), cfn.Assertion{Assert: cfn.Equals(p, "x"), Description: "so"})
		},
	}, {
		name: "outputs after rules may refer to resources, unknown ones they may not",
		bad: func(c *cfn.Template) {
			c.Rule("R", "", cfn.Assertion{Assert: always(), Description: "so"})
			use(c, "Out", addTopicElsewhere("Nope"))
		},
		want: []string{`test/Out/Value: Ref names nothing that is declared (found "Nope")` + nothing},
		good: func(c *cfn.Template) {
			c.Rule("R", "", cfn.Assertion{Assert: always(), Description: "so"})
			use(c, "Out", addTopicElsewhere("Topic"))
		},
	}, {
		name: "mapping",
		bad: func(c *cfn.Template) {
			c.Section("Metadata", pairOf("Zones", "x"))
			c.Section("Mappings", pairOf("Regions", pairOf("a", pairOf("b", "c"))))
			display(c, cfn.FindInMap("Zones", "a", "b"))
		},
		want: []string{place + "mapping is not declared (found \"Fn::FindInMap\"); allowed: a key of Section(\"Mappings\", map[string]any{…}) [undeclared-reference]"},
		good: func(c *cfn.Template) {
			c.Section("Mappings", pairOf("Regions", pairOf("a", pairOf("b", "c"))))
			display(c, cfn.FindInMap("Regions", cfn.Region, "b"))
		},
	}, {
		name: "mapping named by a reference",
		bad: func(c *cfn.Template) {
			c.Section("Mappings", pairOf("Regions", pairOf("a", pairOf("b", "c"))))
			display(c, cfn.FindInMap(cfn.Region, "a", "b"))
		},
		want: []string{place + "mapping is not declared…[undeclared-reference]"},
	}, {
		name: "FindInMap of nothing",
		bad:  func(c *cfn.Template) { display(c, map[string]any{"Fn::FindInMap": []any{}}) },
		want: []string{
			place + "mapping is not declared…[undeclared-reference]",
			place + `the function has 0 arguments (found "Fn::FindInMap"); allowed: 3 to 3 [wrong-kind]`,
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

// addTopicElsewhere is a reference to a resource of another template that is called test as well.
func addTopicElsewhere(logicalID string) string {
	return addTopic(cfn.NewTemplate("test", ""), logicalID).Ref()
}

func TestAttributes(t *testing.T) {
	custom := func(c *cfn.Template, resourceType, attribute string) {
		r := raw(c, "Thing", resourceType, map[string]any{"ServiceToken": "arn"})
		use(c, "Out", r.Att(attribute))
	}
	rows := []refusal{{
		name: "unknown attribute",
		bad: func(c *cfn.Template) {
			q := cfn.Add(c, "Queue", "A queue", &sqs.Queue{})
			use(c, "Out", q.Att("ARN"))
		},
		want: []string{`test/Out/Value: AWS::SQS::Queue has no such attribute (found "Queue.ARN"); allowed: Arn, QueueName, QueueUrl [unknown-attribute]`},
		good: func(c *cfn.Template) {
			q := cfn.Add(c, "Queue", "A queue", &sqs.Queue{})
			use(c, "Out", q.Att("Arn")+q.Att("QueueUrl"))
		},
	}, {
		name: "attribute with dots",
		bad: func(c *cfn.Template) {
			use(c, "Out", raw(c, "Vpc", "AWS::EC2::VPC", map[string]any{}).Att("VpcEncryptionControl"))
		},
		want: []string{`test/Out/Value: AWS::EC2::VPC has no such attribute (found "Vpc.VpcEncryptionControl"); allowed: CidrBlock, …, VpcId [unknown-attribute]`},
		good: func(c *cfn.Template) {
			use(c, "Out", raw(c, "Vpc", "AWS::EC2::VPC", map[string]any{}).Att("VpcEncryptionControl.State"))
		},
	}, {
		name: "type without attributes",
		bad: func(c *cfn.Template) {
			use(c, "Out", raw(c, "Policy", "AWS::SNS::TopicPolicy", map[string]any{"PolicyDocument": "x", "Topics": []string{"t"}}).Att("Arn"))
		},
		want: []string{`test/Out/Value: AWS::SNS::TopicPolicy has no such attribute (found "Policy.Arn"); allowed: Id [unknown-attribute]`},
	}, {
		name: "Outputs of something that is no stack",
		bad:  func(c *cfn.Template) { use(c, "Out", addTopic(c, "Other").Att("Outputs.Arn")) },
		want: []string{`test/Out/Value: AWS::SNS::Topic has no such attribute (found "Other.Outputs.Arn"); allowed: TopicArn, TopicName [unknown-attribute]`},
	}, {
		name: "custom resource, malformed",
		bad:  func(c *cfn.Template) { custom(c, "Custom::Thing", "A b") },
		want: []string{`test/Out/Value: malformed name of an attribute (found "Thing.A b"); allowed: letters, digits, dots, hyphens and underscores [unknown-attribute]`},
		good: func(c *cfn.Template) { custom(c, "Custom::Thing", "A.b-c_1") },
	}, {
		name: "custom resource, empty",
		bad:  func(c *cfn.Template) { custom(c, "AWS::CloudFormation::CustomResource", "") },
		want: []string{`test/Out/Value: malformed name of an attribute (found "Thing."); allowed: letters, digits, dots, hyphens and underscores [unknown-attribute]`},
		good: func(c *cfn.Template) { custom(c, "AWS::CloudFormation::CustomResource", "Anything") },
	}, {
		name: "custom resource, attribute that would end the braces of Sub",
		bad:  func(c *cfn.Template) { custom(c, "Custom::Thing", "A}") },
		want: []string{"test/Out/Value: malformed name of an attribute…[unknown-attribute]"},
	}, {
		name: "malformed output of a stack that is not nested by Nest",
		bad: func(c *cfn.Template) {
			use(c, "Out", raw(c, "Stack", "AWS::CloudFormation::Stack", map[string]any{"TemplateURL": "u"}).Att("Outputs.a b"))
		},
		want: []string{`test/Out/Value: malformed name of an attribute (found "Stack.Outputs.a b"); …[unknown-attribute]`},
	}, {
		name: "stack that is not nested by Nest has the outputs it says",
		bad: func(c *cfn.Template) {
			use(c, "Out", raw(c, "Stack", "AWS::CloudFormation::Stack", map[string]any{"TemplateURL": "u"}).Att("Output.X"))
		},
		want: []string{`test/Out/Value: AWS::CloudFormation::Stack has no such attribute (found "Stack.Output.X"); allowed: … [unknown-attribute]`},
		good: func(c *cfn.Template) {
			use(c, "Out", raw(c, "Stack", "AWS::CloudFormation::Stack", map[string]any{"TemplateURL": "u"}).Att("Outputs.X"))
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestDependenciesAreWritten(t *testing.T) {
	c := topicTemplate()
	other := cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationDependsOn: []string{"Topic"}})
	last := addTopic(c, "Last")
	last.DependsOn(other)
	other.DependsOn(addTopic(c, "Next"))
	wantResource(t, c, "Other", `
    Type: AWS::SNS::Topic
    DependsOn:
      - Topic
      - Next
    Metadata:
      Description: A topic
    Properties: {}
`)
	wantResource(t, c, "Last", `
    Type: AWS::SNS::Topic
    DependsOn:
      - Other
    Metadata:
      Description: A topic
    Properties: {}
`)
}
