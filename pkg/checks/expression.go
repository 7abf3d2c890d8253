package checks

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// expression is a node of a template: a literal, a list, a map or an intrinsic function, with the line it stands on.
type expression struct {
	kind     expressionKind
	text     string // scalar, or name of the function without Fn::
	isNumber bool
	isBool   bool
	keys     []string
	items    []*expression  // list items, or the values of keys, or the function's only argument
	at       map[string]int // where keys are, of a map with many
	line     int
}

type expressionKind uint8

const (
	scalarExpression expressionKind = iota
	nullExpression
	listExpression
	mapExpression
	functionExpression
)

// field is the value of a map's key, or nil.
func (e *expression) field(key string) *expression {
	if e == nil || e.kind != mapExpression {
		return nil
	}
	if e.at != nil {
		if i, ok := e.at[key]; ok {
			return e.items[i]
		}
		return nil
	}
	for i, k := range e.keys {
		if k == key {
			return e.items[i]
		}
	}
	return nil
}

// manyKeys is from where on an index of keys is faster than a look at each.
const manyKeys = 24

// indexKeys makes field fast for a map with many keys.
func (e *expression) indexKeys() {
	if len(e.keys) < manyKeys {
		return
	}
	e.at = make(map[string]int, len(e.keys))
	for i, key := range e.keys {
		e.at[key] = i
	}
}

// scalar is the text of a scalar; empty for anything else and for nil.
func (e *expression) scalar() string {
	if e == nil || e.kind != scalarExpression {
		return ""
	}
	return e.text
}

// keysOrNone are the keys of a map; none for anything else and for nil.
func (e *expression) keysOrNone() []string {
	if e == nil || e.kind != mapExpression {
		return nil
	}
	return e.keys
}

// walk visits e and everything in it.
func (e *expression) walk(visit func(*expression)) {
	if e == nil {
		return
	}
	visit(e)
	for _, item := range e.items {
		item.walk(visit)
	}
}

// asFunction recognises both forms of intrinsic functions: a tag, or a map with one key.
func asFunction(n *yaml.Node, e *expression) *expression {
	if tag, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(n.Tag, "!!") {
		return &expression{kind: functionExpression, text: tag, items: []*expression{e}, line: e.line}
	}
	if e.kind != mapExpression || len(e.keys) != 1 {
		return e
	}
	name, isFunction := strings.CutPrefix(e.keys[0], "Fn::")
	if !isFunction && name != "Ref" && !(name == "Condition" && e.items[0].kind == scalarExpression) {
		return e
	}
	return &expression{kind: functionExpression, text: name, items: e.items, line: e.line}
}

// mention is a name that an expression refers to: a parameter, or a resource with an attribute ("Ref" for Ref).
type mention struct{ name, attribute string }

// mentions lists what an expression refers to, both branches of Fn::If included, as CloudFormation orders resources by
// them all. What the conditions refer to is not among them.
func (e *expression) mentions() []mention {
	var found []mention
	e.walk(func(at *expression) {
		if at.kind != functionExpression {
			return
		}
		argument := at.items[0]
		switch at.text {
		case "Ref":
			found = append(found, mention{argument.scalar(), "Ref"})
		case "GetAtt":
			id, attribute := attArguments(argument)
			found = append(found, mention{id, attribute.scalar()})
		case "Sub":
			found = append(found, subMentions(argument)...)
		}
	})
	return found
}

// attArguments are the two arguments of Fn::GetAtt, in either form.
func attArguments(argument *expression) (string, *expression) {
	if argument.kind == listExpression && len(argument.items) == 2 {
		return argument.items[0].scalar(), argument.items[1]
	}
	id, attribute, _ := strings.Cut(argument.scalar(), ".")
	return id, &expression{text: attribute, line: argument.line}
}

// subArguments are the text of Fn::Sub and the values it brings itself.
func subArguments(argument *expression) (string, *expression) {
	if argument.kind == listExpression && len(argument.items) == 2 {
		return argument.items[0].scalar(), argument.items[1]
	}
	return argument.scalar(), nil
}

func subMentions(argument *expression) []mention {
	var found []mention
	text, own := subArguments(argument)
	for _, part := range strings.Split(text, "${")[1:] {
		name, _, closed := strings.Cut(part, "}")
		if !closed || strings.HasPrefix(name, "!") || slices.Contains(own.keysOrNone(), name) {
			continue
		}
		id, attribute, isAtt := strings.Cut(name, ".")
		if !isAtt {
			attribute = "Ref"
		}
		found = append(found, mention{id, attribute})
	}
	return found
}
