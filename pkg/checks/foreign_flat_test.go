package checks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// foreignSorted are the names of a set.
func foreignSorted(set foreignSet) []string { return slices.Sorted(maps.Keys(set)) }

// foreignAddresses are the templates of nested stacks, by parent and logical ID.
func foreignAddresses(t testing.TB, set foreignSet) map[string]map[string]string {
	t.Helper()
	addresses := map[string]map[string]string{}
	for _, s := range worldOf(t, goldenParameters(t, "prod"), set.foreignYAML(t)).Stacks {
		if s.as != nil {
			parent := s.as.Stack.Template.Name
			if addresses[parent] == nil {
				addresses[parent] = map[string]string{}
			}
			addresses[parent][s.as.LogicalID] = s.Template.Name
		}
	}
	return addresses
}

// foreignRoot tells whether no template nests another.
func foreignRoot(name string, addresses map[string]map[string]string) bool {
	for _, children := range addresses {
		for _, child := range children {
			if child == name {
				return false
			}
		}
	}
	return true
}

// A flattener writes a root and all stacks nested in it as one stack: parameters become what is given for them, outputs
// what they are, and names get the nested stack's before them.
type flattener struct {
	set       foreignSet
	addresses map[string]map[string]string
	flat      *yaml.Node
}

// A flattened is a stack on its way into the flat one.
type flattened struct {
	*flattener
	name, prefix string
	document     *yaml.Node
	given        map[string]*yaml.Node // nil for a root
	children     map[string]*flattened
}

// foreignFlat flattens all roots of a set.
func foreignFlat(t testing.TB, set foreignSet) map[string]string {
	addresses := foreignAddresses(t, set)
	flat := foreignSet{}
	for _, name := range foreignSorted(set) {
		if !foreignRoot(name, addresses) {
			continue
		}
		f := &flattener{set: set, addresses: addresses, flat: &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}}
		document := foreignJoins(set[name])
		for _, section := range []string{"Parameters", "Rules"} {
			if declared := foreignField(document, section); declared != nil {
				f.flat.Content = append(f.flat.Content, foreignText(section), declared)
			}
		}
		root := &flattened{flattener: f, name: name, document: document}
		root.inline(nil)
		foreignEach(foreignField(document, "Outputs"), func(name string, output *yaml.Node) {
			outputs := foreignSection(f.flat, "Outputs")
			outputs.Content = append(outputs.Content, foreignText(name), foreignMap("Value", root.own(foreignField(output, "Value"))))
		})
		flat[name] = f.flat
	}
	return flat.foreignYAML(t)
}

// inline takes over the resources and conditions of a stack and of those in it; each waits for what the stack waits for.
func (f *flattened) inline(waits []string) {
	conditions := foreignSection(f.flat, "Conditions")
	foreignEach(foreignField(f.document, "Conditions"), func(name string, value *yaml.Node) {
		conditions.Content = append(conditions.Content, foreignText(f.prefix+name), f.own(value))
	})
	var ids []string
	resources := foreignField(f.document, "Resources")
	foreignEach(resources, func(id string, _ *yaml.Node) { f.child(id) })
	for _, id := range f.inOrder(resources) {
		resource := foreignField(resources, id)
		all := slices.Clone(waits)
		if f.child(id) != nil {
			for _, other := range f.reached(resource) {
				all = append(all, other.prefix)
			}
		}
		foreignEach(resource, func(key string, value *yaml.Node) {
			for _, other := range value.Content {
				if child := f.child(other.Value); key == "DependsOn" && child != nil {
					all = append(all, child.prefix)
				} else if key == "DependsOn" && other.Value != "" {
					all = append(all, f.prefix+other.Value)
				}
			}
		})
		if child := f.child(id); child != nil {
			child.inline(all)
			continue
		}
		f.take(f.prefix+id, resource, all)
		ids = append(ids, f.prefix+id)
	}
	if f.prefix != "" { // stands for the stack as a whole
		f.take(f.prefix, foreignMap("Type", foreignText("AWS::CloudFormation::WaitConditionHandle")), ids)
	}
}

// reached are the nested stacks whose outputs a resource takes.
func (f *flattened) reached(resource *yaml.Node) []*flattened {
	var found []*flattened
	foreignMade(resource, func(n *yaml.Node) *yaml.Node {
		if name, argument := foreignCall(n); name == "Fn::GetAtt" {
			if child := f.child(argument.Content[0].Value); child != nil && !slices.Contains(found, child) {
				found = append(found, child)
			}
		}
		return n
	})
	return found
}

// inOrder are the logical IDs of a stack, each behind the nested stacks that it waits for.
func (f *flattened) inOrder(resources *yaml.Node) []string {
	var order []string
	var add func(id string)
	add = func(id string) {
		resource := foreignField(resources, id)
		if resource == nil || slices.Contains(order, id) {
			return
		}
		for other, child := range f.children {
			if slices.Contains(f.reached(resource), child) {
				add(other)
			}
		}
		for i, n := range resource.Content {
			for _, other := range n.Content {
				if i%2 == 1 && resource.Content[i-1].Value == "DependsOn" {
					add(other.Value)
				}
			}
		}
		order = append(order, id)
	}
	foreignEach(resources, func(id string, _ *yaml.Node) { add(id) })
	return order
}

// take puts a resource into the flat stack.
func (f *flattened) take(id string, resource *yaml.Node, waits []string) {
	made := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	foreignEach(resource, func(key string, value *yaml.Node) {
		switch key {
		case "DependsOn":
			return
		case "Condition":
			value = foreignText(f.prefix + value.Value)
		default:
			value = f.own(value)
		}
		made.Content = append(made.Content, foreignText(key), value)
	})
	if len(waits) > 0 {
		ids := foreignList()
		for _, other := range waits {
			ids.Content = append(ids.Content, foreignText(other))
		}
		made.Content = append(made.Content, foreignText("DependsOn"), ids)
	}
	resources := foreignSection(f.flat, "Resources")
	resources.Content = append(resources.Content, foreignText(id), made)
}

// child is the stack that a resource nests, or nil.
func (f *flattened) child(id string) *flattened {
	name := f.addresses[f.name][id]
	if name == "" || f.children[id] != nil {
		return f.children[id]
	}
	child := &flattened{flattener: f.flattener, name: name, prefix: f.prefix + strings.TrimSuffix(id, "Stack") + "X", document: foreignJoins(f.set[name]), given: map[string]*yaml.Node{}}
	if f.children == nil {
		f.children = map[string]*flattened{}
	}
	f.children[id] = child
	foreignEach(foreignField(child.document, "Parameters"), func(name string, declared *yaml.Node) {
		if fallback := foreignField(declared, "Default"); fallback != nil {
			child.given[name] = fallback
		}
	})
	properties := foreignField(foreignField(foreignField(f.document, "Resources"), id), "Properties")
	foreignEach(foreignField(properties, "Parameters"), func(name string, value *yaml.Node) { child.given[name] = f.own(value) })
	return child
}

// own is an expression of a stack in terms of the flat one.
func (f *flattened) own(n *yaml.Node) *yaml.Node {
	return foreignMade(n, func(n *yaml.Node) *yaml.Node {
		name, argument := foreignCall(n)
		switch name {
		case "Ref":
			if value := f.given[argument.Value]; value != nil {
				return value
			}
			if f.given == nil || strings.HasPrefix(argument.Value, "AWS::") {
				return n
			}
			return foreignMap(name, foreignText(f.prefix+argument.Value))
		case "Condition":
			return foreignMap(name, foreignText(f.prefix+argument.Value))
		case "Fn::If":
			return foreignMap(name, foreignList(foreignText(f.prefix+argument.Content[0].Value), argument.Content[1], argument.Content[2]))
		case "Fn::GetAtt":
			id, attribute := argument.Content[0], argument.Content[1]
			if child := f.child(id.Value); child != nil {
				output, _ := strings.CutPrefix(attribute.Value, "Outputs.")
				return child.own(foreignField(foreignField(foreignField(child.document, "Outputs"), output), "Value"))
			}
			return foreignMap(name, foreignList(foreignText(f.prefix+id.Value), attribute))
		}
		return n
	})
}
