package templates

import "github.com/tierform/tierform/pkg/cfn"

// ClusterInputs are what the cluster tier takes.
type ClusterInputs struct {
	Environment
	LogsKey cfn.KeyARN
	VPC     cfn.VPCID
}

// ClusterOutputs are what services are deployed into.
type ClusterOutputs struct {
	Name cfn.ClusterName
	ARN  cfn.ClusterARN
	// Namespace is the Cloud Map namespace; its name is Environment.NamespaceName.
	Namespace   cfn.NamespaceID
	Application cfn.CodeDeployApplication
}

// Cluster declares ….
func Cluster(t *cfn.Template, in ClusterInputs) ClusterOutputs {
	t.Describe("Cluster")
	return ClusterOutputs{}
}
