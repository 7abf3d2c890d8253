package checks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
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

// Load decodes templates. Files that are no mapping with Resources, that go beyond a limit ([*LimitError]), and a second
// file of the same base name are errors of type [*LoadError].
func Load(files []File) (*Set, error) {
	set, names := &Set{}, map[string]bool{}
	for i, f := range files {
		t, err := loadOne(f)
		switch {
		case i >= maxTemplates:
			err = &LimitError{What: "templates", Found: len(files), Most: maxTemplates}
		case err == nil && names[t.Name]:
			err = errors.New("another template has the same name")
		}
		if err != nil {
			return nil, &LoadError{Name: f.Name, Err: err}
		}
		names[t.Name] = true
		set.Templates = append(set.Templates, t)
	}
	slices.SortFunc(set.Templates, func(a, b *Template) int { return strings.Compare(a.Name, b.Name) })
	return set, nil
}

func loadOne(f File) (*Template, error) {
	if len(f.Data) > maxFileBytes {
		return nil, &LimitError{What: "bytes", Found: len(f.Data), Most: maxFileBytes}
	}
	document, err := parse(plainEscapes(f.Data))
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
	if n := len(root.field("Resources").keysOrNone()); n > maxResources {
		return nil, &LimitError{What: "resources", Line: root.field("Resources").line, Found: n, Most: maxResources}
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
