package verify

import (
	"slices"
	"strconv"
	"strings"
)

// A value is what a template promises, evaluated with the values that the deployed stack has. A value that nobody can tell without asking
// more, such as a mapping's or an attribute's that only AWS knows, is unresolved, and everything made of it.
type value struct{ any }

// unresolved stands where a value cannot be told, noValue for AWS::NoValue.
type (
	unresolved struct{}
	noValue    struct{}
)

// property is what a resource's properties hold on a path of keys. Nothing is a value that is not set.
func (r *Resource) property(path ...string) value {
	var v any = r.stack.template.Resources[r.LogicalID].Properties
	e := evaluator{stack: r.stack}
	for _, key := range path {
		m, _ := v.(map[string]any)
		if isCall(m) {
			m, _ = e.eval(m).(map[string]any)
		}
		v = m[key]
	}
	return value{e.eval(v)}
}

// set tells whether the template says anything here.
func (v value) set() bool { return v.any != nil && v.any != any(noValue{}) }

// known tells whether all of it could be evaluated.
func (v value) known() bool { return resolved(v.any) }

// text is a scalar's, empty for others.
func (v value) text() string {
	s, _ := v.any.(string)
	return s
}

// list are the items of a list, maps among them as such.
func (v value) list() []any {
	l, _ := v.any.([]any)
	return l
}

// texts are the items that are texts.
func (v value) texts() []string {
	var all []string
	for _, item := range v.list() {
		all = append(all, value{item}.text())
	}
	return all
}

func resolved(v any) bool {
	switch v := v.(type) {
	case unresolved:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !resolved(item) })
	case map[string]any:
		for _, inside := range v {
			if !resolved(inside) {
				return false
			}
		}
	}
	return true
}

// An evaluator knows the values of one stack.
type evaluator struct {
	stack *Stack
	depth int
}

// isCall tells an intrinsic function.
func isCall(m map[string]any) bool {
	for name := range m {
		return len(m) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::"))
	}
	return false
}

func (e evaluator) eval(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, item := range v {
			if got := e.eval(item); got != any(noValue{}) {
				list = append(list, got)
			}
		}
		return list
	case map[string]any:
		if isCall(v) {
			for name, argument := range v {
				return e.call(name, argument)
			}
		}
		m := map[string]any{}
		for key, inside := range v {
			if got := e.eval(inside); !isNoValue(got) {
				m[key] = got
			}
		}
		return m
	}
	return v
}

func isNoValue(v any) bool { _, is := v.(noValue); return is }

// call evaluates an intrinsic function (CloudFormation User Guide, "Intrinsic function reference"): those that platforms name things with.
func (e evaluator) call(name string, argument any) any {
	list, _ := argument.([]any)
	switch {
	case name == "Ref":
		return e.ref(value{argument}.text())
	case name == "Fn::GetAtt" && len(list) == 2:
		return e.attribute(value{list[0]}.text(), value{list[1]}.text())
	case name == "Fn::Sub":
		return e.sub(argument, list)
	case name == "Fn::If" && len(list) == 3:
		holds, known := e.condition(map[string]any{"Condition": list[0]})
		switch {
		case !known:
			return unresolved{}
		case holds:
			return e.eval(list[1])
		}
		return e.eval(list[2])
	case name == "Fn::Join" && len(list) == 2:
		items := value{e.eval(list[1])}
		if !items.known() {
			return unresolved{}
		}
		return strings.Join(items.texts(), value{list[0]}.text())
	case name == "Fn::Select" && len(list) == 2:
		items := value{e.eval(list[1])}.list()
		if i, err := strconv.Atoi(value{list[0]}.text()); err == nil && i >= 0 && i < len(items) {
			return items[i]
		}
	}
	return unresolved{}
}

// ref is a pseudo parameter's value, a parameter's, or a resource's physical ID. The value of a parameter that is masked is nobody's.
func (e evaluator) ref(name string) any {
	switch name {
	case "AWS::NoValue":
		return noValue{}
	case "AWS::Region":
		return e.stack.estate.Region
	case "AWS::AccountId":
		return e.stack.estate.Account
	case "AWS::Partition":
		return partition(e.stack.ARN)
	case "AWS::StackName":
		return e.stack.Name
	case "AWS::StackId":
		return e.stack.ARN
	}
	if p, is := e.stack.template.Parameters[name]; is {
		given, has := e.stack.parameters[name]
		switch {
		case !has || p.NoEcho:
			return unresolved{}
		case strings.HasPrefix(p.Type, "List<") || p.Type == "CommaDelimitedList":
			var items []any
			for item := range strings.SplitSeq(given, ",") {
				items = append(items, strings.TrimSpace(item))
			}
			return items
		}
		return given
	}
	if r := e.stack.resources[name]; r != nil {
		return r.ID
	}
	return unresolved{}
}

// attribute is an output of a nested stack, or an ARN or a name that follows from the physical ID.
func (e evaluator) attribute(id, name string) any {
	r := e.stack.resources[id]
	if r == nil {
		return unresolved{}
	}
	output, nested := strings.CutPrefix(name, "Outputs.")
	switch {
	case nested && r.Type == stackType:
		for _, s := range e.stack.estate.Stacks {
			if text, has := s.outputs[output]; s.ARN == r.ID && has {
				return text
			}
		}
	case name == "Name" && r.Type == serviceType:
		return lastPart(r.ID)
	case name == "Arn" && strings.HasPrefix(r.arn(), "arn:"):
		return r.arn()
	}
	return unresolved{}
}

// sub replaces ${Name}, ${Resource.Attribute} and the variables given.
func (e evaluator) sub(argument any, list []any) any {
	text, variables := value{argument}.text(), map[string]any{}
	if len(list) == 2 {
		text = value{list[0]}.text()
		variables, _ = list[1].(map[string]any)
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		text = after
		if literal, is := strings.CutPrefix(name, "!"); is {
			out.WriteString("${" + literal + "}")
			continue
		}
		got, is := e.variable(name, variables).(string)
		if !is {
			return unresolved{}
		}
		out.WriteString(got)
	}
}

func (e evaluator) variable(name string, variables map[string]any) any {
	if v, given := variables[name]; given {
		return e.eval(v)
	}
	if id, attribute, dotted := strings.Cut(name, "."); dotted {
		return e.attribute(id, attribute)
	}
	return e.ref(name)
}
