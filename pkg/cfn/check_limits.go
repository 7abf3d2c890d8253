package cfn

import (
	"fmt"
	"strconv"
	"strings"
)

// CloudFormation's limits.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxResources       = 500
	maxParameters      = 200
	maxOutputs         = 200
	maxParameterBytes  = 4096
	maxDescription     = 1024
	maxTemplateBytes   = 1 << 20
	maxInlineBytes     = 51200
	maxNestedResources = 2500
	maxLogicalID       = 255
)

func (c *checker) atMost(what string, have, limit int) {
	if have > limit {
		c.whole(OverLimit, strconv.Itoa(have), "too many "+what+" in one template", fmt.Sprintf("at most %d", limit))
	}
}

// whole reports a problem of the template itself.
func (c *checker) whole(kind ProblemKind, value, message, allowed string) {
	c.logicalID, c.place = "", c.place[:0]
	c.problem(kind, value, message, allowed)
}

// sizes checks the counts and lengths that CloudFormation limits.
func (c *checker) sizes(written int) {
	t := c.template
	if len(t.resources) == 0 {
		c.whole(MissingProperty, "", "template has no resource", "at least one resource")
	}
	c.atMost("resources", len(t.resources), maxResources)
	c.atMost("parameters", len(t.parameters), maxParameters)
	c.atMost("outputs", len(t.outputs), maxOutputs)
	if t.description == "" {
		c.whole(MissingDescription, "", "template has no description", "a sentence saying what the stack is")
	}
	c.atMost("bytes of description", len(t.description), maxDescription)
	limit := maxTemplateBytes
	if t.inline {
		limit = maxInlineBytes
	}
	c.atMost("bytes", written, limit)
	for _, p := range t.parameters {
		if p.Default != nil && len(*p.Default) > maxParameterBytes {
			c.parameterValue(p.name, *p.Default)
		}
	}
	for _, e := range t.resources {
		if nested, ok := e.properties.(*nestedStack); ok {
			for _, p := range nested.Parameters {
				if value, _ := p.value.(string); literalLength(value) > maxParameterBytes {
					c.parameterValue(e.logicalID+"/"+p.key, value)
				}
			}
		}
	}
}

func (c *checker) parameterValue(name, value string) {
	c.logicalID, c.place = name, c.place[:0]
	c.problem(OverLimit, value, fmt.Sprintf("value of a parameter has %d bytes", literalLength(value)), fmt.Sprintf("at most %d bytes", maxParameterBytes))
}

// literalLength is the length of the text in s, its tokens left out.
func literalLength(s string) int {
	n := 0
	for {
		start := strings.Index(s, tokenOpen)
		if start < 0 {
			return n + len(s)
		}
		_, _, rest, ok := cutToken(s[start:])
		if !ok {
			return n + len(s)
		}
		n, s = n+start, rest
	}
}

// unused reports parameters nobody uses and parameters of nested templates that nobody feeds.
func (c *checker) unused() {
	for _, p := range c.template.parameters {
		c.logicalID, c.place = p.name, c.place[:0]
		if !c.usedParameters[p.name] {
			c.problem(UnusedParameter, "", "parameter is used nowhere", "parameters that the template refers to")
		}
		if c.template.parent != nil && !p.fed && p.Default == nil {
			c.problem(UnfedParameter, "", "parameter of a nested template gets no value", "a field of the tier's inputs, or a Default")
		}
	}
}

// cycles reports resources that wait for themselves, by way of others or directly.
func (c *checker) cycles() {
	const fresh, open, done = 0, 1, 2
	state := make([]byte, len(c.waitsFor))
	var trail []int
	var visit func(int)
	visit = func(i int) {
		if state[i] == done {
			return
		}
		if state[i] == open {
			c.cycle(trail, i)
			return
		}
		state[i] = open
		trail = append(trail, i)
		for _, to := range c.waitsFor[i] {
			visit(to)
		}
		trail = trail[:len(trail)-1]
		state[i] = done
	}
	for i := range state {
		visit(i)
	}
}

func (c *checker) cycle(trail []int, back int) {
	var names []string
	for i := len(trail) - 1; i >= 0; i-- {
		names = append([]string{c.template.resources[trail[i]].logicalID}, names...)
		if trail[i] == back {
			break
		}
	}
	c.logicalID, c.place = names[0], c.place[:0]
	c.problem(DependencyCycle, strings.Join(append(names, names[0]), " → "), "resources wait for each other", "references in one direction")
}
