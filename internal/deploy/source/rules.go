package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// A Known is a value that rules can refer to, before CloudFormation knows it. What is not known is left to CloudFormation.
type Known struct {
	Value string
	// Secret values are compared, but never shown.
	Secret bool
}

// Known are the values of a root stack's parameters, for Holds. deployed are the stack's present values. Those that only CloudFormation
// knows are left out: parameters of Systems Manager, and secrets that stay as they are.
func (t *Template) Known(given map[string]Given, deployed map[string]string) map[string]Known {
	known := map[string]Known{}
	for name, g := range given {
		switch {
		case strings.HasPrefix(t.Parameters[name].Type, "AWS::SSM::"):
		case !g.Previous:
			known[name] = Known{g.Value, g.Secret}
		case !g.Secret:
			known[name] = Known{Value: deployed[name]}
		}
	}
	return known
}

// Holds refuses values that break the template's Rules, all of them at once, as CloudFormation would after the upload (Template reference,
// "Rules" and "Rule functions"). Assertions on values that are not known, and functions that only CloudFormation can evaluate, are left to
// it.
func (t *Template) Holds(known map[string]Known) error {
	r := ruler{t, known}
	var broken []error
	for _, name := range sorted(t.Rules) {
		rule := fields(t.Rules[name])
		if condition, conditional := rule["RuleCondition"]; conditional && r.truth(condition) != yes {
			continue
		}
		assertions, _ := rule["Assertions"].([]any)
		for _, a := range assertions {
			if assertion := fields(a); r.truth(assertion["Assert"]) == no {
				broken = append(broken, r.violation(name, assertion))
			}
		}
	}
	return errors.Join(broken...)
}

// violation names the values that an assertion is about, and those it takes where that can be told.
func (r ruler) violation(rule string, assertion map[string]any) error {
	var found, parameters []string
	for _, name := range references(assertion["Assert"]) {
		switch k, is := r.known[name]; {
		case !is || k.Secret:
			found = append(found, name)
		default:
			found = append(found, name+"="+k.Value)
		}
		if _, is := r.template.Parameters[name]; is {
			parameters = append(parameters, name)
		}
	}
	e := &fault.Error{Code: fault.Usage, What: fmt.Sprintf("rule %s of %s does not hold: %s", rule, r.template.Name, strings.TrimSuffix(text(assertion["AssertDescription"]), ".")),
		Found: strings.Join(found, ", "), Allowed: strings.Join(r.allowed(assertion["Assert"]), ", ")}
	switch {
	case len(found) == 1 && strings.HasPrefix(found[0], "AWS::Region=") && e.Allowed != "":
		e.Do = "give --region " + e.Allowed
	case len(parameters) > 0:
		e.Do = "change " + strings.Join(parameters, " or ") + " in the parameter file, or with -p NAME=VALUE"
	}
	return e
}

// allowed are the values that an assertion of the usual forms takes: that something equals a text, or is among some.
func (r ruler) allowed(assert any) []string {
	function, arguments := call(assert)
	if !slices.Contains([]string{"Fn::Equals", "Fn::Contains", "Fn::EachMemberIn", "Fn::EachMemberEquals"}, function) || len(arguments) != 2 {
		return nil
	}
	var literal []string
	for _, argument := range arguments {
		if len(references(argument)) == 0 {
			literal = append(literal, r.list(argument)...)
		}
	}
	return literal
}

// references are the names that an expression refers to, in the order of the expression.
func references(v any) []string {
	var names []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			names = append(names, references(item)...)
		}
	case map[string]any:
		for _, key := range sorted(v) {
			if name := text(v[key]); key == "Ref" && name != "" {
				return []string{name}
			}
			names = append(names, references(v[key])...)
		}
	}
	return unique(names)
}

func unique(names []string) []string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}
