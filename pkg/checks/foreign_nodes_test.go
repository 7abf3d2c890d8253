package checks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// foreignSet are templates as nodes of YAML, with all functions in long form.
type foreignSet map[string]*yaml.Node

// foreignParse reads templates and writes their functions in long form.
func foreignParse(t testing.TB, files map[string]string) foreignSet {
	t.Helper()
	set := foreignSet{}
	for name, text := range files {
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		set[name] = foreignLong(document.Content[0])
	}
	return set
}

// foreignYAML writes the templates again.
func (s foreignSet) foreignYAML(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	for name, document := range s {
		text, err := yaml.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

// foreignJSON writes the templates as JSON, indented with tabs, which YAML proper does not take.
func (s foreignSet) foreignJSON(testing.TB) map[string]string {
	files := map[string]string{}
	for name, document := range s {
		var b strings.Builder
		foreignWriteJSON(&b, document, "\n")
		files[strings.TrimSuffix(name, ".yaml")+".json"] = b.String()
	}
	return files
}

func foreignWriteJSON(b *strings.Builder, n *yaml.Node, newline string) {
	quoted := func(text string) {
		data, _ := json.Marshal(text) // a string always can
		b.Write(data)
	}
	if n.Kind == yaml.ScalarNode {
		switch n.ShortTag() {
		case "!!int", "!!float", "!!bool":
			b.WriteString(n.Value)
		default:
			quoted(n.Value)
		}
		return
	}
	brackets, step := "[]", 1
	if n.Kind == yaml.MappingNode {
		brackets, step = "{}", 2
	}
	b.WriteString(brackets[:1])
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(newline + "\t")
		if step == 2 {
			quoted(n.Content[i].Value)
			b.WriteString(": ")
		}
		foreignWriteJSON(b, n.Content[i+step-1], newline+"\t")
	}
	b.WriteString(newline + brackets[1:])
}

// Nodes to build with.
func foreignText(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
}

func foreignList(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

func foreignMap(key string, value *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{foreignText(key), value}}
}

// foreignCall is the name of a function in long form and its argument; "" for anything else.
func foreignCall(n *yaml.Node) (string, *yaml.Node) {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", nil
	}
	key, argument := n.Content[0].Value, n.Content[1]
	if strings.HasPrefix(key, "Fn::") || key == "Ref" || key == "Condition" && argument.Kind == yaml.ScalarNode {
		return key, argument
	}
	return "", nil
}

// foreignField is the value of a key, or nil.
func foreignField(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// foreignSection is a top-level section, which is made where there is none.
func foreignSection(document *yaml.Node, name string) *yaml.Node {
	if section := foreignField(document, name); section != nil {
		return section
	}
	section := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	document.Content = append(document.Content, foreignText(name), section)
	return section
}

// foreignEach calls a function with each key and value of a map.
func foreignEach(n *yaml.Node, do func(key string, value *yaml.Node)) {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		do(n.Content[i].Value, n.Content[i+1])
	}
}

// foreignMade rebuilds a tree from its leaves up.
func foreignMade(n *yaml.Node, make func(*yaml.Node) *yaml.Node) *yaml.Node {
	made := *n
	made.Content = nil
	for i, inside := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			made.Content = append(made.Content, inside)
			continue
		}
		made.Content = append(made.Content, foreignMade(inside, make))
	}
	return make(&made)
}

// foreignLong writes the short forms of functions in long form.
func foreignLong(n *yaml.Node) *yaml.Node {
	return foreignMade(n, func(n *yaml.Node) *yaml.Node {
		name, isShort := strings.CutPrefix(n.Tag, "!")
		if !isShort || strings.HasPrefix(n.Tag, "!!") {
			return n
		}
		n.Tag = map[yaml.Kind]string{yaml.ScalarNode: "!!str", yaml.SequenceNode: "!!seq", yaml.MappingNode: "!!map"}[n.Kind]
		n.Style |= yaml.DoubleQuotedStyle & map[bool]yaml.Style{true: ^yaml.Style(0)}[n.Kind == yaml.ScalarNode]
		n.Style &^= yaml.TaggedStyle
		switch name {
		case "Ref", "Condition":
			return foreignMap(name, n)
		case "GetAtt":
			if n.Kind == yaml.ScalarNode {
				id, attribute, _ := strings.Cut(n.Value, ".")
				n = foreignList(foreignText(id), foreignText(attribute))
			}
		}
		return foreignMap("Fn::"+name, n)
	})
}

// foreignJoins writes Fn::Sub as Fn::Join.
func foreignJoins(n *yaml.Node) *yaml.Node {
	return foreignMade(n, func(n *yaml.Node) *yaml.Node {
		name, argument := foreignCall(n)
		if name != "Fn::Sub" {
			return n
		}
		var own *yaml.Node
		if argument.Kind == yaml.SequenceNode {
			argument, own = argument.Content[0], argument.Content[1]
		}
		var parts []*yaml.Node
		for i, part := range strings.Split(argument.Value, "${") {
			if i == 0 {
				parts = append(parts, foreignText(part))
				continue
			}
			name, rest, _ := strings.Cut(part, "}")
			id, attribute, isAtt := strings.Cut(name, ".")
			switch value := foreignField(own, name); {
			case strings.HasPrefix(name, "!"):
				parts = append(parts, foreignText("${"+name[1:]+"}"))
			case value != nil:
				parts = append(parts, value)
			case isAtt:
				parts = append(parts, foreignMap("Fn::GetAtt", foreignList(foreignText(id), foreignText(attribute))))
			default:
				parts = append(parts, foreignMap("Ref", foreignText(name)))
			}
			if rest != "" {
				parts = append(parts, foreignText(rest))
			}
		}
		return foreignMap("Fn::Join", foreignList(foreignText(""), foreignList(parts...)))
	})
}

// foreignValues replaces the value of each property and output of a template.
func foreignValues(document *yaml.Node, replace func(*yaml.Node) *yaml.Node) {
	in := func(n *yaml.Node) {
		for i := 1; n != nil && i < len(n.Content); i += 2 {
			n.Content[i] = replace(n.Content[i])
		}
	}
	foreignEach(foreignField(document, "Resources"), func(_ string, resource *yaml.Node) {
		if properties := foreignField(resource, "Properties"); properties != nil {
			in(properties)
		}
	})
	foreignEach(foreignField(document, "Outputs"), func(_ string, output *yaml.Node) {
		for i, key := range output.Content {
			if key.Value == "Value" && i%2 == 0 {
				output.Content[i+1] = replace(output.Content[i+1])
			}
		}
	})
}

// foreignName makes a name of a number.
func foreignName(word string, n int) string { return fmt.Sprintf("%s%d", word, n) }
