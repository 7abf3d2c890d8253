package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/certificatemanager"
	"github.com/awslabs/goformation/v7/cloudformation/codedeploy"
	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/ecr"
	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/kinesisfirehose"
	"github.com/awslabs/goformation/v7/cloudformation/kms"
	"github.com/awslabs/goformation/v7/cloudformation/logs"
	"github.com/awslabs/goformation/v7/cloudformation/rds"
	"github.com/awslabs/goformation/v7/cloudformation/s3"
	"github.com/awslabs/goformation/v7/cloudformation/secretsmanager"
	"github.com/awslabs/goformation/v7/cloudformation/servicediscovery"
	"github.com/awslabs/goformation/v7/cloudformation/sns"

	"github.com/tierform/tierform/pkg/cfn"
)

// What Ref and GetAtt of each resource type give, by the "Return values" section of its CloudFormation page. The
// parameter's type makes a wrong kind a compile error.

// ApplicationName is the Ref of a CodeDeploy application.
func ApplicationName(r cfn.Resource[*codedeploy.Application]) cfn.CodeDeployApplication {
	return cfn.CodeDeployApplication(r.Ref())
}

// BucketARN is the Arn of a bucket.
func BucketARN(r cfn.Resource[*s3.Bucket]) cfn.BucketARN { return cfn.BucketARN(r.Att("Arn")) }

// BucketName is the Ref of a bucket.
func BucketName(r cfn.Resource[*s3.Bucket]) cfn.BucketName { return cfn.BucketName(r.Ref()) }

// CertificateARN is the Ref of a certificate.
func CertificateARN(r cfn.Resource[*certificatemanager.Certificate]) cfn.CertificateARN {
	return cfn.CertificateARN(r.Ref())
}

// ClusterARN is the Arn of an ECS cluster.
func ClusterARN(r cfn.Resource[*ecs.Cluster]) cfn.ClusterARN { return cfn.ClusterARN(r.Att("Arn")) }

// ClusterName is the Ref of an ECS cluster.
func ClusterName(r cfn.Resource[*ecs.Cluster]) cfn.ClusterName { return cfn.ClusterName(r.Ref()) }

// DatabaseEndpoint is the writer endpoint of a database cluster.
func DatabaseEndpoint(r cfn.Resource[*rds.DBCluster]) cfn.HostName {
	return cfn.HostName(r.Att("Endpoint.Address"))
}

// DeliveryStreamARN is the Arn of a Firehose delivery stream.
func DeliveryStreamARN(r cfn.Resource[*kinesisfirehose.DeliveryStream]) cfn.DeliveryStreamARN {
	return cfn.DeliveryStreamARN(r.Att("Arn"))
}

// DeploymentGroupName is the Ref of a CodeDeploy deployment group.
func DeploymentGroupName(r cfn.Resource[*codedeploy.DeploymentGroup]) cfn.DeploymentGroupName {
	return cfn.DeploymentGroupName(r.Ref())
}

// KeyARN is the Arn of a key.
func KeyARN(r cfn.Resource[*kms.Key]) cfn.KeyARN { return cfn.KeyARN(r.Att("Arn")) }

// ListenerARN is the Ref of a listener.
func ListenerARN(r cfn.Resource[*elasticloadbalancingv2.Listener]) cfn.ListenerARN {
	return cfn.ListenerARN(r.Ref())
}

// LoadBalancerDNSName is the DNS name of a load balancer.
func LoadBalancerDNSName(r cfn.Resource[*elasticloadbalancingv2.LoadBalancer]) cfn.HostName {
	return cfn.HostName(r.Att("DNSName"))
}

// LoadBalancerName is the full name of a load balancer, its CloudWatch dimension.
func LoadBalancerName(r cfn.Resource[*elasticloadbalancingv2.LoadBalancer]) cfn.LoadBalancerName {
	return cfn.LoadBalancerName(r.Att("LoadBalancerFullName"))
}

// LogGroupARN is the Arn of a log group, which ends in ":*".
func LogGroupARN(r cfn.Resource[*logs.LogGroup]) cfn.LogGroupARN {
	return cfn.LogGroupARN(r.Att("Arn"))
}

// LogGroupName is the Ref of a log group.
func LogGroupName(r cfn.Resource[*logs.LogGroup]) cfn.LogGroupName { return cfn.LogGroupName(r.Ref()) }

// MasterSecretARN is the ARN of the secret that RDS manages for a cluster's master user.
func MasterSecretARN(r cfn.Resource[*rds.DBCluster]) cfn.SecretARN {
	return cfn.SecretARN(r.Att("MasterUserSecret.SecretArn"))
}

// NamespaceID is the Ref of a private DNS namespace.
func NamespaceID(r cfn.Resource[*servicediscovery.PrivateDnsNamespace]) cfn.NamespaceID {
	return cfn.NamespaceID(r.Ref())
}

// RepositoryURI is the address of an ECR repository.
func RepositoryURI(r cfn.Resource[*ecr.Repository]) cfn.RepositoryURI {
	return cfn.RepositoryURI(r.Att("RepositoryUri"))
}

// RoleARN is the Arn of a role.
func RoleARN(r cfn.Resource[*iam.Role]) cfn.RoleARN { return cfn.RoleARN(r.Att("Arn")) }

// RouteTableID is the Ref of a route table.
func RouteTableID(r cfn.Resource[*ec2.RouteTable]) cfn.RouteTableID { return cfn.RouteTableID(r.Ref()) }

// SecretARN is the Ref of a secret.
func SecretARN(r cfn.Resource[*secretsmanager.Secret]) cfn.SecretARN { return cfn.SecretARN(r.Ref()) }

// SecurityGroupID is the GroupId of a security group.
func SecurityGroupID(r cfn.Resource[*ec2.SecurityGroup]) cfn.SecurityGroupID {
	return cfn.SecurityGroupID(r.Att("GroupId"))
}

// ServiceName is the Name of an ECS service.
func ServiceName(r cfn.Resource[*ecs.Service]) cfn.ServiceName { return cfn.ServiceName(r.Att("Name")) }

// SubnetID is the Ref of a subnet.
func SubnetID(r cfn.Resource[*ec2.Subnet]) cfn.SubnetID { return cfn.SubnetID(r.Ref()) }

// SubnetZone is the availability zone of a subnet.
func SubnetZone(r cfn.Resource[*ec2.Subnet]) cfn.AvailabilityZone {
	return cfn.AvailabilityZone(r.Att("AvailabilityZone"))
}

// TargetGroupARN is the Ref of a target group.
func TargetGroupARN(r cfn.Resource[*elasticloadbalancingv2.TargetGroup]) cfn.TargetGroupARN {
	return cfn.TargetGroupARN(r.Ref())
}

// TargetGroupName is the full name of a target group, its CloudWatch dimension.
func TargetGroupName(r cfn.Resource[*elasticloadbalancingv2.TargetGroup]) cfn.TargetGroupName {
	return cfn.TargetGroupName(r.Att("TargetGroupFullName"))
}

// TopicARN is the Ref of a topic.
func TopicARN(r cfn.Resource[*sns.Topic]) cfn.TopicARN { return cfn.TopicARN(r.Ref()) }

// VPCID is the Ref of a VPC.
func VPCID(r cfn.Resource[*ec2.VPC]) cfn.VPCID { return cfn.VPCID(r.Ref()) }
