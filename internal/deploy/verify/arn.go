package verify

import "strings"

// Types of resources that checks ask about.
const (
	serviceType    = "AWS::ECS::Service"
	definitionType = "AWS::ECS::TaskDefinition"
	balancerType   = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	listenerType   = "AWS::ElasticLoadBalancingV2::Listener"
	ruleType       = "AWS::ElasticLoadBalancingV2::ListenerRule"
	groupType      = "AWS::Logs::LogGroup"
	trailType      = "AWS::CloudTrail::Trail"
	alarmType      = "AWS::CloudWatch::Alarm"
	compositeType  = "AWS::CloudWatch::CompositeAlarm"
	scalableType   = "AWS::ApplicationAutoScaling::ScalableTarget"
	secretType     = "AWS::SecretsManager::Secret"
	rotationType   = "AWS::SecretsManager::RotationSchedule"
	clusterType    = "AWS::RDS::DBCluster"
	instanceType   = "AWS::RDS::DBInstance"
	parametersType = "AWS::RDS::DBClusterParameterGroup"
	keyType        = "AWS::KMS::Key"
	bucketType     = "AWS::S3::Bucket"
	aclType        = "AWS::WAFv2::WebACL"
	associatedType = "AWS::WAFv2::WebACLAssociation"
)

// arn is a resource's ARN, made of its physical ID where that is none (Service Authorization Reference, "Resource types"); the physical ID
// of other types.
func (r *Resource) arn() string {
	e := r.stack.estate
	in := func(service, rest string) string {
		return strings.Join([]string{"arn", partition(r.stack.ARN), service, e.Region, e.Account, rest}, ":")
	}
	switch {
	case strings.HasPrefix(r.ID, "arn:"):
		return r.ID
	case r.Type == groupType:
		return in("logs", "log-group:"+r.ID)
	case r.Type == keyType:
		return in("kms", "key/"+r.ID)
	case r.Type == bucketType:
		return "arn:" + partition(r.stack.ARN) + ":s3:::" + r.ID
	case r.Type == clusterType:
		return in("rds", "cluster:"+r.ID)
	case r.Type == instanceType:
		return in("rds", "db:"+r.ID)
	case r.Type == trailType:
		return in("cloudtrail", "trail/"+r.ID)
	case r.Type == alarmType || r.Type == compositeType:
		return in("cloudwatch", "alarm:"+r.ID)
	}
	return r.ID
}

// partition is that of an ARN.
func partition(arn string) string {
	_, rest, _ := strings.Cut(arn, ":")
	name, _, _ := strings.Cut(rest, ":")
	return name
}

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// sameKey compares two names of an AWS KMS key: ARN, or ID alone.
func sameKey(a, b string) bool { return a != "" && lastPart(a) == lastPart(b) }
