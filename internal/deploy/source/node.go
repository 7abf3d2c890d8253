package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const maxDepth = 100

// decode reads one document of YAML or JSON; nil for an empty one.
func decode(body []byte) (*yaml.Node, error) {
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(body) {
		return decodeJSON(body)
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	return document.Content[0], nil
}

// A jsonReader makes the nodes of a JSON document, which YAML's reader takes only nearly: it has no surrogate pairs, for instance.
type jsonReader struct {
	*json.Decoder
	body []byte
	// offset has been reached in the text, which is at line and column, both from 1; columns count characters, as YAML's reader does.
	offset       int
	line, column int
}

func decodeJSON(body []byte) (*yaml.Node, error) {
	r := &jsonReader{Decoder: json.NewDecoder(bytes.NewReader(body)), body: body, line: 1, column: 1}
	r.UseNumber()
	return r.node(0)
}

// begin advances to where the next token begins, and marks a node with it.
func (r *jsonReader) begin(n *yaml.Node) {
	start := int(r.InputOffset())
	for strings.IndexByte(" \t\r\n:,", r.body[start]) >= 0 {
		start++
	}
	for r.offset < start {
		c, size := utf8.DecodeRune(r.body[r.offset:])
		r.offset += size
		r.column++
		if c == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
	n.Line, n.Column = r.line, r.column
}

// node reads a value. The text is known to be JSON.
func (r *jsonReader) node(depth int) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"}
	r.begin(n)
	if depth > 2*maxDepth {
		return nil, tooDeep(n)
	}
	token, _ := r.Token()
	switch v := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if v == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		for r.More() {
			item, err := r.node(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		_, _ = r.Token()
	case string:
		n.Style, n.Value = yaml.DoubleQuotedStyle, v
	case nil:
		n.Tag = "!!null"
	default:
		n.Value = fmt.Sprint(v)
	}
	return n, nil
}

func tooDeep(n *yaml.Node) error {
	return fmt.Errorf("line %d: nested deeper than %d", n.Line, maxDepth)
}

// plainValue decodes a node; short forms of intrinsic functions become their long form. Duplicate keys and aliases are errors:
// CloudFormation takes neither (User Guide, "Template formats": YAML).
func plainValue(n *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, tooDeep(n)
	}
	value, err := untagged(n, depth)
	if err != nil || len(n.Tag) < 2 || n.Tag[0] != '!' || n.Tag[1] == '!' {
		return value, err
	}
	function := n.Tag[1:]
	switch function {
	case "Ref", "Condition":
		return map[string]any{function: value}, nil
	case "GetAtt":
		if s, ok := value.(string); ok {
			id, attribute, _ := strings.Cut(s, ".")
			value = []any{id, attribute}
		}
	}
	return map[string]any{"Fn::" + function: value}, nil
}

func untagged(n *yaml.Node, depth int) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		return plainMap(n, depth)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := plainValue(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.AliasNode:
		return nil, fmt.Errorf("line %d: aliases are not supported by CloudFormation", n.Line)
	}
	if n.Tag == "!!null" {
		return nil, nil
	}
	return n.Value, nil
}

func plainMap(n *yaml.Node, depth int) (any, error) {
	m := map[string]any{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("line %d: a key that is no text", key.Line)
		}
		if _, twice := m[key.Value]; twice {
			return nil, fmt.Errorf("line %d: key %q stands twice", key.Line, key.Value)
		}
		v, err := plainValue(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		m[key.Value] = v
	}
	return m, nil
}

// inside is the node at a path of keys that is known to exist.
func inside(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		for pair := range slices.Chunk(n.Content, 2) {
			if pair[0].Value == key {
				n = pair[1]
				break
			}
		}
	}
	return n
}

// fields are those of a map; of anything else none.
func fields(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// text is a scalar's, or empty.
func text(v any) string {
	s, _ := v.(string)
	return s
}
