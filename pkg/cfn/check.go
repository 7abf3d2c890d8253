package cfn

import (
	"strconv"
	"strings"
)

// checker walks a finished document and collects problems. It also learns what is used, for the checks that look at
// several templates at once.
type checker struct {
	*builder
	schema   *schema
	limits   map[string]nameLimit // physical-name limits by resource type
	problems Problems

	place     []step // from the section's item down
	logicalID string
	resource  int // index of the resource being walked, or -1
	inRules   bool

	usedParameters map[string]bool
	usedOutputs    map[string]bool // nested stack's logical ID + "." + output
	resourceIndex  map[string]int
	waitsFor       [][]int // edges between resources by index
}

func (c *checker) reset() {
	c.problems = nil
	clear(c.usedParameters)
	clear(c.resourceIndex)
	c.waitsFor = c.waitsFor[:0]
	for i, e := range c.template.resources {
		c.resourceIndex[e.logicalID] = i
		if i < cap(c.waitsFor) {
			c.waitsFor = c.waitsFor[:i+1]
			c.waitsFor[i] = c.waitsFor[i][:0]
		} else {
			c.waitsFor = append(c.waitsFor, nil)
		}
	}
}

func (c *checker) problem(kind ProblemKind, value, message, allowed string) {
	c.problems = append(c.problems, Problem{Kind: kind, Template: c.template.name, LogicalID: c.logicalID,
		Path: c.path(), Value: shown(value), Message: message, Allowed: allowed})
}

// step is a key, or the number of a list's item, from 1.
type step struct {
	key  string
	item int
}

func (c *checker) path() string {
	var b strings.Builder
	for _, s := range c.place {
		switch {
		case s.item > 0:
			b.WriteString("[" + strconv.Itoa(s.item-1) + "]")
		case b.Len() > 0 && s.key != "" && s.key[0] != '[':
			b.WriteString("." + s.key)
		default:
			b.WriteString(s.key)
		}
	}
	return b.String()
}

// document walks all sections.
func (c *checker) document(root int32) {
	for section := c.nodes[root].first; section != noNode; section = c.nodes[section].next {
		key := c.nodes[section].key
		if c.nodes[section].kind != mapNode {
			c.top(section, key, expectation{})
			continue
		}
		want := expectation{}
		switch key {
		case "Conditions":
			want = expectation{kind: expressionKind}
		case "Rules":
			want = expectation{kind: ".", object: ruleSchema.shapes[""]}
		}
		c.inRules = want.kind != ""
		for item := c.nodes[section].first; item != noNode; item = c.nodes[item].next {
			if key == "Resources" {
				c.walkResource(item)
			} else {
				c.top(item, c.nodes[item].key, want)
			}
		}
	}
}

// top walks an item of a section.
func (c *checker) top(n int32, logicalID string, want expectation) {
	c.logicalID, c.resource, c.place = logicalID, -1, c.place[:0]
	c.walk(n, want)
}

func (c *checker) walkResource(n int32) {
	c.logicalID, c.place = c.nodes[n].key, c.place[:0]
	c.resource = c.resourceIndex[c.logicalID]
	resourceType := c.nodes[c.child(n, "Type")].text
	types := c.schema.of(resourceType)
	for part := c.nodes[n].first; part != noNode; part = c.nodes[part].next {
		switch c.nodes[part].key {
		case "Condition":
			c.place = append(c.place, step{key: "Condition"})
			c.conditionName(part)
			c.place = c.place[:0]
		case "DependsOn":
			c.place = append(c.place, step{key: "DependsOn"})
			c.dependencies(part)
			c.place = c.place[:0]
		case "Properties":
			c.step(part, c.nodes[part].key, c.propertiesOf(resourceType, types))
			c.physicalName(part, resourceType)
		default:
			c.step(part, c.nodes[part].key, expectation{})
		}
	}
}

// propertiesOf is what the schema wants of a resource's properties.
func (c *checker) propertiesOf(resourceType string, types *typeSchema) expectation {
	isCustom := resourceType == "AWS::CloudFormation::CustomResource" || strings.HasPrefix(resourceType, "Custom::")
	if types != nil && !isCustom {
		return expectation{kind: ".", object: types.shapes[""]}
	}
	if !isCustom {
		c.problem(UnknownType, resourceType, "resource type is not in the embedded schema",
			"the types of tools/schema/types.txt, or Custom::…; add the type there and run go run ./tools/schema")
	}
	return expectation{}
}

// conditionName checks the Condition attribute or the first argument of Fn::If.
func (c *checker) conditionName(n int32) {
	switch at := c.nodes[n]; at.kind {
	case faultNode:
		c.walk(n, expectation{})
	case stringNode:
		c.declaredCondition(at.text)
	default:
		c.problem(WrongKind, at.text, "a condition is named by a plain string", "the name of a condition")
	}
}

func (c *checker) declaredCondition(name string) {
	var names []string
	for _, known := range c.template.conditions {
		if known.name == name {
			return
		}
		names = append(names, known.name)
	}
	c.problem(UndeclaredReference, name, "condition is not declared", orNone(names))
}

func (c *checker) dependencies(list int32) {
	for n := c.nodes[list].first; n != noNode; n = c.nodes[n].next {
		if c.nodes[n].kind == faultNode {
			c.walk(n, expectation{})
			continue
		}
		c.dependency(c.nodes[n].text, "DependsOn")
	}
}

// dependency notes that the current resource waits for another one.
func (c *checker) dependency(logicalID, by string) {
	to, ok := c.resourceIndex[logicalID]
	if !ok {
		c.problem(UndeclaredReference, logicalID, by+" names a resource that is not declared", "a logical ID of this template")
		return
	}
	if c.resource >= 0 {
		c.waitsFor[c.resource] = append(c.waitsFor[c.resource], to)
	}
}

// step walks a node one level down.
func (c *checker) step(n int32, key string, want expectation) {
	c.place = append(c.place, step{key: key})
	c.walk(n, want)
	c.place = c.place[:len(c.place)-1]
}

// walk checks a node against what the schema wants there.
func (c *checker) walk(n int32, want expectation) {
	switch at := &c.nodes[n]; at.kind {
	case faultNode:
		p := c.faults[at.last]
		c.problem(p.Kind, p.Value, p.Message, p.Allowed)
	case nullNode:
		c.problem(NullValue, "null", "value is missing; CloudFormation refuses null", "a value, or no property")
	case mapNode:
		c.walkMap(n, want)
	case seqNode:
		c.walkList(n, want)
	case stringNode, numberNode, boolNode:
		c.scalar(at, want)
	case refNode, attNode, subNode, conditionNode:
		c.reference(n, want)
	case functionNode:
		c.walkFunction(n, want)
	}
}

func (c *checker) walkMap(n int32, want expectation) {
	shape := want.shape()
	switch {
	case shape != nil:
		c.required(n, shape)
	case !want.anything() && !want.isMap():
		c.problem(WrongKind, "an object", "property has the wrong kind", want.words())
		return
	}
	for child := c.nodes[n].first; child != noNode; child = c.nodes[child].next {
		key := c.nodes[child].key
		inside := expectation{}
		if shape != nil {
			property, known := shape.properties[key]
			if !known && c.nodes[child].kind != faultNode {
				c.place = append(c.place, step{key: key})
				c.problem(UnknownProperty, key, "property does not exist", strings.Join(shape.names, ", "))
				c.place = c.place[:len(c.place)-1]
			}
			inside = property
		} else if want.isMap() {
			inside = want.inside()
		}
		c.step(child, key, inside)
	}
}

func (c *checker) required(n int32, s *shape) {
	for _, name := range s.required {
		if c.child(n, name) == noNode {
			c.place = append(c.place, step{key: name})
			c.problem(MissingProperty, "", "required property is missing", s.properties[name].words())
			c.place = c.place[:len(c.place)-1]
		}
	}
}

func (c *checker) walkList(n int32, want expectation) {
	if !want.anything() && !want.isList() {
		c.problem(WrongKind, "a list", "property has the wrong kind", want.words())
		return
	}
	inside, number := want.inside(), 0
	for item := c.nodes[n].first; item != noNode; item = c.nodes[item].next {
		number++
		c.place = append(c.place, step{item: number})
		c.walk(item, inside)
		c.place = c.place[:len(c.place)-1]
	}
}

func (c *checker) scalar(at *node, want expectation) {
	if want.anything() {
		return
	}
	var right bool
	switch at.kind {
	case stringNode:
		right = want.kind == "s"
	case boolNode:
		right = want.kind == "b"
	case numberNode:
		right = want.kind == "n" || want.kind == "i" && !strings.Contains(at.text, ".")
	}
	if !right {
		c.problem(WrongKind, at.text, "value has the wrong kind", want.words())
	}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none is declared"
	}
	return strings.Join(names, ", ")
}
