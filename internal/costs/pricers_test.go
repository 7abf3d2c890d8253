package costs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is an estimate in words: a line for each line, free type and resource without a price.
func said(e Estimate) (list []string) {
	for _, l := range e.Lines {
		kind := "fixed"
		if l.Variable {
			kind = "variable"
		}
		list = append(list, fmt.Sprintf("%s %s %s %.4g", strings.Join(l.Resources, "+"), kind, l.Price, l.Quantity))
	}
	for _, f := range e.Free {
		list = append(list, fmt.Sprintf("free %d %s: %s", f.Count, f.Type, f.Why))
	}
	for _, u := range e.Unpriced {
		list = append(list, u.LogicalID+" unpriced: "+u.Why)
	}
	return list
}

const (
	task = `
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: work
      Cpu: 1 vCPU
      Memory: 2 GB
      ContainerDefinitions: [{Name: a, HealthCheck: {Command: [CMD, x]}}, {Name: b}]
`
	database = `
  Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql, ServerlessV2ScalingConfiguration: {MinCapacity: 1, MaxCapacity: 11}}}
`
	freeTask = "free 1 AWS::ECS::TaskDefinition: its tasks are charged"
)

// Each type of resource takes what AWS charges for it, and says what has no price.
func TestPricers(t *testing.T) {
	for _, tc := range []struct {
		name, resources string
		assume          []string
		want            []string
	}{
		{"unclear existence", "  Key: {Type: AWS::KMS::Key, Condition: Unclear}", nil, []string{"Key unpriced: whether it exists is not known: parameter Unknown has no value"}},
		{"gateway endpoints", "  One: {Type: AWS::EC2::VPCEndpoint}\n  Two: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Gateway}}", nil,
			[]string{"free 2 AWS::EC2::VPCEndpoint: gateway endpoints"}},
		{"other endpoints", "  One: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: GatewayLoadBalancer}}", nil,
			[]string{"One unpriced: no price known for endpoints of type GatewayLoadBalancer"}},
		{"endpoints whose subnets are not said", "  One: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Interface}}", []string{"aws_api_gb=0"}, []string{"One unpriced: it names no subnets"}},
		{"endpoints whose subnets are not known", "  One: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Interface, SubnetIds: !Ref Unknown}}", []string{"aws_api_gb=7"},
			[]string{"One fixed interface-endpoint 730", "One variable endpoint-data 7", "One unpriced: SubnetIds is unknown (parameter Unknown has no value)"}},
		{"gateways without endpoints", "  A: {Type: AWS::EC2::NatGateway}\n  B: {Type: AWS::EC2::NatGateway}", []string{"provider_gb=1", "aws_api_gb=2", "image_gb=3"},
			[]string{"A+B fixed nat-gateway 1460", "A+B variable nat-data 6"}},
		{"flow logs", "  A: {Type: AWS::EC2::FlowLog}\n  B: {Type: AWS::EC2::FlowLog, Properties: {LogDestinationType: s3}}", nil,
			[]string{"free 1 AWS::EC2::FlowLog: the log group is charged", "B unpriced: no price known for flow logs to s3"}},
		{"an internal load balancer", "  A: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal, Subnets: [a, b]}}", []string{"connections=9", "load_balancer_gb=0"},
			[]string{"A fixed load-balancer 730", "A variable load-balancer-capacity 100"}},
		{"a public load balancer", "  A: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {SubnetMappings: [{SubnetId: a}]}}", []string{"connections=0", "load_balancer_gb=5"},
			[]string{"A fixed load-balancer 730", "A fixed public-address 730", "A variable load-balancer-capacity 5"}},
		{"another load balancer", "  A: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network}}", nil, []string{"A unpriced: no price known for load balancers of type network"}},
		{"rule groups with fees", `
  A:
    Type: AWS::WAFv2::WebACL
    Properties:
      Rules:
        - Statement: {RateBasedStatement: {Limit: 100}}
        - Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesCommonRuleSet}}
        - Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesBotControlRuleSet}}
        - Statement: {ManagedRuleGroupStatement: {VendorName: Other, Name: Good}}
`, []string{"requests=1"}, []string{"A fixed web-acl 1", "A fixed web-acl-rule 4", "A variable web-acl-requests 1",
			"A unpriced: no price known for the rule group AWSManagedRulesBotControlRuleSet", "A unpriced: no price known for the rule group Good"}},
		{"records", "  A: {Type: AWS::Route53::RecordSet, Properties: {AliasTarget: {DNSName: x}}}\n  B: {Type: AWS::Route53::RecordSet}", nil,
			[]string{"free 1 AWS::Route53::RecordSet: aliases of AWS resources", "B unpriced: how often it is asked for is not assumed"}},

		{"a service by launch type", task + "  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: !Ref Task, DesiredCount: 2}}", nil,
			[]string{"S fixed fargate-vcpu 1460", "S fixed fargate-memory 2920", freeTask}},
		{"a service that is not counted", task + "  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: 'arn:aws:ecs:us-east-1:1:task-definition/work:7'}}", nil,
			[]string{"S fixed fargate-vcpu 730", "S fixed fargate-memory 1460", freeTask}},
		{"a service of unknown count", task + "  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: work, DesiredCount: !Ref Unknown}}", nil,
			[]string{freeTask, "S unpriced: DesiredCount is unknown (parameter Unknown has no value)"}},
		{"a service on instances", task + "  S: {Type: AWS::ECS::Service, Properties: {LaunchType: EC2, TaskDefinition: work}}", nil, []string{freeTask, "S unpriced: no price known for launch type EC2"}},
		{"a service of nobody", task + "  S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: work}}", nil, []string{freeTask, "S unpriced: neither launch type nor capacity provider strategy is known"}},
		{"a service without task definition", "  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: other}}", nil, []string{"S unpriced: its task definition is not among the templates"}},
		{"another capacity provider", task + "  S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: work, CapacityProviderStrategy: [{CapacityProvider: mine}]}}", nil,
			[]string{freeTask, "S unpriced: no price known for capacity provider mine"}},
		{"the strategy of the cluster, with bases only", task + `
  C: {Type: AWS::ECS::Cluster, Properties: {DefaultCapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Base: 1}, {CapacityProvider: FARGATE, Base: 1}]}}
  S: {Type: AWS::ECS::Service, Properties: {Cluster: !Ref C, TaskDefinition: work, DesiredCount: 3}}
`, nil, []string{"S fixed fargate-vcpu 730", "S fixed fargate-memory 1460", "S fixed fargate-spot-vcpu 1460", "S fixed fargate-spot-memory 2920",
			"free 1 AWS::ECS::Cluster: its tasks are charged", freeTask}},
		{"scaling, releases and metrics", task + `
  C: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c, ClusterSettings: [{Name: other, Value: x}, {Name: containerInsights, Value: enhanced}]}}
  S:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref C
      ServiceName: s
      TaskDefinition: work
      DeploymentController: {Type: CODE_DEPLOY}
      CapacityProviderStrategy: [{CapacityProvider: FARGATE, Base: 1, Weight: 1}, {CapacityProvider: FARGATE_SPOT, Weight: 3}]
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {MinCapacity: 1, MaxCapacity: 9, ResourceId: service/c/s, ScalableDimension: 'ecs:service:DesiredCount', ServiceNamespace: ecs}
`, []string{"task_scaling=0.5", "release_hours=10"}, []string{"C+S fixed container-insights 155",
			"S fixed fargate-vcpu 730", "S fixed fargate-memory 1460", "S variable fargate-vcpu 750", "S variable fargate-memory 1500", "S variable fargate-spot-vcpu 2220", "S variable fargate-spot-memory 4440",
			"S variable container-insights 248", "free 1 AWS::ApplicationAutoScaling::ScalableTarget: scaling is free; the alarms of its policies are charged", freeTask}},
		{"less observability", "  C: {Type: AWS::ECS::Cluster, Properties: {ClusterSettings: [{Name: containerInsights, Value: enabled}]}}", nil,
			[]string{"C unpriced: the metrics of Container Insights without enhanced observability are not counted"}},
		{"tasks on ARM", "  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: work, Cpu: 256, Memory: 512, RuntimePlatform: {CpuArchitecture: ARM64}}}\n  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: work}}", nil,
			[]string{freeTask, "S unpriced: no price known for tasks on ARM64"}},
		{"tasks of unknown size", "  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: work, Cpu: 256}}\n  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: work}}", nil,
			[]string{freeTask, "S unpriced: its tasks have Cpu 256 and Memory nothing"}},
		{"tasks with more storage", "  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: work, Cpu: 256, Memory: 512, EphemeralStorage: {SizeInGiB: 30}}}\n  S: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: work}}", nil,
			[]string{"S fixed fargate-vcpu 182.5", "S fixed fargate-memory 365", freeTask, "S unpriced: no price known for more ephemeral storage than comes with a task"}},
		{"a scheduled task", task + "  A: {Type: AWS::Scheduler::Schedule, Properties: {Target: {EcsParameters: {LaunchType: FARGATE, TaskDefinitionArn: work, TaskCount: 2}}}}", []string{"scheduled_task_hours=5"},
			[]string{"A variable fargate-vcpu 10", "A variable fargate-memory 20", freeTask}},
		{"schedules that are not clear", task + "  A: {Type: AWS::Scheduler::Schedule, Properties: {Target: {EcsParameters: {LaunchType: FARGATE, TaskDefinitionArn: work, TaskCount: !Ref Unknown}}}}\n" +
			"  B: {Type: AWS::Scheduler::Schedule, Properties: {Target: {EcsParameters: {TaskDefinitionArn: other}}}}\n  C: {Type: AWS::Scheduler::Schedule, Properties: {Target: {EcsParameters: {TaskDefinitionArn: work}}}}\n  D: {Type: AWS::Scheduler::Schedule}", nil,
			[]string{freeTask, "free 1 AWS::Scheduler::Schedule: starting things costs a dollar for a million; what it starts is not looked at",
				"A unpriced: Target.EcsParameters.TaskCount is unknown (parameter Unknown has no value)", "B unpriced: its task definition is not among the templates", "C unpriced: neither launch type nor capacity provider strategy is known"}},
		{"rules of events", "  A: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: x, EcsParameters: {}}]}}\n  B: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: x}]}}", nil,
			[]string{"free 1 AWS::Events::Rule: events of AWS services", "A unpriced: how long the tasks run that it starts is not assumed"}},

		{"a database", `
  Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql, ManageMasterUserPassword: true, BackupRetentionPeriod: 2, ServerlessV2ScalingConfiguration: {MinCapacity: 1, MaxCapacity: 11}}}
  Writer: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: db.serverless, DBClusterIdentifier: !Ref Cluster}}
`, []string{"database_gb=1", "database_requests=2", "database_backup_gb=3", "database_scaling=0.5"}, []string{"Cluster fixed secret 1", "Cluster variable aurora-storage 1", "Cluster variable aurora-requests 2",
			"Cluster variable aurora-backup 3", "Writer fixed aurora-capacity 730", "Writer variable aurora-capacity 3650"}},
		{"insights into a database", strings.Replace(database, "{Engine", "{DatabaseInsightsMode: advanced, PerformanceInsightsRetentionPeriod: 465, Engine", 1), []string{"database_gb=0", "database_requests=0"},
			[]string{"Cluster unpriced: no price known for Performance Insights beyond 7 days", "Cluster unpriced: no price known for Database Insights in mode advanced"}},
		{"other databases", "  A: {Type: AWS::RDS::DBCluster, Properties: {Engine: mysql}}\n  B: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql, StorageType: aurora-iopt1}}\n  C: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: db.r8g.large}}", nil,
			[]string{"A unpriced: no price known for clusters of mysql", "B unpriced: no price known for storage of type aurora-iopt1", "C unpriced: no price known for instances of class db.r8g.large"}},
		{"instances without cluster or capacity", "  A: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: db.serverless, DBClusterIdentifier: other}}\n" +
			strings.Replace(database, "MinCapacity: 1,", "MinCapacity: !Ref Unknown,", 1) + "  B: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: db.serverless, DBClusterIdentifier: !Ref Cluster}}", []string{"database_gb=0", "database_requests=0"},
			[]string{"A unpriced: its cluster is not among the templates", "Cluster unpriced: ServerlessV2ScalingConfiguration.MinCapacity is unknown (parameter Unknown has no value)"}},

		{"log groups", "  A: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 73, LogGroupName: a}}\n  B: {Type: AWS::Logs::LogGroup}\n  C: {Type: AWS::Logs::LogGroup, Properties: {LogGroupClass: INFREQUENT_ACCESS}}\n  D: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: !Ref Unknown}}",
			[]string{"service_log_gb=10", "compression=0.5"}, []string{"A+B variable log-ingestion 20", "A+B variable log-storage 72",
				"C unpriced: no price known for log groups of class INFREQUENT_ACCESS", "D unpriced: RetentionInDays is unknown (parameter Unknown has no value)"}},
		{"an archive", `
  Group: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30, LogGroupName: group}}
  Filter: {Type: AWS::Logs::SubscriptionFilter, Properties: {LogGroupName: !Ref Group, DestinationArn: !GetAtt Stream.Arn}}
  Other: {Type: AWS::Logs::SubscriptionFilter, Properties: {LogGroupName: !Ref Group, DestinationArn: other}}
  Stream: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {ExtendedS3DestinationConfiguration: {BucketARN: 'arn:aws:s3:::kept', ProcessingConfiguration: {Processors: [{Type: AppendDelimiterToRecord}, {Type: Decompression}]}}}}
  Trail: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Kept, CloudWatchLogsLogGroupArn: !GetAtt Group.Arn}}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal, LoadBalancerAttributes: [{Key: other, Value: x}, {Key: access_logs.s3.bucket, Value: !Ref Kept}]}}
  Kept:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: kept
      LifecycleConfiguration: {Rules: [{ExpirationInDays: 730, Transitions: [{StorageClass: STANDARD_IA, TransitionInDays: 73}, {StorageClass: GLACIER, TransitionInDays: 100}]}, {Id: other}]}
  Empty: {Type: AWS::S3::Bucket}
`, []string{"service_log_gb=10", "compression=0.5", "access_log_gb=2", "connections=0", "load_balancer_gb=0", "bucket_gb=4"}, []string{
			"Group variable log-ingestion 10", "Group variable log-storage 4.932", "Stream variable stream-ingestion 5", "Stream variable stream-decompression 10", "Balancer fixed load-balancer 730",
			"Kept+Empty variable object-storage 32.8", "Kept variable object-storage-infrequent 259.2",
			"free 1 AWS::CloudTrail::Trail: the first trail of management events in an account; each further one costs $2 for 100,000 events", "free 2 AWS::Logs::SubscriptionFilter: the stream it feeds is charged",
			"Kept unpriced: no price known for storage class GLACIER"}},
		{"other streams and trails", "  A: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {DeliveryStreamType: MSKAsSource}}\n  B: {Type: AWS::CloudTrail::Trail, Properties: {EventSelectors: []}}", nil,
			[]string{"A unpriced: no price known for streams of type MSKAsSource", "B unpriced: how many events EventSelectors adds is not assumed"}},

		{"alarms", `
  A: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: Mine, MetricName: Backlog, Period: 60}}
  B: {Type: AWS::CloudWatch::Alarm, Properties: {Metrics: [{Expression: a+b}, {MetricStat: {Metric: {Namespace: Mine, MetricName: Backlog}}}, {MetricStat: {Metric: {Namespace: AWS/RDS, MetricName: x}}}, {MetricStat: {Metric: {Namespace: ECS/ContainerInsights, MetricName: x}}}]}}
  C: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: AWS/RDS, MetricName: x, Period: 10}}
  D: {Type: AWS::CloudWatch::Alarm, Properties: {ThresholdMetricId: band, Metrics: []}}
  E: {Type: AWS::CloudWatch::Alarm, Properties: {Metrics: !Ref Unknown}}
`, nil, []string{"A fixed custom-metric 1", "A+B fixed alarm 4", "C unpriced: no price known for alarms of high resolution", "D unpriced: no price known for alarms of anomaly detection",
			"E unpriced: Metrics is unknown (parameter Unknown has no value)"}},
		{"scaling policies", `
  A: {Type: AWS::ApplicationAutoScaling::ScalingPolicy, Properties: {TargetTrackingScalingPolicyConfiguration: {PredefinedMetricSpecification: {}}}}
  B: {Type: AWS::ApplicationAutoScaling::ScalingPolicy, Properties: {TargetTrackingScalingPolicyConfiguration: {CustomizedMetricSpecification: {Namespace: Mine, MetricName: Backlog}}}}
  C: {Type: AWS::ApplicationAutoScaling::ScalingPolicy, Properties: {TargetTrackingScalingPolicyConfiguration: {CustomizedMetricSpecification: {Metrics: [{Expression: a/b}, {MetricStat: {Metric: {Namespace: AWS/X, MetricName: a}}}, {MetricStat: {Metric: {Namespace: AWS/X, MetricName: b}}}]}}}}
  D: {Type: AWS::ApplicationAutoScaling::ScalingPolicy, Properties: {StepScalingPolicyConfiguration: {}}}
`, nil, []string{"A+B+C fixed alarm 8", "B fixed custom-metric 1", "free 1 AWS::ApplicationAutoScaling::ScalingPolicy: scaling is free; its alarms are charged"}},
		{"notifications", "  A: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Subscription, Properties: {Protocol: email}}\n  C: {Type: AWS::SNS::Subscription, Properties: {Protocol: sms}}", []string{"notifications=1000000"},
			[]string{"A variable notification-requests 1", "B variable notification-mails 10", "C unpriced: no price known for notifications by sms"}},
		{"roles that send traces", `
  A: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyDocument: {Statement: [{Action: 's3:GetObject'}, {Action: ['x:y', 'xray:PutTraceSegments']}]}}]}}
  B: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyDocument: {Statement: {Action: 'xray:PutTraceSegments'}}}]}}
  C: {Type: AWS::IAM::Role}
`, []string{"traces=4"}, []string{"A+B variable traces 4", "free 1 AWS::IAM::Role: IAM is free"}},

		{"keys", "  A: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}\n  B: {Type: AWS::KMS::Key}", []string{"key_rotations=2", "key_requests=8"}, []string{"A+B fixed key 4", "A+B variable key-requests 8"}},
		{"secrets", "  A: {Type: AWS::SecretsManager::Secret, Properties: {ReplicaRegions: [{Region: us-west-2}]}}", []string{"secret_requests=3"}, []string{"A fixed secret 2", "A variable secret-requests 3"}},
		{"repositories", "  A: {Type: AWS::ECR::Repository}", []string{"registry_gb=1", "image_scans=2", "image_rescans=3"}, []string{"A variable image-storage 1", "A variable image-scan 2", "A variable image-rescan 3"}},
		{"names", "  A: {Type: AWS::ServiceDiscovery::PrivateDnsNamespace}", []string{"dns_queries=2"}, []string{"A fixed hosted-zone 1", "A variable dns-queries 2"}},
		{"dashboards", "  A: {Type: AWS::CloudWatch::Dashboard}", nil, []string{"A fixed dashboard 1"}},
		{"data of the VPC", "  A: {Type: AWS::EC2::VPC}\n  B: {Type: AWS::EC2::InternetGateway}", []string{"cross_zone_gb=1", "internet_out_gb=2"}, []string{"A variable cross-zone 1", "B variable data-out 2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, said(small(t, tc.resources, tc.assume...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
