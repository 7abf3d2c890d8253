package screen

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// unfolded takes a property whose values are JSON apart: a policy shows the action that is added, not the whole document twice.
func (s *sheet) unfolded(p report.Property) []report.Property {
	was, wasJSON := structure(p.Before)
	now, nowJSON := structure(p.After)
	if !wasJSON || !nowJSON {
		return []report.Property{p}
	}
	var rows []report.Property
	compare(p.Path, was, now, func(path string, was, now any) {
		rows = append(rows, report.Property{Path: s.say(path), Before: s.say(written(was)), After: s.say(written(now)), Forces: p.Forces, Cause: p.Cause})
	})
	if len(rows) == 0 { // written differently
		return []report.Property{p}
	}
	return rows
}

// structure reads a value that is an object or a list in JSON.
func structure(value string) (any, bool) {
	if value = strings.TrimSpace(value); !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return nil, false
	}
	var v any
	err := json.Unmarshal([]byte(value), &v)
	return v, err == nil
}

// written is a value as text: strings as they are, other values in JSON.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // what was decoded can be encoded
	return strings.TrimSpace(b.String())
}

// compare calls for each place in which two values differ.
func compare(path string, was, now any, found func(path string, was, now any)) {
	if then, is := was.(map[string]any); is {
		if next, is := now.(map[string]any); is {
			keys := maps.Clone(then)
			maps.Copy(keys, next)
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				compare(path+"."+key, then[key], next[key], found)
			}
			return
		}
	}
	if then, is := was.([]any); is {
		if next, is := now.([]any); is {
			compareLists(path, then, next, found)
			return
		}
	}
	if !reflect.DeepEqual(was, now) {
		found(path, was, now)
	}
}

// compareLists leaves out what both lists have, and then compares objects in their order; other values were removed or added.
func compareLists(path string, was, now []any, found func(path string, was, now any)) {
	rest := slices.Clone(now)
	var gone []any
	for _, old := range was {
		if at := slices.IndexFunc(rest, func(v any) bool { return reflect.DeepEqual(v, old) }); at >= 0 {
			rest = slices.Delete(rest, at, at+1)
		} else {
			gone = append(gone, old)
		}
	}
	for i, old := range gone {
		_, object := old.(map[string]any)
		if object && len(rest) > 0 {
			if next, is := rest[0].(map[string]any); is {
				compare(fmt.Sprintf("%s[%d]", path, slices.IndexFunc(was, func(v any) bool { return reflect.DeepEqual(v, gone[i]) })), old, next, found)
				rest = rest[1:]
				continue
			}
		}
		found(path, old, nil)
	}
	for _, fresh := range rest {
		found(path, nil, fresh)
	}
}
