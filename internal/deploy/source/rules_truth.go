package source

import (
	"maps"
	"slices"
	"strings"
)

// A truth is what an expression of a rule comes to.
type truth int

const (
	// unknown is left to CloudFormation.
	unknown truth = iota
	yes
	no
)

func truthOf(is bool) truth {
	if is {
		return yes
	}
	return no
}

// A ruler evaluates the expressions of a template's rules.
type ruler struct {
	template *Template
	known    map[string]Known
}

// truth evaluates the functions that CloudFormation documents for rules, but for those that ask for attributes of resources in the account
// (Fn::RefAll, Fn::ValueOf, Fn::ValueOfAll).
func (r ruler) truth(v any) truth {
	function, arguments := call(v)
	switch function {
	case "Fn::And":
		return r.all(arguments, no, yes)
	case "Fn::Or":
		return r.all(arguments, yes, no)
	case "Fn::Not":
		if len(arguments) == 1 {
			return map[truth]truth{yes: no, no: yes}[r.truth(arguments[0])]
		}
	case "Fn::Equals", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn":
		if len(arguments) == 2 {
			return compare(function, r.list(arguments[0]), r.list(arguments[1]))
		}
	}
	return unknown
}

// all is one of two truths as soon as any argument is that, and the other when all are known.
func (r ruler) all(arguments []any, decides, otherwise truth) truth {
	result := otherwise
	for _, argument := range arguments {
		switch r.truth(argument) {
		case decides:
			return decides
		case unknown:
			result = unknown
		}
	}
	return result
}

// compare compares lists of values, nil ones for unknown.
func compare(function string, first, second []string) truth {
	if first == nil || second == nil {
		return unknown
	}
	among := func(list []string) func(string) bool {
		return func(v string) bool { return !slices.Contains(list, v) }
	}
	switch {
	case function == "Fn::Equals":
		return truthOf(strings.Join(first, ",") == strings.Join(second, ","))
	case function == "Fn::Contains":
		return truthOf(!slices.ContainsFunc(second, among(first)))
	}
	return truthOf(!slices.ContainsFunc(first, among(second))) // EachMemberEquals has one value to be among
}

// list are the values of an expression; nil when one of them is not known.
func (r ruler) list(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			values := r.list(item)
			if values == nil {
				return nil
			}
			all = append(all, values...)
		}
		return all
	}
	name, is := fields(v)["Ref"].(string)
	k, known := r.known[name]
	switch {
	case !is || !known:
		return nil
	case r.template.Parameters[name].list():
		items := strings.Split(k.Value, ",")
		for i := range items {
			items[i] = strings.TrimSpace(items[i])
		}
		return items
	}
	return []string{k.Value}
}

// call is a function and its arguments.
func call(v any) (function string, arguments []any) {
	if m := fields(v); len(m) == 1 {
		for function = range m {
			arguments, _ = m[function].([]any)
		}
	}
	return function, arguments
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
