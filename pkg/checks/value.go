package checks

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Value is a resolved value: a scalar, a list, a map, or something unknown. The zero Value is absent.
type Value struct {
	kind   valueKind
	text   string // of a scalar, or why the value is unknown
	list   []Value
	fields map[string]Value
}

type valueKind uint8

const (
	absentValue valueKind = iota
	textValue
	numberValue
	boolValue
	listValue
	mapValue
	unknownValue
)

// Text makes a Value of a string.
func Text(s string) Value { return Value{kind: textValue, text: s} }

// Unknown makes a Value that cannot be known, for a reason.
func Unknown(reason string) Value { return Value{kind: unknownValue, text: reason} }

func listOf(items []Value) Value          { return Value{kind: listValue, list: items} }
func mapOf(fields map[string]Value) Value { return Value{kind: mapValue, fields: fields} }
func truth(b bool) Value                  { return Value{kind: boolValue, text: strconv.FormatBool(b)} }

// Exists tells whether there is a value at all, known or not.
func (v Value) Exists() bool { return v.kind != absentValue }

// Unknown is why the value cannot be known; empty when it can. Parts of a known list or map may still be unknown.
func (v Value) Unknown() string {
	if v.kind == unknownValue {
		return v.text
	}
	return ""
}

// String is the scalar as text; empty for anything else.
func (v Value) String() string {
	switch v.kind {
	case textValue, numberValue, boolValue:
		return v.text
	}
	return ""
}

// Int is the whole number, and whether it is one; a string of digits counts, as it does for CloudFormation.
func (v Value) Int() (int, bool) {
	f, ok := v.Float()
	if n, err := strconv.Atoi(v.String()); ok && err == nil {
		return n, true
	}
	return int(f), ok && f == math.Trunc(f) && math.Abs(f) < 1<<53
}

// Float is the number, and whether it is one.
func (v Value) Float() (float64, bool) {
	text := v.String()
	if !strings.ContainsAny(text, "0123456789") { // spares the making of an error
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// True tells whether the value is true; the string "true" counts, in any case, as it does for CloudFormation.
func (v Value) True() bool { return strings.EqualFold(v.String(), "true") }

// List are the items. A scalar, where AWS takes one for a list of one, is its only item.
func (v Value) List() []Value {
	switch v.kind {
	case listValue:
		return v.list
	case textValue, numberValue, boolValue, mapValue, unknownValue:
		return []Value{v}
	}
	return nil
}

// Texts are the items that are scalars, as text.
func (v Value) Texts() []string {
	var list []string
	for _, item := range v.List() {
		if s := item.String(); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// Keys are the keys of a map, sorted.
func (v Value) Keys() []string { return slices.Sorted(maps.Keys(v.fields)) }

// Field is the value of a map's key, which may hold dots; absent when there is none, unknown when the map is.
func (v Value) Field(key string) Value {
	if v.kind == unknownValue {
		return v
	}
	return v.fields[key]
}

// At follows a path such as "Tags[0].Value" and gives the value there; it is absent when there is none, and unknown when
// something on the way is. Keys that hold dots are found as well.
func (v Value) At(path string) Value {
	for path != "" && v.kind != unknownValue {
		var step string
		step, path = nextStep(path, func(key string) bool { _, ok := v.fields[key]; return ok })
		if index, ok := stepIndex(step); ok {
			items := v.List()
			if index >= len(items) {
				return Value{}
			}
			v = items[index]
			continue
		}
		v = v.fields[step]
	}
	return v
}

// nextStep cuts the first step off a path: "[0]", the longest key that there is, or the text up to the next dot.
func nextStep(path string, has func(string) bool) (step, rest string) {
	end := strings.IndexAny(path[1:], ".[") + 1
	if end == 0 {
		return path, ""
	}
	for at := len(path); path[0] != '[' && at > end; at = strings.LastIndexAny(path[:at], ".[") {
		if has(path[:at]) {
			end = at
			break
		}
	}
	return path[:end], strings.TrimPrefix(path[end:], ".")
}

// stepIndex is the index of a step such as "[0]".
func stepIndex(step string) (int, bool) {
	inside, isIndex := strings.CutPrefix(step, "[")
	if !isIndex {
		return 0, false
	}
	index, err := strconv.Atoi(strings.TrimSuffix(inside, "]"))
	return index, err == nil && index >= 0
}

// anyUnknown is the first reason why something in v is unknown, or "".
func (v Value) anyUnknown() string {
	if why := v.Unknown(); why != "" {
		return why
	}
	for _, item := range v.list {
		if why := item.anyUnknown(); why != "" {
			return why
		}
	}
	first, reason := "", ""
	for key, item := range v.fields {
		if why := item.anyUnknown(); why != "" && (reason == "" || key < first) {
			first, reason = key, why
		}
	}
	return reason
}

// whole is v, or unknown when a part of it is.
func (v Value) whole() Value {
	if why := v.anyUnknown(); why != "" {
		return Unknown(why)
	}
	return v
}

// size is how many values there are in v, with a longer text counting as several.
func (v Value) size() int {
	n := 1 + len(v.text)/64
	for _, item := range v.list {
		n += item.size()
	}
	for _, item := range v.fields {
		n += item.size()
	}
	return n
}

// maxShown is how much of a value a report shows.
const maxShown = 400

// Show is the value in one line, for reports; what is long is cut.
func (v Value) Show() string {
	var b strings.Builder
	v.show(&b)
	if text := b.String(); len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return b.String()
}

func (v Value) show(b *strings.Builder) {
	if b.Len() > maxShown {
		return
	}
	switch v.kind {
	case absentValue:
		b.WriteString("nothing")
	case unknownValue:
		b.WriteString("unknown (" + v.text + ")")
	case listValue:
		b.WriteString("[")
		for i, item := range v.list {
			if i > 0 {
				b.WriteString(", ")
			}
			item.show(b)
		}
		b.WriteString("]")
	case mapValue:
		b.WriteString("{")
		for i, key := range v.Keys() {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(key + ": ")
			v.fields[key].show(b)
		}
		b.WriteString("}")
	default:
		b.WriteString(v.text)
	}
}
