package templates

import "github.com/tierform/tierform/pkg/cfn"

// IngressInputs are what the ingress tier takes.
type IngressInputs struct {
	Environment
	LogsKey         cfn.KeyARN
	AccessLogBucket cfn.BucketName
	VPC             cfn.VPCID
	// Subnets are the public subnets.
	Subnets cfn.Zoned[cfn.SubnetID]
	Group   cfn.SecurityGroupID
	// CertificateARN, or DomainName with HostedZoneID, give the listener its certificate (root parameters, may be empty).
	CertificateARN cfn.CertificateARN
	DomainName     cfn.HostName
	HostedZoneID   cfn.HostedZoneID
}

// IngressOutputs are what services are attached to.
type IngressOutputs struct {
	// Listener is the production listener.
	Listener cfn.ListenerARN
	// LoadBalancer is the load balancer's full name, the value of its CloudWatch dimension.
	LoadBalancer cfn.LoadBalancerName
	DNSName      cfn.HostName
	// WebACL is the web ACL's name, the value of its CloudWatch dimension.
	WebACL cfn.WebACLName
	// WAFLogGroup takes the web ACL's log, an audit stream.
	WAFLogGroup cfn.LogGroupName
}

// Ingress declares ….
func Ingress(t *cfn.Template, in IngressInputs) IngressOutputs {
	t.Describe("Ingress")
	return IngressOutputs{}
}
