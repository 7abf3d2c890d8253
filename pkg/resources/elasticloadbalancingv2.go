package resources

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"

	"github.com/tierform/tierform/pkg/cfn"
)

// deregistrationSeconds is how long a target group lets requests finish on a target that is taken out, well within
// the two minutes that Fargate Spot leaves a task.
const deregistrationSeconds = 60

// TargetGroupInput describes a target group of tasks.
type TargetGroupInput struct {
	// Name is the physical name.
	Name string
	VPC  cfn.VPCID
	// Port is where the tasks listen.
	Port int
	// HealthPath answers 200 while a task is well.
	HealthPath string
	// DeregistrationSeconds is how long requests may take to finish on a task that is taken out; 60 when zero. It must
	// not exceed the stop timeout of the containers.
	DeregistrationSeconds int
}

// TargetGroup is a target group of tasks by their addresses, which checks their health every 30 seconds and takes one
// out after three failures in a row.
func TargetGroup(in TargetGroupInput) *elasticloadbalancingv2.TargetGroup {
	seconds := cmp.Or(in.DeregistrationSeconds, deregistrationSeconds)
	group := &elasticloadbalancingv2.TargetGroup{
		Name:                       new(in.Name),
		VpcId:                      new(string(in.VPC)),
		TargetType:                 new("ip"),
		IpAddressType:              new("ipv4"),
		Port:                       new(in.Port),
		Protocol:                   new("HTTP"),
		ProtocolVersion:            new("HTTP1"),
		HealthCheckEnabled:         new(true),
		HealthCheckPath:            new(in.HealthPath),
		HealthCheckPort:            new("traffic-port"),
		HealthCheckProtocol:        new("HTTP"),
		HealthCheckIntervalSeconds: new(30),
		HealthCheckTimeoutSeconds:  new(5),
		HealthyThresholdCount:      new(2),
		UnhealthyThresholdCount:    new(3),
		Matcher:                    &elasticloadbalancingv2.TargetGroup_Matcher{HttpCode: new("200")},
		TargetGroupAttributes: []elasticloadbalancingv2.TargetGroup_TargetGroupAttribute{
			{Key: new("deregistration_delay.timeout_seconds"), Value: new(strconv.Itoa(seconds))},
		},
	}
	if !strings.HasPrefix(in.HealthPath, "/") {
		group.HealthCheckPath = new(cfn.Invalid("health check has no path", in.HealthPath, "a path that begins with /"))
	}
	if in.Port < 1 || in.Port > 65535 {
		group.HealthCheckPort = new(cfn.Invalid("target group has no port", fmt.Sprint(in.Port), "1 to 65535"))
	}
	return group
}

// TLSPolicy lets a load balancer speak TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers only, and agree on
// keys that a quantum computer cannot recover with clients that can: what AWS recommends.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
const TLSPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

// LoadBalancerInput describes an application load balancer that the internet reaches.
type LoadBalancerInput struct {
	// Name is the physical name.
	Name string
	// Subnets are public subnets, one in each zone.
	Subnets []string
	Group   cfn.SecurityGroupID
	// AccessLogBucket takes the access logs; its policy lets the log delivery service write.
	AccessLogBucket cfn.BucketName
}

// LoadBalancer is an internet-facing application load balancer that logs every request, drops headers with invalid names
// and closes connections that could smuggle requests. When WAF does not answer, so does it not.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
func LoadBalancer(in LoadBalancerInput) *elasticloadbalancingv2.LoadBalancer {
	return &elasticloadbalancingv2.LoadBalancer{
		Name:           new(in.Name),
		Type:           new("application"),
		Scheme:         new("internet-facing"),
		IpAddressType:  new("ipv4"),
		Subnets:        in.Subnets,
		SecurityGroups: []string{string(in.Group)},
		LoadBalancerAttributes: []elasticloadbalancingv2.LoadBalancer_LoadBalancerAttribute{
			loadBalancerAttribute("access_logs.s3.enabled", "true"),
			loadBalancerAttribute("access_logs.s3.bucket", string(in.AccessLogBucket)),
			loadBalancerAttribute("client_keep_alive.seconds", "3600"),
			loadBalancerAttribute("deletion_protection.enabled", "false"),
			loadBalancerAttribute("idle_timeout.timeout_seconds", "60"),
			loadBalancerAttribute("routing.http.desync_mitigation_mode", "defensive"),
			loadBalancerAttribute("routing.http.drop_invalid_header_fields.enabled", "true"),
			loadBalancerAttribute("routing.http.preserve_host_header.enabled", "true"),
			loadBalancerAttribute("routing.http.xff_header_processing.mode", "append"),
			loadBalancerAttribute("routing.http2.enabled", "true"),
			loadBalancerAttribute("waf.fail_open.enabled", "false"),
		},
	}
}

func loadBalancerAttribute(key, value string) elasticloadbalancingv2.LoadBalancer_LoadBalancerAttribute {
	return elasticloadbalancingv2.LoadBalancer_LoadBalancerAttribute{Key: new(key), Value: new(value)}
}

// AddHTTPSListener declares a listener on 443 that answers 404 to what no rule matches. Its answers tell browsers to stay
// with HTTPS, not to guess content types and not to show pages in frames, and do not name the server.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
func AddHTTPSListener(t *cfn.Template, logicalID, is string, balancer cfn.Resource[*elasticloadbalancingv2.LoadBalancer], certificate cfn.CertificateARN) cfn.Resource[*elasticloadbalancingv2.Listener] {
	listener := cfn.Add(t, logicalID, is, &elasticloadbalancingv2.Listener{
		LoadBalancerArn: balancer.Ref(),
		Port:            new(443),
		Protocol:        new("HTTPS"),
		SslPolicy:       new(TLSPolicy),
		Certificates:    []elasticloadbalancingv2.Listener_Certificate{{CertificateArn: new(string(certificate))}},
		DefaultActions: []elasticloadbalancingv2.Listener_Action{{
			Type: "fixed-response",
			FixedResponseConfig: &elasticloadbalancingv2.Listener_FixedResponseConfig{
				StatusCode: "404", ContentType: new("text/plain"), MessageBody: new("Not found"),
			},
		}},
	})
	// goformation does not know listener attributes.
	listener.Patch("ListenerAttributes", []any{
		attribute("routing.http.response.server.enabled", "false"),
		attribute("routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"),
		attribute("routing.http.response.x_content_type_options.header_value", "nosniff"),
		attribute("routing.http.response.x_frame_options.header_value", "DENY"),
	})
	return listener
}

// AddRedirectListener declares a listener on 80 that sends everybody to the same address with HTTPS.
func AddRedirectListener(t *cfn.Template, logicalID, is string, balancer cfn.Resource[*elasticloadbalancingv2.LoadBalancer]) cfn.Resource[*elasticloadbalancingv2.Listener] {
	listener := cfn.Add(t, logicalID, is, &elasticloadbalancingv2.Listener{
		LoadBalancerArn: balancer.Ref(),
		Port:            new(80),
		Protocol:        new("HTTP"),
		DefaultActions: []elasticloadbalancingv2.Listener_Action{{
			Type:           "redirect",
			RedirectConfig: &elasticloadbalancingv2.Listener_RedirectConfig{Protocol: new("HTTPS"), Port: new("443"), StatusCode: "HTTP_301"},
		}},
	})
	listener.Patch("ListenerAttributes", []any{attribute("routing.http.response.server.enabled", "false")})
	return listener
}

func attribute(key, value string) map[string]any { return map[string]any{"Key": key, "Value": value} }
