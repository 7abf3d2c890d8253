package cfn

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// wireWalk copies a struct of inputs or outputs, replacing its references.
type wireWalk struct {
	// reference returns what stands for a reference on the other side.
	reference func(name string, kind reflect.Type, value string, optional bool) string
	// other is shown every value that is no reference and holds none; it may change it.
	other func(reflect.Value)
}

// rebuild returns a copy of v; name is the path so far.
func (w *wireWalk) rebuild(v reflect.Value, name string, optional bool) reflect.Value {
	to := reflect.New(v.Type()).Elem()
	to.Set(v)
	switch {
	case isReference(v.Type()):
		to.SetString(w.reference(name, v.Type(), v.String(), optional))
	case isWalked(v.Type()):
		w.rebuildParts(v, to, name)
	default:
		w.other(to)
	}
	return to
}

func (w *wireWalk) rebuildParts(v, to reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			path := name + camel(field.Name)
			if field.Anonymous && !isReference(field.Type) {
				path = name
			}
			if field.Anonymous && field.Type.Kind() == reflect.Struct && isWalked(field.Type) {
				w.rebuildParts(v.Field(i), to.Field(i), path) // its type may be unexported, its fields are not
				continue
			}
			if !field.IsExported() {
				continue
			}
			to.Field(i).Set(w.rebuild(v.Field(i), path, field.Tag.Get("cfn") == "optional"))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			to.Set(reflect.New(v.Type().Elem()))
			to.Elem().Set(w.rebuild(v.Elem(), name, false))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			to.Index(i).Set(w.rebuild(v.Index(i), name+letters(i), false))
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		to.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			to.SetMapIndex(key, w.rebuild(v.MapIndex(key), name+camel(key.String()), false))
		}
	}
}

func isReference(t reflect.Type) bool {
	return t.Kind() == reflect.String && t.Implements(reflect.TypeFor[Reference]())
}

// isWalked tells whether values of type t may hold references in their parts.
func isWalked(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		return t != reflect.TypeFor[Stack]()
	case reflect.Pointer:
		return t.Elem().Kind() == reflect.Struct
	case reflect.Slice:
		return t != reflect.TypeFor[After]() && holdsReferences(t.Elem())
	case reflect.Map:
		return t.Key().Kind() == reflect.String && holdsReferences(t.Elem())
	}
	return false
}

// holdsReferences tells whether the items of a slice or map are worth naming: references, or structs of them.
func holdsReferences(t reflect.Type) bool { return isReference(t) || isWalked(t) }

// letters names the index of a slice: A … Z, AA, AB, ….
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

// camel makes a CloudFormation name of a Go field name or a kebab-case key: KeyARN and key-arn give KeyArn.
func camel(name string) string {
	var b strings.Builder
	runes := []rune(name)
	start := true
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			start = true
			continue
		case start:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r) && unicode.IsUpper(runes[i-1]) && (i+1 == len(runes) || !unicode.IsLower(runes[i+1])):
			r = unicode.ToLower(r)
		}
		start = false
		b.WriteRune(r)
	}
	return b.String()
}

// kebab makes a file name of a tier name: ServicePaymentApi gives service-payment-api.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
