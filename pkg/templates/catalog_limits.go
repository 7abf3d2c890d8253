package templates

import "fmt"

// Limits of AWS that a catalogue can run into. Those of a security group and of a load balancer are quotas of which some can
// be raised; a platform does not count on it, since the next account has the default again.
const (
	// maxGroupRules is for each direction. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
	maxGroupRules = 60
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
	maxTargetGroups  = 100
	maxListenerRules = 100
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
	maxTemplateParameters = 200
	maxTemplateResources  = 500
)

// What counts towards the limits.
const (
	// providerRules is what we leave for the operator's prefix list: a rule that names one counts as many as the list may
	// have entries.
	providerRules = 20
	// sentinelRules is the rule that matches nothing, see resources.SecurityGroup.
	sentinelRules = 1
	// outwardRules are those of every task: endpoints, S3 (which has the weight of one rule) and any address.
	outwardRules = 3
	// rootParametersAlways are the root's own parameters and the addresses of tiers; each service adds
	// rootParametersByService: image, colour, number of tasks from and to, address of its template.
	rootParametersAlways    = 29
	rootParametersByService = 5
)

// limitCheck is a number that the catalogue leads to, and the most it may be.
type limitCheck struct {
	service, what string
	count, limit  int
	of            string
}

// limitProblems reports where a catalogue passes a limit of AWS, as errors of type [*ConfigError]: the render refuses it,
// not the account in the middle of an update.
func limitProblems(c Config) (problems []error) {
	for _, check := range append(c.platformLimits(), c.groupLimits()...) {
		if check.count > check.limit {
			problems = append(problems, &ConfigError{
				Service: check.service, Field: "Services", Value: fmt.Sprintf("%d, which takes %d %s", len(c.Services), check.count, check.what),
				Allowed: fmt.Sprintf("services that take at most %d, the limit of %s; for more make another platform", check.limit, check.of),
			})
		}
	}
	return problems
}

func (c Config) platformLimits() []limitCheck {
	services := len(c.Services)
	return []limitCheck{
		{what: "target groups, two for each service", count: 2 * services, limit: maxTargetGroups, of: "a load balancer"},
		{what: "listener rules", count: services, limit: maxListenerRules, of: "a load balancer"},
		{what: "parameters of the root", count: rootParametersAlways + rootParametersByService*services, limit: maxTemplateParameters, of: "a template"},
		{what: "resources in the network tier", count: c.networkResources(), limit: maxTemplateResources, of: "a template"},
	}
}

// networkResources counts what Network declares.
func (c Config) networkResources() int {
	zones := len(c.Zones)
	count := 6 + 7*zones // VPC, gateway with attachment, two route tables and a route; subnets, their routes, private tables
	count += 4 + 2 + 6   // groups and rules that no service brings
	for _, s := range c.Services {
		count += 7 + 2*len(s.Calls)
		if s.Database {
			count += 2
		}
		if s.External {
			count++
		}
	}
	return count
}

func (c Config) groupLimits() []limitCheck {
	const group = "a security group in one direction"
	tasks := len(c.Services) + 1
	checks := []limitCheck{
		{what: "rules out of the load balancer's group", count: sentinelRules + len(c.Services), limit: maxGroupRules, of: group},
		{what: "rules into the database's group", count: len(c.withDatabase()) + 1, limit: maxGroupRules, of: group},
		{what: "rules into the endpoints' group", count: tasks, limit: maxGroupRules, of: group},
	}
	for _, s := range c.Services {
		out := sentinelRules + outwardRules + len(s.Calls)
		if s.Database {
			out++
		}
		if s.External {
			out += providerRules
		}
		checks = append(checks,
			limitCheck{service: s.Name, what: "rules out of its group", count: out, limit: maxGroupRules, of: group},
			limitCheck{service: s.Name, what: "rules into its group", count: 1 + len(c.callers(s)), limit: maxGroupRules, of: group})
	}
	return checks
}
