package checks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foreignStack is a flat template in another style: long forms, single values for lists, names left to CloudFormation.
const foreignStack = `
Parameters:
  Tag: {Type: String}
  Maybe: {Type: String}
  DbPassword: {Type: String, NoEcho: true}
  SecretArn: {Type: String}
Conditions:
  Perhaps: {"Fn::Equals": [{Ref: Maybe}, 'yes']}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: {"Fn::GetAtt": Worker.Arn}}, Action: 'kms:Decrypt', Resource: '*'}
          - {Effect: Allow, Principal: {AWS: {"Fn::GetAtt": Outsider.Arn}}, Action: 'kms:Decrypt', Resource: '*'}
          - {Effect: Allow, Principal: {AWS: '222233334444'}, Action: 'kms:GenerateDataKey', Resource: '*'}
          - {Effect: Allow, Principal: {Service: sqs.amazonaws.com}, Action: 'kms:GenerateDataKey', Resource: '*'}
  SigningKey: {Type: AWS::KMS::Key, Properties: {KeySpec: RSA_2048}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/app, TargetKeyId: {Ref: Key}}}
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}}
      Policies:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [secretsmanager:GetSecretValue, ssm:GetParameters], Resource: '*'}
            - {Effect: Allow, Action: 'logs:*', Resource: '*'}
            - {Effect: Allow, Action: 'firehose:*', Resource: {Ref: Maybe}}
  Outsider:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {AWS: [{"Fn::GetAtt": Worker.Arn}, '222233334444']}, Action: sts:AssumeRole}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}, Action: sts:AssumeRole}}
      Policies:
        - PolicyDocument: {Statement: {Effect: Allow, Action: {"Fn::Split": [',', 'iam:PassRole,sns:*']}, Resource: ['*', {Ref: Maybe}]}}
  Rotator:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Deny, NotPrincipal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}}
      Policies:
        - PolicyDocument: {Statement: {Effect: Allow, Action: secretsmanager:PutSecretValue, Resource: {Ref: Secret}}}
  LogRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: logs.us-east-1.amazonaws.com}, Action: sts:AssumeRole}}
  OtherPolicy:
    Type: AWS::IAM::Policy
    Condition: Perhaps
    Properties: {Roles: [{Ref: LogRole}], PolicyDocument: {Statement: {Effect: Allow, Action: kinesis:PutRecord, Resource: '*'}}}
  UnknownPolicy:
    Type: AWS::IAM::Policy
    Properties: {Roles: [{Ref: LogRole}], PolicyDocument: {Ref: Maybe}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {KmsKeyId: alias/app, GenerateSecretString: {}}}
  SecretPolicy:
    Type: AWS::SecretsManager::ResourcePolicy
    Properties: {SecretId: {Ref: GivenSecret}, ResourcePolicy: {Statement: {Effect: Deny, NotPrincipal: {AWS: {"Fn::GetAtt": Worker.Arn}}, Action: 'secretsmanager:*', Resource: '*'}}}
  GivenSecret: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: '{{resolve:ssm:/x}}'}}
  Rotation: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: {Ref: Secret}}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: {"Fn::GetAtt": LogRole.Arn}
      Environment: {Variables: {SECRET: {Ref: Secret}, TOKEN: abc}}
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {ManageMasterUserPassword: true}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: worker
      TaskRoleArn: {"Fn::GetAtt": Worker.Arn}
      ExecutionRoleArn: {Ref: Worker}
      ContainerDefinitions:
        - Image: nginx
          LogConfiguration: {LogDriver: awsfirelens}
          Secrets:
            - {Name: A, ValueFrom: app/parameter}
            - {Name: B, ValueFrom: arn:aws:ssm:us-east-1:111122223333:parameter/x}
            - {Name: C, ValueFrom: {"Fn::Sub": '${Database.MasterUserSecret.SecretArn}:password::'}}
            - {Name: D, ValueFrom: {Ref: Secret}}
          Environment:
            - {Name: OTHER, Value: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:other-AbCdEf'}
            - {Name: SAME, Value: {Ref: Secret}}
        - Image: {"Fn::Sub": '111122223333.dkr.ecr.us-east-1.amazonaws.com/app:x@${Tag}'}
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: {Ref: Group}}}
        - Image: {"Fn::Sub": '111122223333.dkr.ecr.us-east-1.amazonaws.com/app:${Tag}'}
        - Image: {"Fn::Join": ['', ['x', {Ref: Tag}]]}
  SecondTask:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: {Secrets: {Name: D, ValueFrom: {Ref: Secret}}}
  Group: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: alias/app}}
  PlainGroup: {Type: AWS::Logs::LogGroup}
  GroupWithKey: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: {Ref: Maybe}}}
  LogPolicy:
    Type: AWS::Logs::ResourcePolicy
    Properties: {PolicyDocument: '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": true}, "Null": null}}]}'}
  BadPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [{Ref: Topic}]
      PolicyDocument: {Statement: [{Ref: Maybe}, {Effect: Deny, Principal: '*', Action: sns:Publish, Resource: '*', Condition: {Ref: Maybe}}]}
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q, KmsMasterKeyId: alias/app}}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [{Ref: Queue}]
      PolicyDocument: {Statement: {Effect: Allow, Principal: {Service: [events.amazonaws.com, sqs.amazonaws.com]}, Action: sqs:SendMessage, Resource: '*'}}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: stream, StreamEncryption: {KeyId: alias/aws/kinesis}}}
  ToStream: {Type: AWS::Logs::SubscriptionFilter, Properties: {DestinationArn: {"Fn::GetAtt": Stream.Arn}, RoleArn: {"Fn::GetAtt": LogRole.Arn}}}
  ToFunction: {Type: AWS::Logs::SubscriptionFilter, Properties: {DestinationArn: {"Fn::GetAtt": Function.Arn}}}
  Flow: {Type: AWS::EC2::FlowLog, Properties: {LogDestination: arn:aws:s3:::flow}}
  FlowToGroup: {Type: AWS::EC2::FlowLog, Properties: {LogDestination: {"Fn::GetAtt": Group.Arn}, DeliverLogsPermissionArn: {"Fn::GetAtt": Worker.Arn}}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: bucket, LoggingConfiguration: {DestinationBucketName: {Ref: Maybe}}}}
  SelfLogging: {Type: AWS::S3::Bucket, Properties: {LoggingConfiguration: {LogFilePrefix: x}}}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: bucket
      PolicyDocument: {Statement: {Effect: Allow, Principal: {AWS: 'arn:aws:iam::127311923021:root'}, Action: s3:PutObject, Resource: 'arn:aws:s3:::bucket/app/AWSLogs/111122223333/*'}}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - {Key: access_logs.s3.enabled, Value: 'true'}
        - {Key: access_logs.s3.bucket, Value: bucket}
        - {Key: access_logs.s3.prefix, Value: app}
  QuietBalancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Trail: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: bucket, S3KeyPrefix: trail}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets:
        - {Arn: {"Fn::GetAtt": Queue.Arn}}
        - {Arn: {"Fn::GetAtt": Group.Arn}}
        - {Arn: {"Fn::GetAtt": Function.Arn}}
        - {Arn: cluster, EcsParameters: {TaskDefinitionArn: {Ref: Task}}, RoleArn: {"Fn::GetAtt": LogRole.Arn}}
  WebLogs: {Type: AWS::WAFv2::LoggingConfiguration, Properties: {LogDestinationConfigs: [arn:aws:s3:::aws-waf-logs-x]}}
  Gateway: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: GatewayLoadBalancer}}
  Endpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties: {ServiceName: com.amazonaws.us-east-1.ssm, PolicyDocument: {Ref: Maybe}}
  Release: {Type: AWS::CodeDeploy::DeploymentGroup, Properties: {ServiceRoleArn: {"Fn::GetAtt": LogRole.Arn}, ECSServices: {ClusterName: c, ServiceName: s}}}
  Service: {Type: AWS::ECS::Service, Properties: {ServiceName: s}}
  ServerDeployment: {Type: AWS::CodeDeploy::DeploymentGroup}
Outputs:
  Password: {Value: {Ref: DbPassword}}
  SecretArn: {Value: {Ref: Secret}}
`

// What is not known is unsure and what is wrong fails, in templates that nobody here wrote.
func TestForeignTemplate(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"app.yaml": foreignStack})
	var got []string
	for _, result := range Verify(w, permissionRules()) {
		var ids []string
		for _, f := range result.Findings {
			ids = append(ids, string(f.Outcome)[:1]+":"+f.LogicalID)
		}
		slices.Sort(ids)
		got = append(got, strings.TrimSpace(result.Rule.ID+" "+strings.Join(slices.Compact(ids), " ")))
	}
	want := []string{
		"ENO001 f:Task u:Task",
		"ENO002",
		"ENO003 f:SecondTask u:Task",
		"ENO004",
		"ENO005 u:Task",
		"ENO006 f:FlowToGroup f:Function f:Release f:Rule",
		"ENO007 u:Release",
		"ENO008 u:Rule",
		"ENO009",
		"ENO010 u:ToStream",
		"ENO011",
		"ENO012 f:Trail",
		"ENO013",
		"ENO014 u:Bucket",
		"ENO015 f:Rule",
		"ENO016 f:Group u:GroupWithKey",
		"ENO017 f:Rotator",
		"ENO018",
		"ENO019 f:Secret",
		"ENO020 f:Key",
		"ENO021",
		"ENO022 f:Secret",
		"ENO023 u:Trail",
		"IAM001 f:Deployer f:SigningKey f:Worker u:BadPolicy u:Endpoint u:UnknownPolicy",
		"IAM002 f:Deployer f:LogPolicy f:OtherPolicy f:QueuePolicy f:Worker u:BadPolicy u:Deployer u:Endpoint u:UnknownPolicy u:Worker",
		"IAM003 u:BadPolicy u:Endpoint u:UnknownPolicy",
		"IAM004 f:SecondTask f:Task",
		"IAM005 f:Deployer u:Deployer u:UnknownPolicy",
		"IAM006 f:Deployer f:LogRole f:Worker",
		"IAM007 f:Outsider",
		"IAM008 u:BadPolicy u:Endpoint",
		"IAM009 f:Key f:LogPolicy f:QueuePolicy u:BadPolicy",
		"IAM010",
		"IAM011 f:Key f:SigningKey",
		"IAM012 f:Key f:SigningKey u:UnknownPolicy",
		"IAM013 f:Key u:SigningKey",
		"IAM014 f:Rotator f:SecondTask f:Worker u:Database u:Secret",
		"IAM015 f:Secret f:SecretPolicy",
		"IAM016 f:Worker",
		"IAM017",
		"IAM018 f:Bucket f:SelfLogging",
		"IAM019 f:BucketPolicy f:QueuePolicy f:SelfLogging u:BadPolicy",
		"IAM020 f:Worker u:BadPolicy u:UnknownPolicy",
		"IAM021 f:Function u:DbPassword u:GivenSecret u:Password",
		"IAM022",
		"IAM023 f:Database f:GivenSecret",
		"IAM024 u:Outsider",
		"IAM025",
		"IAM026 u:BadPolicy u:Endpoint u:UnknownPolicy",
		"IAM027",
		"IAM028 u:UnknownPolicy",
		"IAM029",
		"IAM030 u:Bucket",
		"IAM031 f:SecretPolicy",
		"IAM032 f:Password",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
