package templates

import (
	"fmt"
	"maps"
	"slices"

	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/logs"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The database-administration task (R14): one short-lived container in the private subnets that migrates the schemas,
// creates each service's database role and rotates the passwords. It is idempotent: the deploy command runs it after
// every change, the schedule once a day, so a run that was missed is made up for. A tier of its own because it alone
// holds the master user's credentials and waits for all services' secrets.

// AdministrationInputs are what the administration tier takes.
type AdministrationInputs struct {
	Environment
	// Ready makes the schedule wait for the way out.
	Ready               cfn.After
	LogsKey, SecretsKey cfn.KeyARN
	Topic               cfn.TopicARN
	// Subnets are the private subnets.
	Subnets          cfn.Zoned[cfn.SubnetID]
	Group            cfn.SecurityGroupID
	Cluster          cfn.ClusterARN
	DatabaseEndpoint cfn.HostName
	MasterSecret     cfn.SecretARN
	// ServiceSecrets are the secrets of the services' database roles, by service name.
	ServiceSecrets map[string]cfn.SecretARN
	ImageDigest    cfn.Text
}

// AdministrationOutputs are what the deploy command runs the task with.
type AdministrationOutputs struct {
	// TaskDefinition is the ARN of the newest revision.
	TaskDefinition cfn.ARN
	// LogGroup takes the program's log, an audit stream.
	LogGroup cfn.LogGroupName
}

// Administration declares the database-administration task and its schedule.
func Administration(t *cfn.Template, in AdministrationInputs) AdministrationOutputs {
	t.Describe("Database administration: the task that migrates the schemas, creates the services' roles and rotates their passwords, and its schedule")
	a := &administrationTier{Template: t, in: in}
	a.addLogGroup()
	a.addRoles()
	a.addTaskDefinition()
	a.addSchedule()
	a.addFailureEvent()
	return AdministrationOutputs{TaskDefinition: cfn.ARN(a.taskDefinition.Att("TaskDefinitionArn")), LogGroup: resources.LogGroupName(a.logGroup)}
}

type administrationTier struct {
	*cfn.Template
	in             AdministrationInputs
	logGroup       cfn.Resource[*logs.LogGroup]
	taskRole       cfn.Resource[*iam.Role]
	executionRole  cfn.Resource[*iam.Role]
	taskDefinition cfn.Resource[*ecs.TaskDefinition]
}

const (
	// administrationCPU and administrationMemory are Fargate's smallest task.
	administrationCPU, administrationMemory = 256, 512
	// rotateAfterDays is the age at which a service's password is replaced: PCI DSS 8.6.3 leaves the interval to a risk
	// analysis; 30 days is well below the 90 that 8.3.9 names for people.
	rotateAfterDays = 30
)

func (a *administrationTier) addLogGroup() {
	a.logGroup = cfn.Add(a.Template, "AdministrationLogGroup", "Log of the administration task",
		resources.LogGroup(a.in.LogGroupName(administrationImage), a.in.LogsKey))
}

// addRoles lets the task write the services' secrets and read them back; the master user's password is injected by ECS,
// so only the execution role may read that.
func (a *administrationTier) addRoles() {
	var secrets []string
	for _, name := range slices.Sorted(maps.Keys(a.in.ServiceSecrets)) {
		secrets = append(secrets, string(a.in.ServiceSecrets[name]))
	}
	a.taskRole = cfn.Add(a.Template, "AdministrationTaskRole", "What the administration task may do", resources.Role(resources.RoleInput{
		Name:        a.in.TaskRoleName(administrationImage),
		Description: "Administration task: rotates the passwords of the services' database roles",
		Trust:       resources.TaskTrust(),
		Statements: []resources.Statement{
			{
				Sid: "RotateSecrets",
				Actions: []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
					"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"},
				Resources: secrets,
			},
			resources.UseKey("EncryptSecrets", a.in.SecretsKey, "secretsmanager", "kms:Decrypt", "kms:GenerateDataKey"),
			{
				Sid: "GeneratePasswords", Actions: []string{"secretsmanager:GetRandomPassword"},
				AnyResource: "A random password belongs to no secret yet",
			},
		},
	}))
	statements := append(resources.PullImages(a.in.RepositoryName(administrationImage)),
		resources.LogGroupWriters("WriteLogs", resources.LogGroupARN(a.logGroup)))
	a.executionRole = cfn.Add(a.Template, "AdministrationExecutionRole", "What ECS needs to start the administration task", resources.Role(resources.RoleInput{
		Name:        a.in.ExecutionRoleName(administrationImage),
		Description: "Starts the administration task",
		Trust:       resources.TaskTrust(),
		Statements:  append(statements, resources.ReadSecrets(a.in.SecretsKey, a.in.MasterSecret)...),
	}))
}

func (a *administrationTier) addTaskDefinition() {
	environment := map[string]string{
		"ENVIRONMENT":       string(a.in.EnvironmentSuffix),
		"ROTATE_AFTER_DAYS": itoa(rotateAfterDays),
	}
	addDatabase(environment, a.in.DatabaseEndpoint)
	for name, secret := range a.in.ServiceSecrets {
		environment[environmentVariable(name, "_SECRET_ARN")] = string(secret)
	}
	a.taskDefinition = resources.AddTaskDefinition(a.Template, "AdministrationTaskDefinition", "The administration task: by default it reconciles, that is, migrates and rotates what is due",
		resources.TaskDefinitionInput{
			Family: a.family(), CPU: administrationCPU, Memory: administrationMemory,
			TaskRole: resources.RoleARN(a.taskRole), ExecutionRole: resources.RoleARN(a.executionRole),
			Containers: []resources.ContainerInput{{
				Name:        administrationImage,
				Image:       resources.ImageAddress(a.in.RepositoryName(administrationImage), string(a.in.ImageDigest)),
				CPU:         administrationCPU,
				Memory:      administrationMemory,
				Command:     []string{"reconcile"},
				Environment: environment,
				Secrets: map[string]string{
					"MASTER_USERNAME": resources.SecretValueFrom(a.in.MasterSecret, "username"),
					"MASTER_PASSWORD": resources.SecretValueFrom(a.in.MasterSecret, "password"),
				},
				StopSeconds: 60,
				LogGroup:    resources.LogGroupName(a.logGroup),
			}},
		})
}

func (a *administrationTier) family() string { return a.in.Name("task", administrationImage) }

// taskDefinitionARN is the ARN of the family's newest revision, or with ":*" of all revisions: a schedule that named a
// revision would run an old one after every change.
func (a *administrationTier) taskDefinitionARN() string {
	return fmt.Sprintf("arn:%s:ecs:%s:%s:task-definition/%s", cfn.Partition, cfn.Region, cfn.AccountID, a.family())
}
