package resources_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// R7: health is checked every 30 seconds and three failures in a row take a target out.
func TestTargetGroupDefaults(t *testing.T) {
	g := resources.TargetGroup(resources.TargetGroupInput{Name: "tg", VPC: "vpc", Port: 8080, HealthPath: "/health"})
	if *g.HealthCheckIntervalSeconds != 30 || *g.UnhealthyThresholdCount != 3 || *g.HealthCheckTimeoutSeconds >= *g.HealthCheckIntervalSeconds {
		t.Errorf("health check: every %d s, %d failures, timeout %d s", *g.HealthCheckIntervalSeconds, *g.UnhealthyThresholdCount, *g.HealthCheckTimeoutSeconds)
	}
	if *g.TargetType != "ip" || *g.HealthCheckPath != "/health" || *g.Matcher.HttpCode != "200" || *g.Port != 8080 {
		t.Errorf("target group: %+v", g)
	}
	if a := g.TargetGroupAttributes; len(a) != 1 || *a[0].Key != "deregistration_delay.timeout_seconds" || *a[0].Value != "60" {
		t.Errorf("attributes: %+v", a)
	}
}

func TestTargetGroupTakesItsTime(t *testing.T) {
	g := resources.TargetGroup(resources.TargetGroupInput{Name: "tg", VPC: "vpc", Port: 80, HealthPath: "/", DeregistrationSeconds: 15})
	if *g.TargetGroupAttributes[0].Value != "15" {
		t.Errorf("deregistration delay is %s s", *g.TargetGroupAttributes[0].Value)
	}
}

func TestTargetGroupRefusesWhatCannotBeRight(t *testing.T) {
	for name, tc := range map[string]struct {
		want string
		in   resources.TargetGroupInput
	}{
		"right":         {"", resources.TargetGroupInput{Name: "tg", VPC: "vpc", Port: 80, HealthPath: "/"}},
		"no path":       {"no path", resources.TargetGroupInput{Name: "tg", VPC: "vpc", Port: 80}},
		"relative path": {"no path", resources.TargetGroupInput{Name: "tg", VPC: "vpc", Port: 80, HealthPath: "health"}},
		"no port":       {"no port", resources.TargetGroupInput{Name: "tg", VPC: "vpc", HealthPath: "/"}},
		"port too high": {"no port", resources.TargetGroupInput{Name: "tg", VPC: "vpc", Port: 65536, HealthPath: "/"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { cfn.Add(root, "Group", "Targets", resources.TargetGroup(tc.in)) })
		})
	}
}

// The load balancer logs, drops what is malformed, and does not answer without its firewall.
func TestLoadBalancerAttributes(t *testing.T) {
	lb := resources.LoadBalancer(resources.LoadBalancerInput{Name: "alb", Subnets: []string{"a", "b"}, Group: "sg", AccessLogBucket: "logs"})
	got := map[string]string{}
	for _, a := range lb.LoadBalancerAttributes {
		got[*a.Key] = *a.Value
	}
	for key, want := range map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs",
		"deletion_protection.enabled":                     "false",
		"routing.http.drop_invalid_header_fields.enabled": "true",
		"routing.http.desync_mitigation_mode":             "defensive",
		"waf.fail_open.enabled":                           "false",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, lb.Subnets); diff != "" || *lb.Scheme != "internet-facing" || *lb.Type != "application" {
		t.Errorf("load balancer: %+v %s", lb, diff)
	}
}

// What the default of a listener is decides what a forgotten rule exposes: nothing.
func TestListeners(t *testing.T) {
	root := cfn.NewTemplate("root", "A test")
	lb := cfn.Add(root, "LoadBalancer", "Balances", resources.LoadBalancer(resources.LoadBalancerInput{Name: "alb", Subnets: []string{"a", "b"}, Group: "sg", AccessLogBucket: "logs"}))
	resources.AddHTTPSListener(root, "Https", "Listens", lb, "arn:certificate")
	resources.AddRedirectListener(root, "Http", "Redirects", lb)
	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	files, err := compiler.Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[0].Data)
	for _, want := range []string{
		"Port: 443\n      Protocol: HTTPS\n      SslPolicy: " + resources.TLSPolicy, "CertificateArn: arn:certificate\n", "Type: fixed-response\n", "StatusCode: '404'\n",
		"Port: 80\n      Protocol: HTTP\n", "Type: redirect\n", "StatusCode: HTTP_301\n",
		"strict_transport_security.header_value\n          Value: max-age=31536000",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Type: forward") {
		t.Error("a listener forwards what no rule has asked for")
	}
}
