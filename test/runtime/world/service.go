package world

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/pkg/checks"
)

// Service is a microservice.
type Service struct {
	// Name is the catalogue's, such as payment-api.
	Name string
	// Task is its task definition.
	Task Task
	// DNSName is the Cloud Map name under which its tasks register.
	DNSName string
	// TTL is that of its DNS records.
	TTL time.Duration
	// Group is the name of its security group.
	Group string
	// TargetGroups are those of its listener rules.
	TargetGroups []TargetGroup
	// Metrics are those that its scaling follows.
	Metrics []Metric
}

// TargetGroup is a target group of the load balancer.
type TargetGroup struct {
	// Name is its name.
	Name string
	// Port is the one that targets register with.
	Port int
	// HealthPath and HealthStatus are what the health check asks and expects.
	HealthPath, HealthStatus string
	// Interval and Timeout are the health check's.
	Interval, Timeout time.Duration
	// Healthy and Unhealthy are the thresholds.
	Healthy, Unhealthy int
	// Deregistration is the time that requests in flight have to end.
	Deregistration time.Duration
}

// Metric is a metric that a scaling policy reads.
type Metric struct {
	// Policy is the policy's name.
	Policy string
	// Namespace and Name are the metric's.
	Namespace, Name string
	// Dimensions are the metric's.
	Dimensions map[string]string
	// Stat is its statistic.
	Stat string
}

// builder reads resources into a World.
type builder struct {
	deployed *checks.World
	problems []error
}

func (b *builder) world(suffix string) *World {
	w := &World{Suffix: suffix, Listeners: b.listeners(), Groups: b.groups()}
	for _, r := range b.deployed.OfType("AWS::ECS::Service") {
		w.Services = append(w.Services, b.service(r, suffix))
	}
	slices.SortFunc(w.Services, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	serving := map[string]bool{}
	for _, s := range w.Services {
		serving[s.Task.Family] = true
	}
	for _, r := range b.deployed.OfType("AWS::ECS::TaskDefinition") {
		if p := b.at(r); !serving[p.at("Family").text()] {
			w.Administration = b.task(p, catalogueName(p.at("Family").text(), "task-", suffix))
		}
	}
	for _, r := range b.deployed.OfType("AWS::EC2::Subnet") {
		if strings.HasPrefix(r.LogicalID, "Private") {
			w.PrivateSubnets = append(w.PrivateSubnets, b.at(r).at("CidrBlock").text())
		}
	}
	w.Database, w.Secrets, w.Endpoints = b.database(), b.generated(), b.endpoints()
	return w
}

// catalogueName takes the prefix and the environment's suffix off a physical name.
func catalogueName(name, prefix, suffix string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, prefix), "-"+suffix)
}

func (b *builder) service(r *checks.Resource, suffix string) Service {
	p := b.at(r)
	s := Service{Name: catalogueName(p.at("ServiceName").text(), "service-", suffix)}
	family := p.at("TaskDefinition").text()
	for _, t := range b.deployed.OfType("AWS::ECS::TaskDefinition") {
		if t.At("Family").String() == family {
			s.Task = b.task(b.at(t), s.Name)
		}
	}
	if s.Task.Family == "" {
		p.problem("no task definition has the family %s", family)
	}
	b.discovery(&s, p.at("ServiceRegistries[0].RegistryArn"))
	groups := p.at("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups").items()
	for _, group := range groups[:min(1, len(groups))] {
		s.Group = b.groupName(group)
	}
	b.scaling(&s, r.Stack)
	for _, t := range b.deployed.OfType("AWS::ElasticLoadBalancingV2::TargetGroup") {
		if t.Stack == r.Stack {
			s.TargetGroups = append(s.TargetGroups, targetGroup(b.at(t)))
		}
	}
	return s
}

// discovery reads the Cloud Map service that tasks register with and its namespace.
func (b *builder) discovery(s *Service, registry place) {
	arn, _ := strings.CutSuffix(registry.text(), ".Arn")
	found := b.deployed.Find(checks.Text(arn))
	if found == nil || found.Type != "AWS::ServiceDiscovery::Service" {
		registry.problem("%s is no Cloud Map service", arn)
		return
	}
	p := b.at(found)
	namespace := b.deployed.Find(checks.Text(p.at("DnsConfig.NamespaceId").text()))
	if namespace == nil {
		p.problem("its namespace is not among the templates")
		return
	}
	s.DNSName = p.at("Name").text() + "." + b.at(namespace).at("Name").text()
	if kind := p.at("DnsConfig.DnsRecords[0].Type").text(); kind != "A" {
		p.problem("tasks in awsvpc mode register A records here, not %s", kind)
	}
	s.TTL = p.at("DnsConfig.DnsRecords[0].TTL").seconds()
}

func (b *builder) scaling(s *Service, stack *checks.Stack) {
	for _, r := range b.deployed.OfType("AWS::ApplicationAutoScaling::ScalingPolicy") {
		if r.Stack != stack {
			continue
		}
		p := b.at(r)
		const path = "TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics"
		for _, item := range p.at(path).items() {
			if stat := item.at("MetricStat"); stat.value.Exists() {
				s.Metrics = append(s.Metrics, Metric{Policy: p.at("PolicyName").text(), Namespace: stat.at("Metric.Namespace").text(),
					Name: stat.at("Metric.MetricName").text(), Dimensions: stat.at("Metric.Dimensions").named("Name", "Value"),
					Stat: stat.at("Stat").text()})
			}
		}
	}
	slices.SortStableFunc(s.Metrics, func(a, b Metric) int { return cmp.Compare(a.Policy, b.Policy) })
}

func targetGroup(p place) TargetGroup {
	attributes := p.at("TargetGroupAttributes").named("Key", "Value")
	delay, err := time.ParseDuration(attributes["deregistration_delay.timeout_seconds"] + "s")
	if err != nil {
		p.problem("deregistration delay: %v", err)
	}
	if port := p.at("HealthCheckPort").text(); port != "traffic-port" {
		p.problem("the health check asks port %s and not the traffic's", port)
	}
	return TargetGroup{Name: p.at("Name").text(), Port: p.at("Port").number(), HealthPath: p.at("HealthCheckPath").text(),
		HealthStatus: p.at("Matcher.HttpCode").text(), Interval: p.at("HealthCheckIntervalSeconds").seconds(),
		Timeout: p.at("HealthCheckTimeoutSeconds").seconds(), Healthy: p.at("HealthyThresholdCount").number(),
		Unhealthy: p.at("UnhealthyThresholdCount").number(), Deregistration: delay}
}
