package cfn

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Stack is a handle of a nested stack. A tier that others may have to wait for has a field of this type in its
// outputs; Nest fills it.
type Stack struct{ entry *entry }

func (s Stack) dependency() *entry { return s.entry }

// After lists nested stacks to wait for without taking a value from them. As a field of a tier's inputs it becomes the
// DependsOn of the nested stack.
type After []Stack

// TimeoutMinutes as a field of a tier's inputs fails the nested stack when it is not complete after so many minutes;
// zero means CloudFormation's own patience.
type TimeoutMinutes int

const (
	outputsPrefix      = "Outputs."
	artifactBucket     = "ArtifactBucket"
	templateKeyPattern = `^templates/[0-9a-f]{64}\.yaml$`
	stackType          = "AWS::CloudFormation::Stack"
)

// Nest declares the nested stack name+"Stack" of parent, in the template kebab-case(name), by running tier.
//
// Each reference field of in becomes a parameter of the nested template, which the tier sees instead, and parent passes
// the value; each reference field of the tier's result becomes an output, and Nest returns references to those. Fields
// of structs, pointers to structs, [Zoned] slices and maps are walked and their names joined; embedded structs add no
// name. Fields of other types are plain values, which shape the template. A field tagged `cfn:"optional"` may be empty.
//
// The nested template is addressed by the parameters ArtifactBucket and name+"TemplateKey" of the root, the key being
// templates/<sha256 of its bytes>.yaml.
func Nest[In, Out any](parent *Template, name string, tier func(*Template, In) Out, in In) Out {
	child := NewTemplate(kebab(name), "")
	child.parent = parent
	parent.nested = append(parent.nested, child)
	w := &wiring{parent: parent, child: child, tier: name}

	inputs := wireWalk{reference: w.input, other: w.attribute}
	out := tier(child, inputs.rebuild(reflect.ValueOf(in), "", false).Interface().(In))
	w.declareStack(name)
	outputs := wireWalk{reference: w.output, other: w.handle}
	return outputs.rebuild(reflect.ValueOf(&out).Elem(), "", false).Interface().(Out)
}

// wiring is one call of Nest.
type wiring struct {
	parent, child *Template
	tier          string
	parameters    pairs
	after         After
	timeout       TimeoutMinutes
}

// input turns a reference of the parent into a parameter of the child.
func (w *wiring) input(name string, kind reflect.Type, value string, optional bool) string {
	if value == "" && optional {
		return ""
	}
	w.check("input", name, value, w.parent)
	p := &parameter{name: name, fed: true, fromOutput: w.parent.fromOutput(value)}
	if c, ok := reflect.Zero(kind).Interface().(Constrained); ok {
		p.Parameter = c.Constraint()
	}
	if constraint := p.constraint(); p.fromOutput && constraint != "" {
		w.parent.fault(Problem{Kind: ConstrainedOutput, LogicalID: w.tier, Path: name, Value: shown(value),
			Message: fmt.Sprintf("%s carries %s but is fed by another stack's output, where a change set puts a placeholder",
				kind, constraint), Allowed: "a kind without constraint"})
	}
	if p.fromOutput {
		p.Parameter = Parameter{}
	}
	p.Description, p.Default = provenance(value), nil
	w.child.addParameter(p)
	w.parameters = append(w.parameters, pair{name, value})
	return token(tokenRef, w.child.name, name)
}

// provenance says in words where a parameter's value comes from.
func provenance(value string) string {
	source := shown(value)
	if inside, isReference := strings.CutPrefix(source, "${"); isReference {
		if name, rest, ends := strings.Cut(inside, "}"); ends && rest == "" {
			source = name
		}
	}
	return "Passed by the parent stack from " + source
}

// attribute takes what an input says about the nested stack itself.
func (w *wiring) attribute(v reflect.Value) {
	switch value := v.Interface().(type) {
	case After:
		w.after = append(w.after, value...)
	case TimeoutMinutes:
		w.timeout = value
	}
}

// declareStack adds the nested stack to the parent.
func (w *wiring) declareStack(name string) {
	bucket := w.parent.artifact(artifactBucket, Parameter{
		Description: "Bucket that holds the nested templates. Set by the deploy command."})
	key := w.parent.artifact(name+"TemplateKey", Parameter{AllowedPattern: templateKeyPattern,
		Description: "Content address of " + w.child.name + ".yaml. Set by the deploy command."})
	for _, p := range w.child.parameters {
		if p.artifact {
			p.fed = true
			w.parameters = append(w.parameters, pair{p.name, w.parent.artifact(p.name, p.Parameter)})
		}
	}
	stack := Add(w.parent, name+"Stack", w.child.description, &nestedStack{
		TemplateURL:      "https://s3." + Region + "." + URLSuffix + "/" + bucket + "/" + key,
		Parameters:       w.parameters,
		TimeoutInMinutes: int(w.timeout),

		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
	})
	for _, s := range w.after {
		stack.DependsOn(s)
	}
	w.child.stack = stack.entry
}

// artifact declares a parameter that addresses a nested template, once, and returns the reference to it.
func (t *Template) artifact(name string, p Parameter) string {
	if have := t.declared[name].parameter; have == nil || !have.artifact {
		t.addParameter(&parameter{Parameter: p, name: name, artifact: true})
	}
	return token(tokenRef, t.name, name)
}

// nestedStack is the AWS::CloudFormation::Stack of a tier.
type nestedStack struct {
	Parameters       pairs  `json:",omitempty"`
	TemplateURL      string `json:""`
	TimeoutInMinutes int    `json:",omitempty"`

	// A nested stack holds whatever its resources hold; both policies are said outright.
	AWSCloudFormationDeletionPolicy      string `json:"-"`
	AWSCloudFormationUpdateReplacePolicy string `json:"-"`
}

// AWSCloudFormationType returns the type.
func (*nestedStack) AWSCloudFormationType() string { return stackType }

// output turns a reference of the child into an output and gives the parent a reference to that.
func (w *wiring) output(name string, _ reflect.Type, value string, optional bool) string {
	if value == "" && optional {
		return ""
	}
	w.check("output", name, value, w.child)
	w.child.AddOutput(name, "", value)
	return token(tokenAtt, w.parent.name, w.child.stack.logicalID, outputsPrefix+name)
}

// handle fills the fields of type Stack.
func (w *wiring) handle(v reflect.Value) {
	if s, ok := v.Addr().Interface().(*Stack); ok {
		s.entry = w.child.stack
	}
}

// check reports a value that is no reference to something in owner.
func (w *wiring) check(direction, name, value string, owner *Template) {
	p := Problem{LogicalID: w.tier, Path: name, Value: shown(value), Allowed: "a reference to something in " + owner.name}
	found, wellFormed := owners(value)
	switch {
	case value == "":
		p.Kind, p.Message = EmptyReference, direction+" of the tier is empty"
	case !isToken(value):
		p.Kind, p.Message = LiteralReference, direction+" of the tier is a literal"
	case !wellFormed:
		p.Kind, p.Message = LeftoverToken, direction+" of the tier holds half a token"
	case slices.ContainsFunc(found, func(o string) bool { return o != owner.name }):
		p.Kind, p.Message = ForeignReference, fmt.Sprintf("%s of the tier refers to template %s", direction, strings.Join(found, ", "))
	default:
		return
	}
	w.parent.fault(p)
}

// fromOutput tells whether a value of t comes, even in part, from the output of another nested stack.
func (t *Template) fromOutput(value string) bool {
	var found bool
	eachToken(value, func(letter byte, arguments string) {
		_, rest, _ := nextArgument(arguments)
		id, attribute, _ := nextArgument(rest)
		found = found || letter == tokenAtt && strings.HasPrefix(attribute, outputsPrefix) ||
			letter == tokenRef && t.outputFed(id)
	})
	return found
}

// outputFed tells whether the parameter name is fed by an output.
func (t *Template) outputFed(name string) bool {
	p := t.declared[name].parameter
	return p != nil && p.fromOutput
}
