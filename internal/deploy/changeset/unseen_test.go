package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
)

// TestLostStack: what goes with a nested stack needs its names, as far as the deployed templates tell; else the stack stands for it.
func TestLostStack(t *testing.T) {
	for _, test := range []struct {
		name  string
		stage func(*scene)
		need  []string
	}{
		{"all of it", func(*scene) {}, []string{"delete App/Deep/Log"}},
		{"a condition that holds", func(s *scene) {
			s.edit("was", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
		}, []string{"delete App/Database", "delete App/Deep/Log"}},
		{"a condition that does not", func(s *scene) {
			s.edit("was", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.deployed["Color"] = "green"
		}, []string{"delete App/Deep/Log"}},
		{"a nested stack that is kept", func(s *scene) {
			s.edit("was", "app.yaml", "  DeepStack:\n", "  DeepStack:\n    DeletionPolicy: Retain\n")
		}, nil},
		{"the stack is kept", func(s *scene) { s.set.Changes[0].ResourceChange.PolicyAction = types.PolicyActionRetain }, nil},
		{"nothing can be read", func(s *scene) {
			s.edit("now", "app.yaml", "Holds everything", "Other")
			s.unreadable = true
		}, []string{"delete AppStack"}},
		{"the nested one cannot be read", func(s *scene) {
			s.edit("now", "deep.yaml", "Description: !Ref Vpc", "Description: x")
			s.unreadable = true
		}, []string{"delete App/DeepStack"}},
		{"a stack that nobody knows", func(s *scene) {
			s.set.Changes = changes(change(types.ChangeActionRemove, "FarStack", "AWS::CloudFormation::Stack"))
		}, []string{"delete FarStack"}},
		{"it is not decided", func(s *scene) {
			s.set.Changes[0].ResourceChange.Action = types.ChangeActionDynamic
		}, []string{"delete App/Deep/Log"}},
		{"it is replaced", func(s *scene) {
			s.set.Changes[0].ResourceChange.Action, s.set.Changes[0].ResourceChange.Replacement = types.ChangeActionModify, types.ReplacementTrue
		}, []string{"delete App/Deep/Log"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.set.Changes, s.set.Nested = changes(change(types.ChangeActionRemove, "AppStack", "AWS::CloudFormation::Stack")), nil
			test.stage(s)
			p := s.review().Plan
			_, named := changeset.Consent{Yes: true}.Missing(p)
			if diff := cmp.Diff(test.need, named); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
			gone := 0
			for _, c := range p.Changes() {
				if c.Action == report.Delete {
					gone++
				}
			}
			if p.Counts.Delete != gone {
				t.Errorf("%d are deleted and %d counted", gone, p.Counts.Delete)
			}
		})
	}
}

// TestNoNestedSet: a nested stack that changes without a change set of its own. What is proved to stay needs no name, all else does.
func TestNoNestedSet(t *testing.T) {
	for _, test := range []struct {
		name  string
		stage func(*scene)
		need  []string
	}{
		{"nothing changes", func(*scene) {}, nil},
		{"the network changes", func(s *scene) { s.edit("now", "net.yaml", "EnableDnsSupport: true", "EnableDnsSupport: false") },
			[]string{"incomplete preview", "replace App/Database", "replace App/Deep/Log"}},
		{"a colour changes", func(s *scene) { s.given["Color"] = given("green") }, []string{"incomplete preview"}},
		{"a zone changes", func(s *scene) { s.given["Zone"] = given("b") }, []string{"incomplete preview", "replace App/Database"}},
		{"the tags change", func(s *scene) { s.set.Tags = map[string]string{} }, []string{"incomplete preview", "replace App/Database", "replace App/Deep/Log"}},
		{"the tags that the parent adds change", func(s *scene) {
			s.edit("now", "root.yaml", "  AppStack:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n", "  AppStack:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      Tags: [{Key: New, Value: x}]\n")
		}, []string{"incomplete preview", "replace App/Database", "replace App/Deep/Log"}},
		{"something is resolved anew", func(s *scene) {
			s.edit("both", "app.yaml", "Port: !Ref Zone", "Port: '{{resolve:ssm:/port}}'")
		}, []string{"incomplete preview", "replace App/Database"}},
		{"something below is resolved anew", func(s *scene) {
			s.edit("both", "deep.yaml", "Description: !Ref Vpc", "Description: '{{resolve:ssm:/x}}'")
		}, []string{"incomplete preview"}},
		{"a parameter is resolved anew", func(s *scene) {
			s.edit("both", "app.yaml", "Zone: {Type: String}", "Zone: {Type: 'AWS::SSM::Parameter::Value<String>'}")
		}, []string{"incomplete preview", "replace App/Database"}},
		{"the database goes", func(s *scene) { s.edit("now", "app.yaml", "  Database:", "  Another:") }, []string{"incomplete preview"}},
		{"the database goes for good", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n")
			s.edit("now", "app.yaml", "  Database:", "  Another:")
		}, []string{"incomplete preview", "delete App/Database"}},
		{"a database that was never there", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.deployed["Color"], s.given["Color"] = "green", given("green")
			s.given["Zone"] = given("b")
		}, []string{"incomplete preview"}},
		{"a database that the condition brings", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.deployed["Color"] = "green"
		}, []string{"incomplete preview"}},
		{"a database that the condition takes away", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.given["Color"] = given("green")
		}, []string{"incomplete preview", "delete App/Database"}},
		{"a condition that nobody can tell", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.edit("both", "root.yaml", "Color: !Ref Color", "Color: !GetAtt NetStack.Outputs.Vpc")
			s.given["Zone"] = given("b")
		}, []string{"incomplete preview", "replace App/Database"}},
		{"a condition on a secret", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.edit("both", "root.yaml", "Color: !Ref Color", "Color: !Ref Password")
			s.given["Zone"] = given("b")
		}, []string{"incomplete preview", "replace App/Database"}},
		{"a condition on what is resolved", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.edit("both", "app.yaml", "Color: {Type: String}", "Color: {Type: 'AWS::SSM::Parameter::Value<String>'}")
			s.given["Zone"] = given("b")
		}, []string{"incomplete preview", "replace App/Database"}},
		{"nothing can be read, and the condition does not hold", func(s *scene) {
			s.edit("both", "app.yaml", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n    Condition: BlueIsActive\n")
			s.given["Color"] = given("green")
			s.edit("now", "app.yaml", "Holds everything", "Other")
			s.unreadable = true
		}, []string{"incomplete preview", "delete App/Database", "replace App/Deep/Log"}},
		{"the stack below goes", func(s *scene) { s.edit("now", "app.yaml", "  DeepStack:", "  DeeperStack:") }, []string{"incomplete preview", "delete App/Deep/Log"}},
		{"nothing can be read", func(s *scene) {
			s.edit("now", "app.yaml", "Holds everything", "Other")
			s.unreadable = true
		}, []string{"incomplete preview", "replace App/Database", "replace App/Deep/Log"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.set.Nested = nil
			test.stage(s)
			p := s.review().Plan
			if diff := cmp.Diff(append([]string{"any change"}, test.need...), p.Needs); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}
