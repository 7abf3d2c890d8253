package cfn

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// DecodeYAML reads a template with yaml.v3; short-form tags become the long form of their intrinsics.
func DecodeYAML(text []byte) (any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if len(document.Content) != 1 {
		return nil, fmt.Errorf("got %d documents", len(document.Content))
	}
	return decodeNode(document.Content[0])
}

func decodeNode(n *yaml.Node) (v any, err error) {
	switch {
	case n.Kind == yaml.MappingNode:
		v, err = decodeMapping(n)
	case n.Kind == yaml.SequenceNode:
		v, err = decodeSequence(n)
	case strings.HasPrefix(n.Tag, "!!") && n.Tag != "!!str":
		err = n.Decode(&v)
	default:
		v = n.Value
	}
	if name, isShort := strings.CutPrefix(n.Tag, "!"); isShort && !strings.HasPrefix(name, "!") {
		if name != "Ref" && name != "Condition" {
			name = "Fn::" + name
		}
		v = map[string]any{name: v}
	}
	return v, err
}

func decodeMapping(n *yaml.Node) (any, error) {
	m := map[string]any{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Tag != "!!str" {
			return nil, fmt.Errorf("line %d: key %q has tag %s", key.Line, key.Value, key.Tag)
		}
		if _, twice := m[key.Value]; twice {
			return nil, fmt.Errorf("line %d: key %q appears twice", key.Line, key.Value)
		}
		value, err := decodeNode(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		m[key.Value] = value
	}
	return m, nil
}

func decodeSequence(n *yaml.Node) (any, error) {
	list := []any{}
	var all []error
	for _, item := range n.Content {
		value, err := decodeNode(item)
		list, all = append(list, value), append(all, err)
	}
	return list, errors.Join(all...)
}

// Unchecked is the text of a template as it is written without the checks.
func Unchecked(t *Template) []byte {
	w := (&Compiler{}).newWorker()
	w.build.template = t
	w.write.document(w.build.document())
	return w.write.out
}
