package cfn

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// plan says how the values of a struct type become a map: the fields as encoding/json would name them.
type plan struct {
	fields []fieldPlan
	// hidden are goformation's attribute fields (json:"-"), which mean something on resources only.
	hidden []hiddenField
}

type hiddenField struct {
	name  string // without the prefix AWSCloudFormation
	index []int
}

type fieldPlan struct {
	name                string
	index               []int
	omitEmpty, omitZero bool
}

// plans remembers the plans of types; it is safe for many goroutines.
type plans struct{ known sync.Map }

func (p *plans) of(t reflect.Type) *plan {
	if known, ok := p.known.Load(t); ok {
		return known.(*plan)
	}
	made := &plan{}
	made.collect(t, nil)
	made.fields = slices.DeleteFunc(slices.Clone(made.fields), made.isShadowed)
	known, _ := p.known.LoadOrStore(t, made)
	return known.(*plan)
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
				p.hidden = append(p.hidden, hiddenField{name: name, index: index})
			}
		case f.Anonymous && f.Type.Kind() == reflect.Struct && tag == "":
			p.collect(f.Type, index)
		case f.IsExported():
			if tag == "" {
				tag = f.Name
			}
			p.fields = append(p.fields, fieldPlan{name: tag, index: index,
				omitEmpty: strings.Contains(options, "omitempty"), omitZero: strings.Contains(options, "omitzero")})
		}
	}
}

// isShadowed tells whether a field of less depth has the same name, which hides f as in encoding/json.
func (p *plan) isShadowed(f fieldPlan) bool {
	return slices.ContainsFunc(p.fields, func(other fieldPlan) bool {
		return other.name == f.name && len(other.index) < len(f.index)
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
