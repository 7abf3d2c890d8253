package cfn

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed schema.txt
var schemaText string

// schema knows the properties and attributes of resource types. Types are parsed when they are first asked for.
type schema struct {
	types  map[string]string // type → its lines
	parsed sync.Map          // type → *typeSchema
}

// typeSchema is one resource type: its shapes by name, the type's own properties under "".
type typeSchema struct {
	shapes     map[string]*shape
	attributes map[string]bool
}

// shape is a set of properties.
type shape struct {
	properties map[string]expectation
	names      []string // sorted
	required   []string
}

// newSchema indexes the text; the format is described where it is generated, in tools/schema.
func newSchema(text string) (*schema, error) {
	s := &schema{types: map[string]string{}}
	begin, current := 0, ""
	for position := 0; position < len(text); {
		end := position + strings.IndexByte(text[position:], '\n') + 1
		if end == position {
			return nil, fmt.Errorf("resource schema: line at byte %d has no end", position)
		}
		line := text[position : end-1]
		position = end
		if line == "" || line[0] == '#' {
			continue
		}
		if entry, isEntry := strings.CutPrefix(line, "\t"); isEntry {
			name, kind, _ := strings.Cut(entry, " ")
			if strings.TrimLeft(name, "=!") == "" || kind == "" || current == "" {
				return nil, fmt.Errorf("resource schema: line %q is not NAME KIND below a type", line)
			}
			continue
		}
		if name, _, nested := strings.Cut(line, "."); nested && name == current {
			continue
		}
		if current != "" {
			s.types[current] = text[begin : end-len(line)-1]
		}
		begin, current = end-len(line)-1, line
	}
	if current == "" {
		return nil, fmt.Errorf("resource schema holds no type")
	}
	s.types[current] = text[begin:]
	return s, nil
}

// of returns the schema of a resource type, or nil.
func (s *schema) of(resourceType string) *typeSchema {
	if known, ok := s.parsed.Load(resourceType); ok {
		return known.(*typeSchema)
	}
	text, ok := s.types[resourceType]
	if !ok {
		return nil
	}
	known, _ := s.parsed.LoadOrStore(resourceType, parseType(text))
	return known.(*typeSchema)
}

func parseType(text string) *typeSchema {
	t := &typeSchema{shapes: map[string]*shape{}, attributes: map[string]bool{}}
	var current *shape
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		entry, isEntry := strings.CutPrefix(line, "\t")
		if !isEntry {
			_, name, _ := strings.Cut(line, ".")
			current = t.shape(name)
			continue
		}
		name, kind, _ := strings.Cut(entry, " ")
		switch name[0] {
		case '=':
			t.attributes[name[1:]] = true
			continue
		case '!':
			name = name[1:]
			current.required = append(current.required, name)
		}
		want := expectation{kind: kind}
		if _, object, ok := strings.Cut(kind, "."); ok {
			want.object = t.shape(object)
		}
		current.properties[name] = want
		current.names = append(current.names, name)
	}
	return t
}

// shape finds or adds a shape.
func (t *typeSchema) shape(name string) *shape {
	if t.shapes[name] == nil {
		t.shapes[name] = &shape{properties: map[string]expectation{}}
	}
	return t.shapes[name]
}

// expectation is what the schema wants at a place: a kind, and the shape of the objects in it. No kind means anything.
type expectation struct {
	kind   string
	object *shape
}

func (e expectation) anything() bool { return e.kind == "" || e.kind == "j" }
func (e expectation) isList() bool   { return strings.HasPrefix(e.kind, "[") }
func (e expectation) isMap() bool    { return strings.HasPrefix(e.kind, "{") }

// inside is what the items of a list or map must be.
func (e expectation) inside() expectation {
	if e.anything() {
		return expectation{}
	}
	return expectation{kind: e.kind[1:], object: e.object}
}

// shape is the shape of an object, or nil.
func (e expectation) shape() *shape {
	if strings.HasPrefix(e.kind, ".") {
		return e.object
	}
	return nil
}

// expressionKind is a condition expression, which no resource property is.
const expressionKind = "e"

// ruleSchema is the schema of a rule.
var ruleSchema = parseType("Rule\n\t!Assertions [.Assertion\n\tRuleCondition e\n" +
	"Rule.Assertion\n\t!Assert e\n\t!AssertDescription s\n")

// words say the kind in an error.
func (e expectation) words() string {
	switch {
	case e.isList():
		return "a list of " + e.inside().words()
	case e.isMap():
		return "a map to " + e.inside().words()
	}
	switch e.kind {
	case "s":
		return "a string"
	case "i":
		return "an integer"
	case "n":
		return "a number"
	case "b":
		return "true or false"
	case expressionKind:
		return "a condition expression: Equals, And, Or, Not or a Condition"
	case "", "j":
		return "anything"
	}
	return "a " + e.kind[1:] + " object"
}
