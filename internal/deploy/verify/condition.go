package verify

import "reflect"

// deepest is how many conditions may refer to one another.
const deepest = 20

// condition evaluates one (CloudFormation User Guide, "Condition functions"): whether it holds, and whether that can be told.
func (e evaluator) condition(v any) (holds, known bool) {
	m, _ := v.(map[string]any)
	if e.depth++; len(m) != 1 || e.depth > deepest {
		return false, false
	}
	for name, argument := range m {
		list, _ := argument.([]any)
		switch {
		case name == "Condition":
			return e.condition(e.stack.template.Conditions[value{argument}.text()])
		case name == "Fn::Equals" && len(list) == 2:
			a, b := e.eval(list[0]), e.eval(list[1])
			return reflect.DeepEqual(a, b), resolved(a) && resolved(b)
		case name == "Fn::Not" && len(list) == 1:
			holds, known = e.condition(list[0])
			return !holds, known
		case name == "Fn::And":
			return e.all(list, true)
		case name == "Fn::Or":
			return e.all(list, false)
		}
	}
	return false, false
}

// all is Fn::And, or Fn::Or when one that holds is enough. One that decides does so whatever the others are.
func (e evaluator) all(list []any, and bool) (holds, known bool) {
	known = true
	for _, item := range list {
		one, can := e.condition(item)
		if can && one != and {
			return !and, true
		}
		known = known && can
	}
	return and, known
}
