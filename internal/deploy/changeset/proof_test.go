package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/source"
)

// TestNotDisproved: each of these may lose the database for good; none may pass for noise.
func TestNotDisproved(t *testing.T) {
	notDisproved(t, consumers())
	set := func(name, value string) func(*scene) {
		return func(s *scene) { s.given[name] = source.Given{Value: value} }
	}
	notDisproved(t, map[string]func(*scene){
		"the producer is replaced": func(s *scene) {
			s.edit("now", "net.yaml", "CidrBlock: !Ref Size", "CidrBlock: 10.9.0.0/16")
			s.net(replaced("VPC", "AWS::EC2::VPC", direct("CidrBlock", "a", "b", types.RequiresRecreationAlways)))
		},
		"the producer may be replaced, nobody says why": func(s *scene) {
			s.net(with(modify("VPC", "AWS::EC2::VPC"), func(c *types.ResourceChange) { c.Replacement = types.ReplacementConditional }))
		},
		"the producer's policy says that it is replaced": func(s *scene) {
			s.net(with(modify("VPC", "AWS::EC2::VPC", direct("EnableDnsSupport", "true", "false", types.RequiresRecreationNever)), func(c *types.ResourceChange) {
				c.PolicyAction = types.PolicyActionReplaceAndDelete
			}))
		},
		"the producer is removed":              func(s *scene) { s.net(change(types.ChangeActionRemove, "VPC", "AWS::EC2::VPC")) },
		"the producer's action is not decided": func(s *scene) { s.net(change(types.ChangeActionDynamic, "VPC", "AWS::EC2::VPC")) },
		"the producer is of another type": func(s *scene) {
			s.edit("was", "net.yaml", "VPC:\n    Type: AWS::EC2::VPC", "VPC:\n    Type: AWS::EC2::Subnet")
		},
		"another resource is given out": func(s *scene) {
			s.edit("now", "net.yaml", "Value: !Ref VPC", "Value: !Ref Other")
			s.net()
		},
		"the output was not there": func(s *scene) { s.edit("was", "net.yaml", "  Vpc: {Value", "  Was: {Value"); s.net() },
		"the output's condition is another one": func(s *scene) {
			s.edit("now", "net.yaml", "Vpc: {Value", "Vpc: {Condition: Small, Value")
			s.net()
		},
		"the output's condition may toggle": func(s *scene) {
			s.edit("both", "net.yaml", "Vpc: {Value", "Vpc: {Condition: Small, Value")
			s.given["Size"] = source.Given{Value: "big"}
			s.net()
		},
		"the producer's condition may toggle": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Other")
			s.given["Size"] = source.Given{Value: "big"}
			s.net()
		},
		"the producer gets a condition": func(s *scene) {
			s.edit("now", "net.yaml", "    Properties: {CidrBlock: !Ref Size", "    Condition: Small\n    Properties: {CidrBlock: !Ref Size")
			s.net()
		},
		"the condition is another one": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !If [Small, !Ref VPC, none]")
			s.edit("now", "net.yaml", "[!Ref Size, small]", "[!Ref Size, large]")
			s.net()
		},
		"the condition does not exist": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !If [Nonesuch, !Ref VPC, none]")
			s.net()
		},
		"the output is a parameter that changes": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Size")
			s.given["Size"] = source.Given{Value: "big"}
			s.net()
		},
		"the output is a preset that changes": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Preset")
			s.edit("now", "net.yaml", "Default: preset", "Default: changed")
			s.net()
		},
		"the output is a preset that is given now": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Preset")
			s.edit("now", "root.yaml", "{Size: !Ref Size}", "{Size: !Ref Size, Preset: preset}")
			s.net()
		},
		"the output is a preset that is resolved": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Preset")
			s.edit("both", "net.yaml", "Default: preset", "Default: '{{resolve:ssm:/x}}'")
			s.net()
		},
		"the output has no preset": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Preset")
			s.edit("both", "net.yaml", "Preset: {Type: String, Default: preset}", "Preset: {Type: String}")
			s.net()
		},
		"a dynamic reference in the output": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Sub '{{resolve:ssm:/x}}${VPC}'")
			s.net()
		},
		"a dynamic reference in the producer": func(s *scene) {
			s.edit("both", "net.yaml", "CidrBlock: !Ref Size", "CidrBlock: '{{resolve:ssm:/x}}'")
			s.net()
		},
		"a dynamic reference in a parameter of the producer": func(s *scene) {
			s.deployed["Size"] = "{{resolve:ssm:/x}}"
			s.given["Size"] = source.Given{Previous: true}
			s.net()
		},
		"a dynamic reference in a preset of the producer": func(s *scene) {
			s.edit("both", "net.yaml", "CidrBlock: !Ref Size", "CidrBlock: !Ref Preset")
			s.edit("both", "net.yaml", "Default: preset", "Default: '{{resolve:ssm:/x}}'")
			s.net()
		},
		"an SSM parameter in the network": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Preset")
			s.edit("both", "net.yaml", "Preset: {Type: String", "Preset: {Type: 'AWS::SSM::Parameter::Value<String>'")
			s.net()
		},
		"an SSM parameter that the producer takes": func(s *scene) {
			s.edit("both", "net.yaml", "Size: {Type: String", "Size: {Type: 'AWS::SSM::Parameter::Value<String>'")
			s.net()
		},
		"an SSM parameter of the root that the producer takes": func(s *scene) {
			s.edit("both", "root.yaml", "Size: {Type: String", "Size: {Type: 'AWS::SSM::Parameter::Value<String>'")
			s.net()
		},
		"a parameter becomes an SSM parameter": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Size")
			s.edit("was", "root.yaml", "Size: {Type: String", "Size: {Type: 'AWS::SSM::Parameter::Value<String>'")
			s.net()
		},
		"the output is a parameter that is resolved": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Size")
			s.deployed["Size"] = "{{resolve:ssm:/x}}"
			s.given["Size"] = source.Given{Previous: true}
			s.net()
		},
		"the output is a parameter that the command does not give": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Size")
			delete(s.given, "Size")
			s.net()
		},
		"an output of a stack below, of which nobody says anything": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !GetAtt DeepStack.Outputs.Role")
			s.edit("both", "net.yaml", "Resources:", "Resources:\n  DeepStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub 'https://x/${Size}/${DeepTemplateKey}'}}")
			s.edit("both", "deep.yaml", "Resources:", "Outputs: {Role: {Value: !Ref Role}}\nResources:")
			s.edit("now", "deep.yaml", "Description: !Ref Vpc", "Description: x")
		},
		"the output is a secret, given as CloudFormation masks it": func(s *scene) {
			s.edit("both", "root.yaml", "{Size: !Ref Size}", "{Size: !Ref Password}")
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Ref Size")
			s.given["Password"] = source.Given{Value: "****", Secret: true}
			s.net()
		},
		"a macro to be": func(s *scene) {
			s.edit("now", "net.yaml", "Mappings:", "Transform: Some::Macro\nMappings:")
			s.net()
		},
		"zones of the region": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Select [0, !GetAZs '']")
			s.net()
		},
		"an export of another stack": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !ImportValue vpc")
			s.net()
		},
		"a mapping in another file": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !FindInMap [Sizes, small, Bits]")
			s.edit("now", "net.yaml", "Bits: 8", "Bits: 9")
			s.net()
		},
		"notification topics": func(s *scene) {
			s.edit("both", "net.yaml", "Value: !Ref VPC", "Value: !Select [0, !Ref AWS::NotificationARNs]")
			s.net()
		},
		"a macro":          func(s *scene) { s.edit("both", "net.yaml", "Mappings:", "Transform: Some::Macro\nMappings:"); s.net() },
		"a macro deployed": func(s *scene) { s.edit("was", "net.yaml", "Mappings:", "Transform: [Some::Macro]\nMappings:"); s.net() },
		"an attribute that an update may change": func(s *scene) {
			s.edit("both", "net.yaml", "!Ref VPC", "!GetAtt VPC.Ipv6CidrBlocks")
			s.edit("now", "net.yaml", "EnableDnsSupport: true", "EnableDnsSupport: false")
			s.net(modify("VPC", "AWS::EC2::VPC", direct("EnableDnsSupport", "true", "false", types.RequiresRecreationNever)))
		},
		"an attribute of an unlisted type": func(s *scene) {
			s.edit("both", "net.yaml", "AWS::EC2::VPC", "AWS::Some::Thing")
			s.edit("both", "net.yaml", "!Ref VPC", "!GetAtt VPC.Arn")
			s.net(modify("VPC", "AWS::Some::Thing", direct("EnableDnsSupport", "true", "false", types.RequiresRecreationNever)))
		},
		"an attribute that what changes may feed": func(s *scene) {
			secretOf(s)
			s.net(modify("VPC", "AWS::RDS::DBCluster", direct("ServerlessV2ScalingConfiguration", "1", "2", types.RequiresRecreationNever), direct("ManageMasterUserPassword", "true", "false", types.RequiresRecreationNever)))
		},
		"an attribute that nobody knows what feeds": func(s *scene) {
			secretOf(s)
			s.net(modify("VPC", "AWS::RDS::DBCluster"))
		},
		"an attribute that a policy may feed": func(s *scene) {
			secretOf(s)
			s.net(modify("VPC", "AWS::RDS::DBCluster", changed(direct("ServerlessV2ScalingConfiguration", "1", "2", types.RequiresRecreationNever), func(d *types.ResourceChangeDetail) {
				d.Target.Attribute = types.ResourceAttributeUpdatePolicy
			})))
		},
		"an attribute of something that changes without a target": func(s *scene) {
			secretOf(s)
			s.net(modify("VPC", "AWS::RDS::DBCluster", types.ResourceChangeDetail{}))
		},
		"a custom resource that is updated": func(s *scene) {
			s.edit("both", "net.yaml", "AWS::EC2::VPC", "Custom::Network")
			s.net(modify("VPC", "Custom::Network", direct("EnableDnsSupport", "true", "false", types.RequiresRecreationNever)))
		},
		"an output of a nested stack that is removed": func(s *scene) {
			s.net()
			s.set.Changes[1].ResourceChange.Action = types.ChangeActionRemove
		},
		"an output of a nested stack that is replaced": func(s *scene) {
			s.net()
			s.set.Changes[1].ResourceChange.Replacement = types.ReplacementTrue
		},
		"an attribute of a nested stack that is none": func(s *scene) {
			s.edit("both", "root.yaml", "!GetAtt NetStack.Outputs.Vpc", "!GetAtt NetStack.Nonsense")
		},
		"the network's template cannot be read": func(s *scene) {
			s.edit("now", "net.yaml", "Bits: 8", "Bits: 9")
			s.unreadable = true
			s.net()
		},
		"the network comes from another address": func(s *scene) { s.net(); set("NetTemplateKey", "templates/other.yaml")(s) },
		"no change set of a network whose resource changes": func(s *scene) {
			s.edit("now", "net.yaml", "CidrBlock: !Ref Size", "CidrBlock: 10.9.0.0/16")
		},
		"no change set of a network whose input changes": set("Size", "big"),
		"another expression in the parent": func(s *scene) {
			s.edit("now", "root.yaml", "!GetAtt NetStack.Outputs.Vpc", "!Sub '${NetStack.Outputs.Vpc}'")
		},
		"the parameter was not passed": func(s *scene) {
			s.edit("was", "root.yaml", "        Vpc: !GetAtt NetStack.Outputs.Vpc\n", "")
			s.edit("was", "app.yaml", "Vpc: {Type: String}", "Vpc: {Type: String, Default: x}")
		},
		"the stack was not there": func(s *scene) { s.edit("was", "root.yaml", "  AppStack:", "  WasStack:") },
	})
}
