package templates_test

import (
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/pkg/templates"
)

// template is a rendered file as its reader sees it; intrinsics are maps such as {"Ref": "X"} or {"Fn::Sub": "…"}.
type template struct {
	Parameters, Conditions, Outputs, Rules map[string]any
	Resources                              map[string]resource
}

// resource is one resource of a rendered file.
type resource struct {
	Type, Condition, DeletionPolicy, UpdateReplacePolicy string
	DependsOn                                            []string
	Metadata, Properties                                 map[string]any
}

// ofType lists the logical IDs and resources of a type.
func (t template) ofType(resourceType string) map[string]resource {
	found := map[string]resource{}
	for id, r := range t.Resources {
		if r.Type == resourceType {
			found[id] = r
		}
	}
	return found
}

// defaultFiles renders the default platform once for all tests.
var defaultFiles = sync.OnceValues(func() (map[string]template, error) {
	return renderAll(templates.Default())
})

// renderAll renders and decodes a configuration, by file name.
func renderAll(config templates.Config) (map[string]template, error) {
	rendered, err := templates.Render(config)
	if err != nil {
		return nil, err
	}
	files := map[string]template{}
	for _, f := range rendered.Templates {
		var document yaml.Node
		if err := yaml.Unmarshal(f.Data, &document); err != nil {
			return nil, err
		}
		files[f.Name] = decodeTemplate(plainValue(document.Content[0]).(map[string]any))
	}
	return files, nil
}

// file is one file of the default platform.
func file(t *testing.T, name string) template {
	t.Helper()
	files, err := defaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	found, ok := files[name]
	if !ok {
		t.Fatalf("no file %s", name)
	}
	return found
}

func decodeTemplate(document map[string]any) template {
	section := func(name string) map[string]any {
		m, _ := document[name].(map[string]any)
		return m
	}
	t := template{Parameters: section("Parameters"), Conditions: section("Conditions"), Outputs: section("Outputs"), Rules: section("Rules"), Resources: map[string]resource{}}
	for id, v := range section("Resources") {
		m := v.(map[string]any)
		text := func(name string) string { s, _ := m[name].(string); return s }
		r := resource{Type: text("Type"), Condition: text("Condition"), DeletionPolicy: text("DeletionPolicy"), UpdateReplacePolicy: text("UpdateReplacePolicy")}
		for _, other := range items(m["DependsOn"]) {
			r.DependsOn = append(r.DependsOn, other.(string))
		}
		r.Metadata, _ = m["Metadata"].(map[string]any)
		r.Properties, _ = m["Properties"].(map[string]any)
		t.Resources[id] = r
	}
	return t
}

// plainValue turns a node into maps, lists and scalars; tags become maps of one key.
func plainValue(n *yaml.Node) any {
	var value any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		value = m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plainValue(item))
		}
		value = list
	default:
		value = n.Value
		if n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool" {
			n.Decode(&value)
		}
	}
	if function, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(n.Tag, "!!") {
		if function != "Ref" && function != "Condition" {
			function = "Fn::" + function
		}
		return map[string]any{function: value}
	}
	return value
}

// at follows keys (string) and indices (int) into a value; nil when there is nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[step]
		case int:
			list := items(value)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// items are the items of a list; none when it is something else.
func items(value any) []any {
	list, _ := value.([]any)
	return list
}

// texts are the strings of a list of strings and intrinsics, the latter in short form: ${X}, ${A.B} or the text of Sub.
func texts(value any) (list []string) {
	for _, item := range items(value) {
		list = append(list, text(item))
	}
	return list
}

// text is a string or a reference in short form.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok {
			return "${" + ref + "}"
		}
		if att, ok := v["Fn::GetAtt"].(string); ok {
			return "${" + att + "}"
		}
		if sub, ok := v["Fn::Sub"].(string); ok {
			return sub
		}
	}
	return ""
}
