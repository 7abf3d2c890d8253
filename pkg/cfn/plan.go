package cfn

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// plan says how values of a type are written; those of a struct become a map of the fields that encoding/json writes.
type plan struct {
	// own and ownByPointer say that values, or pointers to them, decide on their JSON themselves.
	own, ownByPointer bool
	fields            []fieldPlan
	// hidden are goformation's attribute fields (json:"-"), which mean something on resources only.
	hidden []hiddenField
}

type hiddenField struct {
	name string // without the prefix AWSCloudFormation
	path fieldPath
}

type fieldPlan struct {
	name                string
	plainName           bool // needs no quotes
	path                fieldPath
	omitEmpty, omitZero bool
}

// fieldPath leads to a field, through embedded structs if it has several steps.
type fieldPath []int

func (p fieldPath) of(v reflect.Value) reflect.Value {
	for _, step := range p {
		v = v.Field(step)
	}
	return v
}

// plans remembers the plans of types. Each worker has its own: a map of one goroutine is cheaper than a shared one.
type plans map[reflect.Type]*plan

func (p plans) of(t reflect.Type) *plan {
	if known, ok := p[t]; ok {
		return known
	}
	made := &plan{own: marshals(t), ownByPointer: marshals(reflect.PointerTo(t))}
	if t.Kind() == reflect.Struct {
		made.collect(t, nil)
		made.fields = slices.DeleteFunc(slices.Clone(made.fields), made.isShadowed)
	}
	p[t] = made
	return made
}

func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// collect adds the fields of t; fields of embedded structs count as t's own.
func (p *plan) collect(t reflect.Type, prefix []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		index := append(append([]int(nil), prefix...), i)
		switch {
		case tag == "-":
			if name, ok := strings.CutPrefix(f.Name, "AWSCloudFormation"); ok {
				p.hidden = append(p.hidden, hiddenField{name: name, path: index})
			}
		case f.Anonymous && f.Type.Kind() == reflect.Struct && tag == "":
			p.collect(f.Type, index)
		case f.IsExported():
			if tag == "" {
				tag = f.Name
			}
			p.fields = append(p.fields, fieldPlan{name: tag, plainName: styleOf(tag, false) == plain, path: index,
				omitEmpty: strings.Contains(options, "omitempty"), omitZero: strings.Contains(options, "omitzero")})
		}
	}
}

// isShadowed tells whether a field of less depth has the same name, which hides f as in encoding/json.
func (p *plan) isShadowed(f fieldPlan) bool {
	return slices.ContainsFunc(p.fields, func(other fieldPlan) bool {
		return other.name == f.name && len(other.path) < len(f.path)
	})
}

// isEmpty is encoding/json's notion of an empty value.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
