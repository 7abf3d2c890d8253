package templates_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/templates"
)

// services are the default services with their files and the stems of their logical IDs.
func services(t *testing.T, check func(t *testing.T, s templates.Service, f template, id string)) {
	for i, id := range []string{"PaymentApi", "TransactionProcessor", "NotificationService"} {
		s := templates.Catalog()[i]
		t.Run(s.Name, func(t *testing.T) { check(t, s, file(t, "service-"+s.Name+".yaml"), id) })
	}
}

// R4: task sizes include the sidecars.
func TestTaskSizes(t *testing.T) {
	want := map[string][2]string{"PaymentApi": {"2048", "4096"}, "TransactionProcessor": {"1024", "2048"}, "NotificationService": {"1024", "2048"}}
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		p := f.Resources[id+"TaskDefinition"].Properties
		if got := [2]string{p["Cpu"].(string), p["Memory"].(string)}; got != want[id] {
			t.Errorf("task size is %v, want %v", got, want[id])
		}
		cpu, memory := 0, 0
		for _, c := range items(p["ContainerDefinitions"]) {
			cpu, memory = cpu+at(c, "Cpu").(int), memory+at(c, "Memory").(int)
		}
		if fmt.Sprint(cpu) != p["Cpu"] || fmt.Sprint(memory) != p["Memory"] {
			t.Errorf("containers have %d CPU units and %d MiB of %v and %v", cpu, memory, p["Cpu"], p["Memory"])
		}
	})
}

// R5: the public service runs on Fargate only, the others keep a base there.
func TestCapacityProviders(t *testing.T) {
	onDemand := func(base, weight int) map[string]any {
		return map[string]any{"CapacityProvider": "FARGATE", "Base": base, "Weight": weight}
	}
	spot := map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 3}
	want := map[string][]any{"PaymentApi": {onDemand(2, 1)}, "TransactionProcessor": {onDemand(1, 1), spot}, "NotificationService": {onDemand(1, 1), spot}}
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		p := f.Resources[id+"Service"].Properties
		if diff := cmp.Diff(want[id], items(p["CapacityProviderStrategy"])); diff != "" {
			t.Error(diff)
		}
		if p["LaunchType"] != nil {
			t.Error("a launch type excludes the strategy")
		}
	})
}

// The container contract: not root, nothing to write to, no capabilities, digests, logs to the one group, and a stop
// within the Spot warning (R5, R6, R13).
func TestContainersAreHardened(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		checkContainers(t, f, id+"TaskDefinition", id+"LogGroup")
	})
	t.Run("administration", func(t *testing.T) {
		checkContainers(t, file(t, "administration.yaml"), "AdministrationTaskDefinition", "AdministrationLogGroup")
	})
}

func checkContainers(t *testing.T, f template, taskDefinition, logGroup string) {
	t.Helper()
	stop := 0
	for _, c := range items(f.Resources[taskDefinition].Properties["ContainerDefinitions"]) {
		name := at(c, "Name").(string)
		if at(c, "User") != "65532:65532" || at(c, "ReadonlyRootFilesystem") != true || at(c, "Privileged") != nil {
			t.Errorf("%s can be more than an unprivileged reader", name)
		}
		if diff := cmp.Diff([]any{"ALL"}, at(c, "LinuxParameters", "Capabilities", "Drop")); diff != "" {
			t.Errorf("%s keeps capabilities: %s", name, diff)
		}
		if image := text(at(c, "Image")); !strings.HasPrefix(image, "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/ecr-") || !strings.Contains(image, "-${EnvironmentSuffix}@${") || !strings.HasSuffix(image, "Digest}") {
			t.Errorf("%s is not taken from our registry by digest: %s", name, image)
		}
		options := at(c, "LogConfiguration", "Options")
		if text(at(options, "awslogs-group")) != "${"+logGroup+"}" || at(options, "awslogs-create-group") != nil || at(options, "awslogs-stream-prefix") != name {
			t.Errorf("%s logs to %v", name, options)
		}
		seconds, _ := at(c, "StopTimeout").(int)
		if seconds < 1 {
			t.Errorf("%s has no stop timeout", name)
		}
		stop += seconds
		for _, v := range items(at(c, "Environment")) {
			if n := at(v, "Name").(string); strings.Contains(n, "PASSWORD") || strings.Contains(n, "USERNAME") {
				t.Errorf("%s has %s in its environment", name, n)
			}
		}
	}
	if stop > 120 {
		t.Errorf("containers take %d seconds to stop one after the other; a Spot task has 120", stop)
	}
}

// The application starts after its sidecars and stops before them; only the collector may be missing.
func TestSidecars(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		definition := id + "TaskDefinition"
		application, envoy, collector := container(t, f, definition, "application"), container(t, f, definition, "envoy"), container(t, f, definition, "collector")
		want := []any{map[string]any{"ContainerName": "envoy", "Condition": "START"}, map[string]any{"ContainerName": "collector", "Condition": "START"}}
		if diff := cmp.Diff(want, application["DependsOn"]); diff != "" {
			t.Error(diff)
		}
		if application["Essential"] != true || envoy["Essential"] != true || collector["Essential"] != false {
			t.Error("application and Envoy are essential, the collector is not")
		}
		if at(collector, "RestartPolicy", "Enabled") != true {
			t.Error("a collector that ended stays away")
		}
		if diff := cmp.Diff([]any{"CMD", "/service", "healthcheck"}, at(application, "HealthCheck", "Command")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]any{"CMD", "/healthcheck"}, at(collector, "HealthCheck", "Command")); diff != "" {
			t.Error(diff)
		}
		if envoy["HealthCheck"] != nil {
			t.Error("Envoy's image has no command to check health with")
		}
		if at(application, "PortMappings", 0, "ContainerPort") != 8080 || envoy["PortMappings"] != nil || collector["PortMappings"] != nil {
			t.Error("only the application serves a port, 8080")
		}
		if variable(application, "Environment", "OTEL_EXPORTER_OTLP_ENDPOINT", "Value") != "http://127.0.0.1:4318" {
			t.Error("traces do not go to the sidecar")
		}
		config := variable(collector, "Environment", "AOT_CONFIG_CONTENT", "Value").(string)
		if !strings.Contains(config, `"awsxray"`) || !strings.Contains(config, "127.0.0.1:4318") {
			t.Errorf("collector does not take and send traces:\n%s", config)
		}
	})
}

// R10: each declared call, and no other, has a listener and a cluster in the caller's Envoy, and a variable that says so.
func TestCallsGoThroughEnvoy(t *testing.T) {
	want := map[string]string{"payment-api": "transaction-processor:9102", "transaction-processor": "notification-service:9103", "notification-service": ""}
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		command := text(items(container(t, f, id+"TaskDefinition", "envoy")["Command"])[1])
		if command == "" {
			command = items(container(t, f, id+"TaskDefinition", "envoy")["Command"])[1].(string)
		}
		for _, other := range templates.Catalog() {
			address := other.Name + ".payments-${EnvironmentSuffix}.internal"
			calls := want[s.Name] == fmt.Sprintf("%s:%d", other.Name, other.Port)
			if strings.Contains(command, address) != calls || strings.Contains(command, fmt.Sprintf(`"port_value": %d`, other.Port)) != calls {
				t.Errorf("calls of %s: %v is wrong", other.Name, calls)
			}
			url := variable(container(t, f, id+"TaskDefinition", "application"), "Environment", strings.ToUpper(strings.ReplaceAll(other.Name, "-", "_"))+"_URL", "Value")
			if (url == fmt.Sprintf("http://127.0.0.1:%d", other.Port)) != calls {
				t.Errorf("URL of %s is %v", other.Name, url)
			}
		}
	})
}

// R7 and the table of AWS facts: both colours in every rule, weights from the active colour, operators only where the
// service is not public, health every 30 s with 3 failures.
func TestRouting(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		rule := f.Resources[id+"ListenerRule"].Properties
		want := []any{
			map[string]any{"TargetGroupArn": map[string]any{"Ref": id + "BlueTargetGroup"}, "Weight": map[string]any{"Fn::If": []any{"BlueIsActive", 100, 0}}},
			map[string]any{"TargetGroupArn": map[string]any{"Ref": id + "GreenTargetGroup"}, "Weight": map[string]any{"Fn::If": []any{"BlueIsActive", 0, 100}}},
		}
		if diff := cmp.Diff(want, at(rule, "Actions", 0, "ForwardConfig", "TargetGroups")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "ActiveColor"}, "blue"}}, f.Conditions["BlueIsActive"]); diff != "" {
			t.Error(diff)
		}
		fields := map[string][]string{}
		for _, c := range items(rule["Conditions"]) {
			fields[at(c, "Field").(string)] = append(texts(at(c, "PathPatternConfig", "Values")), texts(at(c, "SourceIpConfig", "Values"))...)
		}
		wantFields := map[string][]string{"path-pattern": s.Paths}
		if !s.Public {
			wantFields["source-ip"] = []string{"${OperatorsCidr}"}
		}
		if diff := cmp.Diff(wantFields, fields); diff != "" {
			t.Error(diff)
		}
		if rule["Priority"] != s.Priority {
			t.Errorf("priority is %v", rule["Priority"])
		}
		for _, color := range []string{"Blue", "Green"} {
			group := f.Resources[id+color+"TargetGroup"].Properties
			name := "tg-" + s.ShortName + "-" + strings.ToLower(color) + "-${EnvironmentSuffix}"
			if group["HealthCheckIntervalSeconds"] != 30 || group["UnhealthyThresholdCount"] != 3 || group["HealthCheckPath"] != "/health" ||
				group["TargetType"] != "ip" || group["Port"] != 8080 || text(group["Name"]) != name {
				t.Errorf("%s target group: %v", color, group)
			}
		}
	})
}

// What others own is left out of the ECS service or fixed in it (law 2, 5, 6 of the AWS facts).
func TestServiceLeavesToOthersWhatTheyOwn(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		service := f.Resources[id+"Service"]
		p := service.Properties
		if text(p["TaskDefinition"]) != "task-"+s.Name+"-${EnvironmentSuffix}" || text(f.Resources[id+"TaskDefinition"].Properties["Family"]) != text(p["TaskDefinition"]) {
			t.Errorf("task definition is not named by family: %v", p["TaskDefinition"])
		}
		if !slices.Contains(service.DependsOn, id+"TaskDefinition") || !slices.Contains(service.DependsOn, id+"ListenerRule") {
			t.Errorf("waits for %v", service.DependsOn)
		}
		if p["DesiredCount"] != nil || p["DeploymentConfiguration"] != nil {
			t.Error("CloudFormation would fight over what scaling and CodeDeploy own")
		}
		if at(p, "DeploymentController", "Type") != "CODE_DEPLOY" || p["EnableExecuteCommand"] != false || p["PlatformVersion"] != "1.4.0" {
			t.Errorf("service: %v", p)
		}
		if diff := cmp.Diff([]any{map[string]any{"ContainerName": "application", "ContainerPort": 8080, "TargetGroupArn": map[string]any{"Ref": id + "BlueTargetGroup"}}}, p["LoadBalancers"]); diff != "" {
			t.Error(diff)
		}
		network := at(p, "NetworkConfiguration", "AwsvpcConfiguration")
		if at(network, "AssignPublicIp") != "DISABLED" || !slices.Equal(texts(at(network, "Subnets")), []string{"${SubnetsA}", "${SubnetsB}", "${SubnetsC}"}) ||
			!slices.Equal(texts(at(network, "SecurityGroups")), []string{"${Group}"}) {
			t.Errorf("network: %v", network)
		}
		if text(at(p, "ServiceRegistries", 0, "RegistryArn")) != "${"+id+"DiscoveryService.Arn}" || f.Resources[id+"DiscoveryService"].Properties["Name"] != s.Name {
			t.Error("the service is not registered under its name (R9)")
		}
	})
}

// R12: CPU at 70 %, a metric for each task that has a value before the application has emitted any, explicit cooldowns.
func TestScaling(t *testing.T) {
	expressions := map[string]string{"PaymentApi": "IF(tasks>0,(FILL(blue,0)+FILL(green,0))/tasks,0)",
		"TransactionProcessor": "IF(tasks>0,FILL(backlog,0),0)", "NotificationService": "IF(tasks>0,FILL(backlog,0),0)"}
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		target := f.Resources[id+"ScalableTarget"].Properties
		if text(target["MinCapacity"]) != "${MinTasks}" || text(target["MaxCapacity"]) != "${MaxTasks}" || text(target["ResourceId"]) != "service/${Cluster}/${"+id+"Service.Name}" {
			t.Errorf("target: %v", target)
		}
		for _, policy := range []string{"Cpu", "Metric"} {
			c := at(f.Resources[id+policy+"ScalingPolicy"].Properties, "TargetTrackingScalingPolicyConfiguration")
			if at(c, "ScaleOutCooldown") != 60 || at(c, "ScaleInCooldown") != 300 || at(c, "DisableScaleIn") != nil {
				t.Errorf("%s cooldowns: %v", policy, c)
			}
		}
		cpu := at(f.Resources[id+"CpuScalingPolicy"].Properties, "TargetTrackingScalingPolicyConfiguration")
		if at(cpu, "TargetValue") != 70 || at(cpu, "PredefinedMetricSpecification", "PredefinedMetricType") != "ECSServiceAverageCPUUtilization" {
			t.Errorf("CPU policy: %v", cpu)
		}
		metric := at(f.Resources[id+"MetricScalingPolicy"].Properties, "TargetTrackingScalingPolicyConfiguration")
		if at(metric, "TargetValue") != int(s.Scaling.Target) {
			t.Errorf("target value is %v", at(metric, "TargetValue"))
		}
		returned := 0
		names := map[string]string{}
		for _, m := range items(at(metric, "CustomizedMetricSpecification", "Metrics")) {
			if at(m, "ReturnData") == true {
				returned++
				if at(m, "Expression") != expressions[id] {
					t.Errorf("expression is %v", at(m, "Expression"))
				}
				continue
			}
			names[at(m, "Id").(string)] = at(m, "MetricStat", "Metric", "Namespace").(string) + "/" + at(m, "MetricStat", "Metric", "MetricName").(string) + "/" + at(m, "MetricStat", "Stat").(string)
		}
		want := map[string]string{"tasks": "ECS/ContainerInsights/RunningTaskCount/Average", "backlog": "PaymentPlatform/BacklogPerTask/Average"}
		if s.Scaling.Metric == templates.RequestsPerTask {
			want = map[string]string{"tasks": want["tasks"], "blue": "AWS/ApplicationELB/RequestCount/Sum", "green": "AWS/ApplicationELB/RequestCount/Sum"}
		}
		if diff := cmp.Diff(want, names); diff != "" || returned != 1 {
			t.Errorf("%d expressions are returned; metrics: %s", returned, diff)
		}
	})
}

// R13 and R17: alarms watch both colours, are silent without data, and two of them end a deployment.
func TestAlarms(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		for _, name := range []string{"Errors", "Latency", "UnhealthyTargets"} {
			groups := map[string]bool{}
			for _, m := range items(f.Resources[id+name+"Alarm"].Properties["Metrics"]) {
				for _, d := range items(at(m, "MetricStat", "Metric", "Dimensions")) {
					if at(d, "Name") == "TargetGroup" {
						groups[text(at(d, "Value"))] = true
					}
				}
			}
			if len(groups) != 2 {
				t.Errorf("%s watches %v, not both colours", name, groups)
			}
		}
		for alarm, r := range f.ofType("AWS::CloudWatch::Alarm") {
			if missing := r.Properties["TreatMissingData"]; missing != "notBreaching" && r.Metadata["MissingDataBreaches"] == nil {
				t.Errorf("%s treats missing data as %v without a reason", alarm, missing)
			}
			if !slices.Equal(texts(r.Properties["AlarmActions"]), []string{"${Topic}"}) {
				t.Errorf("%s tells nobody", alarm)
			}
		}
		for alarm, parameter := range map[string]string{"RunningTasks": "MinTasks", "Ceiling": "MaxTasks"} {
			if text(f.Resources[id+alarm+"Alarm"].Properties["Threshold"]) != "${"+parameter+"}" {
				t.Errorf("%s does not compare with %s", alarm, parameter)
			}
		}
	})
}

// R17: ten-minute linear shift, rollback on failure, alarm and request, both colours, the old tasks kept for ten minutes.
func TestDeploymentGroup(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		p := f.Resources[id+"DeploymentGroup"].Properties
		if p["DeploymentConfigName"] != "CodeDeployDefault.ECSLinear10PercentEvery1Minutes" {
			t.Errorf("configuration is %v", p["DeploymentConfigName"])
		}
		if diff := cmp.Diff([]any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}, at(p, "AutoRollbackConfiguration", "Events")); diff != "" {
			t.Error(diff)
		}
		var alarms []string
		for _, a := range items(at(p, "AlarmConfiguration", "Alarms")) {
			alarms = append(alarms, text(at(a, "Name")))
		}
		if !slices.Equal(alarms, []string{"${" + id + "ErrorsAlarm}", "${" + id + "LatencyAlarm}"}) || at(p, "AlarmConfiguration", "IgnorePollAlarmFailure") != false {
			t.Errorf("alarms: %v", alarms)
		}
		pair := at(p, "LoadBalancerInfo", "TargetGroupPairInfoList", 0)
		if text(at(pair, "TargetGroups", 0, "Name")) != "${"+id+"BlueTargetGroup.TargetGroupName}" || text(at(pair, "TargetGroups", 1, "Name")) != "${"+id+"GreenTargetGroup.TargetGroupName}" ||
			!slices.Equal(texts(at(pair, "ProdTrafficRoute", "ListenerArns")), []string{"${Listener}"}) {
			t.Errorf("target groups: %v", pair)
		}
		if at(p, "BlueGreenDeploymentConfiguration", "TerminateBlueInstancesOnDeploymentSuccess", "TerminationWaitTimeInMinutes") != 10 || at(p, "DeploymentStyle", "DeploymentType") != "BLUE_GREEN" {
			t.Errorf("deployment: %v", p)
		}
	})
}
