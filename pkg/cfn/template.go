package cfn

import (
	"fmt"
	"slices"
	"strings"
)

// Template is one CloudFormation template in the making. Create it with [NewTemplate] or let [Nest] create it; declare
// parameters, conditions and resources in the order a reader should meet them; compile it with a [Compiler].
type Template struct {
	name        string
	description string
	inline      bool
	parent      *Template

	parameters []*parameter
	rules      []rule
	sections   []section
	conditions []condition
	resources  []*entry
	outputs    []output
	nested     []*Template
	stack      *entry // the nested stack in parent that deploys this template

	declared map[string]declaration // by logical ID
	numbers  []string               // tokens behind the sentinels of Int and Float
	serial   int64                  // tells this template's sentinels from others'
	problems Problems
}

// NewTemplate starts a template. The name, in kebab-case, becomes the file name (name + ".yaml"); the description, at
// most 1,024 bytes, says what the stack is.
func NewTemplate(name, description string) *Template {
	t := &Template{name: name, declared: map[string]declaration{}}
	t.Describe(description)
	if !isKebab(name) {
		t.fault(Problem{Kind: BadLogicalID, Value: shown(name), Message: "name of a template",
			Allowed: "words of lower-case letters and digits joined by single hyphens"})
	}
	return t
}

// Name is the template's file name without ".yaml".
func (t *Template) Name() string { return t.name }

// Nested lists the templates nested directly in t, in the order of their Nest calls.
func (t *Template) Nested() []*Template { return t.nested }

// Describe sets the description. A tier function calls it first.
func (t *Template) Describe(description string) { t.description = description }

// SentInline says that the template is sent in the request's body, not through a bucket: it may have 51,200 bytes
// instead of 1 MB. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
func (t *Template) SentInline() { t.inline = true }

// declare reserves a logical ID within the names that Ref can reach, and reports malformed and duplicate ones.
func (t *Template) declare(logicalID string, d declaration) {
	what := d.what()
	t.named(what, logicalID, false)
	if before, taken := t.declared[logicalID]; taken {
		t.fault(Problem{Kind: DuplicateLogicalID, LogicalID: logicalID, Value: logicalID,
			Message: fmt.Sprintf("logical ID is declared twice, as %s and as %s", before.what(), what),
			Allowed: "one parameter or resource of that name"})
		return
	}
	t.declared[logicalID] = d
}

// named reports a malformed or repeated name of something.
func (t *Template) named(what, name string, taken bool) {
	if !alphanumeric(name) || len(name) > maxLogicalID {
		t.fault(Problem{Kind: BadLogicalID, LogicalID: name, Value: shown(name),
			Message: "logical ID of the " + what, Allowed: "1 to 255 letters and digits"})
	}
	if taken {
		t.fault(Problem{Kind: DuplicateLogicalID, LogicalID: name, Value: name,
			Message: what + " is declared twice", Allowed: "one " + what + " of that name"})
	}
}

// declaration is what Ref can name: a parameter or a resource, which has a type.
type declaration struct {
	parameter    *parameter
	resourceType string
}

func (d declaration) what() string {
	if d.parameter != nil {
		return "parameter"
	}
	return "resource"
}

func (t *Template) fault(p Problem) {
	p.Template = t.name
	t.problems = append(t.problems, p)
}

// Parameter describes a template parameter. The zero value is a required String without constraints.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
type Parameter struct {
	// Type is String when empty; Number, CommaDelimitedList, an AWS-specific or an SSM type otherwise.
	Type string
	// Description is what a person who fills it in must know.
	Description string
	// Default is used when no value is given; nil makes the parameter required.
	Default *string
	// AllowedPattern is a regular expression for the whole value.
	AllowedPattern string
	// AllowedValues lists the values there are.
	AllowedValues []string
	// ConstraintDescription says the constraints in words.
	ConstraintDescription string
	// MinLength and MaxLength are in characters; zero means none.
	MinLength, MaxLength int
	// MinValue and MaxValue bound a Number; nil means none.
	MinValue, MaxValue *float64
	// NoEcho masks the value wherever CloudFormation shows it.
	NoEcho bool
}

// constraint names the first thing about the parameter that a placeholder could violate; "" when there is none.
func (p Parameter) constraint() string {
	switch {
	case p.Type != "" && p.Type != "String" && p.Type != "Number":
		return "Type " + p.Type
	case p.AllowedPattern != "":
		return "AllowedPattern"
	case len(p.AllowedValues) > 0:
		return "AllowedValues"
	case p.MinLength > 0:
		return "MinLength"
	case p.MaxLength > 0:
		return "MaxLength"
	case p.MinValue != nil:
		return "MinValue"
	case p.MaxValue != nil:
		return "MaxValue"
	}
	return ""
}

// parameter is a declared parameter.
type parameter struct {
	Parameter
	name string
	// fed says that Nest passes a value, fromOutput that the value is another nested stack's output,
	// artifact that it addresses a nested template and is passed down without being in a tier's inputs.
	fed, fromOutput, artifact bool
}

// AddParameter declares a parameter of t and returns the reference to it. Parameters of nested templates come from
// the inputs of their tier; a parameter added by hand there needs a Default.
func AddParameter[K ~string](t *Template, name string, p Parameter) K {
	t.addParameter(&parameter{Parameter: p, name: name})
	return K(token(tokenRef, t.name, name))
}

// ParameterNames lists the parameters declared so far, in order; those that address nested templates among them.
func (t *Template) ParameterNames() []string {
	names := make([]string, 0, len(t.parameters))
	for _, p := range t.parameters {
		names = append(names, p.name)
	}
	return names
}

func (t *Template) addParameter(p *parameter) {
	t.declare(p.name, declaration{parameter: p})
	t.parameters = append(t.parameters, p)
}

// Condition declares a named condition.
func (t *Template) Condition(name string, e Expression) Condition {
	t.named("condition", name, slices.ContainsFunc(t.conditions, func(c condition) bool { return c.name == name }))
	t.conditions = append(t.conditions, condition{name: name, expression: e})
	return Condition{owner: t.name, name: name}
}

type condition struct {
	name       string
	expression Expression
}

// Assertion is one assertion of a rule: Assert must be true of the parameters, or the operation is refused with
// Description before anything is created.
type Assertion struct {
	Assert      Expression
	Description string
}

// Rule declares a rule: the assertions hold whenever the expression when does; an empty when means always.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
func (t *Template) Rule(name string, when Expression, assertions ...Assertion) {
	t.named("rule", name, slices.ContainsFunc(t.rules, func(r rule) bool { return r.name == name }))
	t.rules = append(t.rules, rule{name: name, when: when, assertions: assertions})
}

type rule struct {
	name       string
	when       Expression
	assertions []Assertion
}

// Section adds a top-level section that has no method of its own: Mappings or Metadata.
func (t *Template) Section(name string, content any) {
	switch name {
	case "Mappings", "Metadata":
		t.named("section", name, slices.ContainsFunc(t.sections, func(s section) bool { return s.name == name }))
		t.sections = append(t.sections, section{name: name, content: content})
	case "Transform", "Hooks":
		t.fault(Problem{Kind: Forbidden, LogicalID: name, Value: name, Allowed: "Mappings, Metadata",
			Message: "macros, transforms and hooks exclude change sets that include nested stacks"})
	case "Outputs":
		t.fault(Problem{Kind: Forbidden, LogicalID: name, Value: name, Allowed: "AddOutput, which has no Export",
			Message: "outputs are declared with AddOutput: an Export joins stacks by a name that change sets of nested stacks refuse"})
	default:
		t.fault(Problem{Kind: Forbidden, LogicalID: name, Value: name, Allowed: "Mappings, Metadata",
			Message: "section that the compiler writes itself or does not know"})
	}
}

type section struct {
	name    string
	content any
}

// AddOutput declares an output. Outputs of a nested template come from the result of its tier; by hand they are for
// roots, where people and tools read them.
func (t *Template) AddOutput(name, description, value string) {
	t.named("output", name, slices.ContainsFunc(t.outputs, func(o output) bool { return o.name == name }))
	t.outputs = append(t.outputs, output{name: name, description: description, value: value})
}

type output struct{ name, description, value string }

func isKebab(s string) bool {
	for word := range strings.SplitSeq(s, "-") {
		if !alphanumeric(word) || strings.ToLower(word) != word {
			return false
		}
	}
	return true
}

func alphanumeric(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}) < 0
}
