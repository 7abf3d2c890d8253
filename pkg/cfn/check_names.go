package cfn

import (
	"cmp"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed names.txt
var namesText string

// nameLimit is the longest physical name of a resource type, in characters.
type nameLimit struct {
	property string
	longest  int
}

func parseNames(text string) (map[string]nameLimit, error) {
	limits := map[string]nameLimit{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		longest, err := strconv.Atoi(fields[len(fields)-1])
		if len(fields) != 3 || err != nil {
			return nil, fmt.Errorf("names: line %q is not TYPE PROPERTY LENGTH", line)
		}
		limits[fields[0]] = nameLimit{property: fields[1], longest: longest}
	}
	return limits, nil
}

// pseudoLength is the length of the longest value of a pseudo parameter.
func pseudoLength(name string) (length int, known bool) {
	switch name {
	case "AWS::AccountId":
		return 12, true
	case "AWS::NoValue":
		return 0, true
	case "AWS::Partition":
		return len("aws-us-gov"), true
	case "AWS::Region":
		return len("ap-southeast-1"), true
	case "AWS::StackName":
		return 128, true
	case "AWS::URLSuffix":
		return len("amazonaws.com.cn"), true
	case "AWS::StackId", "AWS::NotificationARNs":
		return 2048, true
	}
	return 0, false
}

// physicalName checks the name a resource is given against its service's limit, for the longest value of every
// parameter in it.
func (c *checker) physicalName(properties int32, resourceType string) {
	limit, ok := c.limits[resourceType]
	if !ok {
		return
	}
	n := c.child(properties, limit.property)
	if n == noNode {
		return
	}
	c.place = append(c.place, step{key: "Properties"}, step{key: limit.property})
	longest, unbounded := c.longest(n)
	switch {
	case unbounded != "":
		c.problem(NameTooLong, unbounded, "length of a physical name cannot be bounded",
			fmt.Sprintf("at most %d characters, of literals and parameters with MaxLength or AllowedValues", limit.longest))
	case longest > limit.longest:
		c.problem(NameTooLong, c.sample(n), fmt.Sprintf("physical name can have %d characters", longest), fmt.Sprintf("at most %d", limit.longest))
	}
	c.place = c.place[:len(c.place)-2]
}

// longest is the greatest length the text of a node can have; unbounded names what has no bound.
func (c *checker) longest(n int32) (length int, unbounded string) {
	at := c.nodes[n]
	switch at.kind {
	case stringNode, numberNode, boolNode:
		return len(at.text), ""
	case faultNode: // reported already
		return 0, ""
	case attNode:
		return 0, at.text + "." + at.attribute
	case refNode:
		return c.longestRef(at.text)
	case subNode:
		return c.sum(at.first)
	case functionNode:
		if at.text == "Fn::If" && c.arena.count(n) == 3 {
			then := c.nodes[at.first].next
			a, unboundedA := c.longest(then)
			b, unboundedB := c.longest(c.nodes[then].next)
			return max(a, b), cmp.Or(unboundedA, unboundedB)
		}
		if at.text == "Fn::Join" && at.first != noNode && c.nodes[at.last].kind == seqNode {
			length, unbounded = c.sum(c.nodes[at.last].first)
			return length + len(c.nodes[at.first].text)*max(c.arena.count(at.last)-1, 0), unbounded
		}
	}
	return 0, at.text
}

func (c *checker) sum(first int32) (length int, unbounded string) {
	for part := first; part != noNode; part = c.nodes[part].next {
		n, open := c.longest(part)
		length += n
		unbounded = cmp.Or(unbounded, open)
	}
	return length, unbounded
}

func (c *checker) longestRef(name string) (length int, unbounded string) {
	if n, ok := pseudoLength(name); ok {
		return n, ""
	}
	p := c.template.declared[name].parameter
	switch {
	case p == nil:
		return 0, name
	case p.MaxLength > 0:
		return p.MaxLength, ""
	case len(p.AllowedValues) > 0:
		for _, value := range p.AllowedValues {
			length = max(length, len(value))
		}
		return length, ""
	}
	return 0, name
}

// sample shows a node's text with its references in short form.
func (c *checker) sample(n int32) string {
	at := c.nodes[n]
	switch at.kind {
	case refNode:
		return "${" + at.text + "}"
	case attNode:
		return "${" + at.text + "." + at.attribute + "}"
	case subNode:
		var b strings.Builder
		for part := at.first; part != noNode; part = c.nodes[part].next {
			b.WriteString(c.sample(part))
		}
		return b.String()
	}
	return at.text
}
