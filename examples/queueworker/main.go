// Command queueworker is a platform of somebody else's, built with pkg/cfn and pkg/resources: a queue in one nested
// stack, a Fargate service that works on it in another, and an alarm. go run ./examples/queueworker writes its templates.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// QueueURL and QueueARN are reference kinds of our own: two lines each.
type (
	QueueURL string
	QueueARN string
)

func (QueueURL) Reference() {}
func (QueueARN) Reference() {}

// QueueInputs, and every other struct here, are the wires: fields that are references become parameters and outputs.
type QueueInputs struct {
	EnvironmentSuffix cfn.EnvironmentSuffix
	Topic             cfn.TopicARN
}

// QueueOutputs are what a worker needs to know of its queue.
type QueueOutputs struct {
	URL QueueURL
	ARN QueueARN
}

// Queue declares the queue, where its failed messages go, and the alarm that says there are some.
func Queue(t *cfn.Template, in QueueInputs) QueueOutputs {
	t.Describe("Queue of jobs with a dead-letter queue and its alarm")
	name := "jobs-" + string(in.EnvironmentSuffix)
	dead := cfn.Add(t, "DeadLetterQueue", "Keeps jobs that failed five times", queue("dead-"+name))
	jobs := cfn.Add(t, "JobQueue", "Jobs to do", queue(name))
	jobs.Patch("RedrivePolicy", map[string]any{"deadLetterTargetArn": dead.Att("Arn"), "maxReceiveCount": 5})
	cfn.Add(t, "DeadLetterAlarm", "Alarm on failed jobs", resources.Alarm(resources.AlarmInput{
		Name:        "alarm-dead-" + name,
		Description: "Jobs failed five times and wait in the dead-letter queue",
		Topic:       in.Topic,
		Metric: &resources.AlarmMetric{
			Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Statistic: "Maximum",
			Dimensions: []resources.AlarmDimension{{Name: "QueueName", Value: dead.Att("QueueName")}},
		},
	}))
	return QueueOutputs{URL: QueueURL(jobs.Ref()), ARN: QueueARN(jobs.Att("Arn"))}
}

func queue(name string) *sqs.Queue {
	return &sqs.Queue{
		QueueName: new(name), SqsManagedSseEnabled: new(true), MessageRetentionPeriod: new(14 * 24 * 3600),
		AWSCloudFormationDeletionPolicy: "Delete", AWSCloudFormationUpdateReplacePolicy: "Delete",
	}
}

// WorkerInputs are the queue and where the worker runs.
type WorkerInputs struct {
	EnvironmentSuffix cfn.EnvironmentSuffix
	Queue             QueueOutputs
	Image             cfn.Image
	LogsKey           cfn.KeyARN
	Cluster           cfn.ClusterName
	Subnet            cfn.SubnetID
	Group             cfn.SecurityGroupID
	Tasks             cfn.Number
}

// Worker declares the service that works on the queue.
func Worker(t *cfn.Template, in WorkerInputs) struct{} {
	t.Describe("Worker service that takes jobs from the queue")
	name := "worker-" + string(in.EnvironmentSuffix)
	logs := cfn.Add(t, "LogGroup", "Log of the worker", resources.LogGroup(name, in.LogsKey))
	task := cfn.Add(t, "TaskRole", "What the worker may do", resources.Role(resources.RoleInput{
		Name: "task-" + name, Description: "Worker", Trust: resources.TaskTrust(),
		Statements: []resources.Statement{{Sid: "TakeJobs", Resources: []string{string(in.Queue.ARN)},
			Actions: []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"}}},
	}))
	execution := cfn.Add(t, "ExecutionRole", "What ECS needs to start the worker", resources.Role(resources.RoleInput{
		Name: "execution-" + name, Description: "Starts the worker", Trust: resources.TaskTrust(),
		Statements: append(resources.PullImages("worker"), resources.LogGroupWriters("WriteLogs", resources.LogGroupARN(logs))),
	}))
	definition := resources.AddTaskDefinition(t, "TaskDefinition", "The worker's container", resources.TaskDefinitionInput{
		Family: name, CPU: 256, Memory: 512,
		TaskRole: resources.RoleARN(task), ExecutionRole: resources.RoleARN(execution),
		Containers: []resources.ContainerInput{{
			Name: "worker", Image: string(in.Image), CPU: 256, Memory: 512, StopSeconds: 100,
			Environment: map[string]string{"QUEUE_URL": string(in.Queue.URL)}, LogGroup: resources.LogGroupName(logs),
		}},
	})
	cfn.Add(t, "Service", "Runs the worker, mostly on Spot", &ecs.Service{
		ServiceName: new(name), Cluster: new(string(in.Cluster)), TaskDefinition: new(definition.Ref()),
		DesiredCount: new(t.Int(in.Tasks)), CapacityProviderStrategy: resources.CapacityProviderStrategy(1, 80),
		NetworkConfiguration: &ecs.Service_NetworkConfiguration{AwsvpcConfiguration: &ecs.Service_AwsVpcConfiguration{
			Subnets: []string{string(in.Subnet)}, SecurityGroups: []string{string(in.Group)}}},
	})
	return struct{}{}
}

// Root is the table of contents: a worker wired to the queue.
func Root() *cfn.Template {
	root := cfn.NewTemplate("queueworker", "A queue and a service that works on it")
	suffix := cfn.AddParameter[cfn.EnvironmentSuffix](root, "EnvironmentSuffix", cfn.EnvironmentSuffix("").Constraint())
	jobs := cfn.Nest(root, "Queue", Queue, QueueInputs{
		EnvironmentSuffix: suffix, Topic: cfn.AddParameter[cfn.TopicARN](root, "Topic", cfn.Parameter{}),
	})
	cfn.Nest(root, "Worker", Worker, WorkerInputs{
		EnvironmentSuffix: suffix, Queue: jobs,
		Image:   cfn.AddParameter[cfn.Image](root, "Image", cfn.Parameter{AllowedPattern: `.+@sha256:[0-9a-f]{64}`}),
		LogsKey: cfn.AddParameter[cfn.KeyARN](root, "LogsKey", cfn.Parameter{}),
		Cluster: cfn.AddParameter[cfn.ClusterName](root, "Cluster", cfn.Parameter{}),
		Subnet:  cfn.AddParameter[cfn.SubnetID](root, "Subnet", cfn.Parameter{Type: "AWS::EC2::Subnet::Id"}),
		Group:   cfn.AddParameter[cfn.SecurityGroupID](root, "Group", cfn.Parameter{Type: "AWS::EC2::SecurityGroup::Id"}),
		Tasks:   cfn.AddParameter[cfn.Number](root, "Tasks", cfn.Parameter{Type: "Number", Default: new("2")}),
	})
	return root
}

func main() {
	if err := render(filepath.Join("examples", "queueworker", "golden")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(dir string) error {
	compiler, err := cfn.NewCompiler()
	if err != nil {
		return err
	}
	files, err := compiler.Compile(Root())
	for i := 0; i < len(files) && err == nil; i++ {
		err = os.WriteFile(filepath.Join(dir, files[i].Name), files[i].Data, 0o644)
	}
	return err
}
