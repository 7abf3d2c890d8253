package changeset_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

const canary = "hunter2-canary"

// hides fails when a canary is anywhere in a plan.
func hides(t *testing.T, p report.Plan) {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil || strings.Contains(string(data), "canary") {
		t.Errorf("a secret is in the plan: %s, %v", data, err)
	}
}

// TestSecretsInValues: a NoEcho value is nowhere, however it gets into a property.
func TestSecretsInValues(t *testing.T) {
	secretive := func(s *scene, property string) types.Change {
		return modify("Database", "AWS::RDS::DBCluster", direct(property, "was-canary", canary, types.RequiresRecreationNever))
	}
	for name, stage := range map[string]func(*scene) types.Change{
		"passed to a plain parameter": func(s *scene) types.Change { return secretive(s, "MasterUserPassword") },
		"in a text": func(s *scene) types.Change {
			s.edit("both", "app.yaml", "Port: !Ref Zone", "Port: !Sub 'postgres://u:${Password}@x'")
			return secretive(s, "Port")
		},
		"formerly": func(s *scene) types.Change {
			s.edit("was", "app.yaml", "Port: !Ref Zone", "Port: !Ref Password")
			return secretive(s, "Port")
		},
		"of a resource that takes it": func(s *scene) types.Change {
			s.edit("both", "app.yaml", "Resources:", "Resources:\n  Parameter: {Type: AWS::SSM::Parameter, Properties: {Value: !Ref Password}}")
			s.edit("both", "app.yaml", "Port: !Ref Zone", "Port: !GetAtt Parameter.Value")
			return secretive(s, "Port")
		},
		"of a custom resource that takes it": func(s *scene) types.Change {
			s.edit("both", "app.yaml", "Resources:", "Resources:\n  Custom: {Type: Custom::Thing, Properties: {Inputs: [!Ref Password]}}")
			s.edit("both", "app.yaml", "Port: !Ref Zone", "Port: !GetAtt Custom.Answer")
			return secretive(s, "Port")
		},
		"given out by another stack": func(s *scene) types.Change {
			s.edit("both", "root.yaml", "{Size: !Ref Size}", "{Size: !Ref Password}")
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Size")
			return secretive(s, "KmsKeyId")
		},
		"given out by a stack that nobody knows": func(s *scene) types.Change {
			s.edit("both", "root.yaml", "NetStack", "FarStack")
			s.edit("both", "root.yaml", "NetTemplateKey", "FarTemplateKey")
			return secretive(s, "KmsKeyId")
		},
		"resolved from a secret": func(s *scene) types.Change {
			s.edit("both", "app.yaml", "Port: !Ref Zone", "Port: '{{resolve:secretsmanager:x}}'")
			return secretive(s, "Port")
		},
		"all properties at once": func(s *scene) types.Change {
			return modify("Database", "AWS::RDS::DBCluster", changed(direct("", "was-canary", canary, types.RequiresRecreationNever), func(d *types.ResourceChangeDetail) { d.Target.Name, d.Target.Path = nil, nil }))
		},
		"of a secret": func(s *scene) types.Change {
			return modify("Secret", "AWS::SecretsManager::Secret", direct("Description", "was-canary", canary, types.RequiresRecreationNever))
		},
		"of a template that nobody knows": func(s *scene) types.Change {
			s.set.Nested["FarStack"] = &changeset.Set{Changes: changes(secretive(s, "Port"))}
			return modify("DeepStack", "AWS::CloudFormation::Stack")
		},
		"anywhere, when it is given": func(s *scene) types.Change {
			s.given["Password"] = source.Given{Value: canary, Secret: true}
			c := modify("Database", "AWS::RDS::DBCluster", direct("Port", "jdbc:"+canary, canary, types.RequiresRecreationNever))
			c.ResourceChange.PhysicalResourceId = new("name-" + canary)
			d := c.ResourceChange.Details[0]
			d.Target.Path = new("/Properties/Tags/" + canary)
			c.ResourceChange.Details = append(c.ResourceChange.Details, changed(d, func(d *types.ResourceChangeDetail) { d.CausingEntity = new(canary) }))
			c.ResourceChange.Details = append(c.ResourceChange.Details, direct(canary, "1", "2", types.RequiresRecreationAlways))
			c.ResourceChange.Replacement = types.ReplacementTrue
			s.set.Partial = "values of " + canary
			s.set.Tags = map[string]string{"Owner": canary}
			return c
		},
		"anywhere, when the change set shows it": func(s *scene) types.Change {
			s.app().Parameters["Password"] = canary
			s.app().Parameters["Zone"] = canary[:10]
			s.edit("now", "root.yaml", "Zone: !If [IsZoned, !Ref Zone, none]", "Zone: !Ref Password")
			return modify("Database", "AWS::RDS::DBCluster", direct("Port", "1", "jdbc:"+canary, types.RequiresRecreationNever), direct("Engine", "1", "jdbc:"+canary, types.RequiresRecreationNever))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.app().Changes = append(s.app().Changes, stage(s))
			s.app().Changes[0] = modify("Gone", "AWS::SQS::Queue")
			hides(t, s.review().Plan)
		})
	}
}

// TestSecretsShort: a secret of a few letters is masked where it stands, and does not tear other texts apart.
func TestSecretsShort(t *testing.T) {
	s := newScene(t)
	s.given["Password"] = source.Given{Value: "a", Secret: true}
	s.app().Changes = changes(modify("Database", "AWS::RDS::DBCluster", direct("MasterUserPassword", "", "a", types.RequiresRecreationNever), direct("Port", "Data", "Base", types.RequiresRecreationNever)))
	c := find(t, s.review().Plan, "Database")
	if c.Properties[0].After != report.Masked || c.Properties[0].Before != "" || c.Properties[1].Before != "Data" {
		t.Errorf("%+v", c.Properties)
	}
}

// TestSecretsInErrors: CloudFormation quotes values in what it says.
func TestSecretsInErrors(t *testing.T) {
	given := map[string]source.Given{"Password": {Value: canary, Secret: true}, "Longer": {Value: canary + "-longer", Secret: true}, "Size": {Value: "small"}}
	quoted := "Parameter 'Password' must match, not " + canary + "-longer or " + canary
	f := &fake{T: t, create: &smithy.GenericAPIError{Code: "ValidationError", Message: quoted}}
	_, err := changeset.Propose(context.Background(), f, f, changeset.Request{Stack: "s", Name: "d-1", Parameters: given})
	var api smithy.APIError
	if err == nil || strings.Contains(err.Error(), "canary") || !errors.As(err, &api) {
		t.Error(err)
	}
	f = &fake{T: t, sets: map[string][]*cloudformation.DescribeChangeSetOutput{"d-1": {described("FAILED", quoted)}},
		events: map[string][]types.OperationEvent{"arn:d-1": {{EventType: types.EventTypeValidationError, ValidationStatusReason: &quoted}}}}
	_, err = changeset.Propose(context.Background(), f, f, changeset.Request{Stack: "s", Name: "d-1", Parameters: given})
	if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), report.Masked) {
		t.Error(err)
	}
}
