package resources_test

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/pkg/cfn"
)

// rendered compiles a template with one resource and decodes it; intrinsics are maps such as {"Ref": "X"}.
func rendered(t *testing.T, declare func(*cfn.Template) cfn.Properties) map[string]any {
	t.Helper()
	root := cfn.NewTemplate("root", "A test")
	cfn.Add(root, "It", "What is tested", declare(root))
	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	files, err := compiler.Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(files[0].Data, &document); err != nil {
		t.Fatal(err)
	}
	return follow(plain(document.Content[0]), "Resources", "It").(map[string]any)
}

// just is a resource that needs nothing of its template.
func just(p cfn.Properties) func(*cfn.Template) cfn.Properties {
	return func(*cfn.Template) cfn.Properties { return p }
}

// plain turns a node into maps, lists and scalars; tags become maps of one key.
func plain(n *yaml.Node) (value any) {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		value = m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(item))
		}
		value = list
	default:
		value = n.Value
		if n.Tag == "!!int" || n.Tag == "!!bool" {
			n.Decode(&value)
		}
	}
	if function, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(n.Tag, "!!") {
		return map[string]any{function: value}
	}
	return value
}

// follow goes down by keys and indices; nil when there is nothing.
func follow(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// bySid maps the statements of a policy document by Sid. A conditional one is the one it is when the condition holds.
func bySid(t *testing.T, document any) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	list, _ := follow(document, "Statement").([]any)
	for _, s := range list {
		if when, ok := follow(s, "If").([]any); ok {
			s = when[1]
		}
		statement := s.(map[string]any)
		sid := statement["Sid"].(string)
		if found[sid] != nil {
			t.Errorf("two statements %s", sid)
		}
		found[sid] = statement
	}
	return found
}
