package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// scalars maps the specification's simple types to kinds.
var scalars = map[string]string{
	"string":    "s",
	"date-time": "s",
	"integer":   "i",
	"number":    "n",
	"boolean":   "b",
}

// tagShape is the nested shape the specification leaves implicit: it has a
// built-in tag type and no definition of it.
const tagShape = "Tag"

// trim makes the schema of the named types. Names the specification does not
// have are reported together, so that a long list is fixed in one pass.
func (s *spec) trim(names []string) (schema, error) {
	var unknown []string
	for _, name := range names {
		if !s.known(name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("unknown types %s: want types of the specification, which has %d",
			strings.Join(unknown, ", "), len(s.resources))
	}
	out := schema{}
	for _, name := range names {
		t := trimmer{spec: s, out: out, typeName: name, ids: map[string]string{}}
		if err := t.resource(s.resources[name]); err != nil {
			return nil, fmt.Errorf("type %s: %w", name, err)
		}
	}
	return out, nil
}

// trimmer adds one resource type and the nested shapes it reaches to a schema.
type trimmer struct {
	spec     *spec
	out      schema
	typeName string
	ids      map[string]string // definition ids of the nested shapes added, by name
	tagged   bool              // whether the built-in tag type was met
}

// resource adds the resource type itself.
func (t *trimmer) resource(e entity) error {
	root := shape{}
	t.out[t.typeName] = root
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		if err := t.attribute(root, name, e.Attributes[name].Type, nil); err != nil {
			return fmt.Errorf("attribute %s: %w", name, err)
		}
	}
	if err := t.properties(root, e.Properties); err != nil {
		return err
	}
	if _, own := t.ids[tagShape]; t.tagged && !own {
		t.out[t.typeName+"."+tagShape] = shape{
			{name: "Key"}:   {kind: "s", required: true},
			{name: "Value"}: {kind: "s", required: true},
		}
	}
	return nil
}

// attribute adds an attribute. The specification gives some attributes as
// whole objects next to, or instead of, their fields. Fn::GetAtt reads the
// fields by dotted name, so an object is replaced by those; path holds the
// definitions being expanded, to stop at one that contains itself.
func (t *trimmer) attribute(root shape, name string, ft fieldType, path []string) error {
	if ft.Type != "ref" {
		return t.member(root, key{name: name, attribute: true}, field{Type: ft})
	}
	def, err := t.definition(ft)
	if err != nil {
		return err
	}
	if len(def.Properties) == 0 || slices.Contains(path, def.ID) {
		root[key{name: name, attribute: true}] = member{kind: "j"}
		return nil
	}
	for _, sub := range slices.Sorted(maps.Keys(def.Properties)) {
		full := name + "." + sub
		if err := t.attribute(root, full, def.Properties[sub].Type, append(path, def.ID)); err != nil {
			return fmt.Errorf("attribute %s: %w", full, err)
		}
	}
	return nil
}

// properties adds the properties of a resource or nested type.
func (t *trimmer) properties(to shape, fields map[string]field) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := t.member(to, key{name: name}, fields[name]); err != nil {
			return fmt.Errorf("property %s: %w", name, err)
		}
	}
	return nil
}

// member adds one attribute or property.
func (t *trimmer) member(to shape, k key, f field) error {
	kind, err := t.kind(f.Type)
	if err != nil {
		return err
	}
	to[k] = member{kind: kind, required: f.Required && !k.attribute}
	return nil
}

// kind translates a type expression, adding the nested shapes it names.
func (t *trimmer) kind(ft fieldType) (string, error) {
	if k, ok := scalars[ft.Type]; ok {
		return k, nil
	}
	switch ft.Type {
	case "json":
		return "j", nil
	case "tag":
		t.tagged = true
		return "." + tagShape, nil
	case "union":
		return unionKind(ft), nil
	case "array":
		return t.elementKind("[", ft)
	case "map":
		return t.elementKind("{", ft)
	case "ref":
		return t.nested(ft)
	}
	return "", fmt.Errorf("type %q: want a scalar, json, tag, union, array, map or ref", ft.Type)
}

// unionKind is lenient, as a schema that refuses what CloudFormation accepts
// is worse than one that lets it through. A union of scalars is a string, the
// kind every scalar can be written as; any other union is anything.
func unionKind(ft fieldType) string {
	for _, alternative := range ft.Types {
		if _, ok := scalars[alternative.Type]; !ok {
			return "j"
		}
	}
	return "s"
}

// elementKind translates a list or map.
func (t *trimmer) elementKind(prefix string, ft fieldType) (string, error) {
	if ft.Element == nil {
		return "", fmt.Errorf("type %q has no element: want one", ft.Type)
	}
	kind, err := t.kind(*ft.Element)
	return prefix + kind, err
}

// nested adds the shape a reference points to, and those it reaches in turn.
// An object without listed properties takes any.
func (t *trimmer) nested(ft fieldType) (string, error) {
	def, err := t.definition(ft)
	if err != nil {
		return "", err
	}
	if len(def.Properties) == 0 {
		return "j", nil
	}
	id, added := t.ids[def.Name]
	if added && id != def.ID {
		return "", fmt.Errorf("nested types %s and %s are both named %s: want distinct names", id, def.ID, def.Name)
	}
	if added {
		return "." + def.Name, nil
	}
	t.ids[def.Name] = def.ID
	to := shape{}
	t.out[t.typeName+"."+def.Name] = to
	if err := t.properties(to, def.Properties); err != nil {
		return "", fmt.Errorf("nested type %s: %w", def.Name, err)
	}
	return "." + def.Name, nil
}

// definition looks up what a reference points to.
func (t *trimmer) definition(ft fieldType) (entity, error) {
	def, ok := t.spec.definitions[ft.Reference.ID]
	if !ok {
		return entity{}, fmt.Errorf("reference to nested type %q: want the id of one of the specification's %d",
			ft.Reference.ID, len(t.spec.definitions))
	}
	return def, nil
}
