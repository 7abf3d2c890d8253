package checks

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// eventOr is the key of a pattern's alternatives.
const eventOr = "$or"

// eventMatches tells whether an event has what a pattern asks for.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func eventMatches(pattern, event Value) bool {
	if event.kind == listValue {
		return slices.ContainsFunc(event.list, func(item Value) bool { return eventMatches(pattern, item) })
	}
	for key, wanted := range pattern.fields {
		var fits bool
		switch {
		case key == eventOr:
			fits = slices.ContainsFunc(wanted.list, func(one Value) bool { return eventMatches(one, event) })
		case wanted.kind == mapValue:
			fits = eventMatches(wanted, event.fields[key])
		default:
			fits = slices.ContainsFunc(wanted.list, func(one Value) bool { return leafMatches(one, event.fields[key]) })
		}
		if !fits {
			return false
		}
	}
	return true
}

// leafMatches tells whether a value, or one of a list, is what one alternative asks for.
func leafMatches(one, value Value) bool {
	if exists := one.fields["exists"]; exists.Exists() {
		return exists.True() == (value.Exists() && value.kind != mapValue)
	}
	if !value.Exists() || value.kind == mapValue {
		return false
	}
	return slices.ContainsFunc(value.List(), func(v Value) bool { return scalarMatches(one, v) })
}

// scalarMatches compares a scalar with a literal or an operator.
func scalarMatches(one, v Value) bool {
	if one.kind != mapValue {
		return sameScalar(one, v)
	}
	for _, operator := range one.Keys() {
		argument := one.fields[operator]
		text, isText := argument.text, v.kind == textValue
		switch inner := argument.fields["equals-ignore-case"]; operator {
		case "prefix":
			return isText && (strings.HasPrefix(v.text, text) && !inner.Exists() || inner.Exists() && strings.HasPrefix(strings.ToLower(v.text), strings.ToLower(inner.text)))
		case "suffix":
			return isText && (strings.HasSuffix(v.text, text) && !inner.Exists() || inner.Exists() && strings.HasSuffix(strings.ToLower(v.text), strings.ToLower(inner.text)))
		case "equals-ignore-case":
			return isText && strings.EqualFold(v.text, text)
		case "wildcard":
			return isText && wildcardMatches(text, v.text)
		case "cidr":
			return isText && inBlock(text, v.text)
		case "numeric":
			return withinBounds(argument.list, v)
		case "anything-but":
			return !slices.ContainsFunc(argument.List(), func(but Value) bool { return scalarMatches(but, v) })
		}
	}
	return false
}

func sameScalar(a, b Value) bool {
	if a.kind == numberValue && b.kind == numberValue {
		x, okX := new(big.Float).SetString(a.text)
		y, okY := new(big.Float).SetString(b.text)
		return okX && okY && x.Cmp(y) == 0
	}
	return a.kind == b.kind && a.text == b.text
}

// wildcardMatches tells whether a text is a pattern's, in which * stands for anything.
func wildcardMatches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(text, parts[0])
	if len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(rest, part)
		rest, ok = after, ok && found
	}
	return ok && strings.HasSuffix(rest, parts[last])
}

func inBlock(block, address string) bool {
	prefix, err := netip.ParsePrefix(block)
	at, wrong := netip.ParseAddr(address)
	return err == nil && wrong == nil && prefix.Contains(at)
}

// withinBounds tells whether a number is on the right side of all bounds: operator, number, operator, number.
func withinBounds(bounds []Value, v Value) bool {
	number, ok := v.Float()
	for i := 0; i+1 < len(bounds); i += 2 {
		bound, known := bounds[i+1].Float()
		ok = ok && known && v.kind == numberValue && map[string]bool{"<": number < bound, "<=": number <= bound, "=": number == bound,
			">=": number >= bound, ">": number > bound}[bounds[i].text]
	}
	return ok
}

// patternProblem is where a pattern is none that EventBridge takes, and why; empty when it is.
func patternProblem(pattern Value, path string) (at, problem string) {
	if pattern.kind != mapValue || len(pattern.fields) == 0 {
		return path, "no fields"
	}
	for _, key := range pattern.Keys() {
		wanted, at := pattern.fields[key], path+"."+key
		switch {
		case key == eventOr:
			if at, problem = alternativesProblem(wanted, at); problem != "" {
				return at, problem
			}
		case wanted.kind == mapValue:
			if at, problem = patternProblem(wanted, at); problem != "" {
				return at, problem
			}
		case wanted.kind != listValue || len(wanted.list) == 0:
			return at, "no list of values"
		}
		for i, one := range wanted.list {
			if problem := operatorProblem(one); problem != "" && key != eventOr {
				return fmt.Sprintf("%s[%d]", at, i), problem
			}
		}
	}
	return "", ""
}

func alternativesProblem(list Value, path string) (at, problem string) {
	if list.kind != listValue || len(list.list) < 2 {
		return path, "less than two alternatives"
	}
	for i, one := range list.list {
		if at, problem = patternProblem(one, fmt.Sprintf("%s[%d]", path, i)); problem != "" {
			return at, problem
		}
	}
	return "", ""
}

// operatorProblem is what is wrong with one alternative of a list: a literal or one operator with its argument.
func operatorProblem(one Value) string {
	if one.kind != mapValue {
		return literalProblem(one)
	}
	for _, operator := range one.Keys() {
		argument := one.fields[operator]
		switch operator {
		case "prefix", "suffix":
			if inner := argument.fields["equals-ignore-case"]; argument.text == "" && inner.text == "" {
				return operator + " of nothing"
			}
		case "equals-ignore-case", "wildcard", "cidr":
			if argument.kind != textValue || argument.text == "" {
				return operator + " of nothing"
			}
		case "exists":
			if argument.kind != boolValue {
				return "exists that is neither true nor false"
			}
		case "numeric":
			return boundsProblem(argument.list)
		case "anything-but":
			return exceptionProblem(argument)
		default:
			return "an operator that EventBridge does not have: " + operator
		}
	}
	if len(one.fields) != 1 {
		return "not one operator"
	}
	return ""
}

func literalProblem(v Value) string {
	if v.kind == listValue || !v.Exists() {
		return "a list in a list"
	}
	return ""
}

func boundsProblem(bounds []Value) string {
	if len(bounds) == 0 || len(bounds)%2 == 1 {
		return "numeric without operator and number"
	}
	for i := 0; i < len(bounds); i += 2 {
		if !slices.Contains([]string{"<", "<=", "=", ">=", ">"}, bounds[i].text) || bounds[i+1].kind != numberValue {
			return "numeric without operator and number"
		}
	}
	return ""
}

// exceptionProblem looks at the argument of anything-but: literals, or one operator on texts.
func exceptionProblem(argument Value) string {
	if argument.kind == mapValue {
		return operatorProblem(argument)
	}
	if len(argument.List()) == 0 {
		return "anything-but of nothing"
	}
	return ""
}
