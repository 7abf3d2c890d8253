package simulator

import (
	"fmt"
	"strings"
)

// attribute is what Ref (no name) or GetAtt gives for a resource: made up, in the form that its service has, and always the same.
func (s *Simulator) attribute(r *resource, name string) any {
	last := lastPart(r.physical)
	switch {
	case r.nested != nil && strings.HasPrefix(name, "Outputs."):
		return r.nested.outputs[strings.TrimPrefix(name, "Outputs.")]
	case name == "" && r.typ == "AWS::KMS::Key", name == "":
		return r.physical
	case r.typ == "AWS::ElasticLoadBalancingV2::LoadBalancer" && name == "LoadBalancerFullName":
		_, full, _ := strings.Cut(r.physical, ":loadbalancer/")
		return full
	case r.typ == "AWS::ElasticLoadBalancingV2::TargetGroup" && name == "TargetGroupFullName":
		return "targetgroup/" + r.physical[strings.LastIndex(r.physical, "targetgroup/")+len("targetgroup/"):]
	case r.typ == "AWS::ElasticLoadBalancingV2::TargetGroup" && name == "TargetGroupName":
		return nameOfTarget(r.physical)
	case r.typ == "AWS::RDS::DBCluster" && name == "MasterUserSecret.SecretArn":
		if x := s.secrets[r.physical]; x != nil {
			return x.arn
		}
	case name == "Arn" || strings.HasSuffix(name, "Arn"):
		return s.arnOf(r)
	case name == "Name" || strings.HasSuffix(name, "Id"):
		return last
	}
	return last + "." + strings.ToLower(strings.ReplaceAll(name, ".", "-")) + "." + Region + ".amazonaws.com"
}

// arnOf is a resource's ARN (Service Authorization Reference, "Resource types").
func (s *Simulator) arnOf(r *resource) string {
	if strings.HasPrefix(r.physical, "arn:") {
		return r.physical
	}
	kind := strings.ToLower(r.typ[strings.LastIndex(r.typ, ":")+1:])
	switch r.typ {
	case "AWS::S3::Bucket":
		return "arn:aws:s3:::" + r.physical
	case "AWS::IAM::Role":
		return "arn:aws:iam::" + s.options.Account + ":role/" + r.physical
	case "AWS::Logs::LogGroup":
		return s.arn("logs", "log-group:"+r.physical+":*")
	case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
		return s.arn("cloudwatch", "alarm:"+r.physical)
	case "AWS::RDS::DBCluster":
		return s.arn("rds", "cluster:"+r.physical)
	case "AWS::RDS::DBInstance":
		return s.arn("rds", "db:"+r.physical)
	}
	return s.arn(serviceOfType(r.typ), kind+"/"+r.physical)
}

func lastPart(physical string) string { return physical[strings.LastIndexAny(physical, "/")+1:] }

// serviceOfType is a service's name in ARNs.
func serviceOfType(typ string) string {
	parts := strings.Split(typ, "::")
	name := strings.ToLower(parts[min(1, len(parts)-1)])
	if arn, other := map[string]string{"elasticloadbalancingv2": "elasticloadbalancing", "kinesisfirehose": "firehose", "certificatemanager": "acm"}[name]; other {
		return arn
	}
	return name
}

// givenName is the name that a template gives a resource; empty for one that CloudFormation names.
func givenName(typ string, properties map[string]any) string {
	short := typ[strings.LastIndex(typ, ":")+1:]
	for _, key := range []string{"Name", short + "Name", strings.TrimPrefix(short, "Managed") + "Name", "ManagedPolicyName", strings.TrimPrefix(short, "Composite") + "Name", short + "Identifier", "Family", "AliasName", "DBSubnetGroupName", "GroupName"} {
		if text, is := properties[key].(string); is && text != "" {
			return text
		}
	}
	return ""
}

// physicalID is a new resource's: its name if it has one, else stack, logical ID and something unique, as CloudFormation makes them; for
// some services an ARN or an ID of the service's own.
func (s *Simulator) physicalID(st *stack, id, typ string, properties map[string]any) string {
	unique := strings.ReplaceAll(s.nextID(), "-", "")
	name := givenName(typ, properties)
	if name == "" {
		name = fmt.Sprintf("%s-%s-%s", st.name, id, strings.ToUpper(unique[:8]+unique[len(unique)-4:]))
		if typ == "AWS::S3::Bucket" {
			name = strings.ToLower(name)
		}
	}
	const balancing = "elasticloadbalancing"
	switch typ {
	case "AWS::ElasticLoadBalancingV2::LoadBalancer":
		return s.arn(balancing, "loadbalancer/app/"+name+"/"+unique[:16])
	case "AWS::ElasticLoadBalancingV2::TargetGroup":
		return s.arn(balancing, "targetgroup/"+name+"/"+unique[:16])
	case "AWS::ElasticLoadBalancingV2::Listener":
		return strings.Replace(textOf(properties["LoadBalancerArn"]), ":loadbalancer/", ":listener/", 1) + "/" + unique[:16]
	case "AWS::ElasticLoadBalancingV2::ListenerRule":
		return strings.Replace(textOf(properties["ListenerArn"]), ":listener/", ":listener-rule/", 1) + "/" + unique[:16]
	case "AWS::ECS::Service":
		return s.arn("ecs", "service/"+nameOf(textOf(properties["Cluster"]))+"/"+name)
	case "AWS::ECS::TaskDefinition":
		return s.arn("ecs", fmt.Sprintf("task-definition/%s:%d", name, s.nextRevision(name)))
	case "AWS::SecretsManager::Secret":
		return s.arn("secretsmanager", "secret:"+name+"-AbCdEf")
	case "AWS::SNS::Topic":
		return s.arn("sns", name)
	case "AWS::CertificateManager::Certificate":
		return s.arn("acm", "certificate/"+s.nextID())
	case "AWS::KMS::Key":
		return s.nextID()
	case "AWS::RDS::DBCluster", "AWS::RDS::DBInstance":
		return strings.ToLower(name)
	}
	if prefix, is := map[string]string{"AWS::EC2::VPC": "vpc-", "AWS::EC2::Subnet": "subnet-", "AWS::EC2::SecurityGroup": "sg-", "AWS::EC2::RouteTable": "rtb-", "AWS::EC2::NatGateway": "nat-",
		"AWS::EC2::InternetGateway": "igw-", "AWS::EC2::VPCEndpoint": "vpce-", "AWS::EC2::FlowLog": "fl-", "AWS::ServiceDiscovery::Service": "srv-", "AWS::ServiceDiscovery::PrivateDnsNamespace": "ns-"}[typ]; is {
		return prefix + unique[len(unique)-17:]
	}
	return name
}
