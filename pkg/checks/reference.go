package checks

import (
	_ "embed"
	"strings"
)

// reference is what a resource gives for an attribute; a nested stack gives its outputs.
func (s *Stack) reference(id, attribute string) Value {
	m := mention{id, attribute}
	r := s.byID[m.name]
	if r == nil {
		return Unknown(m.name + " does not exist under these conditions")
	}
	if name, ok := strings.CutPrefix(m.attribute, "Outputs."); ok && r.Type == stackType {
		return s.output(r, name)
	}
	if v, ok := s.references[m]; ok {
		return v
	}
	form := s.world.forms[r.Type+" "+m.attribute]
	if form == "" && m.attribute == "Ref" {
		form = "{id}"
	}
	if form == "" {
		form = "{id}." + m.attribute
	}
	v := s.fill(r, form)
	s.references[m] = v
	if v.kind == textValue {
		s.world.index[v.text] = r
	}
	return v
}

// output is an output of a nested stack.
func (s *Stack) output(r *Resource, name string) Value {
	child := s.nest(r)
	if child == nil {
		return Unknown("output " + name + " of " + r.LogicalID + ", whose template is not known")
	}
	if v, ok := child.Outputs[name]; ok {
		return v
	}
	return Unknown(child.Template.Name + " has no output " + name)
}

// fill puts properties and the world's constants into a form. A property without value, which AWS would generate, takes
// the resource's identity.
func (s *Stack) fill(r *Resource, form string) Value {
	var b strings.Builder
	for form != "" {
		literal, rest, found := strings.Cut(form, "{")
		b.WriteString(literal)
		if !found {
			break
		}
		var name string
		name, form, _ = strings.Cut(rest, "}")
		switch name {
		case "id":
			b.WriteString(r.Identity())
		case "account":
			b.WriteString(s.Parameters["AWS::AccountId"].String())
		case "region":
			b.WriteString(s.Parameters["AWS::Region"].String())
		case "partition":
			b.WriteString(s.Parameters["AWS::Partition"].String())
		default:
			b.WriteString(s.property(r, name))
		}
	}
	return s.made(b.String())
}

// property resolves one top-level property of a resource; a resource that names itself by way of itself has no name.
func (s *Stack) property(r *Resource, name string) string {
	key := r.LogicalID + "." + name
	if s.resolving[key] {
		return r.Identity()
	}
	s.resolving[key] = true
	defer delete(s.resolving, key)
	if v := s.resolve(r.source.field("Properties").field(name)); v.String() != "" {
		return v.String()
	}
	return r.Identity()
}

//go:embed references.txt
var referencesText string

// referenceForms reads the table of what references resolve to.
func referenceForms() map[string]string {
	forms := map[string]string{}
	for line := range strings.Lines(referencesText) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] != "#" {
			forms[fields[0]+" "+fields[1]] = fields[2]
		}
	}
	return forms
}
