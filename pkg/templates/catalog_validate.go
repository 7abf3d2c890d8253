package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// catalogCheck collects what is wrong with a catalogue.
type catalogCheck struct {
	services []Service
	problems []error
	pathOf   map[string]string

	kebab, short, path *regexp.Regexp
}

func validateCatalog(services []Service) []error {
	c := &catalogCheck{services: services, pathOf: map[string]string{},
		kebab: regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`),
		short: regexp.MustCompile(`^[a-z][a-z0-9]{0,9}$`),
		path:  regexp.MustCompile(`^/[A-Za-z0-9_\-.$/~"'@:+&*?]*$`)}
	for i, s := range services {
		c.names(s, services[:i])
		c.size(s)
		c.routing(s, services[:i])
		c.capacity(s)
		c.calls(s)
		c.secrets(s)
		c.scaling(s)
	}
	return c.problems
}

func (c *catalogCheck) bad(s Service, field string, value any, allowed string) {
	c.problems = append(c.problems, &ConfigError{Service: s.Name, Field: field, Value: value, Allowed: allowed})
}

// MaxServiceNameLength keeps the longest name made of a service's name, role-execution-<name>-<suffix>, within IAM's 64
// characters for the longest suffix.
const MaxServiceNameLength = 32

func (c *catalogCheck) names(s Service, before []Service) {
	if !c.kebab.MatchString(s.Name) || len(s.Name) > MaxServiceNameLength {
		c.bad(s, "Name", fmt.Sprintf("%q", s.Name), fmt.Sprintf("kebab-case, at most %d characters", MaxServiceNameLength))
	}
	if !c.short.MatchString(s.ShortName) {
		c.bad(s, "ShortName", fmt.Sprintf("%q", s.ShortName), "1 to 10 lower-case letters and digits, a letter first")
	}
	if s.Description == "" {
		c.bad(s, "Description", `""`, "a sentence")
	}
	if slices.Contains(reservedNames(), s.Name) {
		c.bad(s, "Name", s.Name, "a name other than "+strings.Join(reservedNames(), ", "))
	}
	for _, other := range before {
		if logicalID(other.Name) == logicalID(s.Name) {
			c.bad(s, "Name", s.Name, "a name that no other service has; "+other.Name+" has the same logical ID")
		}
		if other.ShortName == s.ShortName {
			c.bad(s, "ShortName", s.ShortName, "a short name that no other service has; "+other.Name+" has it")
		}
	}
}

// reservedNames are taken by the images, log groups and security groups of the platform itself.
func reservedNames() []string {
	return []string{administrationImage, envoyImage, collectorImage, "flow", "firehose", "trail", "waf",
		"load-balancer", "database", "endpoint"}
}

func (c *catalogCheck) size(s Service) {
	memories := fargateMemory(s.CPU)
	if memories == nil {
		c.bad(s, "CPU", s.CPU, "1024, 2048, 4096, 8192, 16384")
		return
	}
	if !slices.Contains(memories, s.Memory) {
		c.bad(s, "Memory", s.Memory, fmt.Sprintf("%d to %d MiB in steps of %d for CPU %d",
			memories[0], memories[len(memories)-1], memories[1]-memories[0], s.CPU))
	}
}

// fargateMemory lists the memory sizes, in MiB, that Fargate offers for a task's CPU; nil when it offers none. Less than
// one vCPU is left out: it does not carry two sidecars.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
func fargateMemory(cpu int) []int {
	const gib = 1024
	sizes := func(from, to, step int) (list []int) {
		for m := from; m <= to; m += step {
			list = append(list, m*gib)
		}
		return list
	}
	switch cpu {
	case 1024:
		return sizes(2, 8, 1)
	case 2048:
		return sizes(4, 16, 1)
	case 4096:
		return sizes(8, 30, 1)
	case 8192:
		return sizes(16, 60, 4)
	case 16384:
		return sizes(32, 120, 8)
	}
	return nil
}

func (c *catalogCheck) routing(s Service, before []Service) {
	if s.Port < 9000 || s.Port > 9799 {
		c.bad(s, "Port", s.Port, "9000 to 9799")
	}
	if s.Priority < 1 || s.Priority > 50000 {
		c.bad(s, "Priority", s.Priority, "1 to 50000")
	}
	// A rule has five values in all; a service that is not public spends one on the operators' CIDR.
	limit := 5
	if !s.Public {
		limit = 4
	}
	if len(s.Paths) == 0 || len(s.Paths) > limit {
		c.bad(s, "Paths", s.Paths, fmt.Sprintf("1 to %d path patterns", limit))
	}
	for _, path := range s.Paths {
		if len(path) > 128 || !c.path.MatchString(path) {
			c.bad(s, "Paths", fmt.Sprintf("%q", path), "patterns that begin with / and have at most 128 characters of A-Z a-z 0-9 _-.$/~\"'@:+&*?")
		}
		if other, taken := c.pathOf[path]; taken {
			c.bad(s, "Paths", path, "a path that no other service has; "+other+" has it")
		}
		c.pathOf[path] = s.Name
	}
	for _, other := range before {
		if other.Port == s.Port {
			c.bad(s, "Port", s.Port, "a port that no other service has; "+other.Name+" has it")
		}
		if other.Priority == s.Priority {
			c.bad(s, "Priority", s.Priority, "a priority that no other service has; "+other.Name+" has it")
		}
	}
}

func (c *catalogCheck) capacity(s Service) {
	if s.Capacity.OnDemandBase < 1 {
		c.bad(s, "Capacity.OnDemandBase", s.Capacity.OnDemandBase, "at least 1 task on Fargate")
	}
	if s.Capacity.SpotShare < 0 || s.Capacity.SpotShare > 90 {
		c.bad(s, "Capacity.SpotShare", s.Capacity.SpotShare, "0 to 90 percent")
	}
	if s.Public && s.Capacity.SpotShare != 0 {
		c.bad(s, "Capacity.SpotShare", s.Capacity.SpotShare, "0 for a public service: Spot tasks end at two minutes' notice")
	}
	minimum := 2
	if s.Public {
		minimum = 3
	}
	if s.Tasks.Min < minimum || s.Tasks.Min > maxTasks {
		c.bad(s, "Tasks.Min", s.Tasks.Min, fmt.Sprintf("%d (one for each zone of a public service, else two) to %d", minimum, maxTasks))
	}
	limit := s.maxTasks(c.services)
	if s.Tasks.Max < s.Tasks.Min || s.Tasks.Max > limit {
		c.bad(s, "Tasks.Max", s.Tasks.Max, fmt.Sprintf("Tasks.Min to %d", limit))
	}
}

const (
	// maxTasks bounds every service's tasks, well below the account's quota of Fargate tasks.
	maxTasks = 100
	// maxCalledTasks bounds a service that others call by name: Cloud Map answers with at most eight addresses.
	maxCalledTasks = 8
)

// maxTasks is the most tasks the service can have.
func (s Service) maxTasks(all []Service) int {
	for _, other := range all {
		for _, call := range other.Calls {
			if call.Service == s.Name {
				return maxCalledTasks
			}
		}
	}
	return maxTasks
}

func (c *catalogCheck) calls(s Service) {
	var names []string
	for _, other := range c.services {
		if other.Name != s.Name {
			names = append(names, other.Name)
		}
	}
	for i, call := range s.Calls {
		if !slices.Contains(names, call.Service) {
			c.bad(s, "Calls", fmt.Sprintf("%q", call.Service), strings.Join(names, ", "))
		}
		if slices.ContainsFunc(s.Calls[:i], func(before Call) bool { return before.Service == call.Service }) {
			c.bad(s, "Calls", call.Service, "each service once")
		}
		for field, value := range map[string]int{"MaxConnections": call.MaxConnections, "MaxPendingRequests": call.MaxPendingRequests,
			"MaxRequests": call.MaxRequests, "Retries": call.Retries, "RequestTimeout": int(call.RequestTimeout)} {
			if value < 0 {
				c.bad(s, "Calls."+field, value, "0 for the default, or more")
			}
		}
	}
}

func (c *catalogCheck) secrets(s Service) {
	for i, name := range s.Secrets {
		if !c.kebab.MatchString(name) || len(name) > MaxServiceNameLength {
			c.bad(s, "Secrets", fmt.Sprintf("%q", name), fmt.Sprintf("kebab-case, at most %d characters", MaxServiceNameLength))
		}
		if slices.Contains(s.Secrets[:i], name) {
			c.bad(s, "Secrets", name, "each secret once")
		}
	}
}

func (c *catalogCheck) scaling(s Service) {
	metrics := []ScalingMetric{RequestsPerTask, BacklogPerTask}
	if !slices.Contains(metrics, s.Scaling.Metric) {
		c.bad(s, "Scaling.Metric", fmt.Sprintf("%q", s.Scaling.Metric), fmt.Sprint(metrics))
	}
	if s.Scaling.Target <= 0 {
		c.bad(s, "Scaling.Target", s.Scaling.Target, "more than 0 for each task")
	}
}
