package cfn_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

// TestParametersAsText writes what a parameter declares, in the order of CloudFormation's documentation, and no more.
func TestParametersAsText(t *testing.T) {
	c := topicTemplate()
	use(c, "Out", cfn.AddParameter[string](c, "Plain", cfn.Parameter{})+
		cfn.AddParameter[string](c, "Full", cfn.Parameter{
			Type: "String", Description: "Says it all.", Default: new(""), AllowedPattern: "^[a-z]*$", AllowedValues: []string{"yes"},
			ConstraintDescription: "a word", MinLength: 1, MaxLength: 2, NoEcho: true,
		})+
		cfn.AddParameter[string](c, "Count", cfn.Parameter{Type: "Number", Default: new("1"), AllowedValues: []string{"0", "1"}, MinValue: new(0.0), MaxValue: new(2.5)})+
		cfn.AddParameter[string](c, "Zone", cfn.Parameter{Type: "AWS::EC2::AvailabilityZone::Name"}))
	wantText(t, files(t, c)["test.yaml"], `
Parameters:
  Plain:
    Type: String
  Full:
    Type: String
    Description: Says it all.
    Default: ''
    AllowedPattern: ^[a-z]*$
    AllowedValues:
      - 'yes'
    ConstraintDescription: a word
    MinLength: 1
    MaxLength: 2
    NoEcho: true
  Count:
    Type: Number
    Default: '1'
    AllowedValues:
      - '0'
      - '1'
    MinValue: 0
    MaxValue: 2.5
  Zone:
    Type: AWS::EC2::AvailabilityZone::Name

Resources:
`)
}
