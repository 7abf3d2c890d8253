package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/report"
)

// secretOf makes the producer a database cluster, of which the consumer takes the secret.
func secretOf(s *scene) {
	s.edit("both", "net.yaml", "VPC:\n    Type: AWS::EC2::VPC", "VPC:\n    Type: AWS::RDS::DBCluster")
	s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !GetAtt VPC.MasterUserSecret.SecretArn")
}

// TestDisprovedByAttribute: the secret of a database stays while something changes that has nothing to do with it.
func TestDisprovedByAttribute(t *testing.T) {
	s := newScene(t)
	secretOf(s)
	tags := direct("", "", "", types.RequiresRecreationNever)
	tags.Target.Attribute, tags.Target.Name = types.ResourceAttributeTags, nil
	s.net(modify("VPC", "AWS::RDS::DBCluster", direct("ServerlessV2ScalingConfiguration", "1", "2", types.RequiresRecreationNever), tags))
	if c := find(t, s.review().Plan, "Database"); c.Certainty != report.Spurious {
		t.Errorf("%s %q (%s)", c.Action, c.Certainty, c.Why)
	}
}
