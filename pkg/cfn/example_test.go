package cfn_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/s3"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"

	"github.com/tierform/tierform/pkg/cfn"
)

// render prints each file of a template from a line on.
func render(t *cfn.Template, from string) {
	compiler, err := cfn.NewCompiler()
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := compiler.Compile(t)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		fmt.Println("# " + f.Name)
		_, text, _ := strings.Cut(string(f.Data), "\n"+from)
		fmt.Print(from + text)
	}
}

// A template with one resource, from declaration to bytes.
func ExampleCompiler_Compile() {
	storage := cfn.NewTemplate("storage", "Where uploads are kept.")
	suffix := cfn.AddParameter[cfn.EnvironmentSuffix](storage, "EnvironmentSuffix", cfn.EnvironmentSuffix("").Constraint())
	bucket := cfn.Add(storage, "UploadBucket", "Uploads of customers", &s3.Bucket{
		BucketName: new("uploads-" + cfn.AccountID + "-" + string(suffix)),
	})
	storage.AddOutput("UploadBucketArn", "For policies.", bucket.Att("Arn"))

	compiler, err := cfn.NewCompiler()
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := compiler.Compile(storage)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("# %s\n%s", files[0].Name, files[0].Data)
	// Output:
	// # storage.yaml
	// AWSTemplateFormatVersion: '2010-09-09'
	// Description: Where uploads are kept.
	//
	// Parameters:
	//   EnvironmentSuffix:
	//     Type: String
	//     AllowedPattern: ^[a-z0-9]+(-[a-z0-9]+)*$
	//     ConstraintDescription: '1 to 12 characters: words of a-z and 0-9 joined by single hyphens'
	//     MinLength: 1
	//     MaxLength: 12
	//
	// Resources:
	//   UploadBucket:
	//     Type: AWS::S3::Bucket
	//     Metadata:
	//       Description: Uploads of customers
	//     Properties:
	//       BucketName: !Sub uploads-${AWS::AccountId}-${EnvironmentSuffix}
	//
	// Outputs:
	//   UploadBucketArn:
	//     Description: For policies.
	//     Value: !GetAtt UploadBucket.Arn
}

// All faults are reported together, each with its place, what was found and what is allowed.
func ExampleCompiler_Compile_problems() {
	t := cfn.NewTemplate("queues", "Work to do.")
	jobs := cfn.Add(t, "Jobs", "Jobs to be done", &sqs.Queue{QueueName: new("jobs")})
	jobs.Patch("DelaySeconds", "soon")
	t.AddOutput("JobsArn", "", jobs.Att("ARN"))

	compiler, err := cfn.NewCompiler()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = compiler.Compile(t)
	fmt.Println(err)
	// Output:
	// 2 problem(s) in the templates:
	//   queues/Jobs/Properties.DelaySeconds: value has the wrong kind (found "soon"); allowed: an integer [wrong-kind]
	//   queues/JobsArn/Value: AWS::SQS::Queue has no such attribute (found "Jobs.ARN"); allowed: Arn, QueueName, QueueUrl [unknown-attribute]
}

type networkOutputs struct {
	VPC cfn.VPCID
}

// exampleNetwork is a tier: it takes nothing and gives the VPC.
func exampleNetwork(t *cfn.Template, _ struct{}) networkOutputs {
	t.Describe("The network.")
	vpc := cfn.Add(t, "Vpc", "The network of the platform", &ec2.VPC{CidrBlock: new("10.0.0.0/16")})
	return networkOutputs{VPC: cfn.VPCID(vpc.Ref())}
}

type dataInputs struct {
	VPC  cfn.VPCID // a reference: becomes a parameter; a cfn.SubnetID would not compile
	Port int       // a plain value: shapes the template
}

// exampleData is a tier: it takes the VPC and gives nothing.
func exampleData(t *cfn.Template, in dataInputs) struct{} {
	t.Describe("The database.")
	cfn.Add(t, "Group", "Who may reach the database", &ec2.SecurityGroup{
		GroupDescription: "Database", VpcId: new(string(in.VPC)),
		SecurityGroupIngress: []ec2.SecurityGroup_Ingress{{IpProtocol: "tcp", FromPort: &in.Port, ToPort: &in.Port, CidrIp: new("10.0.0.0/16")}},
	})
	return struct{}{}
}

// Two tiers and the wire between them: an output of one template, a parameter of the other, GetAtt in the root.
func ExampleNest() {
	root := cfn.NewTemplate("platform", "The platform.")
	network := cfn.Nest(root, "Network", exampleNetwork, struct{}{})
	cfn.Nest(root, "Data", exampleData, dataInputs{VPC: network.VPC, Port: 5432})

	render(root, "Resources:")
	// Output:
	// # platform.yaml
	// Resources:
	//   NetworkStack:
	//     Type: AWS::CloudFormation::Stack
	//     DeletionPolicy: Delete
	//     UpdateReplacePolicy: Delete
	//     Metadata:
	//       Description: The network.
	//     Properties:
	//       TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${NetworkTemplateKey}
	//
	//   DataStack:
	//     Type: AWS::CloudFormation::Stack
	//     DeletionPolicy: Delete
	//     UpdateReplacePolicy: Delete
	//     Metadata:
	//       Description: The database.
	//     Properties:
	//       Parameters:
	//         Vpc: !GetAtt NetworkStack.Outputs.Vpc
	//       TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${DataTemplateKey}
	// # network.yaml
	// Resources:
	//   Vpc:
	//     Type: AWS::EC2::VPC
	//     Metadata:
	//       Description: The network of the platform
	//     Properties:
	//       CidrBlock: 10.0.0.0/16
	//
	// Outputs:
	//   Vpc:
	//     Value: !Ref Vpc
	// # data.yaml
	// Resources:
	//   Group:
	//     Type: AWS::EC2::SecurityGroup
	//     Metadata:
	//       Description: Who may reach the database
	//     Properties:
	//       GroupDescription: Database
	//       SecurityGroupIngress:
	//         - CidrIp: 10.0.0.0/16
	//           FromPort: 5432
	//           IpProtocol: tcp
	//           ToPort: 5432
	//       VpcId: !Ref Vpc
}

// A tier that gives a literal where others expect a reference is refused by name.
func ExampleNest_literal() {
	root := cfn.NewTemplate("platform", "The platform.")
	cfn.Nest(root, "Data", exampleData, dataInputs{VPC: "vpc-0123456789", Port: 5432})

	render(root, "Resources:")
	// Output:
	// 1 problem(s) in the templates:
	//   platform/Data/Vpc: input of the tier is a literal (found "vpc-0123456789"); allowed: a reference to something in platform [literal-reference]
}

// References are strings: they concatenate, and they survive encoding/json.
func ExampleAdd() {
	t := cfn.NewTemplate("queues", "Work to do.")
	failed := cfn.Add(t, "Failed", "Jobs that failed too often", &sqs.Queue{})
	redrive, err := json.Marshal(map[string]any{"deadLetterTargetArn": failed.Att("Arn"), "maxReceiveCount": 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	jobs := cfn.Add(t, "Jobs", "Jobs to be done", &sqs.Queue{RedrivePolicy: string(redrive), QueueName: new("jobs-" + cfn.Region)})
	jobs.DependsOn(failed)

	render(t, "  Jobs:")
	// Output:
	// # queues.yaml
	//   Jobs:
	//     Type: AWS::SQS::Queue
	//     DependsOn:
	//       - Failed
	//     Metadata:
	//       Description: Jobs to be done
	//     Properties:
	//       QueueName: !Sub jobs-${AWS::Region}
	//       RedrivePolicy: !Sub '{"deadLetterTargetArn":"${Failed.Arn}","maxReceiveCount":3}'
}

// Patch reaches what goformation's structs lack, and puts intrinsics where a struct has a bool or a number.
func ExampleResource_Patch() {
	t := cfn.NewTemplate("tasks", "What runs.")
	debug := t.Condition("Debug", cfn.Equals(cfn.AddParameter[string](t, "Mode", cfn.Parameter{}), "debug"))
	service := cfn.Add(t, "Service", "Keeps the tasks running", &ecs.Service{})
	service.Patch("EnableExecuteCommand", cfn.IfValue(debug, true, false))
	service.Patch("AvailabilityZoneRebalancing", "ENABLED")
	task := cfn.Add(t, "Task", "One task", &ecs.TaskDefinition{ContainerDefinitions: []ecs.TaskDefinition_ContainerDefinition{
		{Name: "app", Image: "app:1"},
	}})
	task.Patch("ContainerDefinitions[Name=app].RestartPolicy.Enabled", true)

	render(t, "Resources:")
	// Output:
	// # tasks.yaml
	// Resources:
	//   Service:
	//     Type: AWS::ECS::Service
	//     Metadata:
	//       Description: Keeps the tasks running
	//     Properties:
	//       AvailabilityZoneRebalancing: ENABLED
	//       EnableExecuteCommand: !If [Debug, true, false]
	//
	//   Task:
	//     Type: AWS::ECS::TaskDefinition
	//     Metadata:
	//       Description: One task
	//     Properties:
	//       ContainerDefinitions:
	//         - Image: app:1
	//           Name: app
	//           RestartPolicy:
	//             Enabled: true
}

// A number field of a Go struct can hold a reference too.
func ExampleTemplate_Int() {
	t := cfn.NewTemplate("queues", "Work to do.")
	delay := cfn.AddParameter[cfn.Number](t, "Delay", cfn.Number("").Constraint())
	cfn.Add(t, "Jobs", "Jobs to be done", &sqs.Queue{DelaySeconds: new(t.Int(delay))})

	render(t, "Resources:")
	// Output:
	// # queues.yaml
	// Resources:
	//   Jobs:
	//     Type: AWS::SQS::Queue
	//     Metadata:
	//       Description: Jobs to be done
	//     Properties:
	//       DelaySeconds: !Ref Delay
}

// A list parameter takes the place of a list.
func ExampleList() {
	t := cfn.NewTemplate("endpoints", "Ways to AWS services.")
	subnets := cfn.AddParameter[string](t, "SubnetIds", cfn.Parameter{Type: "List<AWS::EC2::Subnet::Id>"})
	cfn.Add(t, "Endpoint", "The way to ECR", &ec2.VPCEndpoint{
		VpcId: "vpc-1", ServiceName: "com.amazonaws." + cfn.Region + ".ecr.api", SubnetIds: cfn.List(subnets),
	})

	render(t, "Resources:")
	// Output:
	// # endpoints.yaml
	// Resources:
	//   Endpoint:
	//     Type: AWS::EC2::VPCEndpoint
	//     Metadata:
	//       Description: The way to ECR
	//     Properties:
	//       ServiceName: !Sub com.amazonaws.${AWS::Region}.ecr.api
	//       SubnetIds: !Ref SubnetIds
	//       VpcId: vpc-1
}
