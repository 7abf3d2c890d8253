package simulator

import (
	"fmt"
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
	sets                                               []*taskSet
	tags                                               map[string]string
	at                                                 time.Time
}

// A taskSet is one of a service with the deployment controller CODE_DEPLOY.
type taskSet struct{ id, status, definition, target string }

// A definition is a revision of a task definition.
type definition struct {
	arn, family, status string
	revision            int
	containers          any
	tags                map[string]string
}

// A task has stopped.
type task struct {
	arn, cluster, service, definition, reason, code string
	containers                                      []any
	at                                              time.Time
}

func (s *Simulator) containerActions() map[string]action {
	return map[string]action{"DescribeClusters": s.describeClusters, "ListServices": s.listServices, "DescribeServices": s.describeServices, "UpdateService": s.updateService,
		"ListTasks": s.listTasks, "DescribeTasks": s.describeTasks, "DescribeTaskDefinition": s.describeTaskDefinition, "ListTaskDefinitions": s.listTaskDefinitions,
		"DeregisterTaskDefinition": s.deregister, "DeleteTaskDefinitions": s.deleteTaskDefinitions}
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
	running := cs.desired
	if cs.status != "ACTIVE" {
		running = 0
	}
	m := map[string]any{"serviceName": cs.name, "serviceArn": cs.arn, "clusterArn": s.containers.clusters[cs.cluster], "status": cs.status, "desiredCount": cs.desired, "runningCount": running,
		"pendingCount": 0, "taskDefinition": cs.definition, "loadBalancers": cs.balancers, "createdAt": epochSeconds(cs.at), "events": []any{},
		"deploymentController": map[string]any{"type": cs.controller}, "tags": tagList(cs.tags, "key", "value")}
	sets := []any{}
	for _, set := range cs.sets {
		sets = append(sets, map[string]any{"id": set.id, "taskSetArn": s.arn("ecs", "task-set/"+cs.cluster+"/"+cs.name+"/"+set.id), "serviceArn": cs.arn, "clusterArn": s.containers.clusters[cs.cluster],
			"startedBy": "CODE_DEPLOY", "status": set.status, "taskDefinition": set.definition, "computedDesiredCount": cs.desired, "runningCount": running, "pendingCount": 0,
			"scale": map[string]any{"value": 100, "unit": "PERCENT"}, "stabilityStatus": "STEADY_STATE", "loadBalancers": balancersOf(cs.balancers, set.target)})
	}
	if cs.controller == "CODE_DEPLOY" && cs.status == "ACTIVE" {
		m["taskSets"] = sets
	}
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
		cs.desired = c.number("desiredCount", cs.desired)
		return map[string]any{"service": cs.members(s)}, nil
	}
	return nil, refuse("ServiceNotFoundException", "Service not found.")
}

// listTasks lists running tasks, made up from the number wanted, or the stopped ones that were planted.
func (s *Simulator) listTasks(c *call) (any, error) {
	cluster, err := s.cluster(c)
	arns := []string{}
	for _, t := range s.containers.tasks {
		if c.text("desiredStatus") == "STOPPED" && t.cluster == cluster && (c.text("serviceName") == "" || t.service == nameOf(c.text("serviceName"))) {
			arns = append(arns, t.arn)
		}
	}
	for _, cs := range s.servicesIn(cluster, "ACTIVE") {
		for i := range cs.desired {
			if c.text("desiredStatus") != "STOPPED" && (c.text("serviceName") == "" || cs.name == nameOf(c.text("serviceName"))) {
				arns = append(arns, s.arn("ecs", fmt.Sprintf("task/%s/%s-%d", cluster, cs.name, i)))
			}
		}
	}
	return paged(c, "taskArns", "nextToken", c.number("maxResults", 100), arns), err
}

func (s *Simulator) describeTasks(c *call) (any, error) {
	if _, err := s.cluster(c); err != nil {
		return nil, err
	}
	found, missing := named(s.containers.tasks, c.texts("tasks"), func(t *task, name string) bool { return nameOf(t.arn) == nameOf(name) })
	list, failures := []any{}, []any{}
	for _, t := range found {
		list = append(list, map[string]any{"taskArn": t.arn, "clusterArn": s.containers.clusters[t.cluster], "group": "service:" + t.service, "taskDefinitionArn": t.definition, "lastStatus": "STOPPED",
			"desiredStatus": "STOPPED", "stoppedReason": t.reason, "stopCode": t.code, "stoppedAt": epochSeconds(t.at), "containers": t.containers})
	}
	for _, name := range missing {
		failures = append(failures, map[string]any{"arn": name, "reason": "MISSING"})
	}
	return map[string]any{"tasks": list, "failures": failures}, nil
}
