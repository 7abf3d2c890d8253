package checks

import (
	"fmt"
	"slices"
	"strings"
)

// place is a value with where it is written. Paths count what is written: an item that a condition leaves out moves the
// values behind it, but not their lines.
type place struct {
	resource *Resource
	path     string
	value    Value
	source   *expression
}

// placeOf is a resource's Properties.
func placeOf(r *Resource) place {
	return place{resource: r, value: r.Properties, source: r.source.field("Properties")}
}

// field is the place of a key's value.
func (p place) field(name string) place {
	at := place{resource: p.resource, path: name, value: p.value, source: p.written().field(name)}
	if p.path != "" {
		at.path = p.path + "." + name
	}
	if p.value.kind != unknownValue {
		at.value = p.value.fields[name]
	}
	return at
}

// keys are the keys of a map, also those that stand there without a value.
func (p place) keys() []string {
	keys := p.value.Keys()
	for _, key := range p.written().keysOrNone() {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// items are the places of a list's items; a single value is its only item.
func (p place) items() []place {
	list := p.value.List()
	if p.value.kind != listValue {
		if len(list) == 0 {
			return nil
		}
		return []place{p}
	}
	places := make([]place, len(list))
	source := p.written()
	if source != nil && (source.kind != listExpression || len(source.items) < len(list)) {
		source = nil
	}
	for i, at := range p.positions(source, len(list)) {
		places[i] = place{resource: p.resource, path: fmt.Sprintf("%s[%d]", p.path, at), value: list[i]}
		if source != nil && at < len(source.items) {
			places[i].source = source.items[at]
		}
	}
	return places
}

// written is what stands in the template: of Fn::If the branch that holds.
func (p place) written() *expression {
	if p.source == nil {
		return nil
	}
	return p.resource.Stack.branch(p.source)
}

// positions are those in the template of the n items that exist.
func (p place) positions(source *expression, n int) []int {
	positions := make([]int, 0, n)
	for i := 0; len(positions) < n; i++ {
		if source != nil && len(source.items) > n && i < len(source.items) && !p.resource.Stack.resolve(source.items[i]).Exists() {
			continue
		}
		positions = append(positions, i)
	}
	return positions
}

// each follows a path such as "Targets[].RoleArn" through all items of lists.
func (p place) each(path string) []place {
	step, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(step, "[]")
	at := []place{p.field(name)}
	if isList {
		at = at[0].items()
	}
	if !more {
		return at
	}
	var found []place
	for _, inside := range at {
		found = append(found, inside.each(rest)...)
	}
	return found
}
