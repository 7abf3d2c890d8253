package simulator

import (
	"fmt"
	"strings"
	"time"
)

// A task is one of Amazon ECS (API reference, Task). Those of services are made up from their task sets; those that stopped, and those of
// RunTask, are kept.
type task struct {
	arn, cluster, service, group, family, definition, startedBy string
	last, desired                                               string
	reason, code                                                string
	health                                                      string
	containers                                                  []any
	network, overrides                                          any
	platform, launch, provider                                  string
	created, started, stopped                                   time.Time
}

// allTasks are a cluster's.
func (s *Simulator) allTasks(cluster string) []*task {
	var all []*task
	for _, t := range s.containers.tasks {
		if t.cluster == cluster {
			all = append(all, t)
		}
	}
	for _, cs := range s.servicesIn(cluster, "ACTIVE") {
		for _, set := range cs.sets {
			for i := range set.running {
				all = append(all, s.taskOf(cs, set, i))
			}
		}
		for i := range cs.desired {
			if len(cs.sets) == 0 && cs.controller != "CODE_DEPLOY" {
				all = append(all, s.taskOf(cs, &taskSet{id: "ecs-svc/0", definition: cs.definition, healthy: true, created: cs.at, network: cs.network, platform: cs.platform, launch: cs.launch}, i))
			}
		}
	}
	return all
}

// taskOf is a running task of a service.
func (s *Simulator) taskOf(cs *containerService, set *taskSet, i int) *task {
	t := &task{arn: s.arn("ecs", fmt.Sprintf("task/%s/%s-%s-%d", cs.cluster, cs.name, nameOf(set.id), i)), cluster: cs.cluster, service: cs.name, group: "service:" + cs.name, family: s.family(set.definition),
		definition: set.definition, startedBy: set.id, last: "RUNNING", desired: "RUNNING", health: "UNKNOWN", created: set.created, started: set.created, network: set.network, platform: set.platform, launch: set.launch}
	if set.healthy {
		t.health = "HEALTHY"
	}
	t.containers = s.containersOf(set.definition, t)
	return t
}

// containersOf are those of a task, as its revision declares them.
func (s *Simulator) containersOf(definition string, t *task) []any {
	list := []any{}
	d := s.definition(definition)
	if d == nil {
		return list
	}
	for _, c := range d.containers() {
		m := map[string]any{"name": textOf(c["Name"]), "image": textOf(c["Image"]), "lastStatus": t.last, "taskArn": t.arn, "containerArn": strings.Replace(t.arn, ":task/", ":container/", 1) + "/" + textOf(c["Name"])}
		if _, digest, is := strings.Cut(textOf(c["Image"]), "@"); is {
			m["imageDigest"] = digest
		}
		if t.health != "" {
			m["healthStatus"] = t.health
		}
		list = append(list, m)
	}
	return list
}

// stopOf leaves a stopped task of a service behind.
func (s *Simulator) stopOf(cs *containerService, set *taskSet, code, reason string) {
	t := s.taskOf(cs, set, 0)
	t.arn = s.arn("ecs", "task/"+cs.cluster+"/"+s.nextID())
	t.last, t.desired, t.code, t.reason, t.created, t.stopped, t.health = "STOPPED", "STOPPED", code, reason, s.present(), s.present(), "UNKNOWN"
	t.containers = s.containersOf(set.definition, t)
	for _, item := range t.containers {
		c, _ := item.(map[string]any)
		c["reason"] = reason
	}
	s.containers.tasks = append(s.containers.tasks, t)
}

// listTasks lists running tasks, or stopped ones, which ECS forgets after an hour and the simulator never (API reference, ListTasks).
func (s *Simulator) listTasks(c *call) (any, error) {
	cluster, err := s.cluster(c)
	arns := []string{}
	for _, t := range s.allTasks(cluster) {
		stopped := c.text("desiredStatus") == "STOPPED"
		if stopped == (t.desired == "STOPPED") && wants(c, "serviceName", t.service) && wants(c, "family", t.family) && wants(c, "startedBy", t.startedBy) {
			arns = append(arns, t.arn)
		}
	}
	return paged(c, "taskArns", "nextToken", c.number("maxResults", 100), arns), err
}

// wants tells whether a call asks for a value, or for none in particular.
func wants(c *call, name, value string) bool {
	asked := c.text(name)
	return asked == "" || asked == value || nameOf(asked) == value
}

func (s *Simulator) describeTasks(c *call) (any, error) {
	cluster, err := s.cluster(c)
	if err != nil {
		return nil, err
	}
	found, missing := named(s.allTasks(cluster), c.texts("tasks"), func(t *task, name string) bool { return nameOf(t.arn) == nameOf(name) })
	list, failures := []any{}, []any{}
	for _, t := range found {
		list = append(list, t.members(s))
	}
	for _, name := range missing {
		failures = append(failures, map[string]any{"arn": name, "reason": "MISSING"})
	}
	return map[string]any{"tasks": list, "failures": failures}, nil
}

func (t *task) members(s *Simulator) map[string]any {
	m := map[string]any{"taskArn": t.arn, "clusterArn": s.containers.clusters[t.cluster], "group": t.group, "taskDefinitionArn": t.definition, "lastStatus": t.last, "desiredStatus": t.desired,
		"containers": t.containers, "createdAt": epochSeconds(t.created), "attachments": s.interfaceOf(t)}
	for name, v := range map[string]string{"stoppedReason": t.reason, "stopCode": t.code, "startedBy": t.startedBy, "healthStatus": t.health, "platformVersion": t.platform, "launchType": t.launch, "capacityProviderName": t.provider} {
		if v != "" {
			m[name] = v
		}
	}
	for name, at := range map[string]time.Time{"startedAt": t.started, "stoppedAt": t.stopped} {
		if !at.IsZero() {
			m[name] = epochSeconds(at)
		}
	}
	if t.overrides != nil {
		m["overrides"] = t.overrides
	}
	return m
}

// interfaceOf is a task's network interface, in the first of its subnets (API reference, Attachment).
func (s *Simulator) interfaceOf(t *task) []any {
	network, _ := t.network.(map[string]any)
	way, _ := network["awsvpcConfiguration"].(map[string]any)
	subnets := words(way["subnets"])
	if len(subnets) == 0 {
		return []any{}
	}
	return []any{map[string]any{"type": "ElasticNetworkInterface", "status": "ATTACHED", "id": nameOf(t.arn), "details": []any{map[string]any{"name": "subnetId", "value": subnets[0]},
		map[string]any{"name": "privateIPv4Address", "value": "10.0.1.10"}}}}
}
