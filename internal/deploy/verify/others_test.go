package verify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/simulator"
)

// others is a stack of somebody else: what it promises is asked about, what it does not promise is not applicable, and what cannot be
// evaluated is unknown.
const others = `{Mappings: {M: {a: {b: c}}}, Resources: {
  Silent: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: silent}},
  Mapped: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: mapped-qa, KmsKeyId: !FindInMap [M, a, b], RetentionInDays: !FindInMap [M, a, b]}},
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}},
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task, ContainerDefinitions: [{Name: a, Image: 'public.ecr.aws/nginx:latest'}]}},
  Service: {Type: AWS::ECS::Service, DependsOn: [Task], Properties: {ServiceName: svc, Cluster: !Ref Cluster, TaskDefinition: task}},
  Networked: {Type: AWS::ECS::Service, DependsOn: [Task], Properties: {ServiceName: net, DesiredCount: 3, Cluster: !Ref Cluster, TaskDefinition: task, NetworkConfiguration: {AwsvpcConfiguration: {SecurityGroups: [sg-1, sg-2], Subnets: [s]}}}},
  Fronting: {Type: AWS::ECS::Service, DependsOn: [Task], Properties: {ServiceName: front, DesiredCount: 2, Cluster: !Ref Cluster, TaskDefinition: task, NetworkConfiguration: {AwsvpcConfiguration: {SecurityGroups: [sg-2], Subnets: [s]}}}},
  IdleGroup: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg-idle}},
  Idle: {Type: AWS::ECS::Service, DependsOn: [Task], Properties: {ServiceName: idle, DesiredCount: 0, Cluster: !Ref Cluster, TaskDefinition: task, LoadBalancers: [{ContainerName: a, ContainerPort: 80, TargetGroupArn: !Ref IdleGroup}]}},
  Elsewhere: {Type: AWS::ECS::TaskDefinition, Properties: {Family: lonely, ContainerDefinitions: [{Name: a, Image: 'public.ecr.aws/nginx:latest'}]}},
  Target: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ServiceNamespace: dynamodb, ResourceId: table/t, MinCapacity: 1, MaxCapacity: 2}},
  Unbound: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ServiceNamespace: ecs, ResourceId: service/c/svc, MinCapacity: !FindInMap [M, a, b], MaxCapacity: 2}},
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: alb}},
  Mapping: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: nlb, Scheme: !FindInMap [M, a, b]}},
  Plain: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, Protocol: HTTP, DefaultActions: [{Type: forward}]}},
  Raw: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 90, Protocol: TCP}},
  Secure: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 443, Protocol: HTTPS}},
  Policy: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 444, Protocol: HTTPS, SslPolicy: !FindInMap [M, a, b]}},
  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg}},
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Plain, Priority: 1, Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Group}]}}]}},
  Guarded: {Type: AWS::WAFv2::WebACLAssociation, Properties: {ResourceArn: !Ref Balancer, WebACLArn: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/central/1'}},
  Unguarded: {Type: AWS::WAFv2::WebACLAssociation, Properties: {ResourceArn: !Ref Balancer, WebACLArn: !FindInMap [M, a, b]}},
  Odd: {Type: AWS::WAFv2::WebACLAssociation, Properties: {ResourceArn: !Ref Balancer, WebACLArn: !GetAtt Early.Arn}},
  Trail: {Type: AWS::CloudTrail::Trail, Properties: {TrailName: trail-qa, IsLogging: true, S3BucketName: b}},
  Muted: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: muted, ActionsEnabled: false}},
  Early: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: early, AlarmActions: [a]}},
  Late: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: late, AlarmActions: [a]}},
  Bare: {Type: AWS::RDS::DBCluster, DeletionPolicy: Delete, Properties: {DBClusterIdentifier: bare}},
  Unsure: {Type: AWS::RDS::DBCluster, DeletionPolicy: Delete, Properties: {DBClusterIdentifier: unsure, KmsKeyId: !FindInMap [M, a, b], DBClusterParameterGroupName: shared}},
  Public: {Type: AWS::RDS::DBInstance, DeletionPolicy: Delete, Properties: {DBInstanceIdentifier: public, PubliclyAccessible: true}},
  Strict: {Type: AWS::RDS::DBCluster, DeletionPolicy: Delete, Properties: {DBClusterIdentifier: strict, DBClusterParameterGroupName: !Ref Parameters}},
  Parameters: {Type: AWS::RDS::DBClusterParameterGroup, Properties: {DBClusterParameterGroupName: group, Parameters: {a: '1', b: '1', c: '1', require_secure_transport: 'ON'}}},
  Key: {Type: AWS::KMS::Key, Properties: {}},
  Turning: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: !FindInMap [M, a, b]}},
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: bare-bucket}},
  Sealed: {Type: AWS::S3::Bucket, Properties: {BucketName: sealed, BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !FindInMap [M, a, b]}}]}, VersioningConfiguration: {Status: !FindInMap [M, a, b]}}},
  Kept: {Type: AWS::S3::Bucket, Properties: {BucketName: kept, VersioningConfiguration: {Status: Enabled}}},
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: secret}},
  Schedule: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Secret, RotationRules: {AutomaticallyAfterDays: 30}}},
  Anytime: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Secret}},
  Unread: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !FindInMap [M, a, b]}}}}`

func TestTemplatesOfOthers(t *testing.T) {
	w := newWorld(t, others)
	w.must(w.sim.Tamper("Early", "StateValue", "INSUFFICIENT_DATA"))
	w.must(w.sim.Tamper("Fronting", "InterfaceDescription", "ELB app/alb/1"))
	w.must(w.sim.Tamper("Fronting", "PublicIp", "203.0.113.9"))
	w.must(w.sim.Tamper("Kept", "VersioningConfiguration.Status", ""))
	w.must(w.sim.RunRevision("svc", 0))
	w.sim.CreateLogGroup("silent-no-more")
	e := w.survey()
	if diff := cmp.Diff([]string{"nowhere"}, e.Missing); diff != "" {
		t.Error(diff)
	}
	got := strings.Join(w.found(e), "\n")
	for _, want := range []string{
		"targets-healthy Service: not applicable, no load balancer sends to this service",
		"targets-healthy Idle: fail, tg-idle: no target; 0 tasks wanted",
		"traffic-live Rule: not applicable, the rule sends to no service of the stacks",
		"revision-running Networked: pass, task:1",
		"revision-running Service: not applicable, task:0; revision 1 of the stack waits for a release",
		"tasks-private Networked: pass, assignPublicIp DISABLED, 3 network interfaces",
		"buckets-versioned Kept: fail, versions Suspended",
		"scaling-on Target: not applicable, the target is of dynamodb, not of ECS",
		"scaling-on Unbound: unknown, the template's resource and bounds cannot be evaluated",
		"images-scanned lonely:1: fail, no image of Amazon ECR by digest",
		"tasks-private Service: not applicable, the service's tasks have no network interfaces of their own",
		"databases-private Public: not applicable, the template wants it publicly accessible",
		"balancer-scheme Balancer: pass, internet-facing",
		"balancer-scheme Mapping: unknown, the template's scheme cannot",
		"listeners-tls Plain: not applicable, HTTP; the template does not say that this listener redirects",
		"listeners-tls Raw: not applicable, TCP; the listener is not one of encrypted connections",
		"listeners-tls Secure: pass, HTTPS",
		"listeners-tls Policy: unknown, the template's protocol and TLS policy",
		"waf-associated Guarded: fail, none",
		"waf-associated Unguarded: unknown, the template's association",
		"waf-associated Odd: unknown, the template's association",
		"logs-encrypted Mapped: unknown, the template's KmsKeyId",
		"logs-encrypted Silent: not applicable, the template says no KmsKeyId",
		"logs-declared Silent: pass, declared",
		"trail-logging Trail: pass, logging, deliveries without error",
		"alarms-quiet Early: pass, INSUFFICIENT_DATA since",
		"alarms-armed Muted: pass, actions disabled",
		"database-encrypted Bare: not applicable, the template says no KmsKeyId",
		"database-encrypted Unsure: unknown, the template's KmsKeyId",
		"database-tls Unsure: not applicable, shared; the stacks' parameter groups say nothing about TLS",
		"database-tls Strict: pass, group with require_secure_transport=ON, in effect",
		"secrets-rotated Anytime: pass, rotation on",
		"secrets-rotated Schedule: pass, rotation on, every 30 days",
		"secrets-rotated Unread: unknown, the template's secret and schedule",
		"secrets-used Secret: fail, no task definition names it",
		"keys-rotate Key: pass, Enabled",
		"keys-rotate Turning: unknown, the template's EnableKeyRotation",
		"buckets-private Bucket: not applicable, the template says no PublicAccessBlockConfiguration",
		"buckets-encrypted Bucket: not applicable, the template says no BucketEncryption",
		"buckets-encrypted Sealed: unknown, the template's BucketEncryption",
		"buckets-versioned Bucket: not applicable, the template says no VersioningConfiguration",
		"buckets-versioned Sealed: unknown, the template's VersioningConfiguration",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not found", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
	if strings.Contains(got, "silent-no-more") {
		t.Error("a log group of somebody else is taken for one of the environment")
	}
	w.pass(2 * withoutData)
	if got := strings.Join(w.found(e), "\n"); !strings.Contains(got, "alarms-quiet Early: fail, INSUFFICIENT_DATA since") {
		t.Error("an alarm may be without data for ever")
	}
}

// What is gone since the stacks were read breaks its promise: nothing is taken for well because nobody answers for it.
func TestGoneResources(t *testing.T) {
	const body = `{Resources: {
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: log-qa, KmsKeyId: k, RetentionInDays: 30}}, Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}},
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task, ContainerDefinitions: [{Name: a, Image: x}]}},
  Service: {Type: AWS::ECS::Service, DependsOn: [Task], Properties: {ServiceName: svc, Cluster: !Ref Cluster, TaskDefinition: task}},
  Target: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ServiceNamespace: ecs, ResourceId: !Sub 'service/c/${Service.Name}', MinCapacity: 1, MaxCapacity: 2}},
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: alb}}, Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 443, Protocol: HTTPS}},
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 1}}, Trail: {Type: AWS::CloudTrail::Trail, Properties: {TrailName: trail-qa}},
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: alarm}}, Database: {Type: AWS::RDS::DBCluster, DeletionPolicy: Delete, Properties: {DBClusterIdentifier: db, KmsKeyId: k, ManageMasterUserPassword: true}},
  Instance: {Type: AWS::RDS::DBInstance, DeletionPolicy: Delete, Properties: {DBInstanceIdentifier: i, DBClusterIdentifier: !Ref Database}},
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: b, VersioningConfiguration: {Status: Enabled}, PublicAccessBlockConfiguration: {BlockPublicAcls: true},
    BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}}},
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: secret}}, Schedule: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Secret}},
  Unrotated: {Type: AWS::SecretsManager::Secret, Properties: {Name: other}}}}`
	w := newWorld(t, body)
	e := w.survey()
	_, err := w.cloud.CloudFormation().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("other-qa")})
	w.must(err)
	w.pass(3 * withoutData)
	for _, line := range w.found(e) {
		id, _, _ := strings.Cut(line, " ")
		switch {
		case strings.Contains(line, ": not applicable,") && strings.Contains(line, "nothing of the kind"), strings.Contains(line, "parameter groups say nothing"):
		case id == "images-scanned", id == "secrets-used", id == "keys-rotate", id == "database-tls", id == "database-backups", id == "logs-declared":
		case !strings.Contains(line, ": fail,"):
			t.Error(line)
		}
	}
}

// A service that runs what no stack declares breaks its promise; without task definitions nobody can use a secret.
func TestForeignRevision(t *testing.T) {
	w := newWorld(t, `{Resources: {Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}, Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task, ContainerDefinitions: [{Name: a, Image: x}]}},
  Service: {Type: AWS::ECS::Service, DependsOn: [Task], Properties: {ServiceName: svc, Cluster: !Ref Cluster, TaskDefinition: task}}, Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: secret}}}}`)
	e := w.survey()
	delete(e.Stacks[0].resources, "Task")
	got := strings.Join(w.found(e), "\n")
	for _, want := range []string{"revision-running Service: fail, task:1", "secrets-used : not applicable, the stacks have no task definition", "trail-logging : not applicable, the stacks make no trail"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	w.sim.Inject(simulator.Fault{Service: "logs", Operation: "DescribeLogGroups", Skip: 1, Kind: simulator.Denied})
	e.Stacks[0].resources["Log"] = &Resource{LogicalID: "Log", ID: "elsewhere", Type: groupType, stack: e.Stacks[0]}
	if got := strings.Join(w.found(e), "\n"); !strings.Contains(got, "logs-declared : unknown, denied") {
		t.Error(got)
	}
}

// Whoever may not read the stacks gets an error, at whatever call.
func TestSurveyThatFails(t *testing.T) {
	w := newWorld(t, `{Resources: {A: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: a}}, B: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: b}}, C: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: c}}}}`)
	for after := range 4 {
		_, err := Survey(t.Context(), &refusing{w.cloud.CloudFormation(), after}, simulator.Region, "1", func(string) {}, "other-qa")
		if !errors.Is(err, errRefused) {
			t.Errorf("after %d calls: %v", after, err)
		}
	}
	e, err := Survey(t.Context(), &refusing{w.cloud.CloudFormation(), 4}, simulator.Region, "1", func(string) {}, "other-qa")
	if err != nil || e.Resources() != 3 {
		t.Errorf("%v, %v", e, err)
	}
}

// A stack that was never made has nothing to verify.
func TestStackInReview(t *testing.T) {
	w := newWorld(t, `{Resources: {A: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: a}}}}`)
	body := `{Resources: {A: {Type: AWS::SNS::Topic}}}`
	_, err := w.cloud.CloudFormation().CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("planned"), ChangeSetName: aws.String("first"), ChangeSetType: "CREATE", TemplateBody: &body})
	w.must(err)
	e, err := Survey(t.Context(), w.cloud.CloudFormation(), simulator.Region, "1", func(string) {}, "planned")
	if err != nil || len(e.Missing) != 1 || e.Resources() != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

// An interrupted run tells nothing.
func TestInterruptedRun(t *testing.T) {
	w := newWorld(t, others)
	e := w.survey()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if outcomes, err := Run(ctx, w.input(e)); !errors.Is(err, context.Canceled) || outcomes != nil {
		t.Errorf("%v, %v", outcomes, err)
	}
}
