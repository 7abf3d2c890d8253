package costs

import "github.com/tierform/tierform/pkg/checks"

// pricers know what resources of a type take.
func pricers() map[string]func(*reckoning, *checks.Resource) {
	return map[string]func(*reckoning, *checks.Resource){
		"AWS::ApplicationAutoScaling::ScalingPolicy": (*reckoning).scalingPolicy,
		"AWS::CloudTrail::Trail":                     (*reckoning).trail,
		"AWS::CloudWatch::Alarm":                     (*reckoning).alarm,
		"AWS::CloudWatch::Dashboard":                 (*reckoning).dashboard,
		"AWS::EC2::EIP":                              (*reckoning).address,
		"AWS::EC2::FlowLog":                          (*reckoning).flowLog,
		"AWS::EC2::InternetGateway":                  (*reckoning).internetGateway,
		"AWS::EC2::NatGateway":                       (*reckoning).natGateway,
		"AWS::EC2::VPC":                              (*reckoning).vpc,
		"AWS::EC2::VPCEndpoint":                      (*reckoning).endpoint,
		"AWS::ECR::Repository":                       (*reckoning).repository,
		"AWS::ECS::Cluster":                          (*reckoning).cluster,
		"AWS::ECS::Service":                          (*reckoning).service,
		"AWS::ElasticLoadBalancingV2::LoadBalancer":  (*reckoning).loadBalancer,
		"AWS::Events::Rule":                          (*reckoning).eventRule,
		"AWS::IAM::Role":                             (*reckoning).role,
		"AWS::KMS::Key":                              (*reckoning).key,
		"AWS::KinesisFirehose::DeliveryStream":       (*reckoning).stream,
		"AWS::Logs::LogGroup":                        (*reckoning).logGroup,
		"AWS::RDS::DBCluster":                        (*reckoning).databaseCluster,
		"AWS::RDS::DBInstance":                       (*reckoning).databaseInstance,
		"AWS::Route53::RecordSet":                    (*reckoning).record,
		"AWS::S3::Bucket":                            (*reckoning).bucket,
		"AWS::SNS::Subscription":                     (*reckoning).subscription,
		"AWS::SNS::Topic":                            (*reckoning).topic,
		"AWS::Scheduler::Schedule":                   (*reckoning).schedule,
		"AWS::SecretsManager::Secret":                (*reckoning).secret,
		"AWS::ServiceDiscovery::PrivateDnsNamespace": (*reckoning).namespace,
		"AWS::WAFv2::WebACL":                         (*reckoning).webACL,
	}
}
