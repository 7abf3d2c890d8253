package changeset

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// narrower tells whether a property grants nothing that it did not grant before.
func narrower(typ, name string, now, was any) bool {
	if now == nil || empty(now) {
		// Without these nothing is granted; without others everything may be (no egress rules: all egress, no endpoint policy: full access).
		return slices.Contains([]string{"Policies", "ManagedPolicyArns", "SecurityGroupIngress"}, name)
	}
	// A boundary restricts, conditions of a listener's rule all have to hold, and one of its actions may ask who is there.
	// Weights only divide the traffic; Guard compares them with the live ones.
	if strings.HasPrefix(typ, "AWS::ElasticLoadBalancingV2::Listener") || name == "PermissionsBoundary" {
		return weight.ReplaceAllString(encoded(now), "") == weight.ReplaceAllString(encoded(was), "")
	}
	return within(now, was)
}

var weight = regexp.MustCompile(`"Weight":"?\d+"?`)

func empty(v any) bool {
	list, is := v.([]any)
	return is && len(list) == 0
}

// within compares values: maps key by key, lists of rules, statements and names as sets.
func within(now, was any) bool {
	now, was = decoded(now), decoded(was)
	if list, is := was.([]any); is {
		return subset(now, list)
	}
	switch now := now.(type) {
	case map[string]any:
		then, is := was.(map[string]any)
		return is && statementWithin(now, then)
	case []any:
		return subset(now, []any{was})
	}
	return same(now, was)
}

// decoded is a policy that is given as text.
func decoded(v any) any {
	text, is := v.(string)
	var policy map[string]any
	if is && strings.HasPrefix(strings.TrimSpace(text), "{") && json.Unmarshal([]byte(text), &policy) == nil {
		return policy
	}
	return v
}

// statementWithin compares maps: statements, rules, or what holds them.
func statementWithin(now, was map[string]any) bool {
	if now["Effect"] != was["Effect"] || now["Effect"] == "Deny" && !same(now, was) { // what a denial loses is allowed
		return false
	}
	for key, then := range was {
		// A condition narrows, and so do exceptions; what an entry does not say any more may be anything.
		if v, is := now[key]; !is && key != "Sid" && key != "Description" || slices.Contains([]string{"Condition", "NotAction", "NotResource", "NotPrincipal"}, key) && !same(v, then) {
			return false
		}
	}
	for key, v := range now {
		then, had := was[key]
		switch {
		case key == "Sid", key == "Description":
		case !had && key == "Condition" && now["Effect"] == "Allow":
		case !had:
			return false
		case key == "Action" || key == "Resource":
			if !covered(v, then) {
				return false
			}
		case !within(v, then):
			return false
		}
	}
	return true
}

// subset tells whether each item is within one that was there before, and all that denied still does.
func subset(now any, was []any) bool {
	items, is := now.([]any)
	if !is {
		items = []any{now}
	}
	for _, item := range items {
		if !slices.ContainsFunc(was, func(old any) bool { return within(item, old) }) {
			return false
		}
	}
	return !slices.ContainsFunc(was, func(old any) bool {
		statement, is := old.(map[string]any)
		return is && statement["Effect"] == "Deny" && !slices.ContainsFunc(items, func(item any) bool { return same(item, old) })
	})
}

// covered compares actions or resources, of which one that ends in a star covers what begins like it.
func covered(now, was any) bool {
	items, is := now.([]any)
	if !is {
		items = []any{now}
	}
	old, is := was.([]any)
	if !is {
		old = []any{was}
	}
	return !slices.ContainsFunc(items, func(item any) bool {
		return !slices.ContainsFunc(old, func(pattern any) bool {
			name, first := item.(string)
			wide, second := pattern.(string)
			prefix, star := strings.CutSuffix(wide, "*")
			return same(item, pattern) || first && second && star && !strings.ContainsAny(prefix, "*?") && strings.HasPrefix(name, prefix)
		})
	})
}
