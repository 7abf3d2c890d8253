package world

import (
	"strings"
	"time"
)

// Task is a task definition.
type Task struct {
	// Family is its name.
	Family string
	// Memory is the whole task's, in MiB.
	Memory int
	// Containers are in template order.
	Containers []Container
}

// Container is a container of a task definition. Texts may hold references such as <platform/DataStack/Cluster> to what only
// AWS names; [Values] fills them.
type Container struct {
	// Service is the family of its task without prefix and suffix, such as payment-api.
	Service string
	// Name is its name in the task, such as application, envoy or collector.
	Name string
	// Image is its registry address with digest.
	Image string
	// Command are its arguments, byte for byte.
	Command []string
	// Environment are its variables.
	Environment map[string]string
	// Secrets are the variables that ECS fills.
	Secrets map[string]Secret
	// HealthCheck is nil where it has none.
	HealthCheck *HealthCheck
	// Ports are those it listens on.
	Ports []int
	// Memory is its hard limit in MiB.
	Memory int
	// StopTimeout is the time between SIGTERM and SIGKILL.
	StopTimeout time.Duration
	// User is uid:gid.
	User string
	// ReadOnly tells that it cannot write to its root file system.
	ReadOnly bool
	// Essential tells that the task ends with it.
	Essential bool
	// Dropped are the Linux capabilities it does not have.
	Dropped []string
	// After are the containers that it waits for, with the condition.
	After map[string]string
}

// Secret is a reference to a key of a secret in JSON form.
type Secret struct {
	// ARN is the secret's.
	ARN string
	// Key is the key whose value is injected.
	Key string
}

// HealthCheck is a container's health check.
type HealthCheck struct {
	// Command is the program with its arguments, without the word CMD.
	Command []string
	// Interval, Timeout and StartPeriod are its times.
	Interval, Timeout, StartPeriod time.Duration
	// Retries are the failures in a row that make the container unhealthy.
	Retries int
}

// Container finds a container by name; its Name is empty where there is none.
func (t Task) Container(name string) Container {
	for _, c := range t.Containers {
		if c.Name == name {
			return c
		}
	}
	return Container{}
}

func (b *builder) task(p place, service string) Task {
	t := Task{Family: p.at("Family").text(), Memory: p.at("Memory").number()}
	for _, item := range p.at("ContainerDefinitions").items() {
		c := container(item)
		c.Service = service
		t.Containers = append(t.Containers, c)
	}
	return t
}

func container(p place) Container {
	c := Container{
		Name:        p.at("Name").text(),
		Image:       p.at("Image").text(),
		Command:     p.at("Command").texts(),
		Environment: p.at("Environment").named("Name", "Value"),
		Secrets:     map[string]Secret{},
		Memory:      p.at("Memory").number(),
		StopTimeout: p.at("StopTimeout").seconds(),
		User:        p.at("User").text(),
		ReadOnly:    p.at("ReadonlyRootFilesystem").value.True(),
		Essential:   p.at("Essential").value.True(),
		Dropped:     p.at("LinuxParameters.Capabilities.Drop").texts(),
		After:       p.at("DependsOn").named("ContainerName", "Condition"),
		HealthCheck: healthCheck(p.at("HealthCheck")),
	}
	for _, port := range p.at("PortMappings").items() {
		c.Ports = append(c.Ports, port.at("ContainerPort").number())
	}
	for _, s := range p.at("Secrets").items() {
		c.Secrets[s.at("Name").text()] = secret(s.at("ValueFrom"))
	}
	return c
}

// secret reads the form arn:json-key:version-stage:version-id (ECS Developer Guide, "Pass Secrets Manager secrets through
// Amazon ECS environment variables").
func secret(p place) Secret {
	parts := strings.Split(p.text(), ":")
	if len(parts) != 10 || parts[2] != "secretsmanager" || parts[7] == "" || parts[8]+parts[9] != "" {
		p.problem("%q is no reference to a key of a secret's current version", p.text())
		return Secret{}
	}
	return Secret{ARN: strings.Join(parts[:7], ":"), Key: parts[7]}
}

func healthCheck(p place) *HealthCheck {
	if !p.value.Exists() {
		return nil
	}
	command := p.at("Command").texts()
	if len(command) < 2 || command[0] != "CMD" {
		p.problem("%q is no command without a shell, which the images do not have", command)
		return nil
	}
	return &HealthCheck{Command: command[1:], Interval: p.at("Interval").seconds(), Timeout: p.at("Timeout").seconds(),
		StartPeriod: p.at("StartPeriod").seconds(), Retries: p.at("Retries").number()}
}
