package changeset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// expanded divides a property whose value is a map or a list into the places inside it that differ, so that a reader sees the one action
// that a policy gains and not two policies. A property that has no other value before or after stays whole.
func expanded(p report.Property) []report.Property {
	var before, after any
	if !structured(p.Before) || !structured(p.After) || json.Unmarshal([]byte(p.Before), &before) != nil || json.Unmarshal([]byte(p.After), &after) != nil {
		return []report.Property{p}
	}
	var found []report.Property
	differences(p.Path, before, after, func(path, before, after string) {
		found = append(found, report.Property{Path: path, Before: before, After: after, Forces: p.Forces, Cause: p.Cause})
	})
	if len(found) == 0 {
		return []report.Property{p}
	}
	return found
}

func structured(value string) bool {
	return strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[")
}

// differences calls tell for each place where two values differ.
func differences(path string, before, after any, tell func(path, before, after string)) {
	if same(before, after) {
		return
	}
	was, isMap := before.(map[string]any)
	now, stillMap := after.(map[string]any)
	if isMap && stillMap {
		keys := map[string]bool{}
		for _, m := range []map[string]any{was, now} {
			for key := range m {
				keys[key] = true
			}
		}
		for _, key := range sorted(keys) {
			differences(path+"."+key, was[key], now[key], tell)
		}
		return
	}
	old, isList := before.([]any)
	items, stillList := after.([]any)
	switch {
	case !isList || !stillList:
		tell(path, written(before), written(after))
	case flat(old) && flat(items):
		members(path, old, items, tell)
	default:
		for i := range max(len(old), len(items)) {
			differences(fmt.Sprintf("%s[%d]", path, i), at(old, i), at(items, i), tell)
		}
	}
}

// members compares lists of names and numbers as sets: what is gone, then what is new. Lists that differ in their order alone are told
// whole.
func members(path string, old, items []any, tell func(path, before, after string)) {
	has := func(list []any, item any) bool {
		return slices.ContainsFunc(list, func(other any) bool { return same(item, other) })
	}
	told := false
	for _, item := range old {
		if !has(items, item) {
			tell(path, written(item), "")
			told = true
		}
	}
	for _, item := range items {
		if !has(old, item) {
			tell(path, "", written(item))
			told = true
		}
	}
	if !told {
		tell(path, encoded(old), encoded(items))
	}
}

// flat tells lists without lists and maps in them.
func flat(list []any) bool {
	return !slices.ContainsFunc(list, func(item any) bool { return structured(encoded(item)) })
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// written is a value as a reader sees it; empty for none.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return encoded(v)
}
