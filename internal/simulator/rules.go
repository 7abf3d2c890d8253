package simulator

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/internal/deploy/source"
)

// assert checks the rules of a template against its parameters (Template reference, "Rules"). The words of the error are assumed.
func (s *Simulator) assert(t *source.Template, parameters map[string]string) error {
	scope := &scope{simulator: s, stack: &stack{}, template: t, parameters: parameters}
	rules := rulesOf(t)
	for _, name := range sortedKeys(rules) {
		r, _ := rules[name].(map[string]any)
		if r["RuleCondition"] != nil && !scope.holds(r["RuleCondition"]) {
			continue
		}
		list, _ := r["Assertions"].([]any)
		for _, item := range list {
			a, _ := item.(map[string]any)
			if !scope.holds(a["Assert"]) {
				return invalid("Template error: rule %s failed: %s", name, textOf(a["AssertDescription"]))
			}
		}
	}
	return nil
}

// rulesOf reads the section Rules, which the deploy command has no use for: it is decoded as the properties of a made-up resource.
func rulesOf(t *source.Template) map[string]any {
	var sections struct {
		Rules yaml.Node `yaml:"Rules"`
	}
	var rules map[string]any
	if yaml.Unmarshal(t.Body, &sections) == nil && !sections.Rules.IsZero() {
		body, _ := yaml.Marshal(map[string]any{"Resources": map[string]any{"Rules": map[string]any{"Type": "AWS::CloudFormation::Rules", "Properties": &sections.Rules}}}) // was YAML before
		if made, err := source.Parse("rules", body); err == nil {
			rules = made.Resources["Rules"].Properties
		}
	}
	return rules
}

// ruleFunction evaluates those of the rule-specific functions that compare lists.
func (s *scope) ruleFunction(name string, list []any) bool {
	if len(list) != 2 {
		return false
	}
	of := func(v any) []any {
		if all, is := s.value(v).([]any); is {
			return all
		}
		return []any{s.value(v)}
	}
	in := func(all []any, v any) bool {
		return slices.ContainsFunc(all, func(other any) bool { return textOf(other) == textOf(v) })
	}
	first, second := of(list[0]), of(list[1])
	switch name {
	case "Fn::Contains":
		return in(first, second[0])
	case "Fn::EachMemberEquals":
		return !slices.ContainsFunc(first, func(v any) bool { return textOf(v) != textOf(second[0]) })
	case "Fn::EachMemberIn":
		return !slices.ContainsFunc(first, func(v any) bool { return !in(second, v) })
	}
	return false
}
