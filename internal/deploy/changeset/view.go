package changeset

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A view evaluates expressions of a template as far as that is possible from the root's values alone: what the command has to know before
// the execution (content addresses, colours, conditions) is made of these.
type view struct {
	level    *level
	template *source.Template
	// value is a root parameter's.
	value func(name string) (string, bool)
	// up is the same view of the parent.
	up func(*level) *view
}

// planned is the view of what is to be.
func (l *level) planned() *view {
	return &view{level: l, template: l.now, up: (*level).planned, value: func(name string) (string, bool) {
		given, known := l.tree.given[name]
		if given.Previous {
			value, had := l.tree.before.Parameters[name]
			return value, known && had
		}
		return given.Value, known
	}}
}

// deployed is the view of what is deployed.
func (l *level) deployed() *view {
	return &view{level: l, template: l.was, up: (*level).deployed, value: func(name string) (string, bool) {
		value, had := l.tree.before.Parameters[name]
		return value, had
	}}
}

// parameter is a parameter's value, where it can be told: not one that CloudFormation masks, or resolves at each deployment.
func (v *view) parameter(name string) (string, bool) {
	value, known := v.written(name)
	resolved := v.template != nil && strings.HasPrefix(v.template.Parameters[name].Type, "AWS::SSM::") || strings.Contains(value, dynamicReference)
	return value, known && !resolved && value != report.Masked
}

// written is a parameter's value as it was given.
func (v *view) written(name string) (string, bool) {
	if v.level.parent == nil {
		return v.value(name)
	}
	above := v.up(v.level.parent)
	expression, given := passed(above.template, v.level.id)[name]
	if !given {
		preset := v.template.Parameters[name].Default
		return aws.ToString(preset), preset != nil
	}
	text, is := above.evaluate(expression, nil).(string)
	return text, is
}

// evaluate gives an expression's value; nil for what cannot be told. physical gives resources by logical ID.
func (v *view) evaluate(expression any, physical func(id string) any) any {
	switch e := expression.(type) {
	case string:
		return e
	case []any:
		list := make([]any, len(e))
		for i, item := range e {
			list[i] = v.evaluate(item, physical)
		}
		return list
	case map[string]any:
		if name, argument, is := function(e); is {
			return v.call(name, argument, physical)
		}
		m := map[string]any{}
		for key, item := range e {
			m[key] = v.evaluate(item, physical)
		}
		return m
	}
	return nil
}

func (v *view) call(name string, argument any, physical func(id string) any) any {
	list, _ := argument.([]any)
	switch {
	case name == "Ref":
		target, _ := argument.(string)
		if _, is := v.template.Parameters[target]; is {
			if value, known := v.parameter(target); known {
				return value
			}
			return nil
		}
		if physical != nil {
			return physical(target)
		}
	case name == "Fn::If" && len(list) == 3:
		condition, _ := list[0].(string)
		if holds, known := v.holds(v.template.Conditions[condition]); known && holds {
			return v.evaluate(list[1], physical)
		} else if known {
			return v.evaluate(list[2], physical)
		}
	}
	return nil
}

// has tells whether a declared resource is there: unless its condition certainly does not hold.
func (v *view) has(r source.Resource) bool {
	if r.Condition == "" || v.template == nil {
		return true
	}
	holds, known := v.holds(v.template.Conditions[r.Condition])
	return holds || !known
}

// holds tells whether a condition's expression holds, and whether that can be told.
func (v *view) holds(expression any) (holds, known bool) {
	m, _ := expression.(map[string]any)
	name, argument, is := function(m)
	list, _ := argument.([]any)
	switch {
	case !is:
	case name == "Condition":
		other, _ := argument.(string)
		return v.holds(v.template.Conditions[other])
	case name == "Fn::Equals" && len(list) == 2:
		a, first := v.evaluate(list[0], nil).(string)
		b, second := v.evaluate(list[1], nil).(string)
		return a == b, first && second
	case name == "Fn::Not" && len(list) == 1:
		holds, known = v.holds(list[0])
		return !holds, known
	case name == "Fn::And" || name == "Fn::Or":
		return v.several(list, name == "Fn::Or")
	}
	return false, false
}

// several is a conjunction, or a disjunction where one that holds is enough.
func (v *view) several(list []any, one bool) (holds, known bool) {
	for _, item := range list {
		holds, known := v.holds(item)
		if !known {
			return false, false
		}
		if holds == one {
			return one, true
		}
	}
	return !one, true
}
