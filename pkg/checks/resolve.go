package checks

import (
	"slices"
	"strconv"
	"strings"
)

// resolve gives the value of an expression in a stack.
func (s *Stack) resolve(e *expression) Value {
	if e == nil || e.kind == nullExpression {
		return Value{}
	}
	if !s.world.spend(1 + len(e.text)/64) {
		return Unknown("the set has too many values")
	}
	if s.depth >= maxCallDepth {
		return Unknown("values refer to each other more than " + strconv.Itoa(maxCallDepth) + " times deep")
	}
	s.depth++
	defer func() { s.depth-- }()
	switch e.kind {
	case listExpression:
		return s.resolveList(e.items)
	case mapExpression:
		fields := make(map[string]Value, len(e.keys))
		for i, key := range e.keys {
			if v := s.resolve(e.items[i]); v.kind != absentValue {
				fields[key] = v
			}
		}
		return mapOf(fields)
	case functionExpression:
		return s.call(e)
	}
	return scalarOf(e)
}

func scalarOf(e *expression) Value {
	switch {
	case e.isNumber:
		return Value{kind: numberValue, text: e.text}
	case e.isBool:
		return truth(e.text == "true")
	}
	return Text(e.text)
}

// resolveList leaves out items that resolve to nothing, as AWS::NoValue does.
func (s *Stack) resolveList(items []*expression) Value {
	list := make([]Value, 0, len(items))
	for _, item := range items {
		if v := s.resolve(item); v.kind != absentValue {
			list = append(list, v)
		}
	}
	return listOf(list)
}

// call evaluates an intrinsic function.
func (s *Stack) call(e *expression) Value {
	argument := e.items[0]
	switch e.text {
	case "Ref":
		return s.ref(argument.scalar())
	case "GetAtt":
		id, attribute := attArguments(argument)
		return s.reference(id, s.resolve(attribute).String())
	case "Sub":
		return s.sub(argument)
	case "If":
		return s.choose(argument)
	case "Condition":
		return s.condition(argument.scalar())
	case "And", "Or", "Not", "Equals", "Contains":
		return s.logic(e.text, argument)
	case "FindInMap":
		return s.findInMap(argument)
	}
	v := s.resolve(argument)
	if why := v.anyUnknown(); why != "" {
		return Unknown(why)
	}
	if !s.world.spend(v.size()) {
		return Unknown("the set has too many values")
	}
	return pure(e.text, v, s.Parameters["AWS::Region"].String())
}

// ref is a parameter's value or what Ref of a resource gives.
func (s *Stack) ref(name string) Value {
	if name == "AWS::NoValue" {
		return Value{}
	}
	if v, ok := s.Parameters[name]; ok {
		return v
	}
	return s.reference(name, "Ref")
}

// sub fills a text's ${…}. The list form brings values of its own.
func (s *Stack) sub(argument *expression) Value {
	text, own := subArguments(argument)
	var b strings.Builder
	for text != "" {
		literal, rest, found := strings.Cut(text, "${")
		b.WriteString(literal)
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("${" + rest)
			break
		}
		text = after
		if escaped, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + escaped + "}")
			continue
		}
		v := s.subValue(name, own)
		if v.Unknown() != "" {
			return v
		}
		b.WriteString(v.String())
	}
	return s.made(b.String())
}

// subValue is what stands for a name in Fn::Sub, which takes texts only.
func (s *Stack) subValue(name string, own *expression) Value {
	v := s.resolve(own.field(name))
	if id, attribute, isAtt := strings.Cut(name, "."); v.kind == absentValue && isAtt {
		v = s.reference(id, attribute)
	} else if v.kind == absentValue {
		v = s.ref(name)
	}
	if v.kind == listValue || v.kind == mapValue {
		return Unknown("Fn::Sub takes no list: " + name)
	}
	return v
}

// made is a text that was put together, unless it has grown beyond measure.
func (s *Stack) made(text string) Value {
	if len(text) > maxTextBytes || !s.world.spend(len(text)/64) {
		return Unknown("a text longer than any template")
	}
	return Text(text)
}

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
