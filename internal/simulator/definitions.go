package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// definition finds a revision by ARN, by family and revision, or the latest active one of a family.
func (s *Simulator) definition(name string) *definition {
	for _, d := range slices.Backward(s.containers.definitions) {
		short := fmt.Sprintf("%s:%d", d.family, d.revision)
		if d.arn == name || short == name[strings.LastIndex(name, "/")+1:] || d.family == name && d.status == "ACTIVE" {
			return d
		}
	}
	return nil
}

// members are all that the template registered (API reference, TaskDefinition).
func (d *definition) members(s *Simulator) map[string]any {
	m, _ := s.shapes.of(d.properties).(map[string]any)
	delete(m, "tags")
	for _, name := range []string{"cpu", "memory"} { // texts here, numbers in containers
		if v, is := m[name]; is {
			m[name] = textOf(v)
		}
	}
	m["taskDefinitionArn"], m["family"], m["revision"], m["status"] = d.arn, d.family, d.revision, d.status
	m["registeredAt"], m["registeredBy"] = epochSeconds(d.at), s.options.Caller
	if !d.ended.IsZero() {
		m["deregisteredAt"] = epochSeconds(d.ended)
	}
	return m
}

// containers are those of a revision.
func (d *definition) containers() []map[string]any {
	var all []map[string]any
	properties, _ := d.properties.(map[string]any)
	list, _ := properties["ContainerDefinitions"].([]any)
	for _, item := range list {
		c, _ := item.(map[string]any)
		all = append(all, c)
	}
	return all
}

func (s *Simulator) describeTaskDefinition(c *call) (any, error) {
	d := s.definition(c.text("taskDefinition"))
	if d == nil {
		return nil, refuse("ClientException", "Unable to describe task definition.")
	}
	return map[string]any{"taskDefinition": s.withoutSecrets(d), "tags": tagList(d.tags, "key", "value")}, nil
}

func (s *Simulator) listTaskDefinitions(c *call) (any, error) {
	arns, status := []string{}, c.text("status")
	if status == "" {
		status = "ACTIVE"
	}
	for _, d := range s.containers.definitions {
		if d.status == status && (c.text("familyPrefix") == "" || d.family == c.text("familyPrefix")) {
			arns = append(arns, d.arn)
		}
	}
	if c.text("sort") == "DESC" {
		slices.Reverse(arns)
	}
	return paged(c, "taskDefinitionArns", "nextToken", c.number("maxResults", 100), arns), nil
}

func (s *Simulator) deregister(c *call) (any, error) {
	d := s.definition(c.text("taskDefinition"))
	if d == nil || !strings.Contains(nameOf(strings.ReplaceAll(c.text("taskDefinition"), ":", "!")), "!") {
		return nil, refuse("ClientException", "The specified task definition does not exist, or no revision was given.")
	}
	d.status, d.ended = "INACTIVE", s.present()
	return map[string]any{"taskDefinition": d.members(s)}, nil
}

// deleteTaskDefinitions deletes up to ten revisions, which must be inactive; they stay in DELETE_IN_PROGRESS, and deleting them again
// changes nothing (API reference; the second is assumed).
func (s *Simulator) deleteTaskDefinitions(c *call) (any, error) {
	if len(c.texts("taskDefinitions")) > 10 {
		return nil, refuse("InvalidParameterException", "At most 10 task definitions.")
	}
	list, failures := []any{}, []any{}
	for _, name := range c.texts("taskDefinitions") {
		d := s.definition(name)
		if d == nil || d.status == "ACTIVE" {
			failures = append(failures, map[string]any{"arn": name, "reason": "The specified task definition is still in ACTIVE status, or does not exist."})
			continue
		}
		d.status = "DELETE_IN_PROGRESS"
		list = append(list, d.members(s))
	}
	return map[string]any{"taskDefinitions": list, "failures": failures}, nil
}

// nextRevision is the number that a family's next revision gets: numbers are never used again.
func (s *Simulator) nextRevision(family string) int {
	s.revisions[family]++
	return s.revisions[family]
}
