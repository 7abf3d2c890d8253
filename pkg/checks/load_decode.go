package checks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// plainEscapes writes out what JSON may escape and a reader of YAML 1.1 does not know: slashes, and characters as surrogate
// pairs. Lines stay where they are.
func plainEscapes(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\/`)) && !bytes.Contains(data, []byte(`\u`)) || !json.Valid(data) {
		return data
	}
	var plain []byte
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\\')
		if end < 0 {
			break
		}
		plain, data = append(plain, data[:end]...), data[end:]
		var character rune
		if len(data) >= 12 {
			character = utf16.DecodeRune(codeUnit(data[:6]), codeUnit(data[6:12]))
		}
		switch {
		case data[1] == '/':
			plain, data = append(plain, '/'), data[2:]
		case character != 0 && character != utf8.RuneError:
			plain, data = utf8.AppendRune(plain, character), data[12:]
		default:
			plain, data = append(plain, data[:2]...), data[2:]
		}
	}
	return append(plain, data...)
}

// codeUnit is what an escape such as \u00e9 stands for; 0 for anything else.
func codeUnit(escape []byte) rune {
	digits, ok := strings.CutPrefix(string(escape), `\u`)
	n, err := strconv.ParseUint(digits, 16, 16)
	if !ok || err != nil {
		return 0
	}
	return rune(n)
}

type decoder struct{ nodes int }

func (d *decoder) decode(n *yaml.Node, depth int) (*expression, error) {
	d.nodes++
	if depth > maxDepth {
		return nil, &LimitError{What: "levels of nesting", Line: n.Line, Found: depth, Most: maxDepth}
	}
	if d.nodes > maxNodes {
		return nil, &LimitError{What: "values, aliases followed", Line: n.Line, Found: d.nodes, Most: maxNodes}
	}
	e := &expression{line: n.Line}
	switch n.Kind {
	case yaml.AliasNode:
		return d.decode(n.Alias, depth+1)
	case yaml.MappingNode:
		e.kind = mapExpression
		if err := d.decodeMap(n, e, depth); err != nil {
			return nil, err
		}
	case yaml.SequenceNode:
		e.kind = listExpression
		for _, item := range n.Content {
			inside, err := d.decode(item, depth+1)
			if err != nil {
				return nil, err
			}
			e.items = append(e.items, inside)
		}
	default:
		decodeScalar(n, e)
	}
	return asFunction(n, e), nil
}

func (d *decoder) decodeMap(n *yaml.Node, e *expression, depth int) error {
	seen := map[string]bool{}
	var merged []*expression
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: a key that is no text", key.Line)
		}
		if seen[key.Value] {
			return fmt.Errorf("line %d: key %q stands twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		value, err := d.decode(n.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		e.keys, e.items = append(e.keys, key.Value), append(e.items, value)
	}
	for _, m := range merged {
		merge(e, m, seen)
	}
	e.indexKeys()
	return nil
}

// merge adds what "<<" brings, a map or a list of maps, to a map that does not have it.
func merge(e, from *expression, seen map[string]bool) {
	if from.kind == listExpression {
		for _, item := range from.items {
			merge(e, item, seen)
		}
	}
	for i, key := range from.keysOrNone() {
		if !seen[key] {
			seen[key] = true
			e.keys, e.items = append(e.keys, key), append(e.items, from.items[i])
		}
	}
}

// decodeScalar knows the booleans of YAML 1.1, which CloudFormation reads: yes, no, on and off are among them.
func decodeScalar(n *yaml.Node, e *expression) {
	e.text = n.Value
	switch n.ShortTag() {
	case "!!null":
		e.kind = nullExpression
	case "!!int", "!!float":
		e.isNumber = true
	case "!!bool":
		e.isBool, e.text = true, strings.ToLower(n.Value)
	}
	if n.Style != 0 || n.Tag != "" && n.Tag != "!!str" {
		return
	}
	switch n.Value {
	case "yes", "Yes", "YES", "on", "On", "ON":
		e.isBool, e.text = true, "true"
	case "no", "No", "NO", "off", "Off", "OFF":
		e.isBool, e.text = true, "false"
	}
}
