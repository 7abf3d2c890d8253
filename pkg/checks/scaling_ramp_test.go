package checks

import (
	"math"
	"strings"
	"testing"
)

func TestTurns(t *testing.T) {
	for want, course := range [][]int{{2, 2, 3, 3, 5}, {2, 4, 4, 3, 3}, {2, 3, 2, 2, 3}} {
		if got := turns(course); got != want {
			t.Errorf("%v turns %d times", course, got)
		}
	}
}

func TestCourse(t *testing.T) {
	if got := course([]int{3, 3, 5, 5, 12}); got != "3 (minute 2) 5 (minute 4) 12" {
		t.Error(got)
	}
}

func TestLoadAt(t *testing.T) {
	for minute, want := range map[int]float64{0: 0, 5: 0.5, 10: 1, 69: 1, 75: 0.5, 80: 0, 169: 0} {
		if got := loadAt(minute); math.Abs(got-want) > 1e-9 {
			t.Errorf("minute %d: %v", minute, got)
		}
	}
}

// serviceTemplate is a flat template in long form with one rolling service and the policies given.
func serviceTemplate(least, most string, policies ...string) map[string]string {
	text := `{"Resources": {
		"Cluster": {"Type": "AWS::ECS::Cluster"},
		"Blue": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"},
		"Other": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"},
		"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
		"Shop": {"Type": "AWS::ECS::Service", "Properties": {"Cluster": {"Ref": "Cluster"}, "LoadBalancers": [{"TargetGroupArn": {"Ref": "Blue"}}]}},
		"Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"MinCapacity": ` + least + `, "MaxCapacity": ` + most + `,
			"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": {"Fn::Join": ["/", ["service", {"Ref": "Cluster"}, {"Fn::GetAtt": ["Shop", "Name"]}]]}}}`
	for i, policy := range policies {
		text += `, "Policy` + string(rune('A'+i)) + `": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {"PolicyType": "TargetTrackingScaling",
			"ScalingTargetId": {"Ref": "Target"}, "TargetTrackingScalingPolicyConfiguration": {` + policy + `}}}`
	}
	return map[string]string{"shop.json": text + `}}`}
}

const (
	shopCPU      = `"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 70`
	shopRequests = `"PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"}, "TargetValue": 1000`
	shopTasks    = `{"Id": "tasks", "ReturnData": false, "MetricStat": {"Stat": "Average", "Metric": {"Namespace": "ECS/ContainerInsights", "MetricName": "RunningTaskCount",
		"Dimensions": [{"Name": "ClusterName", "Value": {"Ref": "Cluster"}}, {"Name": "ServiceName", "Value": {"Fn::GetAtt": ["Shop", "Name"]}}]}}}`
)

// shopMath is a policy over a metric m, the running tasks and an expression.
func shopMath(namespace, dimensions, stat, expression string) string {
	return `"TargetValue": 100, "CustomizedMetricSpecification": {"Metrics": [` + shopTasks + `, {"Id": "m", "ReturnData": false,
		"MetricStat": {"Stat": "` + stat + `", "Metric": {"Namespace": "` + namespace + `", "MetricName": "M", "Dimensions": [` + dimensions + `]}}},
		{"Id": "e", "Expression": "` + expression + `"}]}`
}

const shopBalancer = `{"Name": "LoadBalancer", "Value": {"Fn::GetAtt": ["Balancer", "LoadBalancerFullName"]}}`

const shopGroup = shopBalancer + `, {"Name": "TargetGroup", "Value": {"Fn::GetAtt": ["Blue", "TargetGroupFullName"]}}`

func TestRamp(t *testing.T) {
	plain := func(namespace, dimensions string) string {
		return `"TargetValue": 5, "CustomizedMetricSpecification": {"Namespace": "` + namespace + `", "MetricName": "M", "Statistic": "Average", "Dimensions": [` + dimensions + `]}`
	}
	service := `{"Name": "ClusterName", "Value": {"Ref": "Cluster"}}, {"Name": "ServiceName", "Value": {"Fn::GetAtt": ["Shop", "Name"]}}`
	cases := map[string]struct {
		files        map[string]string
		ramp, silent string // part of what is found; "" where all is well
		quiet        string
	}{
		"CPU":                         {files: serviceTemplate("2", "8", shopCPU)},
		"memory":                      {files: serviceTemplate("2", "8", `"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}, "TargetValue": 60`)},
		"CPU near 100":                {files: serviceTemplate("2", "40", strings.Replace(shopCPU, "70", "95", 1)), ramp: "the maximum of 40 is not reached", silent: "the maximum of 40"},
		"no scale-in":                 {files: serviceTemplate("2", "8", shopCPU+`, "DisableScaleIn": true`), ramp: "the minimum of 2 is not reached", silent: "the minimum of 2"},
		"cooldown of an hour":         {files: serviceTemplate("2", "20", shopCPU+`, "ScaleOutCooldown": 3600`), ramp: "the maximum of 20 is not reached", silent: "the maximum"},
		"requests stop":               {files: serviceTemplate("2", "8", shopCPU, shopRequests)},
		"unknown predefined":          {files: serviceTemplate("2", "8", `"PredefinedMetricSpecification": {"PredefinedMetricType": "Unheard"}, "TargetValue": 60`), ramp: "the maximum", silent: "the maximum"},
		"backlog a task":              {files: serviceTemplate("2", "8", shopCPU, shopMath("Shop", "", "Average", "IF(tasks>0,FILL(m,0),0)"))},
		"backlog in total":            {files: serviceTemplate("2", "8", shopCPU, shopMath("Shop", "", "Sum", "IF(tasks>0,FILL(m,0)/tasks,0)"))},
		"requests a task":             {files: serviceTemplate("2", "8", shopCPU, shopMath("AWS/ApplicationELB", shopGroup, "Sum", "IF(tasks>0,FILL(m,0)/tasks,0)"))},
		"requests of the balancer":    {files: serviceTemplate("2", "8", shopCPU, shopMath("AWS/ApplicationELB", shopBalancer, "Sum", "IF(tasks>0,FILL(m,0)/tasks,0)"))},
		"requests and backlog":        {files: serviceTemplate("2", "8", shopCPU, shopMath("AWS/ApplicationELB", shopGroup, "Sum", "IF(tasks>0,FILL(m,0)/tasks,0)"), shopMath("Shop", "", "Average", "IF(tasks>0,FILL(m,0),0)"))},
		"requests of another service": {files: serviceTemplate("2", "8", shopCPU, shopMath("AWS/ApplicationELB", strings.Replace(shopGroup, "Blue", "Other", 1), "Sum", "IF(tasks>0,FILL(m,0)/tasks,0)")), ramp: "does not rise", silent: "does not rise"},
		"queue":                       {files: serviceTemplate("2", "8", shopCPU, shopMath("AWS/SQS", `{"Name": "QueueName", "Value": "q"}`, "Average", "m/tasks"))},
		"CPU as custom metric":        {files: serviceTemplate("2", "8", plain("AWS/ECS", service))},
		"average of requests":         {files: serviceTemplate("2", "8", shopCPU, shopMath("AWS/ApplicationELB", shopGroup, "Average", "IF(tasks>0,FILL(m,0)/tasks,0)")), ramp: "does not rise", silent: "does not rise"},
		"constant":                    {files: serviceTemplate("2", "8", shopCPU, shopMath("Shop", "", "Sum", "0*tasks")), ramp: "does not rise"},
		"never zero":                  {files: serviceTemplate("2", "8", shopCPU, shopMath("Shop", "", "Sum", "tasks+m/tasks")), quiet: "gives 2"},
		"nothing to fill":             {files: serviceTemplate("2", "8", shopCPU, shopMath("Shop", "", "Sum", "FILL(m,0)")), quiet: "FILL(m,0) gives no data point", silent: "the minimum of 2"},
		"not a metric of ours":        {files: serviceTemplate("2", "8", plain("AWS/ECS", `{"Name": "ClusterName", "Value": "x"}`)), quiet: "AWS/ECS M gives no data point", ramp: "does not rise", silent: "does not rise"},
		"unknown bounds":              {files: serviceTemplate(`{"Ref": "Nothing"}`, "8", shopCPU), ramp: "unknown", silent: "unknown"},
		"unreadable policy":           {files: serviceTemplate("2", "8", `"TargetValue": 0`), ramp: "unknown", silent: "unknown"},
		"no metric":                   {files: serviceTemplate("2", "8", `"TargetValue": 5`), ramp: "unknown", silent: "unknown"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, nil, c.files)
			for id, want := range map[string]string{"SCA007": c.ramp, "SCA008": c.silent, "SCA006": c.quiet} {
				var found []string
				for _, f := range resultOf(t, w, scalingRules(), id).Findings {
					found = append(found, f.Found)
				}
				if got := strings.Join(found, "\n"); !strings.Contains(got, want) || (got == "") != (want == "") {
					t.Errorf("%s: %q, want %q", id, got, want)
				}
			}
		})
	}
}

// A number of tasks that goes up and down under constant load is seen.
func TestRampJudge(t *testing.T) {
	flapping := &ramp{least: 2, most: 4, active: "0"}
	for minute := range 2*rampMinutes + peakMinutes + quietMinutes {
		switch {
		case minute < 20 || minute >= 100:
			flapping.desired = append(flapping.desired, 2)
		default:
			flapping.desired = append(flapping.desired, 3+minute%2)
		}
	}
	if v := flapping.judge(); !strings.HasPrefix(v.problem, "the number flaps") {
		t.Errorf("%+v", v)
	}
}
