package checks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Limits of what Load reads, so that hostile input ends in an error and not in a hang.
const (
	// maxFileBytes is what CloudFormation takes: 1 MB from S3 (User Guide, "Understand CloudFormation quotas").
	maxFileBytes = 1 << 20
	maxDepth     = 200
	// maxNodes is more than a file of maxFileBytes can hold, unless its aliases multiply.
	maxNodes = 600_000
)

// File is a template as bytes, YAML or JSON.
type File struct {
	// Name is its base name, such as network.yaml.
	Name string
	// Data are its bytes.
	Data []byte
}

// Set is a set of decoded templates.
type Set struct {
	// Templates are sorted by name.
	Templates []*Template
}

// Template is one decoded template.
type Template struct {
	// Name is the file's base name.
	Name string
	// hash is the SHA-256 of its bytes, in hexadecimal: how a nested stack may address it.
	hash     string
	document *expression
}

// LoadError says which file cannot be read as a template, and why.
type LoadError struct {
	Name string
	Err  error
}

// Error names file and cause.
func (e *LoadError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }

// Unwrap gives the cause.
func (e *LoadError) Unwrap() error { return e.Err }

// Load decodes templates. Files that are no mapping with Resources, and a second file of the same base name, are errors
// of type [*LoadError].
func Load(files []File) (*Set, error) {
	set := &Set{}
	for _, f := range files {
		t, err := loadOne(f)
		if err == nil && set.template(t.Name) != nil {
			err = errors.New("another template has the same name")
		}
		if err != nil {
			return nil, &LoadError{Name: f.Name, Err: err}
		}
		set.Templates = append(set.Templates, t)
	}
	slices.SortFunc(set.Templates, func(a, b *Template) int { return strings.Compare(a.Name, b.Name) })
	return set, nil
}

func loadOne(f File) (*Template, error) {
	if len(f.Data) > maxFileBytes {
		return nil, fmt.Errorf("%d bytes; at most %d are read", len(f.Data), maxFileBytes)
	}
	document, err := parse(f.Data)
	if err != nil {
		return nil, err
	}
	d := decoder{}
	root, err := d.decode(document, 0)
	if err != nil {
		return nil, err
	}
	if root.kind != mapExpression || root.field("Resources") == nil {
		return nil, errors.New("no template: it has no Resources")
	}
	sum := sha256.Sum256(f.Data)
	return &Template{Name: path.Base(f.Name), hash: hex.EncodeToString(sum[:]), document: root}, nil
}

// parse reads the one document of a file.
func parse(data []byte) (*yaml.Node, error) {
	var document, next yaml.Node
	stream := yaml.NewDecoder(bytes.NewReader(data))
	if err := stream.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("no template: the file is empty")
		}
		return nil, err
	}
	if err := stream.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, errors.Join(errors.New("no template: the file goes on after its first document"), err)
	}
	return document.Content[0], nil
}

// template finds a template by name, or nil.
func (s *Set) template(name string) *Template {
	for _, t := range s.Templates {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// section is a top-level section, or nil.
func (t *Template) section(name string) *expression { return t.document.field(name) }

// line is the line of what a path such as "Parameters.Subnet.Type" leads to, as far as it is there.
func (t *Template) line(path string) int {
	at := t.document
	for step := range strings.SplitSeq(path, ".") {
		if next := at.field(step); next != nil {
			at = next
		}
	}
	return at.line
}

type decoder struct{ nodes int }

func (d *decoder) decode(n *yaml.Node, depth int) (*expression, error) {
	d.nodes++
	if depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested deeper than %d levels", n.Line, maxDepth)
	}
	if d.nodes > maxNodes {
		return nil, fmt.Errorf("line %d: more than %d values, aliases followed", n.Line, maxNodes)
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
