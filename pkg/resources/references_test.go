package resources_test

import (
	"testing"

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
	"github.com/tierform/tierform/pkg/resources"
)

// kind reads a reference of a resource with properties of type P.
func kind[P cfn.Properties, K ~string](properties P, reference func(cfn.Resource[P]) K) string {
	return string(reference(cfn.Add(cfn.NewTemplate("t", "x"), "R", "x", properties)))
}

// Ref or GetAtt, as the "Return values" section of each type's page says.
func TestReferences(t *testing.T) {
	r := cfn.Add(cfn.NewTemplate("t", "x"), "R", "x", &cfn.Raw{})
	for name, tc := range map[string]struct{ got, want string }{
		"ApplicationName":     {kind(&codedeploy.Application{}, resources.ApplicationName), r.Ref()},
		"BucketARN":           {kind(&s3.Bucket{}, resources.BucketARN), r.Att("Arn")},
		"BucketName":          {kind(&s3.Bucket{}, resources.BucketName), r.Ref()},
		"CertificateARN":      {kind(&certificatemanager.Certificate{}, resources.CertificateARN), r.Ref()},
		"ClusterARN":          {kind(&ecs.Cluster{}, resources.ClusterARN), r.Att("Arn")},
		"ClusterName":         {kind(&ecs.Cluster{}, resources.ClusterName), r.Ref()},
		"DatabaseEndpoint":    {kind(&rds.DBCluster{}, resources.DatabaseEndpoint), r.Att("Endpoint.Address")},
		"DeliveryStreamARN":   {kind(&kinesisfirehose.DeliveryStream{}, resources.DeliveryStreamARN), r.Att("Arn")},
		"DeploymentGroupName": {kind(&codedeploy.DeploymentGroup{}, resources.DeploymentGroupName), r.Ref()},
		"KeyARN":              {kind(&kms.Key{}, resources.KeyARN), r.Att("Arn")},
		"ListenerARN":         {kind(&elasticloadbalancingv2.Listener{}, resources.ListenerARN), r.Ref()},
		"LoadBalancerDNSName": {kind(&elasticloadbalancingv2.LoadBalancer{}, resources.LoadBalancerDNSName), r.Att("DNSName")},
		"LoadBalancerName":    {kind(&elasticloadbalancingv2.LoadBalancer{}, resources.LoadBalancerName), r.Att("LoadBalancerFullName")},
		"LogGroupARN":         {kind(&logs.LogGroup{}, resources.LogGroupARN), r.Att("Arn")},
		"LogGroupName":        {kind(&logs.LogGroup{}, resources.LogGroupName), r.Ref()},
		"MasterSecretARN":     {kind(&rds.DBCluster{}, resources.MasterSecretARN), r.Att("MasterUserSecret.SecretArn")},
		"NamespaceID":         {kind(&servicediscovery.PrivateDnsNamespace{}, resources.NamespaceID), r.Ref()},
		"RepositoryURI":       {kind(&ecr.Repository{}, resources.RepositoryURI), r.Att("RepositoryUri")},
		"RoleARN":             {kind(&iam.Role{}, resources.RoleARN), r.Att("Arn")},
		"RouteTableID":        {kind(&ec2.RouteTable{}, resources.RouteTableID), r.Ref()},
		"SecretARN":           {kind(&secretsmanager.Secret{}, resources.SecretARN), r.Ref()},
		"SecurityGroupID":     {kind(&ec2.SecurityGroup{}, resources.SecurityGroupID), r.Att("GroupId")},
		"ServiceName":         {kind(&ecs.Service{}, resources.ServiceName), r.Att("Name")},
		"SubnetID":            {kind(&ec2.Subnet{}, resources.SubnetID), r.Ref()},
		"SubnetZone":          {kind(&ec2.Subnet{}, resources.SubnetZone), r.Att("AvailabilityZone")},
		"TargetGroupARN":      {kind(&elasticloadbalancingv2.TargetGroup{}, resources.TargetGroupARN), r.Ref()},
		"TargetGroupName":     {kind(&elasticloadbalancingv2.TargetGroup{}, resources.TargetGroupName), r.Att("TargetGroupFullName")},
		"TopicARN":            {kind(&sns.Topic{}, resources.TopicARN), r.Ref()},
		"VPCID":               {kind(&ec2.VPC{}, resources.VPCID), r.Ref()},
	} {
		if tc.got != tc.want {
			t.Errorf("%s is %q, want %q", name, tc.got, tc.want)
		}
	}
}
