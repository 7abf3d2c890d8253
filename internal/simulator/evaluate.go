package simulator

import (
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A scope is where a template's expressions get their values.
type scope struct {
	simulator *Simulator
	stack     *stack
	template  *source.Template
	// parameters are the stack's; a value may be a placeholder.
	parameters map[string]string
	// attribute gives Ref (empty name) and GetAtt of a resource.
	attribute func(id, name string) any
	// err is the first function that has no value.
	err error
}

// noValue stands for AWS::NoValue.
type noValue struct{}

// unknownMark begins what CloudFormation puts where a value is known only at execution (coverage roadmap #759).
const unknownMark = "{{IntrinsicFunction:"

func isUnknown(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, unknownMark)
	case []any:
		return slices.ContainsFunc(v, isUnknown)
	case map[string]any:
		for _, inside := range v {
			if isUnknown(inside) {
				return true
			}
		}
	}
	return false
}

// value evaluates an expression as source decodes it.
func (s *scope) value(v any) any {
	switch v := v.(type) {
	case []any:
		var list []any
		for _, item := range v {
			if got := s.value(item); got != (noValue{}) {
				list = append(list, got)
			}
		}
		return list
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return s.function(name, argument)
				}
			}
		}
		m := map[string]any{}
		for key, inside := range v {
			if got := s.value(inside); !isNoValue(got) {
				m[key] = got
			}
		}
		return m
	}
	return v
}

func isNoValue(v any) bool { _, ok := v.(noValue); return ok }

// function evaluates an intrinsic function (CloudFormation User Guide, "Intrinsic function reference").
func (s *scope) function(name string, argument any) any {
	switch name {
	case "Ref":
		return s.ref(textOf(argument))
	case "Fn::GetAtt":
		list, _ := argument.([]any)
		return s.attribute(textOf(list[0]), textOf(s.value(list[1])))
	case "Fn::Sub":
		return s.sub(argument)
	case "Fn::If":
		list, _ := argument.([]any)
		if s.condition(textOf(list[0])) {
			return s.value(list[1])
		}
		return s.value(list[2])
	}
	given := s.value(argument)
	if isUnknown(given) && !s.fed(name, argument) {
		return unknownMark + name + "}}"
	}
	list, _ := given.([]any)
	switch name {
	case "Fn::Join":
		return join(list)
	case "Fn::Split":
		return anyList(strings.Split(textOf(list[1]), textOf(list[0])))
	case "Fn::Select":
		i, _ := strconv.Atoi(textOf(list[0]))
		if items, _ := list[1].([]any); i < len(items) {
			return items[i]
		}
		if s.err == nil {
			s.err = invalid("Template error: Fn::Select cannot select nonexistent value at index %d", i)
		}
		return ""
	case "Fn::Base64":
		return base64.StdEncoding.EncodeToString([]byte(textOf(given)))
	case "Fn::GetAZs":
		return anyList([]string{Region + "a", Region + "b", Region + "c"})
	case "Fn::Cidr":
		return cidrs(list)
	}
	return fmt.Sprint(given)
}

// fed tells a function that takes a parameter's placeholder to pieces: in the change set of a nested stack it works on the text of the
// placeholder, which makes Fn::Select fail (coverage roadmap #759).
func (s *scope) fed(name string, argument any) bool {
	return (name == "Fn::Select" || name == "Fn::Split") && slices.ContainsFunc(mentions(argument), func(p string) bool { return isUnknown(s.parameters[p]) })
}

func join(list []any) any {
	var parts []string
	items, _ := list[1].([]any)
	for _, item := range items {
		parts = append(parts, textOf(item))
	}
	return strings.Join(parts, textOf(list[0]))
}

func anyList(items []string) []any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item
	}
	return list
}

// cidrs divides a block as Fn::Cidr does.
func cidrs(list []any) any {
	_, block, err := net.ParseCIDR(textOf(list[0]))
	count, _ := strconv.Atoi(textOf(list[1]))
	bits, _ := strconv.Atoi(textOf(list[2]))
	if err != nil || block.IP.To4() == nil {
		return []any{}
	}
	base := uint32(block.IP.To4()[0])<<24 | uint32(block.IP.To4()[1])<<16 | uint32(block.IP.To4()[2])<<8 | uint32(block.IP.To4()[3])
	var found []any
	for i := range count {
		at := base + uint32(i)<<bits
		found = append(found, fmt.Sprintf("%d.%d.%d.%d/%d", at>>24, at>>16&255, at>>8&255, at&255, 32-bits))
	}
	return found
}

// textOf is a scalar's text; a list's items joined by commas.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, textOf(item))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

// ref is a parameter, a pseudo parameter or a resource.
func (s *scope) ref(name string) any {
	switch name {
	case "AWS::NoValue":
		return noValue{}
	case "AWS::Region":
		return Region
	case "AWS::AccountId":
		return s.simulator.options.Account
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::StackName":
		return s.stack.name
	case "AWS::StackId":
		return s.stack.arn
	}
	if p, is := s.template.Parameters[name]; is {
		if strings.HasPrefix(p.Type, "List<") || p.Type == "CommaDelimitedList" {
			return anyList(strings.Split(s.parameters[name], ","))
		}
		return s.parameters[name]
	}
	return s.attribute(name, "")
}

// sub replaces ${Name}, ${Resource.Attribute} and the variables given.
func (s *scope) sub(argument any) any {
	text, variables := textOf(argument), map[string]any{}
	if list, ok := argument.([]any); ok {
		text = textOf(list[0])
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
		switch v, given := variables[name]; {
		case given:
			out.WriteString(textOf(s.value(v)))
		case strings.HasPrefix(name, "!"):
			out.WriteString("${" + name[1:] + "}")
		default:
			if id, attribute, dotted := strings.Cut(name, "."); dotted {
				out.WriteString(textOf(s.attribute(id, attribute)))
				continue
			}
			out.WriteString(textOf(s.ref(name)))
		}
	}
}
