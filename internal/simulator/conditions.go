package simulator

import (
	"slices"
)

// condition evaluates a named condition.
func (s *scope) condition(name string) bool { return s.holds(s.template.Conditions[name]) }

func (s *scope) holds(v any) bool {
	m, _ := v.(map[string]any)
	for name, argument := range m {
		list, _ := argument.([]any)
		switch name {
		case "Condition":
			return s.condition(textOf(argument))
		case "Fn::Equals":
			return textOf(s.value(list[0])) == textOf(s.value(list[1]))
		case "Fn::Not":
			return !s.holds(list[0])
		case "Fn::And":
			return !slices.ContainsFunc(list, func(c any) bool { return !s.holds(c) })
		case "Fn::Or":
			return slices.ContainsFunc(list, s.holds)
		default:
			return s.ruleFunction(name, list)
		}
	}
	return false
}
