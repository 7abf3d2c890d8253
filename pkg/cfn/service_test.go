package cfn_test

import (
	"encoding/json"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/applicationautoscaling"
	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"
	"github.com/awslabs/goformation/v7/cloudformation/codedeploy"
	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/logs"
	"github.com/awslabs/goformation/v7/cloudformation/secretsmanager"
	"github.com/awslabs/goformation/v7/cloudformation/servicediscovery"

	"github.com/tierform/tierform/pkg/cfn"
)

// A tier as large as a real one, for the tests of determinism and the benchmarks: 24 resources and 17 parameters.

type serviceInput struct {
	EnvironmentSuffix cfn.EnvironmentSuffix
	VPC               cfn.VPCID
	Subnets           cfn.Zoned[cfn.SubnetID]
	Listener          cfn.ListenerARN
	LoadBalancer      cfn.LoadBalancerName
	BalancerGroup     cfn.SecurityGroupID
	Cluster           cfn.ClusterName
	Namespace         cfn.NamespaceID
	LogKey, SecretKey cfn.KeyARN
	Topic             cfn.TopicARN
	Image, EnvoyImage cfn.Image
	ActiveColor       cfn.Text
	MinTasks          cfn.Number
	MaxTasks          cfn.Number
}

type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid, Effect string
	Principal   map[string]string `json:",omitempty"`
	Action      []string
	Resource    any                       `json:",omitempty"`
	Condition   map[string]map[string]any `json:",omitempty"`
}

func trust(service string) policyDocument {
	return policyDocument{"2012-10-17", []policyStatement{{Sid: "Assume", Effect: "Allow", Principal: map[string]string{"Service": service},
		Action: []string{"sts:AssumeRole"}, Condition: map[string]map[string]any{"StringEquals": {"aws:SourceAccount": cfn.AccountID}}}}}
}

func role(name, service string, in serviceInput, resource any, actions ...string) *iam.Role {
	return &iam.Role{
		RoleName: new(name + "-" + string(in.EnvironmentSuffix)), AssumeRolePolicyDocument: trust(service),
		Policies: []iam.Role_Policy{{PolicyName: "inline", PolicyDocument: policyDocument{"2012-10-17", []policyStatement{
			{Sid: "Allow", Effect: "Allow", Action: actions, Resource: resource},
			{Sid: "Identity", Effect: "Allow", Action: []string{"sts:GetCallerIdentity"}, Resource: "*"},
		}}}},
	}
}

// proxyConfiguration is 3 kB of JSON in which resources are referred to.
func proxyConfiguration(namespace string) string {
	cluster := func(name string) map[string]any {
		return map[string]any{"name": name, "connect_timeout": "1s", "lb_policy": "LEAST_REQUEST", "address": name + "." + namespace,
			"circuit_breakers":  map[string]any{"thresholds": []any{map[string]any{"max_connections": 100, "max_pending_requests": 50, "track_remaining": true}}},
			"outlier_detection": map[string]any{"consecutive_5xx": 5, "interval": "10s", "base_ejection_time": "30s", "max_ejection_percent": 100},
			"description":       strings.Repeat("calls to "+name+" leave through here; ", 12)}
	}
	document, err := json.Marshal(map[string]any{"static_resources": map[string]any{
		"clusters": []any{cluster("payment-api"), cluster("transaction-processor"), cluster("notification-service")}}})
	if err != nil {
		panic(err)
	}
	return string(document)
}

func service(t *cfn.Template, in serviceInput) struct{} {
	t.Describe("The payment API: roles, task definition, target groups, service, scaling, alarms and deployment group.")
	suffix := "-" + string(in.EnvironmentSuffix)
	name := "payment-api" + suffix
	isBlue := t.Condition("IsBlue", cfn.Equals(string(in.ActiveColor), "blue"))

	secret := cfn.Add(t, "Secret", "Credentials of the service's database role", &secretsmanager.Secret{Name: new(name),
		KmsKeyId: new(string(in.SecretKey)), GenerateSecretString: &secretsmanager.Secret_GenerateSecretString{
			SecretStringTemplate: new(`{"username":"payment_api"}`), GenerateStringKey: new("password"), PasswordLength: new(40), ExcludeCharacters: new("\"@/\\")}})
	logGroup := func(id, stream string) cfn.Resource[*logs.LogGroup] {
		group := cfn.Add(t, id, "Logs of the "+stream, &logs.LogGroup{LogGroupName: new("/payments/" + name + "/" + stream),
			KmsKeyId: new(string(in.LogKey)), RetentionInDays: new(30), AWSCloudFormationDeletionPolicy: "Delete", AWSCloudFormationUpdateReplacePolicy: "Delete"})
		group.Patch("DeletionProtectionEnabled", false)
		return group
	}
	appLogs, proxyLogs := logGroup("ApplicationLogGroup", "application"), logGroup("ProxyLogGroup", "proxy")
	execution := cfn.Add(t, "ExecutionRole", "Pulls images and writes logs", role("payment-exec", "ecs-tasks.amazonaws.com", in,
		[]string{appLogs.Att("Arn"), proxyLogs.Att("Arn"), secret.Ref()}, "logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue"))
	taskRole := cfn.Add(t, "TaskRole", "What the service may do", role("payment-task", "ecs-tasks.amazonaws.com", in, string(in.Topic), "sns:Publish"))
	deployRole := cfn.Add(t, "DeploymentRole", "Shifts traffic", role("payment-deploy", "codedeploy.amazonaws.com", in,
		"arn:"+cfn.Partition+":ecs:"+cfn.Region+":"+cfn.AccountID+":service/"+string(in.Cluster)+"/"+name, "ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:DeleteTaskSet"))
	logging := func(group cfn.Resource[*logs.LogGroup]) *ecs.TaskDefinition_LogConfiguration {
		return &ecs.TaskDefinition_LogConfiguration{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group": group.Ref(), "awslogs-region": cfn.Region, "awslogs-stream-prefix": "task", "mode": "non-blocking", "max-buffer-size": "25m"}}
	}
	task := cfn.Add(t, "TaskDefinition", "The task: application and proxy", &ecs.TaskDefinition{
		Family: new(name), Cpu: new("512"), Memory: new("1024"), NetworkMode: new("awsvpc"), RequiresCompatibilities: []string{"FARGATE"},
		ExecutionRoleArn: new(execution.Att("Arn")), TaskRoleArn: new(taskRole.Att("Arn")),
		ContainerDefinitions: []ecs.TaskDefinition_ContainerDefinition{{
			Name: "app", Image: string(in.Image), Essential: new(true), User: new("65532"), ReadonlyRootFilesystem: new(true),
			PortMappings: []ecs.TaskDefinition_PortMapping{{ContainerPort: new(8080), Protocol: new("tcp")}},
			Environment: []ecs.TaskDefinition_KeyValuePair{{Name: new("REGION"), Value: new(cfn.Region)}, {Name: new("TOPIC_ARN"), Value: new(string(in.Topic))},
				{Name: new("PEER_URL"), Value: new("http://127.0.0.1:9001")}, {Name: new("LOG_LEVEL"), Value: new("info")}},
			Secrets:          []ecs.TaskDefinition_Secret{{Name: "DATABASE_PASSWORD", ValueFrom: secret.Ref() + ":password::"}},
			HealthCheck:      &ecs.TaskDefinition_HealthCheck{Command: []string{"CMD", "/service", "healthcheck"}, Interval: new(10), Retries: new(3), Timeout: new(5)},
			LogConfiguration: logging(appLogs),
		}, {
			Name: "proxy", Image: string(in.EnvoyImage), Essential: new(true), User: new("65532"), ReadonlyRootFilesystem: new(true),
			Command:          []string{"--config-yaml", proxyConfiguration(string(in.Namespace)), "--log-level", "warning"},
			PortMappings:     []ecs.TaskDefinition_PortMapping{{ContainerPort: new(9901)}},
			LogConfiguration: logging(proxyLogs),
		}},
		RuntimePlatform: &ecs.TaskDefinition_RuntimePlatform{CpuArchitecture: new("ARM64"), OperatingSystemFamily: new("LINUX")},
	})
	task.Patch("ContainerDefinitions[Name=app].VersionConsistency", "disabled")

	group := cfn.Add(t, "SecurityGroup", "Who may reach the tasks", &ec2.SecurityGroup{GroupDescription: "Tasks of " + name, VpcId: new(string(in.VPC)),
		SecurityGroupEgress: []ec2.SecurityGroup_Egress{{IpProtocol: "tcp", FromPort: new(443), ToPort: new(443), CidrIp: new("0.0.0.0/0")}}})
	cfn.Add(t, "IngressFromBalancer", "The load balancer reaches the tasks", &ec2.SecurityGroupIngress{GroupId: new(group.Att("GroupId")),
		IpProtocol: "tcp", FromPort: new(8080), ToPort: new(8080), SourceSecurityGroupId: new(string(in.BalancerGroup))})
	targetGroup := func(id, color string) cfn.Resource[*elasticloadbalancingv2.TargetGroup] {
		return cfn.Add(t, id, "Tasks of the "+color+" set", &elasticloadbalancingv2.TargetGroup{Name: new("pay-" + color + suffix), VpcId: new(string(in.VPC)),
			Port: new(8080), Protocol: new("HTTP"), TargetType: new("ip"), HealthCheckPath: new("/healthz"), HealthCheckIntervalSeconds: new(10), HealthyThresholdCount: new(2),
			TargetGroupAttributes: []elasticloadbalancingv2.TargetGroup_TargetGroupAttribute{{Key: new("deregistration_delay.timeout_seconds"), Value: new("30")}}})
	}
	blue, green := targetGroup("BlueTargetGroup", "blue"), targetGroup("GreenTargetGroup", "green")
	rule := cfn.Add(t, "ListenerRule", "Routes the service's paths to the live colour", &elasticloadbalancingv2.ListenerRule{ListenerArn: new(string(in.Listener)), Priority: 100,
		Conditions: []elasticloadbalancingv2.ListenerRule_RuleCondition{{Field: new("path-pattern"),
			PathPatternConfig: &elasticloadbalancingv2.ListenerRule_PathPatternConfig{Values: []string{"/payments", "/payments/*"}}}},
		Actions: []elasticloadbalancingv2.ListenerRule_Action{{Type: "forward", ForwardConfig: &elasticloadbalancingv2.ListenerRule_ForwardConfig{
			TargetGroups: []elasticloadbalancingv2.ListenerRule_TargetGroupTuple{{TargetGroupArn: new(blue.Ref())}, {TargetGroupArn: new(green.Ref())}}}}}})
	rule.Patch("Actions[0].ForwardConfig.TargetGroups[0].Weight", cfn.IfValue(isBlue, 100, 0))
	rule.Patch("Actions[0].ForwardConfig.TargetGroups[1].Weight", cfn.IfValue(isBlue, 0, 100))

	discovery := cfn.Add(t, "DiscoveryService", "The service's name inside the platform", &servicediscovery.Service{Name: new("payment-api"), NamespaceId: new(string(in.Namespace)),
		DnsConfig: &servicediscovery.Service_DnsConfig{RoutingPolicy: new("MULTIVALUE"), DnsRecords: []servicediscovery.Service_DnsRecord{{TTL: 10, Type: "A"}}}})
	ecsService := cfn.Add(t, "Service", "Keeps the tasks running", &ecs.Service{ServiceName: new(name), Cluster: new(string(in.Cluster)), TaskDefinition: new(name),
		DeploymentController: &ecs.Service_DeploymentController{Type: new("CODE_DEPLOY")}, PlatformVersion: new("1.4.0"), HealthCheckGracePeriodSeconds: new(60),
		CapacityProviderStrategy: []ecs.Service_CapacityProviderStrategyItem{{CapacityProvider: new("FARGATE"), Base: new(2), Weight: new(1)}},
		LoadBalancers:            []ecs.Service_LoadBalancer{{ContainerName: new("app"), ContainerPort: new(8080), TargetGroupArn: new(blue.Ref())}},
		NetworkConfiguration: &ecs.Service_NetworkConfiguration{AwsvpcConfiguration: &ecs.Service_AwsVpcConfiguration{AssignPublicIp: new("DISABLED"),
			SecurityGroups: []string{group.Att("GroupId")}, Subnets: []string{string(in.Subnets[0]), string(in.Subnets[1])}}},
		ServiceRegistries: []ecs.Service_ServiceRegistry{{RegistryArn: new(discovery.Att("Arn"))}}})
	ecsService.DependsOn(task, rule)
	ecsService.Patch("AvailabilityZoneRebalancing", "ENABLED")
	serviceScaling(t, in, name, ecsService.Att("Name"))
	serviceDeployment(t, in, name, deployRole.Att("Arn"), blue.Att("TargetGroupFullName"), green.Att("TargetGroupFullName"), ecsService.Att("Name"))
	return struct{}{}
}

func serviceScaling(t *cfn.Template, in serviceInput, name, serviceName string) {
	target := cfn.Add(t, "ScalableTarget", "How many tasks there may be", &applicationautoscaling.ScalableTarget{ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount",
		ResourceId: "service/" + string(in.Cluster) + "/" + serviceName, MinCapacity: t.Int(in.MinTasks), MaxCapacity: t.Int(in.MaxTasks)})
	for _, metric := range []string{"CPU", "Memory"} {
		cfn.Add(t, metric+"ScalingPolicy", "Follows "+metric, &applicationautoscaling.ScalingPolicy{PolicyName: name + "-" + metric, PolicyType: "TargetTrackingScaling",
			ScalingTargetId: new(target.Ref()), TargetTrackingScalingPolicyConfiguration: &applicationautoscaling.ScalingPolicy_TargetTrackingScalingPolicyConfiguration{
				TargetValue: 70, ScaleInCooldown: new(300), ScaleOutCooldown: new(60),
				PredefinedMetricSpecification: &applicationautoscaling.ScalingPolicy_PredefinedMetricSpecification{PredefinedMetricType: "ECSServiceAverage" + metric + "Utilization"}}})
	}
}

func serviceDeployment(t *cfn.Template, in serviceInput, name, roleARN, blue, green, serviceName string) {
	var alarms []codedeploy.DeploymentGroup_Alarm
	rule := ""
	for _, metric := range []string{"HTTPCode_Target_5XX_Count", "TargetResponseTime", "UnHealthyHostCount", "RequestCount", "TargetConnectionErrorCount"} {
		id := strings.ReplaceAll(metric, "_", "")
		query := func(id, group string) cloudwatch.Alarm_MetricDataQuery {
			return cloudwatch.Alarm_MetricDataQuery{Id: id, ReturnData: new(false), MetricStat: &cloudwatch.Alarm_MetricStat{Period: 60, Stat: "Sum",
				Metric: &cloudwatch.Alarm_Metric{Namespace: new("AWS/ApplicationELB"), MetricName: new(metric), Dimensions: []cloudwatch.Alarm_Dimension{
					{Name: "LoadBalancer", Value: string(in.LoadBalancer)}, {Name: "TargetGroup", Value: group}}}}}
		}
		alarm := cfn.Add(t, id+"Alarm", metric+" of both colours", &cloudwatch.Alarm{AlarmName: new(name + "-" + id), ComparisonOperator: "GreaterThanThreshold",
			EvaluationPeriods: 3, DatapointsToAlarm: new(2), Threshold: new(5.0), TreatMissingData: new("notBreaching"), AlarmActions: []string{string(in.Topic)},
			Metrics: []cloudwatch.Alarm_MetricDataQuery{{Id: "sum", Expression: new("FILL(blue, 0) + FILL(green, 0)"), ReturnData: new(true)}, query("blue", blue), query("green", green)}})
		alarms = append(alarms, codedeploy.DeploymentGroup_Alarm{Name: new(alarm.Ref())})
		rule += " OR ALARM(\"" + alarm.Ref() + "\")"
	}
	cfn.Add(t, "HealthAlarm", "Any alarm of the service", &cloudwatch.CompositeAlarm{AlarmName: new(name + "-health"), AlarmRule: strings.TrimPrefix(rule, " OR ")})
	cfn.Add(t, "DeploymentGroup", "Shifts traffic from one colour to the other", &codedeploy.DeploymentGroup{ApplicationName: "payments", DeploymentGroupName: new(name),
		ServiceRoleArn: roleARN, DeploymentConfigName: new("CodeDeployDefault.ECSLinear10PercentEvery1Minutes"),
		AlarmConfiguration: &codedeploy.DeploymentGroup_AlarmConfiguration{Enabled: new(true), IgnorePollAlarmFailure: new(false), Alarms: alarms},
		DeploymentStyle:    &codedeploy.DeploymentGroup_DeploymentStyle{DeploymentOption: new("WITH_TRAFFIC_CONTROL"), DeploymentType: new("BLUE_GREEN")},
		ECSServices:        []codedeploy.DeploymentGroup_ECSService{{ClusterName: string(in.Cluster), ServiceName: serviceName}},
		LoadBalancerInfo: &codedeploy.DeploymentGroup_LoadBalancerInfo{TargetGroupPairInfoList: []codedeploy.DeploymentGroup_TargetGroupPairInfo{{
			ProdTrafficRoute: &codedeploy.DeploymentGroup_TrafficRoute{ListenerArns: []string{string(in.Listener)}},
			TargetGroups:     []codedeploy.DeploymentGroup_TargetGroupInfo{{Name: new("pay-blue")}, {Name: new("pay-green")}}}}}})
}

// serviceParameters declares all that a service takes as parameters of one template.
func serviceParameters(t *cfn.Template) serviceInput {
	text := func(name string) string { return cfn.AddParameter[string](t, name, cfn.Parameter{}) }
	return serviceInput{
		EnvironmentSuffix: cfn.AddParameter[cfn.EnvironmentSuffix](t, "EnvironmentSuffix", cfn.EnvironmentSuffix("").Constraint()),
		VPC:               cfn.VPCID(text("Vpc")), Subnets: cfn.Zoned[cfn.SubnetID]{cfn.SubnetID(text("SubnetA")), cfn.SubnetID(text("SubnetB"))},
		Listener: cfn.ListenerARN(text("Listener")), LoadBalancer: cfn.LoadBalancerName(text("LoadBalancer")), BalancerGroup: cfn.SecurityGroupID(text("BalancerGroup")),
		Cluster: cfn.ClusterName(text("Cluster")), Namespace: cfn.NamespaceID(text("Namespace")), LogKey: cfn.KeyARN(text("LogKey")), SecretKey: cfn.KeyARN(text("SecretKey")),
		Topic: cfn.TopicARN(text("Topic")), Image: cfn.Image(text("Image")), EnvoyImage: cfn.Image(text("EnvoyImage")), ActiveColor: cfn.Text(text("ActiveColor")),
		MinTasks: number(t, "MinTasks"), MaxTasks: number(t, "MaxTasks"),
	}
}

// platform is a root with services nested in it.
func platform(services ...string) *cfn.Template {
	root := cfn.NewTemplate("platform", "The platform.")
	in := serviceParameters(root)
	for _, name := range services {
		cfn.Nest(root, name, service, in)
	}
	return root
}

// standalone is the template of one service alone.
func standalone() *cfn.Template {
	t := cfn.NewTemplate("payment", "")
	service(t, serviceParameters(t))
	return t
}
