package simulator

import (
	"slices"
	"time"
)

// containers are what Amazon ECS knows.
type containers struct {
	clusters    map[string]string // ARN by name
	services    []*containerService
	definitions []*definition
	tasks       []*task
}

// A containerService is one of ECS. Deleted ones stay as INACTIVE (API reference, DeleteService).
type containerService struct {
	name, arn, cluster, status, controller, definition string
	desired                                            int
	balancers                                          []any
	// network, platform, launch and strategy are how its tasks start.
	network          any
	platform, launch string
	strategy         []any
	// declared are the template's properties in the API's form.
	declared map[string]any
	events   []any
	sets     []*taskSet
	tags     map[string]string
	at       time.Time
}

// A definition is a revision of a task definition.
type definition struct {
	arn, family, status string
	revision            int
	properties          any
	tags                map[string]string
	at, ended           time.Time
}

func (s *Simulator) containerActions() map[string]action {
	return map[string]action{"DescribeClusters": s.describeClusters, "ListServices": s.listServices, "DescribeServices": s.describeServices, "UpdateService": s.updateService,
		"ListTasks": s.listTasks, "DescribeTasks": s.describeTasks, "DescribeTaskDefinition": s.describeTaskDefinition, "ListTaskDefinitions": s.listTaskDefinitions,
		"DeregisterTaskDefinition": s.deregister, "DeleteTaskDefinitions": s.deleteTaskDefinitions, "RunTask": s.runTask}
}

func (s *Simulator) describeClusters(c *call) (any, error) {
	found, failures := []any{}, []any{}
	for _, name := range c.texts("clusters") {
		arn := s.containers.clusters[nameOf(name)]
		if arn == "" {
			failures = append(failures, map[string]any{"arn": s.arn("ecs", "cluster/"+nameOf(name)), "reason": "MISSING"})
			continue
		}
		found = append(found, map[string]any{"clusterArn": arn, "clusterName": nameOf(name), "status": "ACTIVE", "activeServicesCount": len(s.servicesIn(name, "ACTIVE"))})
	}
	return map[string]any{"clusters": found, "failures": failures}, nil
}

// servicesIn are a cluster's services in one of some states.
func (s *Simulator) servicesIn(cluster string, states ...string) []*containerService {
	var found []*containerService
	for _, cs := range s.containers.services {
		if cs.cluster == nameOf(cluster) && slices.Contains(states, cs.status) {
			found = append(found, cs)
		}
	}
	return found
}

// cluster refuses a cluster that does not exist.
func (s *Simulator) cluster(c *call) (string, error) {
	name := nameOf(c.text("cluster"))
	if s.containers.clusters[name] == "" {
		return "", refuse("ClusterNotFoundException", "Cluster not found.")
	}
	return name, nil
}

func (s *Simulator) listServices(c *call) (any, error) {
	cluster, err := s.cluster(c)
	arns := []string{}
	for _, cs := range s.servicesIn(cluster, "ACTIVE", "DRAINING") {
		arns = append(arns, cs.arn)
	}
	return paged(c, "serviceArns", "nextToken", c.number("maxResults", 10), arns), err
}

func (s *Simulator) describeServices(c *call) (any, error) {
	cluster, err := s.cluster(c)
	if err != nil {
		return nil, err
	}
	if names := c.texts("services"); len(names) > 10 {
		return nil, refuse("InvalidParameterException", "Too many services: at most 10.")
	}
	found, missing := named(s.servicesIn(cluster, "ACTIVE", "DRAINING", "INACTIVE"), c.texts("services"), func(cs *containerService, name string) bool { return cs.name == nameOf(name) })
	list, failures := []any{}, []any{}
	for _, cs := range found {
		list = append(list, cs.members(s))
	}
	for _, name := range missing {
		failures = append(failures, map[string]any{"arn": s.arn("ecs", "service/"+cluster+"/"+nameOf(name)), "reason": "MISSING"})
	}
	return map[string]any{"services": list, "failures": failures}, nil
}

func (cs *containerService) members(s *Simulator) map[string]any {
	m := map[string]any{"serviceName": cs.name, "serviceArn": cs.arn, "clusterArn": s.containers.clusters[cs.cluster], "status": cs.status, "desiredCount": cs.desired, "taskDefinition": cs.definition,
		"loadBalancers": cs.balancers, "createdAt": epochSeconds(cs.at), "events": append([]any{}, cs.events...), "deploymentController": map[string]any{"type": cs.controller}, "tags": tagList(cs.tags, "key", "value")}
	for _, name := range []string{"healthCheckGracePeriodSeconds", "serviceRegistries", "schedulingStrategy", "enableECSManagedTags", "enableExecuteCommand", "propagateTags", "deploymentConfiguration"} {
		if v, is := cs.declared[name]; is {
			m[name] = v
		}
	}
	started(m, cs.network, cs.platform, cs.launch, cs.strategy)
	running, pending, sets := 0, 0, []any{}
	for _, set := range cs.sets {
		running, pending = running+set.running, pending+max(cs.wanted(set)-set.running, 0)
		sets = append(sets, set.members(s, cs))
	}
	if cs.controller == "CODE_DEPLOY" && cs.status == "ACTIVE" {
		m["taskSets"] = sets
	}
	if len(cs.sets) == 0 {
		running = cs.desired
	}
	if cs.status != "ACTIVE" {
		running, pending = 0, 0
	}
	m["runningCount"], m["pendingCount"] = running, pending
	s.serviceFacts(cs, m)
	return m
}

// balancersOf are a service's load balancers with another target group.
func balancersOf(balancers []any, target string) []any {
	list := []any{}
	for _, b := range balancers {
		old, _ := b.(map[string]any)
		list = append(list, map[string]any{"targetGroupArn": target, "containerName": old["containerName"], "containerPort": old["containerPort"]})
	}
	return list
}

// updateService changes the number of tasks.
func (s *Simulator) updateService(c *call) (any, error) {
	cluster, err := s.cluster(c)
	if err != nil {
		return nil, err
	}
	for _, cs := range s.servicesIn(cluster, "ACTIVE", "DRAINING", "INACTIVE") {
		if cs.name != nameOf(c.text("service")) {
			continue
		}
		if cs.status != "ACTIVE" {
			return nil, refuse("ServiceNotActiveException", "Service was not ACTIVE.")
		}
		if c.body["forceNewDeployment"] == true && cs.controller == "CODE_DEPLOY" {
			return nil, refuse("InvalidParameterException", "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller.")
		}
		s.resize(cs, c.number("desiredCount", cs.desired), s.durations.of("AWS::ECS::TaskSet", "UPDATE").Took)
		return map[string]any{"service": cs.members(s)}, nil
	}
	return nil, refuse("ServiceNotFoundException", "Service not found.")
}
