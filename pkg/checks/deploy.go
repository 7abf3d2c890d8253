package checks

import (
	"path"
	"slices"
	"strings"
)

const stackType = "AWS::CloudFormation::Stack"

// Deploy follows the values through all stacks. Roots are the templates that no other template of the set nests.
func Deploy(set *Set, env Environment) *World { return deploySet(set, env, true) }

// deploySet is Deploy; where it does not complete, resources have no values but those that references ask for.
func deploySet(set *Set, env Environment, complete bool) *World {
	return deployDecided(set, env, complete, map[string]bool{})
}

// deployDecided is deploySet with conditions decided that values leave open.
func deployDecided(set *Set, env Environment, complete bool, decided map[string]bool) *World {
	if env.AccountID == "" {
		env.AccountID = "111122223333"
	}
	if env.Region == "" {
		env.Region = "us-east-1"
	}
	if env.Partition == "" {
		env.Partition = "aws"
	}
	w := &World{set: set, env: env, completes: complete, forms: referenceForms(), index: map[string]*Resource{}, byType: map[string][]*Resource{},
		stacks: map[string]*Stack{}, known: map[string]bool{}, texts: map[string]map[string][]*Resource{}, conditions: openConditions{decided: decided}}
	given := map[string]Value{}
	for name, value := range env.Parameters {
		given[name] = Text(value)
	}
	w.names = namesOf(set)
	for _, t := range w.roots() {
		stem := strings.TrimSuffix(t.Name, path.Ext(t.Name))
		if w.stacks[stem] != nil {
			stem = t.Name
		}
		w.deploy(stem, t, given, nil)
	}
	w.register()
	w.conditions.closed = true
	return w
}

// register lists the resources by type, numbered in stack and template order.
func (w *World) register() {
	n := 0
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			r.ordinal = n
			w.byType[r.Type] = append(w.byType[r.Type], r)
			n++
		}
	}
}

func (w *World) deploy(path string, t *Template, given map[string]Value, as *Resource) *Stack {
	s := &Stack{Path: path, Template: t, Parameters: map[string]Value{}, Outputs: map[string]Value{}, world: w, as: as,
		byID: map[string]*Resource{}, conditions: map[string]Value{}, references: map[mention]Value{}, resolving: map[string]bool{}}
	if as != nil {
		s.above = append(slices.Clone(as.Stack.above), t)
	} else {
		s.above = []*Template{t}
	}
	w.Stacks = append(w.Stacks, s)
	w.stacks[path] = s
	s.setParameters(given)
	s.declare()
	for _, r := range s.Resources {
		if r.Type == stackType {
			s.nest(r)
		}
	}
	for _, r := range s.Resources {
		if w.completes {
			s.complete(r)
		}
	}
	outputs := t.section("Outputs")
	for i, name := range outputs.keysOrNone() {
		s.Outputs[name] = outputOf(name, s.resolve(outputs.items[i].field("Value")))
	}
	return s
}

// outputOf holds an output to what CloudFormation takes: a text.
func outputOf(name string, v Value) Value {
	if v.kind == listValue || v.kind == mapValue {
		return Unknown("output " + name + " is no text")
	}
	return v
}

// declare registers the resources that exist; their values follow when references can be resolved.
func (s *Stack) declare() {
	resources := s.Template.section("Resources")
	if resources.kind != mapExpression {
		s.world.problem("%s: what Fn::%s makes of Resources is not known", s.Template.Name, resources.text)
	}
	if s.Template.section("Transform") != nil {
		s.world.problem("%s: what its Transform makes of it is not known", s.Template.Name)
	}
	for i, id := range resources.keysOrNone() {
		source := resources.items[i]
		if source.field("Type") == nil {
			s.world.problem("%s: %s has no Type", s.Template.Name, id)
			continue
		}
		s.world.spend(1)
		r := &Resource{Stack: s, LogicalID: id, Type: source.field("Type").scalar(), source: source,
			DeletionPolicy: source.field("DeletionPolicy").scalar(), UpdateReplacePolicy: source.field("UpdateReplacePolicy").scalar()}
		if condition := source.field("Condition"); condition != nil {
			decided := s.condition(condition.scalar())
			if decided.Unknown() != "" {
				r.Maybe = decided.Unknown()
			} else if !decided.True() {
				continue
			}
		}
		s.Resources = append(s.Resources, r)
		s.byID[id] = r
		s.world.index[r.Identity()] = r
	}
}

// nest deploys a nested stack, unless it is there; so each finds the outputs it needs, in whatever order they stand.
func (s *Stack) nest(r *Resource) *Stack {
	path := s.Path + "/" + r.LogicalID
	if known := s.world.stacks[path]; known != nil {
		return known
	}
	child := s.world.templateAt(s.resolve(r.source.field("Properties").field("TemplateURL")).String())
	if likely := s.world.childTemplates(s.Template, r.LogicalID, r.source); child == nil && len(likely) > 0 {
		child = likely[0]
	}
	switch {
	case child == nil:
		s.world.problem("%s: its template is not in the set", r.Where())
		return nil
	case slices.Contains(s.above, child):
		s.world.problem("%s: %s nests itself", r.Where(), child.Name)
		return nil
	case len(s.world.Stacks) >= maxNestedStacks || !s.world.spend(1):
		s.world.problem("%s: more stacks than are followed", r.Where())
		return nil
	case s.resolving[path]:
		s.world.problem("%s: nested stacks wait for each other", r.Where())
		return nil
	}
	s.resolving[path] = true
	defer delete(s.resolving, path)
	return s.world.deploy(path, child, s.given(r, child), r)
}

// given are the values that a nested stack gets; where the map as a whole is not known, no parameter's value is.
func (s *Stack) given(r *Resource, child *Template) map[string]Value {
	parameters := s.resolve(r.source.field("Properties").field("Parameters"))
	if why := parameters.Unknown(); why != "" {
		given := map[string]Value{}
		for _, name := range child.section("Parameters").keysOrNone() {
			given[name] = parameters
		}
		return given
	}
	return parameters.fields
}

// complete resolves a resource's values.
func (s *Stack) complete(r *Resource) {
	r.Properties = s.resolve(r.source.field("Properties"))
	r.Metadata = s.resolve(r.source.field("Metadata"))
	r.DependsOn = s.resolve(r.source.field("DependsOn")).Texts()
}
