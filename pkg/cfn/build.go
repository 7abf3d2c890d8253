package cfn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// builder turns a template's Go values into nodes. Faults become nodes too, so that the check can say where they are.
type builder struct {
	arena
	template *Template
	plans    plans
}

// pairs is a map that keeps its order.
type pairs []pair

type pair struct {
	key   string
	value any
}

// value appends the node of any Go value under key.
func (b *builder) value(parent int32, key string, v any) int32 {
	switch v := v.(type) {
	case nil:
		return b.add(parent, node{kind: nullNode, key: key})
	case string:
		return b.text(parent, key, v)
	case bool:
		return b.add(parent, node{kind: boolNode, key: key, text: strconv.FormatBool(v)})
	case int:
		return b.integer(parent, key, int64(v))
	case conditional:
		return b.conditional(parent, key, v)
	}
	return b.reflected(parent, key, reflect.ValueOf(v))
}

// fault appends a node that stands for a problem; the check adds the place.
func (b *builder) fault(parent int32, key string, kind ProblemKind, value, message string) int32 {
	return b.faulty(parent, key, Problem{Kind: kind, Value: value, Message: message, Allowed: remedy(kind)})
}

func (b *builder) faulty(parent int32, key string, p Problem) int32 {
	n := b.add(parent, node{kind: faultNode, key: key})
	b.nodes[n].last = int32(len(b.faults))
	b.faults = append(b.faults, p)
	return n
}

func (b *builder) pairs(parent int32, key string, list pairs) int32 {
	m := b.add(parent, node{kind: mapNode, key: key})
	for _, p := range list {
		b.value(m, p.key, p.value)
	}
	return m
}

// conditional writes Fn::If over any values.
func (b *builder) conditional(parent int32, key string, c conditional) int32 {
	if c.condition.owner != b.template.name {
		return b.fault(parent, key, ForeignReference, c.condition.name, "condition of template "+strconv.Quote(c.condition.owner))
	}
	n := b.add(parent, node{kind: functionNode, key: key, text: "Fn::If"})
	b.add(n, node{kind: stringNode, text: c.condition.name})
	b.value(n, "", c.then)
	b.value(n, "", c.otherwise)
	return n
}

// marshaled writes a value that has its own JSON form.
func (b *builder) marshaled(parent int32, key string, m any) int32 {
	data, err := json.Marshal(m)
	if err != nil {
		return b.fault(parent, key, WrongKind, fmt.Sprintf("%T", m), "value cannot be written as JSON: "+err.Error())
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var v any
	_ = decoder.Decode(&v) // json.Marshal has checked it
	return b.value(parent, key, v)
}

// reflected writes a value by its kind.
func (b *builder) reflected(parent int32, key string, v reflect.Value) int32 {
	kind := v.Kind()
	switch kind {
	case reflect.Invalid: // nil in an any
		return b.add(parent, node{kind: nullNode, key: key})
	case reflect.Struct:
		return b.structure(parent, key, v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return b.add(parent, node{kind: nullNode, key: key})
		}
		if kind == reflect.Interface {
			return b.value(parent, key, v.Elem().Interface())
		}
		return b.reflected(parent, key, v.Elem())
	}
	if v.Type().NumMethod() > 0 && b.plans.of(v.Type()).own {
		return b.marshaled(parent, key, v.Interface())
	}
	switch kind {
	case reflect.String:
		if v.Type() == reflect.TypeFor[json.Number]() {
			return b.number(parent, key, json.Number(v.String()))
		}
		return b.text(parent, key, v.String())
	case reflect.Bool:
		return b.add(parent, node{kind: boolNode, key: key, text: strconv.FormatBool(v.Bool())})
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return b.integer(parent, key, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return b.add(parent, node{kind: numberNode, key: key, text: strconv.FormatUint(v.Uint(), 10)})
	case reflect.Float32, reflect.Float64:
		return b.float(parent, key, v.Float(), v.Type().Bits())
	case reflect.Slice, reflect.Array:
		return b.list(parent, key, v)
	case reflect.Map:
		return b.mapping(parent, key, v)
	}
	return b.fault(parent, key, WrongKind, v.Type().String(), "Go type has no CloudFormation form")
}

func (b *builder) integer(parent int32, key string, n int64) int32 {
	switch tok, isSentinel, known := b.template.sentinel(n); {
	case known:
		return b.text(parent, key, tok)
	case isSentinel:
		return b.fault(parent, key, ForeignReference, strconv.FormatInt(n, 10), "number reference of another template")
	}
	return b.add(parent, node{kind: numberNode, key: key, text: strconv.FormatInt(n, 10)})
}

func (b *builder) float(parent int32, key string, f float64, bits int) int32 {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return b.fault(parent, key, WrongKind, fmt.Sprint(f), "number has no YAML form")
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return b.integer(parent, key, int64(f))
	}
	return b.add(parent, node{kind: numberNode, key: key, text: strconv.FormatFloat(f, 'f', -1, bits)})
}

// number writes a number that JSON gave as text; as in encoding/json no text is 0.
func (b *builder) number(parent int32, key string, n json.Number) int32 {
	if i, err := n.Int64(); err == nil || n == "" {
		return b.integer(parent, key, i)
	}
	f, err := n.Float64()
	switch {
	case err != nil:
		return b.fault(parent, key, WrongKind, n.String(), "number is none, or too large")
	case strings.Trim(n.String(), "-0123456789") == "": // too large for an integer of Go
		return b.add(parent, node{kind: numberNode, key: key, text: n.String()})
	}
	return b.float(parent, key, f, 64)
}

func (b *builder) structure(parent int32, key string, v reflect.Value) int32 {
	if v.Type() == reflect.TypeFor[conditional]() {
		return b.conditional(parent, key, v.Interface().(conditional))
	}
	p := b.plans.of(v.Type())
	switch {
	case p.own:
		return b.marshaled(parent, key, v.Interface())
	case p.ownByPointer && v.CanAddr():
		return b.marshaled(parent, key, v.Addr().Interface())
	}
	m := b.add(parent, node{kind: mapNode, key: key})
	b.fields(m, v, p)
	for _, hidden := range p.hidden {
		if !isEmpty(hidden.path.of(v)) {
			b.fault(m, hidden.name, LostAttribute, v.Type().String(), "attribute on a property, where CloudFormation has none")
		}
	}
	return m
}

// fields writes the fields of a struct into the map m.
func (b *builder) fields(m int32, v reflect.Value, p *plan) {
	for i := range p.fields {
		f := &p.fields[i]
		field := f.path.of(v)
		if f.omitEmpty && isEmpty(field) || f.omitZero && field.IsZero() {
			continue
		}
		n := b.reflected(m, f.name, field)
		b.nodes[n].plainKey = f.plainName
	}
}

func (b *builder) list(parent int32, key string, v reflect.Value) int32 {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return b.add(parent, node{kind: nullNode, key: key})
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return b.fault(parent, key, WrongKind, v.Type().String(), "bytes are neither text nor a list")
	}
	if v.Type() == reflect.TypeFor[pairs]() {
		return b.pairs(parent, key, v.Interface().(pairs))
	}
	if v.Len() == 1 {
		item := v.Index(0)
		if item.Kind() == reflect.String && strings.HasPrefix(item.String(), tokenOpen+string(rune(tokenList))) {
			if letter, arguments, rest, ok := cutToken(item.String()); ok && letter == tokenList && rest == "" {
				return b.text(parent, key, arguments)
			}
		}
	}
	s := b.add(parent, node{kind: seqNode, key: key})
	for i := range v.Len() {
		b.reflected(s, "", v.Index(i))
	}
	return s
}

// maxKeyBytes is the longest key of a map: escaped and quoted it has at most the 1,024 characters that YAML allows on
// one line with its colon.
const maxKeyBytes = 255

// mapping writes a map in the order of its keys. A map with the one key Ref or Fn::… is an intrinsic.
func (b *builder) mapping(parent int32, key string, v reflect.Value) int32 {
	if v.IsNil() {
		return b.add(parent, node{kind: nullNode, key: key})
	}
	if v.Type().Key().Kind() != reflect.String {
		return b.fault(parent, key, WrongKind, v.Type().String(), "map key is no string")
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	if len(keys) == 1 && isIntrinsicName(keys[0].String()) {
		return b.longForm(parent, key, keys[0].String(), v.MapIndex(keys[0]))
	}
	m := b.add(parent, node{kind: mapNode, key: key})
	for _, k := range keys {
		b.entry(m, k.String(), v.MapIndex(k))
	}
	return m
}

// entry appends a value to the map m under a key that comes from data.
func (b *builder) entry(m int32, key string, value reflect.Value) {
	switch {
	case hasMark(key):
		b.fault(m, "", TokenAsKey, key, "a reference cannot be the key of a map")
	case !utf8.ValidString(key):
		b.fault(m, "", WrongKind, key, "key is not UTF-8")
	case len(key) > maxKeyBytes:
		b.fault(m, "", OverLimit, key, fmt.Sprintf("key of a map has %d bytes", len(key)))
	default:
		b.reflected(m, key, value)
	}
}
