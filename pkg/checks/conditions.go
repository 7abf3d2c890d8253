package checks

import "slices"

// choose evaluates Fn::If.
func (s *Stack) choose(argument *expression) Value {
	if argument.kind != listExpression || len(argument.items) != 3 {
		return Unknown("Fn::If without three arguments")
	}
	decided := s.condition(argument.items[0].scalar())
	switch {
	case decided.Unknown() != "":
		return decided
	case decided.True():
		return s.resolve(argument.items[1])
	}
	return s.resolve(argument.items[2])
}

// condition decides a named condition.
func (s *Stack) condition(name string) Value {
	if v, ok := s.conditions[name]; ok {
		return v
	}
	s.conditions[name] = Unknown("condition " + name + " depends on itself")
	source := s.Template.section("Conditions").field(name)
	v := Unknown("condition " + name + " is not declared")
	if source != nil {
		v = s.resolve(source)
	}
	if v.kind != unknownValue && v.kind != boolValue {
		v = Unknown("condition " + name + " is no condition")
	}
	if v.kind == unknownValue {
		v = s.world.turnOut(s, name, v)
	}
	s.conditions[name] = v
	return v
}

// logic evaluates the functions of conditions and rules, with unknown values where they matter.
func (s *Stack) logic(name string, argument *expression) Value {
	values := []Value{}
	for _, item := range argument.items {
		values = append(values, s.resolve(item))
	}
	unknown := slices.IndexFunc(values, func(v Value) bool { return v.Unknown() != "" })
	decides := func(b bool) bool {
		return slices.ContainsFunc(values, func(v Value) bool { return v.kind == boolValue && v.True() == b })
	}
	switch {
	case argument.kind != listExpression:
	case name == "And" && decides(false):
		return truth(false)
	case name == "Or" && decides(true):
		return truth(true)
	case unknown >= 0:
		return values[unknown]
	case name == "And" || name == "Or":
		return truth(name == "And")
	case name == "Not" && len(values) == 1:
		return truth(!values[0].True())
	case name == "Equals" && len(values) == 2:
		return equal(values[0], values[1])
	case name == "Contains" && len(values) == 2:
		return truth(slices.Contains(values[0].Texts(), values[1].String()))
	}
	return Unknown("Fn::" + name + " with the wrong arguments")
}

// equal compares two texts; of lists and maps it cannot be said.
func equal(a, b Value) Value {
	for _, v := range []Value{a, b} {
		if v.kind == listValue || v.kind == mapValue {
			return Unknown("Fn::Equals of something that is no text")
		}
	}
	return truth(a.String() == b.String())
}

func (s *Stack) findInMap(argument *expression) Value {
	if argument.kind != listExpression || len(argument.items) < 3 {
		return Unknown("Fn::FindInMap without three arguments")
	}
	at := s.Template.section("Mappings")
	for _, item := range argument.items[:3] {
		key := s.resolve(item)
		if key.Unknown() != "" {
			return key
		}
		at = at.field(key.String())
	}
	if at == nil {
		return Unknown("Fn::FindInMap finds nothing")
	}
	return s.resolve(at)
}
