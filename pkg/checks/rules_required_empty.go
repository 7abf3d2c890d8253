package checks

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed required_empty.txt
var mayBeEmptyText string

// emptiness visits what is written and empty in the properties of resources.
type emptiness struct {
	patterns [][2]string // of type and path
	typ      string
	way      []string // the steps that lead to what is visited
	found    func(path, kind string)
}

// mayBe tells whether what is visited may be empty, by its path without indices.
func (e *emptiness) mayBe() bool {
	path := strings.Join(slices.DeleteFunc(slices.Clone(e.way), func(step string) bool { return step[0] == '[' }), ".")
	return slices.ContainsFunc(e.patterns, func(p [2]string) bool { return fits(p[0], e.typ) && fits(p[1], path) })
}

// fits matches a text with a pattern in which a star stands for anything.
func fits(pattern, text string) bool {
	start, end, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	return len(text) >= len(start)+len(end) && strings.HasPrefix(text, start) && strings.HasSuffix(text, end)
}

// walk looks at an expression; of functions only at what Fn::If chooses from, as others make texts of empty ones.
func (e *emptiness) walk(at *expression) {
	switch {
	case at.kind == functionExpression && at.text == "If" && len(at.items[0].items) == 3:
		e.walk(at.items[0].items[1])
		e.walk(at.items[0].items[2])
	case at.kind == scalarExpression && at.text == "":
		e.tell("an empty text")
	case at.kind == listExpression && len(at.items) == 0:
		e.tell("an empty list")
	case at.kind == mapExpression && len(at.items) == 0:
		e.tell("an empty map")
	case at.kind == listExpression:
		for i, item := range at.items {
			e.into(indexStep(i), item)
		}
	case at.kind == mapExpression:
		for i, key := range at.keys {
			e.into(key, at.items[i])
		}
	}
}

func (e *emptiness) into(step string, at *expression) {
	if step == "" {
		return
	}
	e.way = append(e.way, step)
	e.walk(at)
	e.way = e.way[:len(e.way)-1]
}

func (e *emptiness) tell(kind string) {
	if len(e.way) > 0 && !e.mayBe() {
		e.found(pathOf(e.way), kind)
	}
}

// checkNothingEmpty finds what is empty in the properties of all resources. AWS refuses it, takes it for nothing, or takes
// it for everything: none is what somebody means who writes a property.
func checkNothingEmpty(w *World, l *Looking) {
	var e emptiness
	for _, row := range tableRows(mayBeEmptyText) {
		e.patterns = append(e.patterns, [2]string{row[0], row[1]})
	}
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			properties := r.source.field("Properties")
			if properties == nil {
				continue
			}
			l.Look()
			e.typ, e.found = r.Type, func(path, kind string) {
				l.Fail(r, path, Text(kind), "a value", "give it a value, or leave the property out")
			}
			e.walk(properties)
		}
	}
}
