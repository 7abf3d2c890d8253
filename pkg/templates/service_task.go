package templates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// Container names, which AppSpec, alarms and log streams use.
const (
	applicationContainer = "application"
	envoyContainer       = "envoy"
	collectorContainer   = "collector"
)

// The task's size less the sidecars' shares is the application's.
const (
	envoyCPU, envoyMemory         = 128, 256
	collectorCPU, collectorMemory = 128, resources.CollectorDefaultMemoryMiB
)

// Stop times. ECS stops the application first and its sidecars after it, so that its last calls and spans get out; all
// together fit the Spot warning. Requests get deregistrationSeconds to finish, less than the application has.
const (
	applicationStopSeconds = 90
	envoyStopSeconds       = 15
	collectorStopSeconds   = 10
	deregistrationSeconds  = 60
)

const (
	// healthPath answers 200 when the process serves; it does not depend on the database, or a failover would end every task.
	healthPath = "/health"
	// metricNamespace holds the metrics that applications emit as EMF lines.
	metricNamespace = "PaymentPlatform"
	// databaseName is the database that all services use, each in a schema of its own.
	databaseName = "payments"
)

func (s *serviceTier) addTaskDefinition() {
	s.taskDefinition = resources.AddTaskDefinition(s.Template, s.id+"TaskDefinition", "Containers of "+s.entry.Name+" with their sidecars",
		resources.TaskDefinitionInput{
			Family: s.family(), CPU: s.entry.CPU, Memory: s.entry.Memory,
			TaskRole: resources.RoleARN(s.taskRole), ExecutionRole: resources.RoleARN(s.executionRole),
			Containers: []resources.ContainerInput{s.application(), s.envoy(), s.collector()},
		})
}

// family names the task definition; the ECS service refers to it by family because CodeDeploy, not CloudFormation, moves
// the service to a new revision.
func (s *serviceTier) family() string { return s.in.Name("task", s.entry.Name) }

func (s *serviceTier) application() resources.ContainerInput {
	c := resources.ContainerInput{
		Name:   applicationContainer,
		Image:  resources.ImageAddress(s.in.RepositoryName(s.entry.Name), string(s.in.ImageDigest)),
		CPU:    s.entry.CPU - envoyCPU - collectorCPU,
		Memory: s.entry.Memory - envoyMemory - collectorMemory,
		Port:   ContainerPort,
		Environment: map[string]string{
			"ENVIRONMENT":                 string(s.in.EnvironmentSuffix),
			"METRIC_NAMESPACE":            metricNamespace,
			"OTEL_EXPORTER_OTLP_ENDPOINT": fmt.Sprintf("http://127.0.0.1:%d", resources.CollectorHTTPPort),
			"OTEL_SERVICE_NAME":           s.entry.Name,
			"PORT":                        strconv.Itoa(ContainerPort),
			"SERVICE_NAME":                s.entry.Name,
			"STOP_TIMEOUT":                fmt.Sprintf("%ds", applicationStopSeconds),
		},
		Secrets:       map[string]string{},
		HealthCommand: []string{"/service", "healthcheck"},
		StopSeconds:   applicationStopSeconds,
		After:         []string{envoyContainer, collectorContainer},
		LogGroup:      resources.LogGroupName(s.logGroup),
	}
	for _, call := range s.entry.Calls {
		c.Environment[environmentVariable(call.Service, "_URL")] = fmt.Sprintf("http://127.0.0.1:%d", s.in.Config.service(call.Service).Port)
	}
	for _, secret := range s.secrets {
		for variable, key := range secret.variables {
			c.Secrets[variable] = resources.SecretValueFrom(resources.SecretARN(secret.resource), key)
		}
		if secret.database {
			addDatabase(c.Environment, s.in.DatabaseEndpoint)
			c.Environment["DATABASE_SECRET_ARN"] = string(resources.SecretARN(secret.resource))
		}
	}
	return c
}

// addDatabase says where the database is; clients verify its certificate and name.
func addDatabase(environment map[string]string, endpoint cfn.HostName) {
	environment["DATABASE_HOST"] = string(endpoint)
	environment["DATABASE_NAME"] = databaseName
	environment["DATABASE_PORT"] = strconv.Itoa(databasePort)
	environment["DATABASE_SSLMODE"] = "verify-full"
}

// envoy is the sidecar through which all calls of other services go: the circuit breaker (R10).
func (s *serviceTier) envoy() resources.ContainerInput {
	config := resources.EnvoyConfig{Node: s.entry.Name, Cluster: s.entry.Name}
	for _, call := range s.entry.Calls {
		config.Upstreams = append(config.Upstreams, resources.EnvoyUpstream{
			Name:               call.Service,
			Address:            call.Service + "." + s.in.NamespaceName(),
			Port:               ContainerPort,
			ListenPort:         s.in.Config.service(call.Service).Port,
			RequestTimeout:     call.RequestTimeout,
			MaxConnections:     call.MaxConnections,
			MaxPendingRequests: call.MaxPendingRequests,
			MaxRequests:        call.MaxRequests,
			Retries:            call.Retries,
		})
	}
	command, err := config.Command()
	command = validConfiguration(command, err, "Envoy configuration of "+s.entry.Name)
	for i := range command {
		command[i] = readableJSON(command[i])
	}
	return resources.ContainerInput{
		Name:        envoyContainer,
		Image:       resources.ImageAddress(s.in.RepositoryName(envoyImage), string(s.in.EnvoyDigest)),
		CPU:         envoyCPU,
		Memory:      envoyMemory,
		Command:     command,
		StopSeconds: envoyStopSeconds,
		LogGroup:    resources.LogGroupName(s.logGroup),
	}
}

// collector is the tracing sidecar (R13).
func (s *serviceTier) collector() resources.ContainerInput {
	config := resources.CollectorConfig{MemoryMiB: collectorMemory}
	text, err := config.JSON()
	return resources.ContainerInput{
		Name:   collectorContainer,
		Image:  resources.ImageAddress(s.in.RepositoryName(collectorImage), string(s.in.CollectorDigest)),
		CPU:    collectorCPU,
		Memory: collectorMemory,
		Environment: map[string]string{
			resources.CollectorConfigVariable: readableJSON(validConfiguration([]string{text}, err, "collector configuration of "+s.entry.Name)[0]),
			"GOMEMLIMIT":                      fmt.Sprintf("%dMiB", config.MemoryLimitMiB()),
		},
		HealthCommand: []string{"/healthcheck"},
		StopSeconds:   collectorStopSeconds,
		LogGroup:      resources.LogGroupName(s.logGroup),
		Dispensable:   "Payments go on without traces",
	}
}

// validConfiguration is the text of a sidecar's configuration, or what makes the compilation report why there is none.
func validConfiguration(texts []string, err error, what string) []string {
	if err != nil {
		return []string{cfn.Invalid(what, err.Error(), "the values that the error names")}
	}
	return texts
}

// readableJSON indents JSON for the reviewers of golden files; other text stays as it is.
func readableJSON(text string) string {
	var b bytes.Buffer
	if len(text) == 0 || text[0] != '{' || json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}
