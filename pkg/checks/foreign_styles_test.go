package checks

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A foreignStyle writes templates as others write them. What they deploy is the same.
type foreignStyle struct {
	name  string
	write func(t testing.TB, set foreignSet) map[string]string
	// changes are rules whose outcome may differ, and why.
	changes map[string]string
	// moves tells that findings may be in another place.
	moves bool
}

func foreignStyles() []foreignStyle {
	each := func(change func(*yaml.Node)) func(testing.TB, foreignSet) map[string]string {
		return func(t testing.TB, set foreignSet) map[string]string {
			for _, document := range set {
				change(document)
			}
			return set.foreignYAML(t)
		}
	}
	return []foreignStyle{
		{name: "JSON", write: func(t testing.TB, set foreignSet) map[string]string { return set.foreignJSON(t) }},
		{name: "long forms", write: each(func(document *yaml.Node) { foreignValues(document, foreignJoins) })},
		{name: "texts for numbers", write: each(foreignQuoted)},
		{name: "mappings", write: each(foreignMappings), changes: map[string]string{"REQ002": "it looks at what is written in the resource"}},
		{name: "conditions", write: each(foreignConditions)},
		{name: "other names", write: foreignRenamed, changes: map[string]string{
			"IAM021": "it knows secrets by names", "REQ004": "parameters for addresses are left over",
		}},
		{name: "one flat stack", write: foreignFlat, moves: true, changes: map[string]string{
			"LIF008": "nothing is nested", "LIF009": "nothing is nested", "REQ003": "nothing is nested: what is not handed down is not declared", "REQ005": "nothing is nested",
			"DEP001": "what nests nothing may be any role's to deploy", "DEP002": "what nests nothing may be any role's to deploy",
			"DEP003": "what nests nothing may be any role's to deploy, and nothing is known to stand before it",
			"IAM021": "the names of outputs and parameters, by which it knows secrets, are gone", "REQ004": "parameters for addresses are left over",
		}},
		{name: "nested with lists", write: foreignPacked, changes: map[string]string{
			"REQ004": "what is handed down in a list is there, used or not",
			"REQ006": "what is selected from a list is no parameter that may be left empty",
			"LIF009": "a change set puts placeholders for outputs, out of which no list can be made",
		}},
	}
}

// foreignQuoted writes numbers and booleans as texts, but those of event patterns: CloudFormation hands free JSON on as it is.
func foreignQuoted(document *yaml.Node) {
	quoted := func(n *yaml.Node) *yaml.Node {
		return foreignMade(n, func(n *yaml.Node) *yaml.Node {
			if n.Kind == yaml.ScalarNode {
				return foreignText(n.Value)
			}
			return n
		})
	}
	patterns := map[*yaml.Node]*yaml.Node{}
	foreignEach(foreignField(document, "Resources"), func(_ string, resource *yaml.Node) {
		properties := foreignField(resource, "Properties")
		patterns[properties] = foreignField(properties, "EventPattern")
	})
	foreignValues(document, quoted)
	for properties, pattern := range patterns {
		for i := 0; properties != nil && i < len(properties.Content); i += 2 {
			if properties.Content[i].Value == "EventPattern" {
				properties.Content[i+1] = pattern
			}
		}
	}
}

// foreignMappings moves all literals into a mapping.
func foreignMappings(document *yaml.Node) {
	literals := map[string]string{}
	table := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	find := func(n *yaml.Node) *yaml.Node {
		if n.Kind != yaml.ScalarNode {
			return n
		}
		name, known := literals[n.Tag+n.Value]
		if !known {
			name = foreignName("L", len(literals))
			literals[n.Tag+n.Value] = name
			table.Content = append(table.Content, foreignText(name), n)
		}
		return foreignMap("Fn::FindInMap", foreignList(foreignText("Literals"), foreignMap("Ref", foreignText("AWS::Region")), foreignText(name)))
	}
	foreignValues(document, func(n *yaml.Node) *yaml.Node { return foreignLeaves(n, find) })
	mappings := foreignSection(document, "Mappings")
	mappings.Content = append(mappings.Content, foreignText("Literals"), foreignMap("us-east-1", table))
}

// foreignLeaves replaces the values that are no part of a function's arguments, but the parts of a joined text.
func foreignLeaves(n *yaml.Node, replace func(*yaml.Node) *yaml.Node) *yaml.Node {
	made := *n
	switch name, argument := foreignCall(n); {
	case name == "Fn::Join" && argument.Content[1].Kind == yaml.SequenceNode:
		return foreignMap(name, foreignList(argument.Content[0], foreignLeaves(argument.Content[1], func(n *yaml.Node) *yaml.Node {
			if n.Kind == yaml.SequenceNode {
				return n
			}
			return replace(n)
		})))
	case name == "Fn::If":
		return foreignMap(name, foreignList(argument.Content[0], foreignLeaves(argument.Content[1], replace), foreignLeaves(argument.Content[2], replace)))
	case name != "":
		return replace(n)
	}
	made.Content = nil
	for i, inside := range n.Content {
		if n.Kind == yaml.SequenceNode || i%2 == 1 {
			inside = foreignLeaves(inside, replace)
		}
		made.Content = append(made.Content, inside)
	}
	return replace(&made)
}

// foreignConditions puts every value behind a condition, in turn one that holds and one that does not.
func foreignConditions(document *yaml.Node) {
	conditions := foreignSection(document, "Conditions")
	conditions.Content = append(conditions.Content,
		foreignText("Always"), foreignMap("Fn::Equals", foreignList(foreignMap("Ref", foreignText("AWS::Partition")), foreignText("aws"))),
		foreignText("Never"), foreignMap("Fn::Not", foreignList(foreignMap("Condition", foreignText("Always")))))
	n := 0
	choose := func(value *yaml.Node) *yaml.Node {
		n++
		other := []*yaml.Node{foreignMap("Ref", foreignText("AWS::NoValue")), foreignText("other"), foreignMap("Other", foreignText("other"))}[n%3]
		if n%2 == 0 {
			return foreignMap("Fn::If", foreignList(foreignText("Always"), value, other))
		}
		return foreignMap("Fn::If", foreignList(foreignText("Never"), other, value))
	}
	foreignValues(document, func(n *yaml.Node) *yaml.Node { return foreignLeaves(n, choose) })
	foreignEach(foreignField(document, "Resources"), func(_ string, resource *yaml.Node) {
		if n++; n%2 == 0 && foreignField(resource, "Condition") == nil {
			resource.Content = append(resource.Content, foreignText("Condition"), foreignText("Always"))
		}
	})
}

// foreignRenamed gives all logical IDs, parameters, outputs, conditions and files other names. Nested templates are then
// found by the end of their address, as no name tells them any more.
func foreignRenamed(t testing.TB, set foreignSet) map[string]string {
	renamed := foreignSet{}
	files, names := map[string]string{}, map[string]string{}
	rename := func(name string) string {
		if strings.Contains(name, "::") || name == "EnvironmentSuffix" {
			return name
		}
		if names[name] == "" {
			names[name] = foreignName("N", len(names))
		}
		return names[name]
	}
	addresses := foreignAddresses(t, set)
	for _, name := range foreignSorted(set) {
		files[name] = foreignName("f", len(files)) + ".yaml"
	}
	for name, document := range set {
		foreignEach(foreignField(document, "Resources"), func(id string, resource *yaml.Node) {
			if child := addresses[name][id]; child != "" {
				*foreignField(foreignField(resource, "Properties"), "TemplateURL") = *foreignText("https://example.com/" + files[child])
			}
		})
		foreignRenameIn(document, rename, foreignRoot(name, addresses))
		renamed[files[name]] = document
	}
	return renamed.foreignYAML(t)
}

// foreignRenameIn renames what a template declares and refers to; the parameters of a root keep their names, by which they
// get values.
func foreignRenameIn(document *yaml.Node, rename func(string) string, root bool) {
	given := map[string]bool{}
	foreignEach(foreignField(document, "Parameters"), func(name string, _ *yaml.Node) { given[name] = root })
	renamed := func(n *yaml.Node) *yaml.Node {
		if given[n.Value] {
			return n
		}
		return foreignText(rename(n.Value))
	}
	keys := func(n *yaml.Node, make func(*yaml.Node) *yaml.Node) {
		for i := 0; n != nil && i < len(n.Content); i += 2 {
			n.Content[i] = make(n.Content[i])
		}
	}
	fresh := func(n *yaml.Node) *yaml.Node { return foreignText(rename(n.Value)) }
	foreignEach(foreignField(document, "Resources"), func(_ string, resource *yaml.Node) {
		if foreignField(resource, "Type").Value == stackType {
			keys(foreignField(foreignField(resource, "Properties"), "Parameters"), fresh)
		}
		if condition := foreignField(resource, "Condition"); condition != nil {
			*condition = *fresh(condition)
		}
		if ids := foreignField(resource, "DependsOn"); ids != nil {
			for i, id := range ids.Content {
				ids.Content[i] = fresh(id)
			}
		}
	})
	*document = *foreignMade(foreignJoins(document), func(n *yaml.Node) *yaml.Node {
		name, argument := foreignCall(n)
		switch name {
		case "Ref":
			return foreignMap(name, renamed(argument))
		case "Condition":
			return foreignMap(name, fresh(argument))
		case "Fn::If":
			return foreignMap(name, foreignList(fresh(argument.Content[0]), argument.Content[1], argument.Content[2]))
		case "Fn::GetAtt":
			attribute := argument.Content[1]
			if output, ok := strings.CutPrefix(attribute.Value, "Outputs."); ok {
				attribute = foreignText("Outputs." + rename(output))
			}
			return foreignMap(name, foreignList(fresh(argument.Content[0]), attribute))
		}
		return n
	})
	keys(foreignField(document, "Parameters"), renamed)
	for _, section := range []string{"Resources", "Conditions", "Outputs"} {
		keys(foreignField(document, section), fresh)
	}
}
