// Package bench compares pkg/cfn with goformation's own template on the same resources.
package bench

import (
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
)

// parameters are the parameters of the template; all are strings, since goformation's number fields take no reference.
var parameters = []string{"EnvironmentSuffix", "Vpc", "SubnetsA", "SubnetsB", "SubnetsC", "Listener", "LoadBalancer", "BalancerGroup", "Cluster",
	"Namespace", "LogKey", "SecretKey", "Topic", "Image", "EnvoyImage", "Application", "DeploymentRole"}

const region = "AWS::Region"

// target is what a template is declared in: pkg/cfn's or goformation's.
type target interface {
	// Parameter, Ref and Att give references, Text their concatenation with literals.
	Parameter(name string) string
	Ref(logicalID string) string
	Att(logicalID, attribute string) string
	Text(parts ...string) string
	// Add declares a resource.
	Add(logicalID, is string, resource resource)
}

// resource is what goformation's resources have in common.
type resource interface {
	AWSCloudFormationType() string
	MarshalJSON() ([]byte, error)
}

type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid, Effect string
	Principal   map[string]string `json:",omitempty"`
	Action      []string
	Resource    any `json:",omitempty"`
}

// declare declares one microservice: 22 resources, 17 parameters, a proxy configuration of 3 kB.
func declare(t target) {
	p := map[string]string{}
	for _, name := range parameters {
		p[name] = t.Parameter(name)
	}
	name := t.Text("payment-api-", p["EnvironmentSuffix"])
	t.Add("Secret", "Credentials of the service's database role", &secretsmanager.Secret{Name: new(name), KmsKeyId: new(p["SecretKey"]),
		GenerateSecretString: &secretsmanager.Secret_GenerateSecretString{SecretStringTemplate: new(`{"username":"payment_api"}`), GenerateStringKey: new("password"), PasswordLength: new(40)}})
	for _, stream := range []string{"Application", "Proxy"} {
		t.Add(stream+"LogGroup", "Logs of the "+stream, &logs.LogGroup{LogGroupName: new(t.Text("/payments/", p["EnvironmentSuffix"], "/"+stream)),
			KmsKeyId: new(p["LogKey"]), RetentionInDays: new(30), AWSCloudFormationDeletionPolicy: "Delete", AWSCloudFormationUpdateReplacePolicy: "Delete"})
	}
	role := func(id, service string, resource any, actions ...string) {
		t.Add(id, "A role of "+service, &iam.Role{RoleName: new(t.Text(id+"-", p["EnvironmentSuffix"])),
			AssumeRolePolicyDocument: policyDocument{"2012-10-17", []policyStatement{{Sid: "Assume", Effect: "Allow",
				Principal: map[string]string{"Service": service}, Action: []string{"sts:AssumeRole"}}}},
			Policies: []iam.Role_Policy{{PolicyName: "inline", PolicyDocument: policyDocument{"2012-10-17", []policyStatement{
				{Sid: "Allow", Effect: "Allow", Action: actions, Resource: resource}}}}}})
	}
	role("ExecutionRole", "ecs-tasks.amazonaws.com", []string{t.Att("ApplicationLogGroup", "Arn"), t.Att("ProxyLogGroup", "Arn"), t.Ref("Secret")},
		"logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue")
	role("TaskRole", "ecs-tasks.amazonaws.com", p["Topic"], "sns:Publish")
	declareTask(t, p, name)
	declareTraffic(t, p, name)
	declareScaling(t, p, name)
	declareDeployment(t, p, name)
}

func declareTask(t target, p map[string]string, name string) {
	logging := func(group string) *ecs.TaskDefinition_LogConfiguration {
		return &ecs.TaskDefinition_LogConfiguration{LogDriver: "awslogs", Options: map[string]string{"awslogs-group": t.Ref(group),
			"awslogs-region": t.Ref(region), "awslogs-stream-prefix": "task", "mode": "non-blocking", "max-buffer-size": "25m"}}
	}
	configuration := strings.Repeat(`{"name":"transaction-processor","connect_timeout":"1s","max_ejection_percent":100},`, 36)
	t.Add("TaskDefinition", "The task: application and proxy", &ecs.TaskDefinition{
		Family: new(name), Cpu: new("512"), Memory: new("1024"), NetworkMode: new("awsvpc"), RequiresCompatibilities: []string{"FARGATE"},
		ExecutionRoleArn: new(t.Att("ExecutionRole", "Arn")), TaskRoleArn: new(t.Att("TaskRole", "Arn")),
		ContainerDefinitions: []ecs.TaskDefinition_ContainerDefinition{{
			Name: "app", Image: p["Image"], Essential: new(true), User: new("65532"), ReadonlyRootFilesystem: new(true),
			PortMappings: []ecs.TaskDefinition_PortMapping{{ContainerPort: new(8080), Protocol: new("tcp")}},
			Environment: []ecs.TaskDefinition_KeyValuePair{{Name: new("REGION"), Value: new(t.Ref(region))}, {Name: new("TOPIC_ARN"), Value: new(p["Topic"])},
				{Name: new("PEER_URL"), Value: new("http://127.0.0.1:9001")}, {Name: new("LOG_LEVEL"), Value: new("info")}},
			Secrets:          []ecs.TaskDefinition_Secret{{Name: "DATABASE_PASSWORD", ValueFrom: t.Text(t.Ref("Secret"), ":password::")}},
			HealthCheck:      &ecs.TaskDefinition_HealthCheck{Command: []string{"CMD", "/service", "healthcheck"}, Interval: new(10), Retries: new(3), Timeout: new(5)},
			LogConfiguration: logging("ApplicationLogGroup"),
		}, {
			Name: "proxy", Image: p["EnvoyImage"], Essential: new(true), User: new("65532"), ReadonlyRootFilesystem: new(true),
			Command:          []string{"--config-yaml", t.Text(configuration, p["Namespace"]), "--log-level", "warning"},
			PortMappings:     []ecs.TaskDefinition_PortMapping{{ContainerPort: new(9901)}},
			LogConfiguration: logging("ProxyLogGroup"),
		}},
		RuntimePlatform: &ecs.TaskDefinition_RuntimePlatform{CpuArchitecture: new("ARM64"), OperatingSystemFamily: new("LINUX")},
	})
}

func declareTraffic(t target, p map[string]string, name string) {
	t.Add("SecurityGroup", "Who may reach the tasks", &ec2.SecurityGroup{GroupDescription: "Tasks of the payment API", VpcId: new(p["Vpc"]),
		SecurityGroupEgress: []ec2.SecurityGroup_Egress{{IpProtocol: "tcp", FromPort: new(443), ToPort: new(443), CidrIp: new("0.0.0.0/0")}}})
	t.Add("IngressFromBalancer", "The load balancer reaches the tasks", &ec2.SecurityGroupIngress{GroupId: new(t.Att("SecurityGroup", "GroupId")),
		IpProtocol: "tcp", FromPort: new(8080), ToPort: new(8080), SourceSecurityGroupId: new(p["BalancerGroup"])})
	for _, color := range []string{"Blue", "Green"} {
		t.Add(color+"TargetGroup", "Tasks of the "+color+" set", &elasticloadbalancingv2.TargetGroup{Name: new(t.Text(color+"-", p["EnvironmentSuffix"])),
			VpcId: new(p["Vpc"]), Port: new(8080), Protocol: new("HTTP"), TargetType: new("ip"), HealthCheckPath: new("/healthz"), HealthCheckIntervalSeconds: new(10), HealthyThresholdCount: new(2),
			TargetGroupAttributes: []elasticloadbalancingv2.TargetGroup_TargetGroupAttribute{{Key: new("deregistration_delay.timeout_seconds"), Value: new("30")}}})
	}
	t.Add("ListenerRule", "Routes the service's paths", &elasticloadbalancingv2.ListenerRule{ListenerArn: new(p["Listener"]), Priority: 100,
		Conditions: []elasticloadbalancingv2.ListenerRule_RuleCondition{{Field: new("path-pattern"),
			PathPatternConfig: &elasticloadbalancingv2.ListenerRule_PathPatternConfig{Values: []string{"/payments", "/payments/*"}}}},
		Actions: []elasticloadbalancingv2.ListenerRule_Action{{Type: "forward", ForwardConfig: &elasticloadbalancingv2.ListenerRule_ForwardConfig{
			TargetGroups: []elasticloadbalancingv2.ListenerRule_TargetGroupTuple{{TargetGroupArn: new(t.Ref("BlueTargetGroup")), Weight: new(100)},
				{TargetGroupArn: new(t.Ref("GreenTargetGroup")), Weight: new(0)}}}}}})
	t.Add("DiscoveryService", "The service's name inside the platform", &servicediscovery.Service{Name: new("payment-api"), NamespaceId: new(p["Namespace"]),
		DnsConfig: &servicediscovery.Service_DnsConfig{RoutingPolicy: new("MULTIVALUE"), DnsRecords: []servicediscovery.Service_DnsRecord{{TTL: 10, Type: "A"}}}})
	t.Add("Service", "Keeps the tasks running", &ecs.Service{ServiceName: new(name), Cluster: new(p["Cluster"]), TaskDefinition: new(name),
		DeploymentController: &ecs.Service_DeploymentController{Type: new("CODE_DEPLOY")}, PlatformVersion: new("1.4.0"), HealthCheckGracePeriodSeconds: new(60),
		LoadBalancers: []ecs.Service_LoadBalancer{{ContainerName: new("app"), ContainerPort: new(8080), TargetGroupArn: new(t.Ref("BlueTargetGroup"))}},
		NetworkConfiguration: &ecs.Service_NetworkConfiguration{AwsvpcConfiguration: &ecs.Service_AwsVpcConfiguration{AssignPublicIp: new("DISABLED"),
			SecurityGroups: []string{t.Att("SecurityGroup", "GroupId")}, Subnets: []string{p["SubnetsA"], p["SubnetsB"], p["SubnetsC"]}}},
		ServiceRegistries:          []ecs.Service_ServiceRegistry{{RegistryArn: new(t.Att("DiscoveryService", "Arn"))}},
		AWSCloudFormationDependsOn: []string{"TaskDefinition", "ListenerRule"}})
}

func declareScaling(t target, p map[string]string, name string) {
	t.Add("ScalableTarget", "How many tasks there may be", &applicationautoscaling.ScalableTarget{ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount",
		ResourceId: t.Text("service/", p["Cluster"], "/", t.Att("Service", "Name")), MinCapacity: 2, MaxCapacity: 10})
	for _, metric := range []string{"CPU", "Memory"} {
		t.Add(metric+"ScalingPolicy", "Follows "+metric, &applicationautoscaling.ScalingPolicy{PolicyName: t.Text(metric+"-", name), PolicyType: "TargetTrackingScaling",
			ScalingTargetId: new(t.Ref("ScalableTarget")), TargetTrackingScalingPolicyConfiguration: &applicationautoscaling.ScalingPolicy_TargetTrackingScalingPolicyConfiguration{
				TargetValue: 70, ScaleInCooldown: new(300), ScaleOutCooldown: new(60),
				PredefinedMetricSpecification: &applicationautoscaling.ScalingPolicy_PredefinedMetricSpecification{PredefinedMetricType: "ECSServiceAverage" + metric + "Utilization"}}})
	}
}

func declareDeployment(t target, p map[string]string, name string) {
	var alarms []codedeploy.DeploymentGroup_Alarm
	for _, metric := range []string{"HTTPCode5XXCount", "TargetResponseTime", "UnHealthyHostCount", "RequestCount", "TargetConnectionErrorCount"} {
		query := func(id, group string) cloudwatch.Alarm_MetricDataQuery {
			return cloudwatch.Alarm_MetricDataQuery{Id: id, ReturnData: new(false), MetricStat: &cloudwatch.Alarm_MetricStat{Period: 60, Stat: "Sum",
				Metric: &cloudwatch.Alarm_Metric{Namespace: new("AWS/ApplicationELB"), MetricName: new(metric), Dimensions: []cloudwatch.Alarm_Dimension{
					{Name: "LoadBalancer", Value: p["LoadBalancer"]}, {Name: "TargetGroup", Value: t.Att(group, "TargetGroupFullName")}}}}}
		}
		t.Add(metric+"Alarm", metric+" of both colours", &cloudwatch.Alarm{AlarmName: new(t.Text(metric+"-", p["EnvironmentSuffix"])), ComparisonOperator: "GreaterThanThreshold",
			EvaluationPeriods: 3, DatapointsToAlarm: new(2), Threshold: new(5.0), TreatMissingData: new("notBreaching"), AlarmActions: []string{p["Topic"]},
			Metrics: []cloudwatch.Alarm_MetricDataQuery{{Id: "sum", Expression: new("FILL(blue, 0) + FILL(green, 0)"), ReturnData: new(true)},
				query("blue", "BlueTargetGroup"), query("green", "GreenTargetGroup")}})
		alarms = append(alarms, codedeploy.DeploymentGroup_Alarm{Name: new(t.Ref(metric + "Alarm"))})
	}
	t.Add("DeploymentGroup", "Shifts traffic from one colour to the other", &codedeploy.DeploymentGroup{ApplicationName: p["Application"], DeploymentGroupName: new(name),
		ServiceRoleArn: p["DeploymentRole"], DeploymentConfigName: new("CodeDeployDefault.ECSLinear10PercentEvery1Minutes"),
		AlarmConfiguration: &codedeploy.DeploymentGroup_AlarmConfiguration{Enabled: new(true), IgnorePollAlarmFailure: new(false), Alarms: alarms},
		DeploymentStyle:    &codedeploy.DeploymentGroup_DeploymentStyle{DeploymentOption: new("WITH_TRAFFIC_CONTROL"), DeploymentType: new("BLUE_GREEN")},
		ECSServices:        []codedeploy.DeploymentGroup_ECSService{{ClusterName: p["Cluster"], ServiceName: t.Att("Service", "Name")}},
		LoadBalancerInfo: &codedeploy.DeploymentGroup_LoadBalancerInfo{TargetGroupPairInfoList: []codedeploy.DeploymentGroup_TargetGroupPairInfo{{
			ProdTrafficRoute: &codedeploy.DeploymentGroup_TrafficRoute{ListenerArns: []string{p["Listener"]}},
			TargetGroups: []codedeploy.DeploymentGroup_TargetGroupInfo{{Name: new(t.Att("BlueTargetGroup", "TargetGroupName"))},
				{Name: new(t.Att("GreenTargetGroup", "TargetGroupName"))}}}}}})
}
