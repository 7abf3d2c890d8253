package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R1: an address and a NAT gateway in each zone. Providers may have the addresses on their lists: they are not lost by
// accident.
func TestNATAddresses(t *testing.T) {
	f := file(t, "egress.yaml")
	if addresses, gateways := len(f.ofType("AWS::EC2::EIP")), len(f.ofType("AWS::EC2::NatGateway")); addresses != 3 || gateways != 3 {
		t.Errorf("%d addresses and %d gateways", addresses, gateways)
	}
	for id, r := range f.ofType("AWS::EC2::EIP") {
		if r.Properties["Domain"] != "vpc" || at(r.Metadata, "Stateful") != true || r.DeletionPolicy != "Delete" {
			t.Errorf("%s is %v", id, r)
		}
	}
}

// endpoints are the interface endpoints by the last part of their service's name.
func endpoints(t *testing.T) map[string]resource {
	t.Helper()
	found := map[string]resource{}
	for _, r := range file(t, "egress.yaml").ofType("AWS::EC2::VPCEndpoint") {
		if r.Properties["VpcEndpointType"] == "Interface" {
			found[strings.TrimPrefix(text(r.Properties["ServiceName"]), "com.amazonaws.${AWS::Region}.")] = r
		}
	}
	return found
}

// R2: the endpoints can be switched off together, answer to the service's own name and stand in every private subnet.
func TestInterfaceEndpoints(t *testing.T) {
	found := endpoints(t)
	for _, service := range []string{"ecr.api", "ecr.dkr", "logs", "secretsmanager", "xray"} {
		r, ok := found[service]
		if !ok {
			t.Errorf("no endpoint of %s", service)
			continue
		}
		p := r.Properties
		if r.Condition != "EndpointsEnabled" || p["PrivateDnsEnabled"] != true || !slices.Equal(texts(p["SecurityGroupIds"]), []string{"${EndpointGroup}"}) ||
			!slices.Equal(texts(p["SubnetIds"]), []string{"${PrivateSubnetsA}", "${PrivateSubnetsB}", "${PrivateSubnetsC}"}) {
			t.Errorf("endpoint of %s is %v", service, r)
		}
	}
	if len(found) != 5 {
		t.Errorf("%d endpoints", len(found))
	}
	want := map[string]any{"EndpointsEnabled": map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "Endpoints"}, "enabled"}}}
	if diff := cmp.Diff(want, file(t, "egress.yaml").Conditions); diff != "" {
		t.Error(diff)
	}
}

// What a task can be made to send does not leave the account, and what it can be made to read is this environment's.
func TestEndpointsAreForThisAccountAndEnvironment(t *testing.T) {
	for service, r := range endpoints(t) {
		for sid, s := range bySid(t, r.Properties["PolicyDocument"]) {
			if got := texts(at(s, "Condition", "StringEquals", "aws:PrincipalAccount")); s["Effect"] != "Allow" || !slices.Equal(got, []string{"${AWS::AccountId}"}) {
				t.Errorf("%s %s is for %v", service, sid, got)
			}
			for _, target := range texts(s["Resource"]) {
				if target == "*" {
					if at(r.Metadata, "AnyResource", sid) == nil {
						t.Errorf("%s %s: any resource without a reason", service, sid)
					}
					continue
				}
				if !strings.Contains(target, ":${AWS::AccountId}:") || !strings.Contains(target, "-${EnvironmentSuffix}") && !strings.Contains(target, "rds!cluster-") {
					t.Errorf("%s %s is about %s", service, sid, target)
				}
			}
		}
	}
}

// R2: whatever the tasks' roles allow through an endpoint, the endpoint lets through: otherwise a task starts without its
// image, secrets or logs.
func TestEndpointsLetTasksWork(t *testing.T) {
	serviceOf := map[string][]string{"ecr": {"ecr.api", "ecr.dkr"}, "logs": {"logs"}, "secretsmanager": {"secretsmanager"}, "xray": {"xray"}}
	found, checked := endpoints(t), 0
	for name, f := range allFiles(t) {
		for id, r := range f.ofType("AWS::IAM::Role") {
			if !slices.ContainsFunc(statements(r.Properties["AssumeRolePolicyDocument"]), func(s map[string]any) bool {
				return slices.Contains(texts(at(s, "Principal", "Service")), "ecs-tasks.amazonaws.com")
			}) {
				continue
			}
			for _, s := range statements(r.Properties["Policies"]) {
				for _, action := range texts(s["Action"]) {
					service, _, _ := strings.Cut(action, ":")
					for _, endpoint := range serviceOf[service] {
						checked++
						if !passes(t, found[endpoint], roleARN+text(r.Properties["RoleName"]), action, texts(s["Resource"])) {
							t.Errorf("%s %s: the endpoint of %s stops %s on %v", name, id, endpoint, action, s["Resource"])
						}
					}
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d permissions were found", checked)
	}
}

// passes tells whether an endpoint lets a role do something with all these resources. References to secrets and groups of
// other stacks stand for names of the environment, which TestSecretsKeyNamesEverySecret and its like check.
func passes(t *testing.T, endpoint resource, role, action string, targets []string) bool {
	t.Helper()
	for _, target := range targets {
		switch {
		case target == "${MasterSecret}":
			target = secretARN + "rds!cluster-1234-AbCdEf"
		case strings.HasPrefix(target, "${") && strings.HasPrefix(action, "secretsmanager:"):
			target = secretARN + "secret-x-${EnvironmentSuffix}-AbCdEf"
		case strings.HasPrefix(target, "${") && strings.HasPrefix(action, "logs:"):
			target = logsARN + "log-x-${EnvironmentSuffix}:*"
		}
		let := false
		for _, s := range bySid(t, endpoint.Properties["PolicyDocument"]) {
			only := texts(at(s, "Condition", "ArnEquals", "aws:PrincipalArn"))
			let = let || slices.Contains(texts(s["Action"]), action) && fitsOne(texts(s["Resource"]), target) && (len(only) == 0 || slices.Contains(only, role))
		}
		if !let {
			return false
		}
	}
	return true
}

// R6: layers of images come from ECR's bucket; nothing else of S3 is reachable through the gateway.
func TestGatewayIsForLayersOnly(t *testing.T) {
	r := file(t, "egress.yaml").Resources["S3Endpoint"]
	s := bySid(t, r.Properties["PolicyDocument"])
	if len(s) != 1 || !slices.Equal(texts(s["ReadLayers"]["Action"]), []string{"s3:GetObject"}) ||
		!slices.Equal(texts(s["ReadLayers"]["Resource"]), []string{"arn:${AWS::Partition}:s3:::prod-${AWS::Region}-starport-layer-bucket/*"}) {
		t.Errorf("policy is %v", s)
	}
	if r.Condition != "" || r.Properties["VpcEndpointType"] != "Gateway" ||
		!slices.Equal(texts(r.Properties["RouteTableIds"]), []string{"${PrivateRouteTablesA}", "${PrivateRouteTablesB}", "${PrivateRouteTablesC}"}) {
		t.Errorf("endpoint is %v", r)
	}
}

// R18: the VPC's flow logs go to a group of ours, which is an audit stream.
func TestFlowLogs(t *testing.T) {
	f := file(t, "egress.yaml")
	p := f.Resources["FlowLog"].Properties
	if text(p["ResourceId"]) != "${Vpc}" || text(p["LogGroupName"]) != "${FlowLogGroup}" || text(p["DeliverLogsPermissionArn"]) != "${FlowLogRole.Arn}" || p["TrafficType"] != "ALL" {
		t.Errorf("flow log is %v", p)
	}
	if got := text(f.Resources["FlowLogGroup"].Properties["LogGroupName"]); got != "log-flow-${EnvironmentSuffix}" {
		t.Errorf("group is %s", got)
	}
	if got := allowed(f.Resources["FlowLogRole"])["WriteFlows"]; !slices.Equal(got, []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "${FlowLogGroup.Arn}"}) {
		t.Errorf("role may %v", got)
	}
	if text(at(f.Outputs["FlowLogGroup"], "Value")) != "${FlowLogGroup}" {
		t.Errorf("output is %v", f.Outputs)
	}
}
