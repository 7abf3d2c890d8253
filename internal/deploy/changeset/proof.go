package changeset

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/source"
)

// CloudFormation puts placeholders where it does not evaluate the outputs of nested stacks, and then reports everything made of them as
// changed, replacements included (cloudformation-coverage-roadmap#759, #2113). What follows proves that a value stays what it is: the same
// expression in the deployed template and in the one to be, over things that stay what they are. A wrong proof would hide the loss of a
// database; what is not understood is therefore never proved.

// stable tells whether an expression, the same in both templates, keeps its value.
func (l *level) stable(expression any) bool {
	ok := true
	visitor{
		reference: func(target, attribute string, condition bool) {
			if condition {
				ok = ok && l.conditionKept(target)
				return
			}
			ok = ok && l.referenceKept(target, attribute)
		},
		call: func(name string) {
			// Mappings are not compared: they are the same in the same file only.
			ok = ok && (pure(name) || name == "Fn::FindInMap" && l.now.Hash == l.was.Hash)
		},
		text: func(text string) { ok = ok && !strings.Contains(text, dynamicReference) },
	}.visit(expression)
	return ok
}

// referenceKept tells whether a parameter, a pseudo parameter or a resource's attribute keeps its value.
func (l *level) referenceKept(target, attribute string) bool {
	if strings.HasPrefix(target, "AWS::") {
		return slices.Contains([]string{"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}, target)
	}
	if _, is := l.now.Parameters[target]; is {
		return l.parameterKept(target)
	}
	return l.attributeKept(target, attribute)
}

// conditionKept tells whether a condition is the same over the same values.
func (l *level) conditionKept(name string) bool {
	return l.decide("condition "+name, func() bool {
		now := l.now.Conditions[name]
		return now != nil && same(now, l.was.Conditions[name]) && l.stable(now)
	})
}

// parameterKept tells whether a parameter keeps its value. Those that name SSM parameters may resolve to another one each time.
func (l *level) parameterKept(name string) bool {
	now, was := l.now.Parameters[name], l.was.Parameters[name]
	if now.Type != was.Type || strings.HasPrefix(now.Type, "AWS::SSM::") {
		return false
	}
	return l.decide("parameter "+name, func() bool {
		if l.parent == nil {
			return l.tree.valueKept(name)
		}
		return l.inputKept(name)
	})
}

// valueKept tells whether a parameter of the root keeps its value. A secret that is given anew may be another one.
func (t *tree) valueKept(name string) bool {
	given, known := t.given[name]
	was, had := t.before.Parameters[name]
	if !known || !had || strings.Contains(was, dynamicReference) {
		return false
	}
	return given.Previous || !given.Secret && given.Value == was
}

// inputKept tells whether the parent passes the same value as before.
func (l *level) inputKept(name string) bool {
	now, was, ok := l.parent.both(l.id)
	if !ok || now.Nested == nil {
		return false
	}
	value, is := now.Nested.Parameters[name]
	old, had := was.Nested.Parameters[name]
	if !is && !had {
		preset := l.now.Parameters[name].Default
		return preset != nil && same(preset, l.was.Parameters[name].Default) && !strings.Contains(*preset, dynamicReference)
	}
	return is && had && same(value, old) && l.parent.stable(value)
}

// attributeKept tells whether Ref (no attribute) or Fn::GetAtt of a resource keeps its value.
func (l *level) attributeKept(id, attribute string) bool {
	return l.decide("attribute "+id+"."+attribute, func() bool {
		now, was, ok := l.both(id)
		if !ok || now.Condition != was.Condition || now.Condition != "" && !l.conditionKept(now.Condition) {
			return false
		}
		if now.Nested != nil {
			if c := l.listed(id); c != nil && (c.Action != types.ChangeActionModify || replaces(c)) {
				return false
			}
			output, is := strings.CutPrefix(attribute, "Outputs.")
			return attribute == "" || is && l.nested[id].outputKept(output)
		}
		if l.set == nil { // nobody says what changes: the resource must be the same throughout
			return l.resourceKept(id)
		}
		return l.calm(now) && l.keeps(id, now.Type, attribute)
	})
}

// keeps tells, from the change set, whether a resource keeps an attribute.
func (l *level) keeps(id, typ, attribute string) bool {
	c := l.listed(id)
	if c == nil {
		return true
	}
	j := l.judge(c)
	if j.spurious() {
		return true
	}
	return c.Action == types.ChangeActionModify && !j.replaces && (steady(typ, attribute, j.real) || !exchanged(typ) && onlyTags(j.real))
}

// outputKept tells whether an output of a nested stack keeps its value.
func (l *level) outputKept(name string) bool {
	if !l.comparable() {
		return false
	}
	now, is := l.now.Outputs[name].(map[string]any)
	was, had := l.was.Outputs[name].(map[string]any)
	if !is || !had || now["Value"] == nil || !same(now["Value"], was["Value"]) || !same(now["Condition"], was["Condition"]) {
		return false
	}
	if condition, has := now["Condition"].(string); has && !l.conditionKept(condition) {
		return false
	}
	return l.stable(now["Value"])
}

// resourceKept tells whether a resource is declared as it is deployed, over values that stay.
func (l *level) resourceKept(id string) bool {
	now, was, ok := l.both(id)
	return ok && now.Condition == was.Condition && (now.Condition == "" || l.conditionKept(now.Condition)) && l.tagsKept() &&
		same(now.Properties, was.Properties) && l.stable(now.Properties)
}

// tagsKept tells whether the stack's tags, which reach every resource, are the same: the root's, and those that parents add.
func (l *level) tagsKept() bool {
	if l.parent == nil {
		return l.tree.before.Tags != nil && same(l.tree.before.Tags, l.set.Tags)
	}
	now, was, ok := l.parent.both(l.id)
	return ok && same(now.Properties["Tags"], was.Properties["Tags"]) && l.parent.stable(now.Properties["Tags"]) && l.parent.tagsKept()
}

// untouched tells whether nothing at all changes in a nested stack: the same values, the template's content address among them, and nothing
// that is resolved anew.
func (l *level) untouched() bool {
	if !l.comparable() || !l.parent.resourceKept(l.id) {
		return false
	}
	for _, name := range sorted(l.now.Parameters) {
		if !l.parameterKept(name) {
			return false
		}
	}
	for _, id := range sorted(l.nested) {
		if !l.nested[id].untouched() {
			return false
		}
	}
	return !strings.Contains(string(l.now.Body), dynamicReference)
}

// calm tells whether nothing in a resource is resolved anew behind the change set's back.
func (l *level) calm(r source.Resource) bool { return !l.restless(r.Properties) }

// restless tells whether an expression has a dynamic reference in it, or in a value that it takes from a parameter.
func (l *level) restless(expression any) bool {
	found := false
	visitor{call: func(string) {}, text: func(text string) { found = found || strings.Contains(text, dynamicReference) },
		reference: func(target, _ string, _ bool) {
			if p, is := l.now.Parameters[target]; is {
				found = found || l.restlessParameter(p)
			}
		}}.visit(expression)
	return found
}

func (l *level) restlessParameter(p source.Parameter) bool {
	if strings.HasPrefix(p.Type, "AWS::SSM::") {
		return true
	}
	if l.parent == nil {
		value, _ := l.planned().parameter(p.Name)
		return strings.Contains(value, dynamicReference)
	}
	if value, given := passed(l.parent.now, l.id)[p.Name]; given {
		return l.parent.restless(value)
	}
	return p.Default != nil && strings.Contains(*p.Default, dynamicReference)
}
