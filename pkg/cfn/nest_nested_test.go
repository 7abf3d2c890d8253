package cfn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// TestNestedInNested passes the address of the inner template down through the outer one.
func TestNestedInNested(t *testing.T) {
	root := cfn.NewTemplate("test", "A template.")
	type value struct{ Name cfn.Text }
	inner := func(c *cfn.Template, in value) value {
		c.Describe("Inner.")
		addTopic(c, "Topic").Patch("DisplayName", string(in.Name))
		return in
	}
	out := cfn.Nest(root, "Outer", func(c *cfn.Template, in value) value {
		c.Describe("Outer.")
		return cfn.Nest(c, "Inner", inner, in)
	}, value{Name: cfn.Text(cfn.Region)})
	root.AddOutput("Out", "", string(out.Name))
	cfn.Nest(root, "Second", func(c *cfn.Template, _ struct{}) struct{} {
		c.Describe("Second.")
		addTopic(c, "Topic")
		return struct{}{}
	}, struct{}{})

	all, err := compiler(t).Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"test.yaml", "outer.yaml", "inner.yaml", "second.yaml"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got := []int{len(root.Nested()), len(root.Nested()[0].Nested())}; !slices.Equal(got, []int{2, 1}) {
		t.Errorf("got %d nested templates, want 2 and 1", got)
	}
	wantParameters := []string{"ArtifactBucket", "OuterTemplateKey", "InnerTemplateKey", "SecondTemplateKey"}
	if diff := cmp.Diff(wantParameters, root.ParameterNames()); diff != "" {
		t.Errorf("parameters of the root (-want +got):\n%s", diff)
	}
	wantResource(t, root, "OuterStack", `
    Type: AWS::CloudFormation::Stack
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Metadata:
      Description: Outer.
    Properties:
      Parameters:
        Name: !Ref AWS::Region
        ArtifactBucket: !Ref ArtifactBucket
        InnerTemplateKey: !Ref InnerTemplateKey
      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${OuterTemplateKey}
`)
	if got := files(t, root)["outer.yaml"]; !strings.Contains(got, "  InnerTemplateKey:\n    Type: String\n    Description: Content address of "+
		"inner.yaml. Set by the deploy command.\n    AllowedPattern: ^templates/[0-9a-f]{64}\\.yaml$\n") {
		t.Errorf("outer.yaml does not take the address of inner.yaml:\n%s", got)
	}
	wantInventory := []cfn.InventoryEntry{
		{LogicalID: "InnerStack", Type: "AWS::CloudFormation::Stack", File: "outer.yaml", Description: "Inner."},
		{LogicalID: "OuterStack", Type: "AWS::CloudFormation::Stack", File: "test.yaml", Description: "Outer."},
		{LogicalID: "SecondStack", Type: "AWS::CloudFormation::Stack", File: "test.yaml", Description: "Second."},
		{LogicalID: "Topic", Type: "AWS::SNS::Topic", File: "inner.yaml", Description: "A topic"},
		{LogicalID: "Topic", Type: "AWS::SNS::Topic", File: "second.yaml", Description: "A topic"},
	}
	if diff := cmp.Diff(wantInventory, cfn.Inventory(root)); diff != "" {
		t.Errorf("inventory (-want +got):\n%s", diff)
	}
}

// TestProvenance says in a parameter's description where its value comes from.
func TestProvenance(t *testing.T) {
	topic := addTopicElsewhere("Topic")
	for _, row := range []struct{ value, want string }{
		{topic, "Topic"},
		{cfn.Region, "AWS::Region"},
		{addTopicAtt("Topic", "TopicName"), "Topic.TopicName"},
		{topic + "-x", "${Topic}-x"},
		{topic + "}", "${Topic}}"},
		{topic + topic, "${Topic}${Topic}"},
		{"x-" + topic, "x-${Topic}"},
		{cfn.Join("-", topic, "x"), "Fn::Join(-,${Topic},x)"},
	} {
		root := topicTemplate()
		cfn.Nest(root, "Child", silent, textInput{cfn.Text(row.value)})
		wantText(t, files(t, root)["child.yaml"], "\n    Description: Passed by the parent stack from "+row.want+"\n")
	}
}
