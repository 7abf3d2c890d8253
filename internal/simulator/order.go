package simulator

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/source"
)

// needs are the resources that one depends on: by value (Ref, GetAtt, Sub), or by DependsOn.
type needs struct{ values, order []string }

// patient types wait for all of what they depend on: a route was seen to wait for a route table whose subnets' associations went ahead
// (CloudFormation events of the public CDK log tap-serverless-pr2695).
func patient(typ string) bool { return typ == "AWS::EC2::Route" }

// ready tells whether all that a resource depends on is there. A value is there when its resource is configured; DependsOn waits for all
// of it (the first is documented, "Understand CloudFormation stack creation events"; that DependsOn waits longer is assumed).
func (r *run) ready(id string) bool {
	n := r.needs(id)
	for _, other := range n.order {
		if r.pending[other] || r.working[other] != nil {
			return false
		}
	}
	for _, other := range n.values {
		if r.pending[other] || r.working[other] != nil && (!r.configured[other] || patient(r.template.Resources[id].Type)) {
			return false
		}
	}
	return true
}

func (r *run) needs(id string) needs {
	if n, known := r.needed[id]; known {
		return n
	}
	declared := r.template.Resources[id]
	foreign := func(other string) bool { _, is := r.template.Resources[other]; return !is || other == id }
	n := needs{slices.DeleteFunc(mentions(declared.Properties), foreign), slices.DeleteFunc(slices.Clone(declared.DependsOn), foreign)}
	r.needed[id] = n
	return n
}

// all are the resources that one depends on, however.
func (r *run) all(id string) []string {
	n := r.needs(id)
	return append(slices.Clone(n.values), n.order...)
}

// mentions are all names that an expression refers to.
func mentions(v any) []string {
	var found []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = append(found, mentions(item)...)
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			inside := v[key]
			list, _ := inside.([]any)
			text, isText := inside.(string)
			switch {
			case key == "Ref" && isText:
				found = append(found, text)
			case key == "Fn::GetAtt" && len(list) > 0:
				found = append(found, textOf(list[0]))
			case key == "Fn::Sub" && isText:
				found = append(found, variables(text)...)
			case key == "Fn::Sub" && len(list) > 0:
				found = append(append(found, variables(textOf(list[0]))...), mentions(list)...)
			default:
				found = append(found, mentions(inside)...)
			}
		}
	}
	return found
}

func variables(text string) []string {
	var found []string
	for _, part := range strings.Split(text, "${")[1:] {
		name, _, _ := strings.Cut(part, "}")
		name, _, _ = strings.Cut(name, ".")
		found = append(found, name)
	}
	return found
}

// order is that of dependencies, then of names.
func (c *changeSet) order() []string {
	order, _ := orderOf(c.template)
	return order
}

// orderOf puts resources into the order of their dependencies, then of names; those that depend on each other in a circle are left.
func orderOf(t *source.Template) (order, circle []string) {
	r := &run{template: t, pending: map[string]bool{}, needed: map[string]needs{}}
	for id := range t.Resources {
		r.pending[id] = true
	}
	for before := -1; len(order) > before; {
		before = len(order)
		for _, id := range sortedKeys(r.pending) {
			if r.ready(id) {
				delete(r.pending, id)
				order = append(order, id)
			}
		}
	}
	return order, sortedKeys(r.pending)
}
