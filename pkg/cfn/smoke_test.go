package cfn_test

import (
	"fmt"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/tierform/tierform/pkg/cfn"
)

type netIn struct {
	EnvironmentSuffix cfn.EnvironmentSuffix
	Count             cfn.Number
}
type netOut struct {
	cfn.Stack
	VPC cfn.VPCID
	Subnets cfn.Zoned[cfn.SubnetID]
}
type appIn struct {
	cfn.After
	Subnets cfn.Zoned[cfn.SubnetID]
	VPC cfn.VPCID
}

func network(t *cfn.Template, in netIn) netOut {
	t.Describe("The network: VPC and subnets.")
	vpc := cfn.Add(t, "Vpc", "The network", &ec2.VPC{CidrBlock: new("10.0.0.0/16")})
	var subnets cfn.Zoned[cfn.SubnetID]
	for i, z := range []string{"A", "B"} {
		s := cfn.Add(t, "Subnet"+z, "Subnet "+z, &ec2.Subnet{VpcId: vpc.Ref(), CidrBlock: new(cfn.Select(i, cfn.SubnetCIDRs(vpc.Att("CidrBlock"), 4, 8))), AvailabilityZone: new(cfn.Select(i, cfn.AZs()))})
		subnets = append(subnets, cfn.SubnetID(s.Ref()))
		s.Patch("Tags", []any{map[string]any{"Key": "Name", "Value": "x-" + string(in.EnvironmentSuffix)}})
	}
	sg := cfn.Add(t, "Group", "g", &ec2.SecurityGroup{GroupDescription: "all in " + string(in.EnvironmentSuffix) + "\nyes", VpcId: new(vpc.Ref()), SecurityGroupIngress: []ec2.SecurityGroup_Ingress{{IpProtocol: "tcp", FromPort: new(t.Int(in.Count)), ToPort: new(443), CidrIp: new("10.0.0.0/8")}}})
	sg.DependsOn(vpc)
	return netOut{VPC: cfn.VPCID(vpc.Ref()), Subnets: subnets}
}
func app(t *cfn.Template, in appIn) struct{} {
	t.Describe("app")
	g := cfn.Add(t, "Group", "g", &ec2.SecurityGroup{GroupDescription: "x", VpcId: new(string(in.VPC))})
	g.Patch("Tags", []map[string]string{{"Key": "a", "Value": string(in.Subnets[0])+string(in.Subnets[1])}})
	return struct{}{}
}

func TestSmoke(t *testing.T) {
	root := cfn.NewTemplate("platform", "Root")
	s := cfn.AddParameter[cfn.EnvironmentSuffix](root, "EnvironmentSuffix", cfn.EnvironmentSuffix("").Constraint())
	n := cfn.AddParameter[cfn.Number](root, "Count", cfn.Parameter{Type: "Number"})
	net := cfn.Nest(root, "Network", network, netIn{s, n})
	cfn.Nest(root, "App", app, appIn{cfn.After{net.Stack}, net.Subnets, net.VPC})
	c, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	files, err := c.Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		fmt.Println("---", f.Name)
		fmt.Println(string(f.Data))
	}
}
