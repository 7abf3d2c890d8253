package resources

import (
	"maps"
	"slices"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/ecs"

	"github.com/tierform/tierform/pkg/cfn"
)

// Facts of the container contract, the same for every image.
const (
	// ContainerUser is the unprivileged user and group that containers run as.
	ContainerUser = "65532:65532"
	// FargatePlatformVersion is the newest numbered platform; Security Hub ECS.10 wants it or LATEST, and a number keeps
	// what CodeDeploy starts equal to what the template says.
	FargatePlatformVersion = "1.4.0"
	// SpotWarningSeconds is how long a Spot task has from the warning to its end. All containers together must stop
	// within it, because ECS stops dependants first, one after the other.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
	SpotWarningSeconds = 120
)

// ContainerInput describes a hardened container.
type ContainerInput struct {
	// Name is the container's name in its task.
	Name string
	// Image is registry, repository and digest.
	Image string
	// CPU units and Memory in MiB (a hard limit) are its share of the task.
	CPU, Memory int
	// Command replaces the image's.
	Command []string
	// Port is the TCP port it serves to the network; zero for none.
	Port int
	// Environment is sorted by name when it is rendered. No secrets.
	Environment map[string]string
	// Secrets maps environment variables to what SecretValueFrom gives.
	Secrets map[string]string
	// HealthCommand is executed in the container every ten seconds; nil for images without one.
	HealthCommand []string
	// StopSeconds is how long it may take to stop, at most 120.
	StopSeconds int
	// After lists containers that must have started before.
	After []string
	// LogGroup and the container's name as prefix say where its output goes.
	LogGroup cfn.LogGroupName
	// Dispensable, the reason, keeps the task running when this container ends. It is restarted in place.
	Dispensable string
}

// Container is a container that is not root, cannot write to its file system and has no Linux capability (PCI DSS
// 2.2.6). Logs go to an existing group without blocking the program when CloudWatch does not answer.
func Container(in ContainerInput) ecs.TaskDefinition_ContainerDefinition {
	c := ecs.TaskDefinition_ContainerDefinition{
		Name:                   in.Name,
		Image:                  in.Image,
		Command:                in.Command,
		Cpu:                    new(in.CPU),
		Memory:                 new(in.Memory),
		Essential:              new(in.Dispensable == ""),
		User:                   new(ContainerUser),
		ReadonlyRootFilesystem: new(true),
		LinuxParameters: &ecs.TaskDefinition_LinuxParameters{
			Capabilities: &ecs.TaskDefinition_KernelCapabilities{Drop: []string{"ALL"}},
		},
		StopTimeout:      new(in.StopSeconds),
		LogConfiguration: containerLog(in.LogGroup, in.Name),
	}
	if in.StopSeconds < 1 || in.StopSeconds > SpotWarningSeconds {
		c.Name = cfn.Invalid("stop timeout of container "+in.Name, strconv.Itoa(in.StopSeconds), "1 to 120 seconds on Fargate")
	}
	for _, name := range slices.Sorted(maps.Keys(in.Environment)) {
		c.Environment = append(c.Environment, ecs.TaskDefinition_KeyValuePair{Name: new(name), Value: new(in.Environment[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(in.Secrets)) {
		c.Secrets = append(c.Secrets, ecs.TaskDefinition_Secret{Name: name, ValueFrom: in.Secrets[name]})
	}
	if in.Port > 0 {
		c.PortMappings = []ecs.TaskDefinition_PortMapping{{ContainerPort: new(in.Port), Protocol: new("tcp")}}
	}
	if in.HealthCommand != nil {
		c.HealthCheck = &ecs.TaskDefinition_HealthCheck{
			Command:  append([]string{"CMD"}, in.HealthCommand...),
			Interval: new(10), Timeout: new(5), Retries: new(3), StartPeriod: new(30),
		}
	}
	for _, name := range in.After {
		c.DependsOnProp = append(c.DependsOnProp, ecs.TaskDefinition_ContainerDependency{ContainerName: new(name), Condition: new("START")})
	}
	return c
}

// containerLog sends output to an existing group: awslogs-create-group stays off, since a group it made would have
// neither key nor retention.
func containerLog(group cfn.LogGroupName, prefix string) *ecs.TaskDefinition_LogConfiguration {
	return &ecs.TaskDefinition_LogConfiguration{
		LogDriver: "awslogs",
		Options: map[string]string{
			"awslogs-group":         string(group),
			"awslogs-region":        cfn.Region,
			"awslogs-stream-prefix": prefix,
			"max-buffer-size":       "25m",
			"mode":                  "non-blocking",
		},
	}
}

// TaskDefinitionInput describes a Fargate task.
type TaskDefinitionInput struct {
	// Family is its name without revision.
	Family string
	// CPU units and Memory in MiB are those of the whole task, sidecars included.
	CPU, Memory int
	// TaskRole is what the containers may do, ExecutionRole what starting them needs.
	TaskRole, ExecutionRole cfn.RoleARN
	// Containers start in the order of their After fields.
	Containers []ContainerInput
}

// AddTaskDefinition declares a Fargate task definition for x86-64, which Fargate Spot offers everywhere. Containers'
// CPU and memory must fit into the task, and their stop times together into the Spot warning.
func AddTaskDefinition(t *cfn.Template, logicalID, is string, in TaskDefinitionInput) cfn.Resource[*ecs.TaskDefinition] {
	d := &ecs.TaskDefinition{
		Family:                  new(in.Family),
		Cpu:                     new(strconv.Itoa(in.CPU)),
		Memory:                  new(strconv.Itoa(in.Memory)),
		NetworkMode:             new("awsvpc"),
		RequiresCompatibilities: []string{"FARGATE"},
		RuntimePlatform: &ecs.TaskDefinition_RuntimePlatform{
			CpuArchitecture: new("X86_64"), OperatingSystemFamily: new("LINUX"),
		},
		TaskRoleArn:      new(string(in.TaskRole)),
		ExecutionRoleArn: new(string(in.ExecutionRole)),
	}
	cpu, memory, stop := 0, 0, 0
	dispensable := map[string]any{}
	for _, c := range in.Containers {
		d.ContainerDefinitions = append(d.ContainerDefinitions, Container(c))
		cpu, memory, stop = cpu+c.CPU, memory+c.Memory, stop+c.StopSeconds
		if c.Dispensable != "" {
			dispensable[c.Name] = c.Dispensable
		}
	}
	if len(dispensable) > 0 {
		d.AWSCloudFormationMetadata = map[string]any{"Dispensable": dispensable}
	}
	switch {
	case cpu > in.CPU:
		d.Cpu = new(cfn.Invalid("containers have more CPU units than their task", strconv.Itoa(cpu), "at most "+strconv.Itoa(in.CPU)))
	case memory > in.Memory:
		d.Memory = new(cfn.Invalid("containers have more memory than their task", strconv.Itoa(memory), "at most "+strconv.Itoa(in.Memory)+" MiB"))
	case stop > SpotWarningSeconds:
		d.Family = new(cfn.Invalid("containers take longer to stop than a Spot task has", strconv.Itoa(stop), "at most 120 seconds in all"))
	}
	r := cfn.Add(t, logicalID, is, d)
	for _, c := range in.Containers {
		if c.Dispensable != "" {
			r.Patch("ContainerDefinitions[Name="+c.Name+"].RestartPolicy", map[string]any{"Enabled": true, "RestartAttemptPeriod": 60})
		}
	}
	return r
}

// Cluster capacity providers of Fargate.
const (
	Fargate     = "FARGATE"
	FargateSpot = "FARGATE_SPOT"
)

// CapacityProviderStrategy always runs base tasks on Fargate and spotShare percent of the others on Fargate Spot.
func CapacityProviderStrategy(base, spotShare int) []ecs.Service_CapacityProviderStrategyItem {
	divisor := greatestCommonDivisor(100-spotShare, spotShare)
	list := []ecs.Service_CapacityProviderStrategyItem{
		{CapacityProvider: new(Fargate), Base: new(base), Weight: new((100 - spotShare) / divisor)},
	}
	if spotShare > 0 {
		list = append(list, ecs.Service_CapacityProviderStrategyItem{CapacityProvider: new(FargateSpot), Weight: new(spotShare / divisor)})
	}
	return list
}

func greatestCommonDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// TaskTrust is the trust policy of task and execution roles.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
func TaskTrust() Document {
	return ServiceTrust("ecs-tasks.amazonaws.com", Conditions{
		"ArnLike": {"aws:SourceArn": {"arn:" + cfn.Partition + ":ecs:" + cfn.Region + ":" + cfn.AccountID + ":*"}},
	})
}

// PullImages are the statements that let an execution role pull from the repositories with these names.
func PullImages(repositories ...string) []Statement {
	pull := Statement{Sid: "PullImages", Actions: []string{
		"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
	}}
	for _, name := range repositories {
		pull.Resources = append(pull.Resources, "arn:"+cfn.Partition+":ecr:"+cfn.Region+":"+cfn.AccountID+":repository/"+name)
	}
	return []Statement{pull, {
		Sid: "LogInToRegistry", Actions: []string{"ecr:GetAuthorizationToken"},
		AnyResource: "The token is for the account's registry as a whole; ECR has no resource for it",
	}}
}

// ImageAddress is the full address of an image in a repository of this account's registry, by digest.
func ImageAddress(repository, digest string) string {
	return cfn.AccountID + ".dkr.ecr." + cfn.Region + "." + cfn.URLSuffix + "/" + repository + "@" + digest
}
