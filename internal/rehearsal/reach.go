package rehearsal

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A place is a resource of a template set, with the logical IDs of the nested stacks to it.
type place struct {
	path      []string
	logicalID string
}

// String is what people call it: Data/Cluster. id is what the simulator does: DataStack/Cluster.
func (p place) String() string { return report.Place(p.path, p.logicalID) }

func (p place) id() string { return strings.Join(append(slices.Clone(p.path), p.logicalID), "/") }

// is tells whether a text names the place, by logical IDs or by what people call it, in full or by its last parts.
func (p place) is(written string) bool {
	return written != "" && strings.HasSuffix("/"+p.id(), "/"+written) || report.SamePlace(written, p.String())
}

// places are all resources of a set, nested stacks among them.
func places(set *source.Set, t *source.Template, path []string) (all []place) {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[id]
		all = append(all, place{path, id})
		if inner := nested(set, r); inner != nil {
			all = append(all, places(set, inner, append(slices.Clone(path), id))...)
		}
	}
	return all
}

// nested is the template of a nested stack; nil where the set does not hold it.
func nested(set *source.Set, r source.Resource) *source.Template {
	if r.Nested == nil {
		return nil
	}
	return set.Nested[r.Nested.Template]
}

// A reach is what values of parameters get to: through nested stacks, their outputs and conditions.
type reach struct {
	set     *source.Set
	reached []place
}

// reachOf are the resources that a parameter of the root gets to, in the order of their names.
func reachOf(set *source.Set, parameter string) []place {
	r := &reach{set: set}
	if _, is := set.Root.Parameters[parameter]; is {
		r.stack(set.Root, nil, map[string]bool{parameter: true})
	}
	slices.SortFunc(r.reached, func(a, b place) int { return strings.Compare(a.String(), b.String()) })
	return slices.CompactFunc(r.reached, func(a, b place) bool { return a.id() == b.id() })
}

// stack goes through a template. names are the parameters that the value gets to; those of conditions and of outputs of nested stacks are
// added. It returns the outputs.
func (r *reach) stack(t *source.Template, path []string, names map[string]bool) (outputs []string) {
	for grown := true; grown; {
		before := len(names)
		for name, condition := range t.Conditions {
			if mentions(condition, names) {
				names[conditionPrefix+name] = true
			}
		}
		for id, resource := range t.Resources {
			for _, output := range r.inside(resource, append(slices.Clone(path), id), names) {
				names[id+".Outputs."+output] = true
			}
		}
		grown = len(names) > before
	}
	for id, resource := range t.Resources {
		if resource.Nested == nil && (mentions(resource.Properties, names) || names[conditionPrefix+resource.Condition]) {
			r.reached = append(r.reached, place{path: path, logicalID: id})
		}
	}
	for name, output := range t.Outputs {
		if mentions(output, names) {
			outputs = append(outputs, name)
		}
	}
	return outputs
}

// inside goes through a nested stack that is passed one of the names.
func (r *reach) inside(resource source.Resource, path []string, names map[string]bool) []string {
	t := nested(r.set, resource)
	passed := map[string]bool{}
	if t != nil {
		for name, value := range resource.Nested.Parameters {
			if mentions(value, names) {
				passed[name] = true
			}
		}
	}
	if len(passed) == 0 {
		return nil
	}
	return r.stack(t, path, passed)
}

// conditionPrefix tells conditions from parameters of the same name.
const conditionPrefix = "condition "

// variable is one of Fn::Sub (Template reference, "Fn::Sub"): ${Name} or ${Name.Attribute}, and not ${!Literal}.
var variable = regexp.MustCompile(`\$\{\s*([^!}][^}]*?)\s*\}`)

// mentions tells whether an expression takes the value of one of the names.
func mentions(expression any, names map[string]bool) bool {
	switch e := expression.(type) {
	case []any:
		return slices.ContainsFunc(e, func(item any) bool { return mentions(item, names) })
	case map[string]any:
		for key, argument := range e {
			if named(key, argument, names) || mentions(argument, names) {
				return true
			}
		}
	}
	return false
}

// named tells whether a function's argument is one of the names.
func named(function string, argument any, names map[string]bool) bool {
	list, _ := argument.([]any)
	var parts []string
	for _, item := range list {
		text, _ := item.(string)
		parts = append(parts, text)
	}
	text, is := argument.(string)
	if !is && len(parts) > 0 {
		text = parts[0]
	}
	switch function {
	case "Ref":
		return names[text]
	case "Fn::GetAtt":
		return names[text] || names[strings.Join(parts, ".")]
	case "Condition", "Fn::If":
		return names[conditionPrefix+text]
	case "Fn::Sub":
		return slices.ContainsFunc(variable.FindAllStringSubmatch(text, -1), func(m []string) bool { return names[m[1]] })
	}
	return false
}
