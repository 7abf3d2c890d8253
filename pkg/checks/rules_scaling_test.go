package checks

import (
	"strings"
	"testing"
)

func TestScalingRules(t *testing.T) {
	checkGolden(t, scalingRules())
	const target, cpu, metric = txnID + "ScalableTarget", txnID + "CpuScalingPolicy", txnID + "MetricScalingPolicy"
	const tracking, expression = trackingPath + ".", trackingPath + ".CustomizedMetricSpecification.Metrics[2].Expression"
	formula := func(text string) edit { return replaceIn(txn, "IF(tasks>0,FILL(backlog,0),0)", text) }
	never := func(policy string) edit {
		return replaceInResource(txn, policy, "        ScaleInCooldown: 300\n", "        DisableScaleIn: true\n")
	}
	checkPlanted(t, scalingRules(), []plantedFault{
		{"SCA001", txnID + "Service", "", "CapacityProviderStrategy", replaceInResource(txn, target, "${"+txnID+"Service.Name}", "other")},
		{"SCA001", target, "MinCapacity", "MinCapacity: 1", replaceIn(txn, "MinCapacity: !Ref MinTasks", "MinCapacity: 1")},
		{"SCA001", target, "MaxCapacity", "MaxCapacity: 2", replaceIn(txn, "MaxCapacity: !Ref MaxTasks", "MaxCapacity: 2")},
		{"SCA001", target, "MaxCapacity", "MaxCapacity: 7000", replaceIn(txn, "MaxCapacity: !Ref MaxTasks", "MaxCapacity: 7000")},
		{"SCA001", target, "ServiceNamespace", "MaxCapacity", replaceInResource(txn, target, "      ServiceNamespace: ecs\n", "")},
		{"SCA002", "PaymentApiScalableTarget", "MinCapacity", "MinCapacity: 2", replaceIn(payment, "MinCapacity: !Ref MinTasks", "MinCapacity: 2")},
		{"SCA003", cpu, tracking + "TargetValue", "TargetValue: 90", replaceInResource(txn, cpu, "TargetValue: 70", "TargetValue: 90")},
		{"SCA003", cpu, "PolicyType", "StepScaling", replaceInResource(txn, cpu, "TargetTrackingScaling\n", "StepScaling\n")},
		{"SCA003", txnID + "Service", "", "CapacityProviderStrategy", replaceIn(txn, "ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization")},
		{"SCA004", txnID + "Service", "", "CapacityProviderStrategy", dropResource(txn, metric)},
		{"SCA004", metric, expression, "IF(tasks", formula("IF(tasks>0,FILL(backlog),0)")},
		{"SCA004", metric, "PolicyType", "StepScaling", replaceInResource(txn, metric, "TargetTrackingScaling\n", "StepScaling\n")},
		{"SCA004", "PaymentApiMetricScalingPolicy", tracking + "CustomizedMetricSpecification.Metrics[0]", "Id: blue", replaceInResource(payment, "PaymentApiMetricScalingPolicy",
			"                    - Name: TargetGroup\n                      Value: !GetAtt PaymentApiBlueTargetGroup.TargetGroupFullName\n", "")},
		{"SCA005", cpu, tracking + "ScaleOutCooldown", "301", replaceInResource(txn, cpu, "ScaleOutCooldown: 60", "ScaleOutCooldown: 301")},
		{"SCA005", cpu, tracking + "ScaleInCooldown", "901", replaceInResource(txn, cpu, "ScaleInCooldown: 300", "ScaleInCooldown: 901")},
		{"SCA005", cpu, tracking + "ScaleInCooldown", "PredefinedMetricSpecification", replaceInResource(txn, cpu, "        ScaleInCooldown: 300\n", "")},
		{"SCA005", metric, tracking + "ScaleOutCooldown", "0", replaceInResource(txn, metric, "ScaleOutCooldown: 60", "ScaleOutCooldown: 0")},
		{"SCA005", cpu, tracking + "DisableScaleIn", "true", replaceInResource(txn, cpu, "        ScaleInCooldown: 300\n", "        DisableScaleIn: true\n        ScaleInCooldown: 300\n")},
		{"SCA006", metric, expression, "FILL(backlog,0)", formula("FILL(backlog,0)")},
		{"SCA006", metric, expression, "backlog", formula("backlog")},
		{"SCA007", metric, expression, "FILL(backlog,0)*0", formula("IF(tasks>0,FILL(backlog,0)*0,0)")},
		{"SCA007", "PaymentApiMetricScalingPolicy", expression[:len(expression)-len("[2].Expression")] + "[3].Expression", "FILL(blue,0)/tasks", replaceIn(payment, "(FILL(blue,0)+FILL(green,0))/tasks", "FILL(blue,0)/tasks")},
		{"SCA007", target, "", "MaxCapacity", edits(never(cpu), never(metric))},
		{"SCA008", target, "", "MaxCapacity", replaceInResource(txn, cpu, "TargetValue: 70", "TargetValue: 100")},
		{"SCA008", target, "", "MaxCapacity", formula("IF(tasks>0,FILL(backlog,200),0)")},
		{"SCA009", "PaymentApiMetricScalingPolicy", tracking + "TargetValue", "TargetValue: 1", replaceInResource(payment, "PaymentApiMetricScalingPolicy", "TargetValue: 1000", "TargetValue: 1")},
		{"SCA009", "PaymentApiMetricScalingPolicy", tracking + "TargetValue", "TargetValue: 1000000", replaceInResource(payment, "PaymentApiMetricScalingPolicy", "TargetValue: 1000", "TargetValue: 1000000")},
	})
}

// What is not known of foreign templates is not passed.
func TestScalingOfForeignTemplates(t *testing.T) {
	files := func(old, replacement string) map[string]string {
		files := serviceTemplate("2", "8", shopCPU)
		files["shop.json"] = strings.Replace(files["shop.json"], old, replacement, 1)
		return files
	}
	const parameter = `{"Parameters": {"P": {"Type": "String"}}, "Conditions": {"Perhaps": {"Fn::Equals": [{"Ref": "P"}, "x"]}}, "Resources": {`
	perhaps := func(id string) map[string]string {
		made := files(`{"Resources": {`, parameter)
		made["shop.json"] = strings.Replace(made["shop.json"], `"`+id+`": {`, `"`+id+`": {"Condition": "Perhaps", `, 1)
		return made
	}
	listener := func(subnets string) map[string]string {
		made := files(`{"Resources": {`, parameter+`"Entry": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}, "DefaultActions": [{"TargetGroupArn": {"Ref": "Blue"}}]}},`)
		made["shop.json"] = strings.Replace(made["shop.json"], `"LoadBalancers":`, `"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [`+subnets+`]}}, "LoadBalancers":`, 1)
		return made
	}
	small := func(made map[string]string, block string) map[string]string {
		made["shop.json"] = strings.Replace(made["shop.json"], `"Resources": {`, `"Resources": {"Small": {"Type": "AWS::EC2::Subnet", "Properties": {"CidrBlock": "`+block+`"}},`, 1)
		return made
	}
	direct := strings.Replace(serviceTemplate("2", "8", shopCPU)["shop.json"], `"ScalingTargetId": {"Ref": "Target"}`,
		`"ScalableDimension": "ecs:service:DesiredCount", "ResourceId": {"Fn::Join": ["/", ["service", {"Ref": "Cluster"}, {"Fn::GetAtt": ["Shop", "Name"]}]]}`, 1)
	cases := []struct {
		name, rule string
		files      map[string]string
		want       string
	}{
		{"bounds", "SCA001", files("", ""), "pass"},
		{"bounds not known", "SCA001", serviceTemplate(`{"Ref": "X"}`, `{"Ref": "X"}`), "unknown | Target MaxCapacity | Target MinCapacity"},
		{"subnets elsewhere", "SCA001", listener(`"subnet-1"`), "pass"},
		{"subnets of no known size", "SCA001", small(listener(`{"Ref": "Small"}`), "?"), "pass"},
		{"subnets too small", "SCA001", small(listener(`{"Ref": "Small"}`), "10.0.0.0/30"), "fail | Target MaxCapacity"},
		{"perhaps a target", "SCA001", perhaps("Target"), "unknown | Target"},
		{"zones", "SCA002", listener(`"us-east-1a", "us-east-1b"`), "pass"},
		{"zones not known", "SCA002", listener(`"subnet-1"`), "unknown | Target MinCapacity"},
		{"not public", "SCA002", files("", ""), "not applicable"},
		{"policy that names the service itself", "SCA003", map[string]string{"shop.json": direct}, "pass"},
		{"perhaps a policy", "SCA004", perhaps("PolicyA"), "unknown | PolicyA " + trackingPath},
		{"metric that is searched for", "SCA004", serviceTemplate("2", "8", shopMath("Shop", "", "Sum", "SEARCH('x')")), "unknown | PolicyA " + trackingPath + ".CustomizedMetricSpecification.Metrics[2].Expression"},
		{"no policy", "SCA007", serviceTemplate("2", "8"), "not applicable"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := outcomes(t, worldOf(t, nil, c.files), scalingRules(), c.rule); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
