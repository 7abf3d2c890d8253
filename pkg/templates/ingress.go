package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/certificatemanager"
	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/route53"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The ingress tier: the only door the internet has, which is the load balancer with its certificate and name (R7), and
// the web application firewall before it (R8, see ingress_waf.go). It is a tier of its own because services come and go
// behind it: each brings its own rule to the listener.

// IngressInputs are what the ingress tier takes.
type IngressInputs struct {
	Environment
	LogsKey         cfn.KeyARN
	AccessLogBucket cfn.BucketName
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
	// Certificate is the listener's certificate, ours or the given one.
	Certificate cfn.CertificateARN
	// WebACL is the web ACL's name, the value of its CloudWatch dimension.
	WebACL cfn.WebACLName
	// WAFLogGroup takes the web ACL's log, an audit stream.
	WAFLogGroup cfn.LogGroupName
}

// Ingress declares the load balancer, its listeners, certificate and DNS name, and the web ACL with its log.
func Ingress(t *cfn.Template, in IngressInputs) IngressOutputs {
	t.Describe("The way in: an internet-facing load balancer that speaks TLS only, its certificate and DNS name, and the web application firewall before it.")
	certificate := addCertificate(t, in)
	balancer := cfn.Add(t, "LoadBalancer", "Takes all requests from the internet", resources.LoadBalancer(resources.LoadBalancerInput{
		Name: in.Name("alb", product), Subnets: subnetIDs(in.Subnets), Group: in.Group, AccessLogBucket: in.AccessLogBucket,
	}))
	listener := resources.AddHTTPSListener(t, "HttpsListener", "Production listener: services bring their rules, everything else is not found", balancer, certificate)
	resources.AddRedirectListener(t, "HttpListener", "Sends whoever comes without TLS to the production listener", balancer)
	addAlias(t, in, balancer)
	acl, log := addFirewall(t, in, balancer)
	return IngressOutputs{
		Listener:     resources.ListenerARN(listener),
		LoadBalancer: resources.LoadBalancerName(balancer),
		DNSName:      resources.LoadBalancerDNSName(balancer),
		Certificate:  certificate,
		WebACL:       acl,
		WAFLogGroup:  log,
	}
}

// addCertificate declares a certificate for the domain unless one is given. ACM proves the domain by a record in the
// hosted zone and renews the certificate as long as the record stands.
func addCertificate(t *cfn.Template, in IngressInputs) cfn.CertificateARN {
	issued := t.Condition("IssuesCertificate", cfn.Equals(string(in.CertificateARN), ""))
	certificate := cfn.Add(t, "Certificate", "Certificate of the domain, issued and renewed by ACM", &certificatemanager.Certificate{
		DomainName:       string(in.DomainName),
		KeyAlgorithm:     new("RSA_2048"),
		ValidationMethod: new("DNS"),
		DomainValidationOptions: []certificatemanager.Certificate_DomainValidationOption{
			{DomainName: string(in.DomainName), HostedZoneId: new(string(in.HostedZoneID))},
		},
	})
	certificate.When(issued)
	return cfn.If(issued, resources.CertificateARN(certificate), in.CertificateARN)
}

// addAlias points the domain to the load balancer if its hosted zone is given.
func addAlias(t *cfn.Template, in IngressInputs, balancer cfn.Resource[*elasticloadbalancingv2.LoadBalancer]) {
	alias := cfn.Add(t, "AliasRecord", "Points the domain to the load balancer", &route53.RecordSet{
		HostedZoneId: new(string(in.HostedZoneID)),
		Name:         string(in.DomainName),
		Type:         "A",
		AliasTarget: &route53.RecordSet_AliasTarget{
			DNSName:              balancer.Att("DNSName"),
			HostedZoneId:         balancer.Att("CanonicalHostedZoneID"),
			EvaluateTargetHealth: new(false),
		},
	})
	alias.When(t.Condition("HasHostedZone", cfn.Not(cfn.Equals(string(in.HostedZoneID), ""))))
}
