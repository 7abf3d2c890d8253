package changeset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Policies of --require-approval.
const (
	// RequireAny wants an approval of any change, RequireBroadening of what broadens access only, RequireNever of neither. A preview that
	// cannot show everything wants one always, and replacing or deleting what is stateful wants its name whatever the policy.
	RequireAny        = "any"
	RequireBroadening = "broadening"
	RequireNever      = "never"
)

// Kinds of approval that a plan may need.
const (
	needAny        = "any change"
	needBroadening = "broadening"
	needIncomplete = "incomplete preview"
	needReplace    = "replace "
	needDelete     = "delete "
)

// needs are the kinds of approval that a plan needs, those by name last.
func needs(p report.Plan) []string {
	general, named := []string{needAny}, []string{} // CloudFormation makes no change set that changes nothing: outputs at least
	if p.Incomplete != "" {
		general = append(general, needIncomplete)
	}
	walk(p.Root, nil, func(path []string, c report.Change) {
		if c.Broadens && !slices.Contains(general, needBroadening) {
			general = append(general, needBroadening)
		}
		switch {
		case !c.Stateful || c.Hidden || c.Certainty == report.Spurious || keepsData(c):
		case c.Action == report.Replace:
			named = append(named, needReplace+report.Place(path, c.LogicalID))
		case c.Action == report.Delete:
			named = append(named, needDelete+report.Place(path, c.LogicalID))
		}
	})
	walkStacks(p.Root, nil, func(path []string, s report.Stack) {
		if s.Unknown != "" && !slices.Contains(general, needIncomplete) {
			general = append(general, needIncomplete)
		}
	})
	slices.Sort(named)
	return append(general, named...)
}

// walk visits the changes of a stack and those nested in it, with the logical IDs of the nested stacks on the way.
func walk(s report.Stack, path []string, visit func(path []string, c report.Change)) {
	walkStacks(s, path, func(path []string, s report.Stack) {
		for _, c := range s.Changes {
			visit(path, c)
		}
	})
}

func walkStacks(s report.Stack, path []string, visit func(path []string, s report.Stack)) {
	visit(path, s)
	for _, nested := range s.Nested {
		walkStacks(nested, append(path[:len(path):len(path)], nested.Name), visit)
	}
}

// A Consent is what the command line approves.
type Consent struct {
	// Policy is one of RequireAny, RequireBroadening, RequireNever; RequireAny when empty.
	Policy string
	// Yes approves all but what wants a name.
	Yes bool
	// Replace and Delete name stateful resources as plans show them: LogicalID or stack/LogicalID.
	Replace, Delete []string
}

// Missing are the approvals that a plan needs and that were not given: those that an answer of a person can give, and those that only a
// name on the command line gives.
func (c Consent) Missing(p report.Plan) (ask, named []string) {
	for _, need := range p.Needs {
		switch {
		case strings.HasPrefix(need, needReplace):
			if !names(c.Replace, need[len(needReplace):]) {
				named = append(named, need)
			}
		case strings.HasPrefix(need, needDelete):
			if !names(c.Delete, need[len(needDelete):]) {
				named = append(named, need)
			}
		case c.Yes:
		case need == needAny && c.Policy != RequireAny && c.Policy != "", need == needBroadening && c.Policy == RequireNever:
		default:
			ask = append(ask, need)
		}
	}
	return ask, named
}

// names tells whether a list names a place, as plans show it or by logical IDs, in full or by its last parts.
func names(list []string, place string) bool {
	return slices.ContainsFunc(list, func(name string) bool { return report.SamePlace(name, place) })
}

// Check refuses names that no change of the plan has, and those that several have: neither a typing error nor a namesake must pass for an
// approval.
func (c Consent) Check(p report.Plan) error {
	for _, list := range []struct {
		flag, need string
		names      []string
	}{{"--allow-replace", needReplace, c.Replace}, {"--allow-delete", needDelete, c.Delete}} {
		var allowed []string
		for _, need := range p.Needs {
			if after, is := strings.CutPrefix(need, list.need); is {
				allowed = append(allowed, after)
			}
		}
		for _, name := range list.names {
			meant := slices.DeleteFunc(slices.Clone(allowed), func(place string) bool { return !names([]string{name}, place) })
			switch {
			case len(meant) == 0:
				return &fault.Error{Code: fault.Unapproved, What: list.flag + " names nothing that this change set would " + strings.TrimSpace(list.need), Found: name,
					Allowed: orNone(allowed), Do: "look at the plan again"}
			case len(meant) > 1 && !slices.Contains(meant, name):
				return &fault.Error{Code: fault.Unapproved, What: list.flag + " names more than one resource", Found: name, Allowed: orNone(meant), Do: "name the stack too"}
			}
		}
	}
	return nil
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// Command is the flag that gives the approvals that want a name.
func Command(named []string) string {
	var flags []string
	for _, need := range named {
		if place, is := strings.CutPrefix(need, needReplace); is {
			flags = append(flags, fmt.Sprintf("--allow-replace %s", place))
		}
		if place, is := strings.CutPrefix(need, needDelete); is {
			flags = append(flags, fmt.Sprintf("--allow-delete %s", place))
		}
	}
	return strings.Join(flags, " ")
}
