package changeset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// function is the intrinsic function that a map calls.
func function(m map[string]any) (name string, argument any, is bool) {
	if len(m) != 1 {
		return "", nil, false
	}
	for name, argument := range m {
		if name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::") {
			return name, argument, true
		}
	}
	return "", nil, false
}

// same compares expressions.
func same(a, b any) bool { return encoded(a) == encoded(b) }

func encoded(v any) string {
	data, _ := json.Marshal(v) // of texts, lists and maps: cannot fail
	return string(data)
}

// dynamicReference begins what CloudFormation resolves anew, when it likes (User Guide, "Dynamic references").
const dynamicReference = "{{resolve:"

// A visitor is told what an expression is made of.
type visitor struct {
	// reference is called for what Ref, Fn::GetAtt, Fn::Sub, Fn::If and Condition name; condition tells the last two apart.
	reference func(target, attribute string, condition bool)
	// call is called for each other intrinsic function.
	call func(name string)
	// text is called for each text.
	text func(string)
}

// visit goes through an expression.
func (v visitor) visit(expression any) {
	switch e := expression.(type) {
	case string:
		v.text(e)
	case []any:
		for _, item := range e {
			v.visit(item)
		}
	case map[string]any:
		if name, argument, is := function(e); is {
			v.function(name, argument)
			return
		}
		for _, key := range sorted(e) {
			v.visit(e[key])
		}
	}
}

func (v visitor) function(name string, argument any) {
	list, _ := argument.([]any)
	text, isText := argument.(string)
	switch {
	case name == "Ref" && isText:
		v.reference(text, "", false)
	case name == "Condition" && isText:
		v.reference(text, "", true)
	case name == "Fn::GetAtt" && len(list) == 2:
		v.reference(fmt.Sprint(list[0]), fmt.Sprint(list[1]), false)
		v.visit(list[1])
	case name == "Fn::GetAtt" && isText: // YAML takes both parts in one text as well
		target, attribute, _ := strings.Cut(text, ".")
		v.reference(target, attribute, false)
	case name == "Fn::If" && len(list) == 3:
		v.reference(fmt.Sprint(list[0]), "", true)
		v.visit(list[1:])
	case name == "Fn::Sub" && isText:
		v.text(text)
		v.variables(text, nil)
	case name == "Fn::Sub" && len(list) == 2:
		local, _ := list[1].(map[string]any)
		v.text(fmt.Sprint(list[0]))
		v.variables(fmt.Sprint(list[0]), local)
		v.visit(local)
	default:
		v.call(name)
		v.visit(argument)
	}
}

// variables are those of Fn::Sub, but for those of its own.
func (v visitor) variables(text string, own map[string]any) {
	for _, part := range strings.Split(text, "${")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if _, local := own[name]; local || strings.HasPrefix(name, "!") {
			continue
		}
		target, attribute, _ := strings.Cut(name, ".")
		v.reference(target, attribute, false)
	}
}

// pure are the functions whose value depends on their arguments alone. Fn::GetAZs, Fn::ImportValue and macros are not among them.
func pure(name string) bool {
	return slices.Contains([]string{"Fn::Join", "Fn::Select", "Fn::Split", "Fn::Base64", "Fn::Cidr", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"}, name)
}

// mentions are the names that an expression refers to.
func mentions(expression any) map[string]bool {
	found := map[string]bool{}
	visitor{reference: func(target, _ string, _ bool) { found[target] = true }, call: func(string) {}, text: func(string) {}}.visit(expression)
	return found
}
