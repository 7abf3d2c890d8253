package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// World is a set of templates as deployed with certain parameters.
type World struct {
	// Stacks are the roots, each followed by the stacks nested in it.
	Stacks []*Stack
	// Problems are what kept values from being followed, such as a nested template that is not in the set.
	Problems []string

	set        *Set
	env        Environment
	forms      map[string]string    // what references resolve to
	index      map[string]*Resource // by whatever references to it resolve to
	byType     map[string][]*Resource
	names      map[string]*Template // see namesOf
	stacks     map[string]*Stack    // by path
	known      map[string]bool      // problems
	completes  bool                 // see deploySet
	conditions openConditions
	work       int // see spend
	models     models
	order      order
	texts      map[string]map[string][]*Resource // see having
}

// Stack is an instance of a template.
type Stack struct {
	// Path leads from the root to the stack by logical IDs: "platform", "platform/NetworkStack".
	Path string
	// Template is the template it is made from.
	Template *Template
	// Parameters are the values it has.
	Parameters map[string]Value
	// Resources are those that exist, in template order.
	Resources []*Resource
	// Outputs are resolved.
	Outputs map[string]Value

	world      *World
	as         *Resource // the resource of the parent stack that it is; nil for a root
	byID       map[string]*Resource
	conditions map[string]Value
	references map[mention]Value
	resolving  map[string]bool
	depth      int
	above      []*Template
}

// Resource is a resource of a stack with its values.
type Resource struct {
	Stack     *Stack
	LogicalID string
	Type      string
	// Properties are resolved.
	Properties Value
	// Metadata, DeletionPolicy and UpdateReplacePolicy are the attributes.
	Metadata                            Value
	DeletionPolicy, UpdateReplacePolicy string
	// DependsOn are the logical IDs it waits for by name.
	DependsOn []string
	// Maybe is why it is not known whether the resource exists: its condition cannot be decided.
	Maybe string

	source  *expression
	ordinal int // in the whole world
}

// Identity names a resource in the whole world: the value that a reference to it resolves to, unless its physical form
// is known.
func (r *Resource) Identity() string { return "<" + r.Stack.Path + "/" + r.LogicalID + ">" }

// Where names template and logical ID.
func (r *Resource) Where() string { return r.Stack.Template.Name + " " + r.LogicalID }

// At is short for Properties.At.
func (r *Resource) At(path string) Value { return r.Properties.At(path) }

// attribute is the resolved value of an attribute beside Properties, such as DeletionPolicy.
func (r *Resource) attribute(name string) Value { return r.Stack.resolve(r.source.field(name)) }

// Line is the line in the template of the property at a path, or of the nearest thing above it that is written there.
// A path that begins with the name of an attribute, such as DeletionPolicy, leads to that.
func (r *Resource) Line(path string) int {
	start, _, _ := strings.Cut(path, ".")
	if r.source.field("Properties").field(start) == nil && slices.Contains(attributes, start) {
		return r.Stack.lineOf(r.source, path)
	}
	return r.Stack.lineOf(r.source, strings.TrimSuffix("Properties."+path, "."))
}

// attributes are the resource attributes that stand beside Properties.
var attributes = []string{"Condition", "DeletionPolicy", "DependsOn", "Metadata", "Type", "UpdateReplacePolicy"}

// lineOf is the line of what a path through an expression leads to, as far as it is written there.
func (s *Stack) lineOf(at *expression, path string) int {
	line := at.line
	for path != "" && at != nil {
		if at, path = s.step(at, path); at != nil {
			line = at.line
		}
	}
	return line
}

// written is what a path through an expression leads to, or nil.
func (s *Stack) written(at *expression, path string) *expression {
	for path != "" && at != nil {
		at, path = s.step(at, path)
	}
	return at
}

// step takes the first step of a path. Of Fn::If the branch that holds is taken, and items that are AWS::NoValue do not count.
func (s *Stack) step(at *expression, path string) (*expression, string) {
	at = s.branch(at)
	step, rest := nextStep(path, func(key string) bool { return at.field(key) != nil })
	if index, ok := stepIndex(step); ok && at.kind == listExpression {
		return s.item(at.items, index), rest
	}
	return at.field(step), rest
}

// item is the item at an index of those that are there, or nil.
func (s *Stack) item(items []*expression, index int) *expression {
	for _, item := range items {
		if branch := s.branch(item); branch.kind == functionExpression && branch.text == "Ref" && branch.items[0].scalar() == "AWS::NoValue" {
			continue
		}
		if index == 0 {
			return item
		}
		index--
	}
	return nil
}

// branch is what Fn::If chooses; anything else is its own branch.
func (s *Stack) branch(e *expression) *expression {
	for e.kind == functionExpression && e.text == "If" && len(e.items[0].items) == 3 {
		choices := e.items[0].items
		switch decided := s.condition(choices[0].scalar()); {
		case decided.Unknown() != "":
			return e
		case decided.True():
			e = choices[1]
		default:
			e = choices[2]
		}
	}
	return e
}

// Environment says what the pseudo parameters are and gives values to the parameters of the roots.
type Environment struct {
	// AccountID, Region and Partition stand for the pseudo parameters; empty means 111122223333, us-east-1 and aws.
	AccountID, Region, Partition string
	// Parameters are values of root parameters. A parameter without value takes its default, else the first allowed
	// value, else is unknown.
	Parameters map[string]string
}

// Limits of a world's work, so that sets in which stacks or texts multiply end in unknown values and not in a hang.
const (
	maxNestedStacks = 5000
	maxWork         = 3_000_000
	maxTextBytes    = 1 << 20
	maxCallDepth    = 5000
)

// spend takes note of work, and tells whether there may be more.
func (w *World) spend(work int) bool {
	w.work += work
	if w.work > maxWork {
		w.problem("the set has more than %d values to follow", maxWork)
		return false
	}
	return true
}

func (w *World) problem(format string, arguments ...any) {
	if text := fmt.Sprintf(format, arguments...); !w.known[text] {
		w.known[text] = true
		w.Problems = append(w.Problems, text)
	}
}

// OfType lists the resources of the types given, in stack and template order.
func (w *World) OfType(types ...string) []*Resource {
	if len(types) == 1 {
		return slices.Clone(w.byType[types[0]])
	}
	var found []*Resource
	for _, name := range types {
		found = append(found, w.byType[name]...)
	}
	slices.SortFunc(found, func(a, b *Resource) int { return cmp.Compare(a.ordinal, b.ordinal) })
	return slices.Compact(found)
}

// Find returns the resource that a value refers to, or nil.
func (w *World) Find(v Value) *Resource { return w.index[v.String()] }
