package templates

import "time"

// Service is a catalogue entry: all that tells one microservice from another.
type Service struct {
	// Name is the service's name everywhere, in kebab-case, at most 32 characters.
	Name string
	// ShortName stands in for Name where AWS allows few characters: 1 to 10 lower-case letters and digits.
	ShortName string
	// Description is a sentence without full stop, shown with the service's resources.
	Description string
	// CPU (1024 are one vCPU) and Memory (MiB) are the size of a task with its sidecars: a pair that Fargate offers.
	CPU, Memory int
	// Port is where callers find the service: on 127.0.0.1 of their own task, where their Envoy listens for it.
	// Containers themselves listen on ContainerPort. 9000 to 9799, one for each service.
	Port int
	// Paths are the load balancer's path patterns (at most 5, with the wildcards * and ?); Priority is the rank of the
	// listener rule, 1 to 50000, lower first.
	Paths    []string
	Priority int
	// Public opens the paths to the internet. Otherwise only the operators' CIDR reaches them.
	Public bool
	// Capacity splits the tasks between Fargate and Fargate Spot.
	Capacity Capacity
	// Tasks are the defaults of the root's parameters for the number of tasks.
	Tasks Tasks
	// Calls lists the services it calls, each through its Envoy.
	Calls []Call
	// Database gives the service a database role, its secret and the network path to the database.
	Database bool
	// Secrets are names of further secrets, in kebab-case. Each is created with a random value that the operator
	// replaces, and is injected as the environment variable of that name in upper case with underscores.
	Secrets []string
	// External lets the service call providers outside AWS, within the allowed egress prefix list.
	External bool
	// Scaling is what beside CPU decides the number of tasks.
	Scaling Scaling
}

// Capacity is a service's capacity provider strategy.
type Capacity struct {
	// OnDemandBase is how many tasks always run on Fargate, at least 1.
	OnDemandBase int
	// SpotShare is the percentage of the other tasks that run on Fargate Spot, 0 to 90. Spot tasks can end at two
	// minutes' notice: not for public services.
	SpotShare int
}

// Tasks bounds the number of tasks; the values are defaults of root parameters.
type Tasks struct{ Min, Max int }

// Call is a declared use of another service. Zero durations and limits mean the sidecar's defaults.
type Call struct {
	// Service is the name of the service called.
	Service string
	// RequestTimeout is how long a request may take in all, retries included.
	RequestTimeout time.Duration
	// MaxConnections, MaxPendingRequests and MaxRequests are where the circuit breaker opens, for each task.
	MaxConnections, MaxPendingRequests, MaxRequests int
	// Retries is how often an idempotent request is repeated at the most.
	Retries int
}

// Scaling is a target tracking policy on a metric of the service.
type Scaling struct {
	// Metric is what is tracked.
	Metric ScalingMetric
	// Target is the value for each task that scaling aims at.
	Target float64
}

// ScalingMetric is a metric for each running task.
type ScalingMetric string

const (
	// RequestsPerTask is the load balancer's requests a minute over both colours, divided by the running tasks.
	RequestsPerTask ScalingMetric = "RequestsPerTask"
	// BacklogPerTask is the open work for each task, which the application emits as an EMF line on its standard output:
	// namespace PaymentPlatform, metric BacklogPerTask, dimensions ServiceName and Environment.
	BacklogPerTask ScalingMetric = "BacklogPerTask"
)

// ContainerPort is the port on which every service's container listens.
const ContainerPort = 8080

// databasePort is PostgreSQL's port.
const databasePort = 5432
