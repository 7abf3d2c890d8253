package checks

import (
	"fmt"
	"slices"
	"strings"
)

// maxParameterBytes is what CloudFormation takes as the value of a parameter (User Guide, "Understand CloudFormation
// quotas").
const maxParameterBytes = 4096

// setParameters gives every parameter its value: the given one, the default, the first allowed one, or an unknown one.
func (s *Stack) setParameters(given map[string]Value) {
	env := s.world.env
	suffix := "amazonaws.com"
	if env.Partition == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	for name, value := range map[string]string{"AWS::AccountId": env.AccountID, "AWS::Region": env.Region, "AWS::Partition": env.Partition,
		"AWS::URLSuffix": suffix, "AWS::StackName": strings.ReplaceAll(s.Path, "/", "-")} {
		s.Parameters[name] = Text(value)
	}
	parameters := s.Template.section("Parameters")
	for i, name := range parameters.keysOrNone() {
		declared := parameters.items[i]
		value, ok := given[name]
		if !ok {
			value = unset(name, declared)
		}
		s.Parameters[name] = typed(name, declared.field("Type").scalar(), value)
	}
}

// unset is what a parameter without given value has.
func unset(name string, declared *expression) Value {
	choices := []*expression{declared.field("Default")}
	if allowed := declared.field("AllowedValues"); allowed != nil {
		choices = append(choices, allowed.items...)
	}
	for _, choice := range choices {
		if choice != nil && choice.kind == scalarExpression {
			return Text(choice.text)
		}
	}
	return Unknown("parameter " + name + " has no value")
}

// typed holds a parameter's value to its type: a text, or a list of texts.
func typed(name, kind string, v Value) Value {
	if why := v.anyUnknown(); why != "" {
		return Unknown(why)
	}
	nested := func(v Value) bool { return v.kind == listValue || v.kind == mapValue }
	switch {
	case v.kind == mapValue || slices.ContainsFunc(v.list, nested):
		return Unknown("parameter " + name + " is given something that is no list of texts")
	case v.kind == listValue:
		v = joinTexts(",", v.list)
	}
	if len(v.text) > maxParameterBytes {
		return Unknown(fmt.Sprintf("parameter %s is given more than %d bytes", name, maxParameterBytes))
	}
	switch {
	case strings.HasPrefix(kind, "AWS::SSM::Parameter::Value"):
		return Unknown("parameter " + name + " holds what Systems Manager has under " + v.text)
	case strings.HasPrefix(kind, "List<") || kind == "CommaDelimitedList":
		return splitList(v.text)
	case v.kind == textValue:
		return dynamic(v.text)
	}
	return v
}

func splitList(text string) Value {
	var items []Value
	for part := range strings.SplitSeq(text, ",") {
		items = append(items, dynamic(strings.TrimSpace(part)))
	}
	return listOf(items)
}
