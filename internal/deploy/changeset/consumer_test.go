package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
)

// consumers are cases in which the resource itself, or what CloudFormation says of it, keeps its change from being disproved.
func consumers() map[string]func(*scene) {
	return map[string]func(*scene){
		"another expression in the resource": func(s *scene) {
			s.edit("now", "app.yaml", "KmsKeyId: !Ref Vpc", "KmsKeyId: !Sub '${Vpc}'")
		},
		"the property is new":              func(s *scene) { s.edit("was", "app.yaml", "      KmsKeyId: !Ref Vpc\n", "") },
		"the property is gone":             func(s *scene) { s.edit("now", "app.yaml", "      KmsKeyId: !Ref Vpc\n", "") },
		"the resource was of another type": func(s *scene) { s.edit("was", "app.yaml", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance") },
		"CloudFormation knows the value":   func(s *scene) { s.app().Changes[0].ResourceChange.Details[0].Target.AfterValue = new("new") },
		"CloudFormation knows that it goes": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].Target.AfterValue = nil
		},
		"the template says so": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].ChangeSource = types.ChangeSourceDirectModification
		},
		"the nested stack might have changed": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].ChangeSource = types.ChangeSourceAutomatic
		},
		"the cause has nothing to do with it": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].CausingEntity = new("Zone")
		},
		"another attribute": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].Target.Attribute = types.ResourceAttributeUpdatePolicy
		},
		"no target": func(s *scene) { s.app().Changes[0].ResourceChange.Details[0].Target = nil },
		"drift of the resource": func(s *scene) {
			s.app().Changes[0].ResourceChange.ResourceDriftStatus = types.StackResourceDriftStatusModified
		},
		"drift of the property": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].Target.Drift = &types.LiveResourceDrift{}
		},
		"no reasons": func(s *scene) { s.app().Changes[0].ResourceChange.Details = nil },
		"a second reason": func(s *scene) {
			c := s.app().Changes[0].ResourceChange
			c.Details = append(c.Details, direct("Port", "1", "2", types.RequiresRecreationAlways))
		},
		"the reasons do not explain the replacement": func(s *scene) {
			s.app().Changes[0].ResourceChange.Details[0].Target.RequiresRecreation = types.RequiresRecreationNever
		},
		"a part of a module": func(s *scene) {
			s.edit("both", "app.yaml", "  Database:\n", "  Other:\n")
		},
		"a root that cannot be read": func(s *scene) { s.edit("was", "root.yaml", "Conditions:", "Transform: Some::Macro\nConditions:") },
		"the root's tags differ and it is about tags": func(s *scene) {
			s.set.Tags = map[string]string{"Environment": "dev", "New": "1"}
			d := &s.app().Changes[0].ResourceChange.Details[0]
			d.Target.Attribute, d.Target.Name = types.ResourceAttributeTags, nil
		},
	}
}

// notDisproved wants the database to be replaced in each case, and its name on the command line.
func notDisproved(t *testing.T, cases map[string]func(*scene)) {
	for name, stage := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			stage(s)
			p := s.review().Plan
			c := find(t, p, "Database")
			if c.Certainty == report.Spurious || c.Hidden || c.Action != report.Replace {
				t.Errorf("%s %q (%s), hidden %v", c.Action, c.Certainty, c.Why, c.Hidden)
			}
			if _, named := (changeset.Consent{Yes: true}).Missing(p); len(named) == 0 {
				t.Error("the database needs no name")
			}
		})
	}
}
