package changeset

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/source"
)

// An exposure tells how far a value gives a secret away.
type exposure int

const (
	safe exposure = iota
	// unclear values come from where no template tells: exports of other stacks, macros, what the function behind a custom resource answers.
	unclear
	// likely ones come from a resource that a secret goes into and that may repeat it, or from a template that nobody knows.
	likely
	// certain ones are made of a NoEcho parameter, or of what CloudFormation resolves from a secret.
	certain
)

// exposure tells how far an expression's value gives secrets away, by any of the stack's two templates.
func (l *level) exposure(expression any) exposure {
	worst := safe
	visitor{
		call: func(name string) { worst = max(worst, l.callExposure(name)) },
		text: func(text string) { worst = max(worst, textExposure(text)) },
		reference: func(target, attribute string, condition bool) {
			if !condition {
				worst = max(worst, l.referenceExposure(target, attribute))
			}
		}}.visit(expression)
	return worst
}

// secretReferences begin what CloudFormation resolves from a secret (User Guide, "Get values stored in other services using dynamic
// references").
func secretReferences() []string {
	return []string{dynamicReference + "secretsmanager", dynamicReference + "ssm-secure"}
}

// textExposure is a text's. Dynamic references that a template puts together of pieces may lead anywhere.
func textExposure(text string) exposure {
	switch {
	case slices.ContainsFunc(secretReferences(), func(begin string) bool { return strings.Contains(text, begin) }):
		return certain
	case strings.Contains(strings.ReplaceAll(text, dynamicReference+"ssm:", ""), "{{"):
		return unclear
	}
	return safe
}

// callExposure is that of an intrinsic function beside its arguments.
func (l *level) callExposure(name string) exposure {
	switch {
	case pure(name), slices.Contains([]string{"Fn::GetAZs", "Fn::Length", "Fn::ToJsonString"}, name):
		return safe
	case name == "Fn::FindInMap" && !slices.ContainsFunc(l.views(), func(t *source.Template) bool { return textExposure(string(t.Body)) == certain }):
		return safe // mappings hold texts alone
	}
	return unclear
}

// views are the known ones of the stack's two templates.
func (l *level) views() []*source.Template {
	return slices.DeleteFunc([]*source.Template{l.now, l.was}, func(t *source.Template) bool { return t == nil })
}

// referenceExposure is that of a parameter, or of a resource's attribute. Asked again while it is being worked out, which no valid template
// causes, it is safe.
func (l *level) referenceExposure(target, attribute string) exposure {
	question := target + "." + attribute
	if known, done := l.weighed[question]; done {
		return known
	}
	if l.weighed == nil {
		l.weighed = map[string]exposure{}
	}
	l.weighed[question] = safe
	l.weighed[question] = l.weigh(target, attribute)
	return l.weighed[question]
}

func (l *level) weigh(target, attribute string) exposure {
	if strings.HasPrefix(target, "AWS::") {
		return safe
	}
	worst, known := safe, false
	for _, t := range l.views() {
		p, isParameter := t.Parameters[target]
		r, isResource := t.Resources[target]
		known = known || isParameter || isResource
		switch {
		case isParameter && p.NoEcho:
			return certain
		case isParameter:
			worst = max(worst, l.inputExposure(p))
		case isResource && r.Nested != nil:
			worst = max(worst, l.nestedExposure(target, attribute))
		case isResource:
			worst = max(worst, l.resourceExposure(r, attribute))
		}
	}
	if !known {
		return unclear
	}
	return worst
}

// inputExposure is that of the value that a parameter gets.
func (l *level) inputExposure(p source.Parameter) exposure {
	if l.parent == nil {
		return max(textExposure(l.tree.given[p.Name].Value), textExposure(l.tree.before.Parameters[p.Name]))
	}
	worst := safe
	for _, t := range l.parent.views() {
		all := passed(t, l.id)
		value, given := all[p.Name]
		switch _, _, computed := function(all); {
		case computed: // which parameters there are is decided elsewhere
			worst = max(worst, l.parent.exposure(all))
		case given:
			worst = max(worst, l.parent.exposure(value))
		case p.Default != nil:
			worst = max(worst, textExposure(*p.Default))
		}
	}
	return worst
}

// nestedExposure is that of a nested stack's ID or output.
func (l *level) nestedExposure(id, attribute string) exposure {
	output, is := strings.CutPrefix(attribute, "Outputs.")
	switch {
	case is:
		return l.inside(id).outputExposure(output)
	case attribute == "":
		return safe
	}
	return unclear
}

// inside is the level of a nested stack.
func (l *level) inside(id string) *level {
	if l.nested[id] == nil {
		l.nested[id] = &level{tree: l.tree, parent: l, id: id, path: append(slices.Clone(l.path), id), nested: map[string]*level{}}
		l.nested[id].was = l.tree.read(l.nested[id], resources(l.was)[id])
	}
	return l.nested[id]
}

// outputExposure is that of one of the stack's outputs. What is not known may give anything away.
func (l *level) outputExposure(name string) exposure {
	worst, known := safe, len(l.views()) == 0
	if known {
		return likely
	}
	for _, t := range l.views() {
		output, is := t.Outputs[name].(map[string]any)
		if known = known || is; is {
			worst = max(worst, l.exposure(output["Value"]))
		}
	}
	if !known {
		return unclear
	}
	return worst
}

// resourceExposure is that of what Ref (no attribute) or Fn::GetAtt gives of a resource.
func (l *level) resourceExposure(r source.Resource, attribute string) exposure {
	answers := !strings.HasPrefix(r.Type, "AWS::") || slices.Contains([]string{"AWS::CloudFormation::CustomResource", "AWS::CloudFormation::WaitCondition"}, r.Type)
	switch {
	case source.NamesSecret(attribute), strings.HasPrefix(r.Type, "AWS::SecretsManager::") && !slices.Contains([]string{"", "Id"}, attribute):
		return certain
	case answers && l.exposure(r.Properties) >= likely:
		return likely
	case answers, strings.HasPrefix(attribute, "map["): // the attribute's name is computed
		return unclear
	}
	for _, name := range sorted(r.Properties) {
		if repeats(name, r.Properties[name], attribute) && l.exposure(r.Properties[name]) >= likely {
			return likely
		}
	}
	return safe
}

// repeats tells whether an attribute may hold what a property says: its own property, or one that may be the resource's name, of which AWS
// makes identifiers, ARNs and addresses (Template reference, "Return values" of each type). Names are texts; passwords, lists and maps, such
// as tags or variables, are none.
func repeats(property string, value any, attribute string) bool {
	first, _, _ := strings.Cut(attribute, ".")
	_, isText := value.(string)
	m, _ := value.(map[string]any)
	_, _, computed := function(m)
	return property == first || (isText || computed) && !source.NamesSecret(property) && !slices.Contains([]string{"Description", "UserData"}, property)
}
