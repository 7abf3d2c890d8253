package simulator

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
)

//go:embed shapes.txt
var shapeTable string

// shapes say how properties of a template differ from members of a JSON API: "number", "boolean", "free" (keys are the caller's) and "named"
// (another name), by name.
type shapes map[string][]string

func newShapes() shapes {
	all := shapes{}
	for line := range strings.Lines(shapeTable) {
		kind, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[kind] = append(all[kind], strings.Fields(names)...)
	}
	return all
}

// of turns a template's properties into the members of a JSON API: names begin in lower case, numbers and booleans that a template may hold
// as texts are what the API has. Empty values stay out.
func (all shapes) of(v any) any { return all.member("", v) }

func (all shapes) member(name string, v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, all.member(name, item))
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for key, inside := range v {
			if slices.Contains(all["free"], name) {
				m[key] = textOf(inside)
				continue
			}
			key = all.name(key)
			m[key] = all.member(key, inside)
		}
		return m
	case nil:
		return nil
	}
	switch text := textOf(v); {
	case slices.Contains(all["number"], name):
		return integer(text, 0)
	case slices.Contains(all["boolean"], name):
		is, _ := strconv.ParseBool(text)
		return is
	default:
		return text
	}
}

// name is a property's in the API.
func (all shapes) name(property string) string {
	for _, pair := range all["named"] {
		if own, api, _ := strings.Cut(pair, "="); own == property {
			return api
		}
	}
	return strings.ToLower(property[:1]) + property[1:]
}

// object is a property as a member of the API; nil when the template has none.
func (all shapes) object(r *resource, path ...string) any { return all.of(property(r, path...)) }
