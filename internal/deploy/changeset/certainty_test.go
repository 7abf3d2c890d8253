package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// TestDisproved: replacements of the database that do not happen, whatever else changes.
func TestDisproved(t *testing.T) {
	for name, stage := range map[string]func(*scene){
		"nothing but a placeholder": func(*scene) {},
		"the parameter's change has two reasons": func(s *scene) {
			second := changed(byParameter("KmsKeyId", ""), func(d *types.ResourceChangeDetail) {
				d.ChangeSource, d.CausingEntity, d.Evaluation = types.ChangeSourceDirectModification, nil, types.EvaluationTypeDynamic
			})
			c := s.app().Changes[0].ResourceChange
			c.Details = append(c.Details, second)
		},
		"values are not shown": func(s *scene) {
			d := s.app().Changes[0].ResourceChange.Details[0].Target
			d.BeforeValue, d.AfterValue = nil, nil
		},
		"conditional": func(s *scene) {
			s.app().Changes[0].ResourceChange.Replacement = types.ReplacementConditional
		},
		"another resource of the network changes": func(s *scene) {
			s.edit("now", "net.yaml", "10.0.0.0/16", "10.1.0.0/16")
			s.net(replaced("Other", "AWS::EC2::VPC", direct("CidrBlock", "10.0.0.0/16", "10.1.0.0/16", types.RequiresRecreationAlways)))
		},
		"the network changes in place": func(s *scene) {
			s.edit("now", "net.yaml", "EnableDnsSupport: true", "EnableDnsSupport: false")
			s.net(modify("VPC", "AWS::EC2::VPC", direct("EnableDnsSupport", "true", "false", types.RequiresRecreationNever)))
		},
		"a steady attribute of what changes in place": func(s *scene) {
			s.edit("both", "net.yaml", "!Ref VPC", "!GetAtt VPC.DefaultSecurityGroup")
			s.edit("now", "net.yaml", "EnableDnsSupport: true", "EnableDnsSupport: false")
			s.net(modify("VPC", "AWS::EC2::VPC", direct("EnableDnsSupport", "true", "false", types.RequiresRecreationNever)))
		},
		"any attribute of what gets other tags": func(s *scene) {
			s.edit("both", "net.yaml", "!Ref VPC", "!GetAtt VPC.CidrBlockAssociations")
			s.edit("now", "net.yaml", "Mappings:", "Description: changed\nMappings:")
			s.net(modify("VPC", "AWS::EC2::VPC", changed(direct("Tags", "", "", ""), func(d *types.ResourceChangeDetail) {
				d.Target.Attribute, d.Target.Name = types.ResourceAttributeTags, nil
			})))
		},
		"the output's description changes": func(s *scene) {
			s.edit("now", "net.yaml", "Vpc: {Value", "Vpc: {Description: network, Value")
			s.net()
		},
		"a mapping in the same file": func(s *scene) {
			s.edit("both", "net.yaml", "!Ref VPC", "!Join ['-', [!Ref VPC, !FindInMap [Sizes, small, Bits]]]")
		},
		"an output that goes through everything": func(s *scene) {
			s.edit("both", "net.yaml", "{Value: !Ref VPC}", "{Condition: Small, Value: !If [Small, !Sub ['${VPC}-${AWS::Region}-${Other}-${Local}-${!Literal}-${Size}', {Local: !Ref Preset}], none]}")
		},
		"the same resource, listed for its own placeholder": func(s *scene) {
			s.edit("both", "root.yaml", "Parameters: {Size: !Ref Size}", "Parameters: {Size: !GetAtt Key.Arn}")
			s.net(replaced("VPC", "AWS::EC2::VPC", byParameter("CidrBlock", "Size")))
		},
		"tags made of a placeholder": func(s *scene) {
			s.edit("both", "app.yaml", "      Port:", "      Tags: [{Key: Vpc, Value: !Ref Vpc}]\n      Port:")
			d := &s.app().Changes[0].ResourceChange.Details[0]
			d.Target.Attribute, d.Target.Name, d.Target.RequiresRecreation = types.ResourceAttributeTags, nil, types.RequiresRecreationNever
			s.app().Changes[0].ResourceChange.Replacement = types.ReplacementFalse
		},
		"a secret that nothing of it takes is given anew": func(s *scene) {
			s.given["Password"] = source.Given{Value: "another", Secret: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			stage(s)
			c := find(t, s.review().Plan, "Database")
			if c.Certainty != report.Spurious || c.Hidden != (c.Action == report.Modify) || c.Why == "" {
				t.Errorf("%q (%s), hidden %v", c.Certainty, c.Why, c.Hidden)
			}
		})
	}
}

// TestDisprovedInPlace: a real change in place, beside a replacement that does not happen.
func TestDisprovedInPlace(t *testing.T) {
	s := newScene(t)
	c := s.app().Changes[0].ResourceChange
	c.Details = append(c.Details, direct("Port", "5432", "5433", types.RequiresRecreationNever))
	p := s.review().Plan
	got := find(t, p, "Database")
	if got.Action != report.Modify || got.Certainty != "" || got.Hidden || len(got.Properties) != 1 || got.Properties[0].Path != "Port" || p.Counts.Change != 1 {
		t.Errorf("%+v of %+v", got, p.Counts)
	}
	if _, named := (changeset.Consent{Yes: true}).Missing(p); len(named) > 0 {
		t.Error("a change in place needs a name:", named)
	}
}

// TestDisprovedDeep: two stacks down, by a stack whose input is made of an input.
func TestDisprovedDeep(t *testing.T) {
	s := newScene(t)
	deep := &changeset.Set{Parameters: map[string]string{"Vpc": placeholder}, Nested: map[string]*changeset.Set{},
		Changes: changes(replaced("Log", "AWS::Logs::LogGroup", byParameter("KmsKeyId", "Vpc")), modify("Role", "AWS::IAM::Role", byParameter("Description", "Vpc")))}
	s.app().Nested["DeepStack"] = deep
	s.app().Changes = append(s.app().Changes, modify("DeepStack", "AWS::CloudFormation::Stack"))
	p := s.review().Plan
	log, role := find(t, p, "Log"), find(t, p, "Role")
	if log.Certainty != report.Spurious || log.Hidden || role.Certainty != report.Spurious || !role.Hidden || role.Broadens {
		t.Errorf("%+v\n%+v", log, role)
	}
	s.net(replaced("VPC", "AWS::EC2::VPC", direct("CidrBlock", "a", "b", types.RequiresRecreationAlways)))
	p = s.review().Plan
	log, role = find(t, p, "Log"), find(t, p, "Role")
	if log.Certainty != report.Unknown || role.Certainty == report.Spurious || role.Hidden {
		t.Errorf("%+v\n%+v", log, role)
	}
}

// TestCertainty: what is sure, what is not, and why.
func TestCertainty(t *testing.T) {
	for _, test := range []struct {
		name, want, why string
		change          types.Change
	}{
		{"a value known", report.Certain, "a change of Port forces it", replaced("Database", "AWS::RDS::DBCluster", direct("Port", "1", "2", types.RequiresRecreationAlways))},
		{"depends on the value", report.Unknown, "whether a change of Port forces it is known only at the execution", replaced("Database", "AWS::RDS::DBCluster", direct("Port", "1", "2", types.RequiresRecreationConditionally))},
		{"no target", report.Unknown, "CloudFormation gives no reason", with(modify("Database", "AWS::RDS::DBCluster", types.ResourceChangeDetail{}), func(c *types.ResourceChange) { c.Replacement = types.ReplacementConditional })},
		{"no reason, certain", report.Certain, "CloudFormation gives no reason", replaced("Database", "AWS::RDS::DBCluster")},
		{"a placeholder, values not shown", report.Unknown, "whether a change of Renamed forces it is known only at the execution", replaced("Database", "AWS::RDS::DBCluster", changed(byParameter("Renamed", "Vpc"), func(d *types.ResourceChangeDetail) { d.Target.AfterValue, d.Target.BeforeValue = nil, nil }))},
		{"no recreation told", report.Unknown, "whether a change of Port forces it is known only at the execution", replaced("Database", "AWS::RDS::DBCluster", direct("Port", "1", "2", ""))},
		{"anything is possible", report.Unknown, "CloudFormation cannot tell yet whether it changes, replaces or removes this", change(types.ChangeActionDynamic, "Database", "AWS::RDS::DBCluster")},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.app().Changes = changes(test.change)
			c := find(t, s.review().Plan, "Database")
			if c.Certainty != test.want || c.Why != test.why || c.Action != report.Replace || !c.Stateful {
				t.Errorf("%q because %q, %s", c.Certainty, c.Why, c.Action)
			}
		})
	}
}

// TestSpuriousWhy: with nothing but the property itself as a reason, the words still say something.
func TestSpuriousWhy(t *testing.T) {
	s := newScene(t)
	d := &s.app().Changes[0].ResourceChange.Details[0]
	d.ChangeSource, d.CausingEntity, d.Evaluation = types.ChangeSourceDirectModification, nil, types.EvaluationTypeDynamic
	if c := find(t, s.review().Plan, "Database"); c.Certainty != report.Spurious || c.Why != "what it is made of does not change" || len(c.Properties) == 0 {
		t.Errorf("%+v", c)
	}
}
