package checks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plantedFault is one change of the golden templates with the finding that it has to cause: rule, resource, path, and
// what the line holds that it points to.
type plantedFault struct {
	rule, id, path, line string
	plant                edit
}

// check plants the fault and looks for its finding, which the golden templates must not have.
func (p plantedFault) check(t *testing.T, rules []Rule) {
	t.Helper()
	for _, f := range resultOf(t, goldenWorld(t), rules, p.rule).Findings {
		if f.LogicalID == p.id && f.Path == p.path && f.Outcome != Exempt {
			t.Errorf("golden has the finding: %+v", f)
		}
	}
	original, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(original)
	p.plant(t, files)
	result := resultOf(t, goldenWorld(t, p.plant), rules, p.rule)
	i := slices.IndexFunc(result.Findings, func(f Finding) bool { return f.LogicalID == p.id && f.Path == p.path })
	if i < 0 || result.Outcome != Fail || result.Findings[i].Outcome != Fail {
		t.Fatalf("%s of %s is not found: %+v", p.path, p.id, result.Findings)
	}
	lines := strings.Split(files[result.Findings[i].Template], "\n")
	if line := lines[result.Findings[i].Line-1]; !strings.Contains(line, p.line) {
		t.Errorf("line %d is %q", result.Findings[i].Line, line)
	}
}

func checkPlanted(t *testing.T, rules []Rule, cases []plantedFault) {
	t.Helper()
	found := map[string]bool{}
	for _, c := range cases {
		found[c.rule] = true
		t.Run(c.rule+" "+c.id+" "+c.path, func(t *testing.T) { c.check(t, rules) })
	}
	var ids []string
	for _, rule := range rules {
		ids = append(ids, rule.ID)
		if rule.Title == "" || strings.HasSuffix(rule.Title, ".") || len(rule.Requirements) == 0 || rule.Severity == "" {
			t.Errorf("%s is not complete", rule.ID)
		}
	}
	if diff := cmp.Diff(ids, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Error("rules with planted faults:", diff)
	}
}

// checkGolden verifies the golden templates with the values of each environment.
func checkGolden(t *testing.T, rules []Rule) {
	t.Helper()
	for _, name := range []string{"dev", "prod"} {
		for _, result := range Verify(goldenWorldOf(t, goldenParameters(t, name)), rules) {
			if result.Outcome != Pass && result.Outcome != Exempt {
				t.Errorf("%s with %s.yaml: %s %+v", result.Rule.ID, name, result.Outcome, result.Findings)
			}
		}
	}
}

const (
	txn     = "service-transaction-processor.yaml"
	txnID   = "TransactionProcessor"
	payment = "service-payment-api.yaml"
)

func TestAvailabilityRules(t *testing.T) {
	checkGolden(t, availabilityRules())
	const (
		group     = txnID + "DeploymentGroup"
		terminate = "BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess"
		ready     = "BlueGreenDeploymentConfiguration.DeploymentReadyOption"
	)
	checkPlanted(t, availabilityRules(), []plantedFault{
		{"AVA001", "Cluster", "", "AutoMinorVersionUpgrade", replaceInResource("platform.yaml", "ReaderStack", "DatabaseZonesB", "DatabaseZonesA")},
		{"AVA001", "Cluster", "", "AutoMinorVersionUpgrade", replaceInResource("reader.yaml", "Reader", "      DBClusterIdentifier: !Ref Cluster\n", "")},
		{"AVA002", "Cluster", "ServerlessV2ScalingConfiguration.MinCapacity", "MinCapacity: 0", replaceIn("data.yaml", "MinCapacity: !Ref MinCapacity", "MinCapacity: 0")},
		{"AVA002", "Cluster", "ServerlessV2ScalingConfiguration.MaxCapacity", "MaxCapacity: 1", replaceIn("data.yaml", "MaxCapacity: !Ref MaxCapacity", "MaxCapacity: 1")},
		{"AVA003", "Cluster", "BackupRetentionPeriod", "BackupRetentionPeriod: 0", replaceIn("data.yaml", "BackupRetentionPeriod: !Ref BackupDays", "BackupRetentionPeriod: 0")},
		{"AVA004", "LoadBalancer", "Subnets", "- !Ref SubnetsA", replaceIn("ingress.yaml", "        - !Ref SubnetsC\n", "")},
		{"AVA004", "SubnetGroup", "SubnetIds", "- !Ref SubnetsA", replaceIn("data.yaml", "        - !Ref SubnetsC\n", "")},
		{"AVA004", txnID + "Service", "NetworkConfiguration.AwsvpcConfiguration.Subnets", "- !Ref SubnetsA", replaceIn(txn, "            - !Ref SubnetsC\n", "")},
		{"AVA005", "PrivateDefaultRouteB", "NatGatewayId", "!Ref NATGatewayA", replaceInResource("egress.yaml", "PrivateDefaultRouteB", "NATGatewayB", "NATGatewayA")},
		{"AVA006", "Cluster", "CapacityProviders", "- FARGATE", replaceIn("cluster.yaml", "        - FARGATE_SPOT\n", "")},
		{"AVA007", "Cluster", "ClusterSettings[0].Value", "Value: disabled", replaceIn("cluster.yaml", "Value: enhanced", "Value: disabled")},
		{"AVA007", "Cluster", "ClusterSettings", "- Name: other", replaceIn("cluster.yaml", "Name: containerInsights", "Name: other")},
		{"AVA008", "PaymentApiService", "CapacityProviderStrategy", "- Base: 2", replaceInResource(payment, "PaymentApiService", "          Weight: 1\n", "          Weight: 1\n        - CapacityProvider: FARGATE_SPOT\n          Weight: 1\n")},
		{"AVA008", "PaymentApiService", "CapacityProviderStrategy", "- Base: 2", replaceInResource(payment, "PaymentApiService", "Weight: 1", "Weight: 0")},
		{"AVA009", txnID + "Service", "CapacityProviderStrategy", "- Base: 0", replaceInResource(txn, txnID+"Service", "Base: 1", "Base: 0")},
		{"AVA009", txnID + "Service", "CapacityProviderStrategy", "- Base: 1", replaceInResource(txn, txnID+"Service", "Weight: 3", "Weight: 1")},
		{"AVA010", txnID + "Service", "DeploymentController.Type", "Type: ECS", replaceIn(txn, "Type: CODE_DEPLOY", "Type: ECS")},
		{"AVA010", txnID + "Service", "", "CapacityProviderStrategy", replaceInResource(txn, group, "ServiceName: !GetAtt "+txnID+"Service.Name", "ServiceName: other")},
		{"AVA010", group, "DeploymentStyle.DeploymentType", "IN_PLACE", replaceIn(txn, "BLUE_GREEN", "IN_PLACE")},
		{"AVA010", group, "DeploymentStyle.DeploymentOption", "WITHOUT", replaceIn(txn, "WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL")},
		{"AVA010", group, "LoadBalancerInfo.TargetGroupPairInfoList", "- ProdTrafficRoute", replaceIn(txn, "              - Name: !GetAtt "+txnID+"GreenTargetGroup.TargetGroupName\n", "")},
		{"AVA010", group, "LoadBalancerInfo.TargetGroupPairInfoList[0].ProdTrafficRoute", "ListenerArns: []", replaceIn(txn, "ListenerArns:\n                - !Ref Listener", "ListenerArns: []")},
		{"AVA010", txnID + "GreenTargetGroup", "", "HealthCheckEnabled", replaceIn(txn, "              - TargetGroupArn: !Ref "+txnID+"GreenTargetGroup\n                Weight: !If [BlueIsActive, 0, 100]\n", "")},
		{"AVA010", "Application", "ComputePlatform", "Lambda", replaceIn("cluster.yaml", "ComputePlatform: ECS", "ComputePlatform: Lambda")},
		{"AVA010", group, "ApplicationName", "AlarmConfiguration:", replaceIn(txn, "      ApplicationName: !Ref Application\n", "")},
		{"AVA011", group, "DeploymentConfigName", "AllAtOnce", replaceIn(txn, "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "CodeDeployDefault.ECSAllAtOnce")},
		{"AVA012", group, "AutoRollbackConfiguration.Enabled", "Enabled: false", replaceIn(txn, "AutoRollbackConfiguration:\n        Enabled: true", "AutoRollbackConfiguration:\n        Enabled: false")},
		{"AVA012", group, "AutoRollbackConfiguration.Events", "- DEPLOYMENT_FAILURE", replaceIn(txn, "          - DEPLOYMENT_STOP_ON_ALARM\n", "")},
		{"AVA013", group, terminate + ".TerminationWaitTimeInMinutes", "0", replaceIn(txn, "TerminationWaitTimeInMinutes: 10", "TerminationWaitTimeInMinutes: 0")},
		{"AVA013", group, terminate + ".Action", "KEEP_ALIVE", replaceIn(txn, "Action: TERMINATE", "Action: KEEP_ALIVE")},
		{"AVA013", group, ready + ".ActionOnTimeout", "STOP_DEPLOYMENT", replaceIn(txn, "ActionOnTimeout: CONTINUE_DEPLOYMENT", "ActionOnTimeout: STOP_DEPLOYMENT")},
		{"AVA013", group, ready + ".WaitTimeInMinutes", "WaitTimeInMinutes: 2880", replaceIn(txn, " WaitTimeInMinutes: 0", " WaitTimeInMinutes: 2880")},
		{"AVA014", txnID + "BlueTargetGroup", "HealthCheckPath", "HealthCheckPath: /", replaceInResource(txn, txnID+"BlueTargetGroup", "HealthCheckPath: /health", "HealthCheckPath: /")},
		{"AVA014", txnID + "BlueTargetGroup", "Matcher.HttpCode", "200-499", replaceInResource(txn, txnID+"BlueTargetGroup", "HttpCode: '200'", "HttpCode: '200-499'")},
		{"AVA014", txnID + "GreenTargetGroup", "HealthCheckIntervalSeconds", "60", replaceInResource(txn, txnID+"GreenTargetGroup", "HealthCheckIntervalSeconds: 30", "HealthCheckIntervalSeconds: 60")},
		{"AVA014", txnID + "BlueTargetGroup", "UnhealthyThresholdCount", "HealthCheckEnabled", replaceInResource(txn, txnID+"BlueTargetGroup", "      UnhealthyThresholdCount: 3\n", "")},
		{"AVA014", txnID + "BlueTargetGroup", "HealthCheckEnabled", "false", replaceInResource(txn, txnID+"BlueTargetGroup", "HealthCheckEnabled: true", "HealthCheckEnabled: false")},
		{"AVA014", txnID + "BlueTargetGroup", "HealthCheckPath", "HealthCheckEnabled", replaceInResource(txn, txnID+"BlueTargetGroup", "      HealthCheckPath: /health\n", "")},
		{"AVA015", "Cluster", "DefaultCapacityProviderStrategy", "CapacityProvider: FARGATE_SPOT", replaceIn("cluster.yaml", "- CapacityProvider: FARGATE\n", "- CapacityProvider: FARGATE_SPOT\n")},
		{"AVA015", "Cluster", "DefaultCapacityProviderStrategy", "CapacityProvider: FARGATE", replaceIn("cluster.yaml", "          Weight: 1\n", "")},
		{"AVA015", "Cluster", "DefaultCapacityProviderStrategy", "CapacityProviders:", replaceIn("cluster.yaml", "      DefaultCapacityProviderStrategy:\n        - CapacityProvider: FARGATE\n          Weight: 1\n", "")},
	})
}

// outcomes are a rule's outcome and the outcomes of its findings, as "fail: Shop Path unknown".
func outcomes(t *testing.T, w *World, rules []Rule, id string) string {
	t.Helper()
	result := resultOf(t, w, rules, id)
	text := []string{string(result.Outcome)}
	for _, f := range result.Findings {
		text = append(text, strings.TrimSpace(f.LogicalID+" "+f.Path))
	}
	return strings.Join(text, " | ")
}

// Templates in another style: one flat stack in JSON, long form, values given and missing.
func TestAvailabilityOfForeignTemplates(t *testing.T) {
	resources := func(text string) map[string]string {
		return map[string]string{"flat.json": `{"Parameters": {"P": {"Type": "String"}}, "Conditions": {"Perhaps": {"Fn::Equals": [{"Ref": "P"}, "x"]}}, "Resources": {` + text + `}}`}
	}
	const (
		database  = `"D": {"Type": "AWS::RDS::DBCluster", "Properties": {"BackupRetentionPeriod": {"Ref": "P"}}}`
		instance  = `, "I": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": {"Ref": "D"}, "AvailabilityZone": "us-east-1a"}}`
		perhaps   = `, "J": {"Type": "AWS::RDS::DBInstance", "Condition": "Perhaps", "Properties": {"DBClusterIdentifier": {"Ref": "D"}, "AvailabilityZone": "us-east-1b"}}`
		subnet    = `"S": {"Type": "AWS::EC2::Subnet"}`
		route     = `, "R": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": "rtb-1", "NatGatewayId": `
		associate = `, "A": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"RouteTableId": "rtb-1", "SubnetId": {"Ref": "S"}}}`
		nat       = `, "N": {"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": "us-east-1a"}}`
		rolling   = `"W": {"Type": "AWS::ECS::Service", "Properties": {"ServiceName": "web", "Cluster": "arn:aws:ecs:us-east-1:111122223333:cluster/c", "DeploymentController": {"Type": "CODE_DEPLOY"}, "LaunchType": "FARGATE", "LoadBalancers": [{"TargetGroupArn": {"Ref": "G"}}]}},
			"G": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Protocol": "TCP", "HealthCheckIntervalSeconds": "30", "UnhealthyThresholdCount": "3"}}`
		deployment = `, "X": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {"ECSServices": [{"ClusterName": "c", "ServiceName": "web"}], "DeploymentConfigName": {"Ref": "Y"}`
		linear     = `, "Y": {"Type": "AWS::CodeDeploy::DeploymentConfig", "Properties": {"TrafficRoutingConfig": {"Type": "TimeBasedLinear", "TimeBasedLinear": `
		listener   = `, "L": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "B"}, "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "G"}}]}}`
		balancer   = `, "B": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {`
	)
	cases := []struct{ name, rule, resources, want string }{
		{"nothing to judge", "AVA001", subnet, "not applicable"},
		{"unknown instance", "AVA001", database + instance + perhaps, "unknown | D"},
		{"no serverless", "AVA002", database + instance, "not applicable"},
		{"unknown days", "AVA003", database + instance, "unknown | D BackupRetentionPeriod"},
		{"zones that AWS chooses", "AVA004", subnet + `, "B": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"SubnetMappings": [{"SubnetId": {"Ref": "S"}}]}}`, "unknown | B SubnetMappings"},
		{"zones of subnets not here", "AVA004", `"B": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {"SubnetIds": ["subnet-1", {"Ref": "P"}]}}`, "unknown | B SubnetIds"},
		{"NAT gateway not here", "AVA005", subnet + route + `"nat-1"}}` + associate, "unknown | R NatGatewayId"},
		{"zone of a subnet not known", "AVA005", subnet + nat + route + `{"Ref": "N"}}}` + associate, "unknown | R NatGatewayId"},
		{"providers by association", "AVA006", `"C": {"Type": "AWS::ECS::Cluster"}, "A": {"Type": "AWS::ECS::ClusterCapacityProviderAssociations", "Properties": {"Cluster": {"Ref": "C"}, "CapacityProviders": ["FARGATE"]}}`, "fail | A CapacityProviders"},
		{"default by association", "AVA015", `"C": {"Type": "AWS::ECS::Cluster"}, "A": {"Type": "AWS::ECS::ClusterCapacityProviderAssociations", "Properties": {"Cluster": {"Ref": "C"}, "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": "1"}]}}`, "pass"},
		{"unknown default", "AVA015", `"C": {"Type": "AWS::ECS::Cluster", "Properties": {"DefaultCapacityProviderStrategy": [{"CapacityProvider": {"Ref": "P"}, "Weight": 1}]}}`, "unknown | C DefaultCapacityProviderStrategy"},
		{"public without a rule of its own", "AVA008", rolling + listener + balancer + `}}`, "pass"},
		{"internal", "AVA009", rolling + listener + balancer + `"Scheme": "internal"}}`, "fail | W CapacityProviderStrategy"},
		{"unknown scheme", "AVA008", rolling + listener + balancer + `"Scheme": {"Ref": "P"}}}`, "unknown | W CapacityProviderStrategy"},
		{"load balancer not here", "AVA008", rolling + strings.Replace(listener, `{"Ref": "B"}`, `"arn"`, 1), "unknown | W CapacityProviderStrategy"},
		{"listener not here", "AVA008", rolling + `, "L": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": "arn", "Actions": [{"TargetGroupArn": {"Ref": "G"}}]}}`, "unknown | W CapacityProviderStrategy"},
		{"everybody may be the source", "AVA008", rolling + balancer + `}}` + listener + `, "L2": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "L"},
			"Conditions": [{"Field": "source-ip", "SourceIpConfig": {"Values": ["0.0.0.0/0"]}}], "Actions": [{"TargetGroupArn": {"Ref": "G"}}]}}`, "pass"},
		{"unknown strategy", "AVA009", strings.Replace(rolling, `"LaunchType": "FARGATE"`, `"CapacityProviderStrategy": {"Ref": "P"}`, 1), "unknown | W CapacityProviderStrategy"},
		{"perhaps a deployment group", "AVA010", rolling + strings.Replace(deployment, `"Properties"`, `"Condition": "Perhaps", "Properties"`, 1) + `}}`, "unknown | X"},
		{"unknown pair", "AVA010", rolling + listener + deployment + `, "ApplicationName": "elsewhere", "DeploymentStyle": {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"}, "LoadBalancerInfo": {"Ref": "P"}}}`,
			"unknown | X ApplicationName | X LoadBalancerInfo.TargetGroupPairInfoList"},
		{"six steps of two minutes", "AVA011", rolling + deployment + `}}` + linear + `{"LinearPercentage": 17, "LinearInterval": 2}}}}`, "pass"},
		{"ten steps of three minutes", "AVA011", rolling + deployment + `}}` + linear + `{"LinearPercentage": 10, "LinearInterval": 3}}}}`, "fail | X DeploymentConfigName"},
		{"another configuration", "AVA011", rolling + strings.Replace(deployment, `{"Ref": "Y"}`, `{"Ref": "P"}`, 1) + `}}` + linear + `{}}}}`, "unknown | X DeploymentConfigName"},
		{"health checks of TCP", "AVA014", rolling, "pass"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := outcomes(t, worldOf(t, nil, resources(c.resources)), availabilityRules(), c.rule); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
