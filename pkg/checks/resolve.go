package checks

import (
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
	v := s.valueOf(e)
	s.depth--
	return v
}

func (s *Stack) valueOf(e *expression) Value {
	switch e.kind {
	case listExpression:
		return s.resolveList(e.items)
	case mapExpression:
		return s.resolveMap(e)
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
	return dynamic(e.text)
}

// dynamic is a text, which is not known where it holds a dynamic reference to what Systems Manager keeps in plain. What is
// referred to in Secrets Manager is nobody's to know, and stays as it is written (User Guide, "Get values stored in other
// services using dynamic references").
func dynamic(text string) Value {
	if _, name, found := strings.Cut(text, "{{resolve:ssm:"); found {
		name, _, _ = strings.Cut(name, "}}")
		return Unknown("what Systems Manager has under " + name)
	}
	return Text(text)
}

// resolveMap leaves out keys whose values resolve to nothing. A function beside other keys, such as Fn::Transform, may
// change them all.
func (s *Stack) resolveMap(e *expression) Value {
	fields := make(map[string]Value, len(e.keys))
	for i, key := range e.keys {
		if strings.HasPrefix(key, "Fn::") {
			return Unknown("what " + key + " makes of the keys beside it")
		}
		if v := s.resolve(e.items[i]); v.kind != absentValue {
			fields[key] = v
		}
	}
	return mapOf(fields)
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
	return dynamic(text)
}
