package simulator

import (
	"strings"
	"time"
)

// running is what RunTask starts.
type running struct {
	plans map[string]taskPlan // by family
	// tokens are the tasks of earlier calls, by client token, with the request.
	tokens map[string]startedTask
}

type startedTask struct {
	task    *task
	request string
}

type taskPlan struct {
	exit  int
	lines []string
	took  time.Duration
}

func newRunning() running {
	return running{plans: map[string]taskPlan{}, tokens: map[string]startedTask{}}
}

// PlanTask lets tasks of a family that run from now on end with an exit code after a while (a typical one when 0) and write lines to their
// log meanwhile.
func (s *Simulator) PlanTask(family string, exitCode int, logLines []string, took time.Duration) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.running.plans[family] = taskPlan{exitCode, logLines, took}
}

// runTask starts one task (API reference, RunTask). A client token that was used makes no other, and is refused for another request.
func (s *Simulator) runTask(c *call) (any, error) {
	cluster, err := s.cluster(c)
	if err != nil {
		return nil, err
	}
	d := s.definition(c.text("taskDefinition"))
	network, _ := c.body["networkConfiguration"].(map[string]any)
	switch {
	case d == nil || d.status != "ACTIVE":
		return nil, refuse("ClientException", "TaskDefinition is inactive or not found.")
	case c.number("count", 1) != 1:
		return nil, refuse("InvalidParameterException", "The simulator runs one task at a time.")
	case c.text("launchType") != "" && c.body["capacityProviderStrategy"] != nil:
		return nil, refuse("InvalidParameterException", "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	case propertyOf(d, "NetworkMode") == "awsvpc" && network["awsvpcConfiguration"] == nil:
		return nil, refuse("InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	token, request := c.text("clientToken"), encoded(c.body)
	if known, is := s.running.tokens[token]; is && token != "" {
		if known.request != request {
			return nil, refuse("ConflictException", "The clientToken was used for another request.")
		}
		return map[string]any{"tasks": []any{known.task.members(s)}, "failures": []any{}}, nil
	}
	t := &task{arn: s.arn("ecs", "task/"+cluster+"/"+strings.ReplaceAll(s.nextID(), "-", "")), cluster: cluster, family: d.family, group: "family:" + d.family, definition: d.arn, startedBy: c.text("startedBy"),
		desired: "RUNNING", created: s.present(), network: c.body["networkConfiguration"], overrides: c.body["overrides"], platform: c.text("platformVersion"), launch: c.text("launchType")}
	for _, item := range structures(c.body["capacityProviderStrategy"]) {
		t.launch, t.provider = "FARGATE", textOf(item["capacityProvider"])
		break // the first stands for all (assumed)
	}
	if group := c.text("group"); group != "" {
		t.group = group
	}
	s.containers.tasks = append(s.containers.tasks, t)
	s.running.tokens[token] = startedTask{t, request}
	s.live(t, d)
	return map[string]any{"tasks": []any{t.members(s)}, "failures": []any{}}, nil
}

// propertyOf is a text among a revision's properties.
func propertyOf(d *definition, name string) string {
	properties, _ := d.properties.(map[string]any)
	return textOf(properties[name])
}

// live lets a task go through its states (Amazon ECS Developer Guide, "Amazon ECS task lifecycle").
func (s *Simulator) live(t *task, d *definition) {
	reach := func(status string) {
		t.last = status
		t.containers = s.containersOf(t.definition, t)
	}
	plan := s.running.plans[d.family]
	start, took := s.durations.of("AWS::ECS::Task", "START").Took, plan.took
	if took == 0 {
		took = s.durations.of("AWS::ECS::Task", "RUN").Took
	}
	reach("PROVISIONING")
	s.after(start/3, func() { reach("PENDING") })
	s.after(start, func() {
		reach("RUNNING")
		t.started = s.present()
	})
	for i, line := range plan.lines {
		s.after(start+took*time.Duration(i+1)/time.Duration(len(plan.lines)+1), func() { s.write(t, d, line) })
	}
	s.after(start+took, func() {
		reach("STOPPED")
		t.desired, t.stopped, t.code, t.reason = "STOPPED", s.present(), "EssentialContainerExited", "Essential container in task exited"
		for i, item := range t.containers {
			c, _ := item.(map[string]any)
			if c["exitCode"] = 0; i == d.main() {
				c["exitCode"] = plan.exit
			}
		}
	})
}

// main is the first essential container: the one that works, writes and ends (assumed; a container is essential unless it says otherwise).
func (d *definition) main() int {
	for i, c := range d.containers() {
		if textOf(c["Essential"]) != "false" {
			return i
		}
	}
	return 0
}

// write adds a line to the task's log stream, prefix/container/task (Amazon ECS Developer Guide, "Using the awslogs log driver"). Without
// such a log, or when the group is not there, the line is lost.
func (s *Simulator) write(t *task, d *definition, line string) {
	c := d.containers()[d.main()]
	logs, _ := c["LogConfiguration"].(map[string]any)
	options, _ := logs["Options"].(map[string]any)
	if g := s.logGroups[textOf(options["awslogs-group"])]; g != nil {
		g.lines = append(g.lines, logLine{textOf(options["awslogs-stream-prefix"]) + "/" + textOf(c["Name"]) + "/" + nameOf(t.arn), line, s.present()})
	}
}
