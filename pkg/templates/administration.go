package templates

import "github.com/tierform/tierform/pkg/cfn"

// AdministrationInputs are what the administration tier takes.
type AdministrationInputs struct {
	Environment
	Config Config
	// Ready makes the schedule wait for the way out.
	Ready               cfn.After
	LogsKey, SecretsKey cfn.KeyARN
	Topic               cfn.TopicARN
	// Subnets are the private subnets.
	Subnets          cfn.Zoned[cfn.SubnetID]
	Group            cfn.SecurityGroupID
	Cluster          cfn.ClusterARN
	DatabaseEndpoint cfn.HostName
	MasterSecret     cfn.SecretARN
	// ServiceSecrets are the secrets of the services' database roles, by service name.
	ServiceSecrets map[string]cfn.SecretARN
	ImageDigest    cfn.Text
}

// AdministrationOutputs are what the deploy command runs the task with.
type AdministrationOutputs struct {
	// TaskFamily is the task definition's family.
	TaskFamily cfn.Text
	// LogGroup takes the program's log, an audit stream.
	LogGroup cfn.LogGroupName
}

// Administration declares ….
func Administration(t *cfn.Template, in AdministrationInputs) AdministrationOutputs {
	t.Describe("Administration")
	return AdministrationOutputs{}
}
