package changeset

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Before is what is deployed, as far as a review compares with it. For a first deployment it is empty.
type Before struct {
	// Root is the deployed root template; nil when there is none, or when it cannot be read.
	Root *source.Template
	// Parameters are the deployed root's values, Tags its tags; nil tags are unknown.
	Parameters, Tags map[string]string
	// Template reads a nested template that was deployed, by its content address; nil when it cannot.
	Template func(key string) *source.Template
}

// A Review is a change set made readable, with what it takes to approve it.
type Review struct {
	Plan report.Plan
	// root holds the proofs, for Guard.
	root *level
}

// stackType is the type of nested stacks.
const stackType = "AWS::CloudFormation::Stack"

// A reviewer reads one root change set.
type reviewer struct{ counts report.Counts }

// ReviewSet classifies the changes of a change set: which replacements are certain, which cannot be known before the execution, and
// which are disproved, because CloudFormation puts placeholders where it does not evaluate the outputs of nested stacks
// (cloudformation-coverage-roadmap#759).
func ReviewSet(root *Set, templates *source.Set, given map[string]source.Given, before Before) Review {
	levels := newTree(root, templates, given, before).root
	r := &reviewer{}
	plan := report.Plan{ChangeSet: root.ARN, Name: root.Name, First: before.Root == nil && before.Parameters == nil, Incomplete: levels.partial()}
	plan.Root = r.stack(root.StackName, levels)
	plan.Counts = r.counts
	plan.Needs = needs(plan)
	return Review{Plan: plan, root: levels}
}

// partial says which change set, the root's first, CloudFormation could not show in full.
func (l *level) partial() string {
	found := ""
	l.eachLevel(func(l *level) {
		if l.set != nil && found == "" {
			found = redact(l.set.Partial, l.tree.secrets)
		}
	})
	return found
}

// stack makes the report of one stack and those nested in it.
func (r *reviewer) stack(name string, l *level) report.Stack {
	s := report.Stack{Name: name}
	for _, change := range l.set.Changes {
		c := change.ResourceChange
		if c == nil || aws.ToString(c.ResourceType) == stackType && !losesStack(c) {
			continue
		}
		s.Changes = append(s.Changes, r.change(l, c))
	}
	for _, id := range sorted(l.nested) {
		if nested, show := r.below(l, l.nested[id]); show {
			s.Nested = append(s.Nested, nested)
		}
	}
	return s
}

// losesStack tells whether a change takes a nested stack away, or may.
func losesStack(c *types.ResourceChange) bool {
	return c.Action == types.ChangeActionRemove || c.Action == types.ChangeActionDynamic || replaces(c)
}

// below makes the report of a nested stack; none of one that neither was nor will be.
func (r *reviewer) below(l, nested *level) (report.Stack, bool) {
	name, c := nested.id, l.listed(nested.id)
	switch {
	case c != nil && losesStack(c):
		return r.lost(name, nested, c.PolicyAction == types.PolicyActionRetain), true
	case nested.set != nil:
		return r.stack(name, nested), true
	case c == nil:
		_, stays := resources(l.now)[nested.id]
		return report.Stack{Name: name}, stays
	case c.Action == types.ChangeActionModify && nested.untouched():
		return report.Stack{Name: name}, true
	}
	s := report.Stack{Name: name, Unknown: "CloudFormation gave no change set for this nested stack"}
	if c.Action == types.ChangeActionModify {
		r.suspects(&s, nested)
	}
	return s, true
}

// change makes the report of one change.
func (r *reviewer) change(l *level, c *types.ResourceChange) report.Change {
	id, typ := aws.ToString(c.LogicalResourceId), aws.ToString(c.ResourceType)
	now, was := resources(l.now)[id], resources(l.was)[id]
	change := report.Change{LogicalID: id, PhysicalID: l.tree.text(c.PhysicalResourceId), Type: typ, Description: cmp.Or(now.Description, was.Description),
		Action: action(c), Stateful: now.Stateful || was.Stateful || source.Stateful(typ)}
	j := l.judge(c)
	details := j.real
	if j.spurious() {
		details = j.disproved
	}
	change.Properties, change.Area = l.properties(c, details), area(c, details)
	if typ == stackType {
		// What is in it counts; where that cannot be told, the stack stands for it.
		change.Stateful = l.nested[id] == nil || l.nested[id].was == nil
	}
	l.certainty(&change, c, j)
	change.PolicyAction = policy(c, change.Action, now, was)
	change.Broadens = change.Area != "" && !j.spurious() && broadens(c, j)
	change.Why = redact(change.Why, l.tree.secrets)
	r.count(change)
	return change
}

// certainty tells how sure a modification or a replacement is. What is disproved is folded, but for the
// replacement of what holds data.
func (l *level) certainty(change *report.Change, c *types.ResourceChange, j judgement) {
	switch {
	case c.Action == types.ChangeActionDynamic:
		change.Certainty, change.Why = report.Unknown, "CloudFormation cannot tell yet whether it changes, replaces or removes this"
	case c.Action != types.ChangeActionModify:
	case j.spurious():
		change.Certainty, change.Why = report.Spurious, l.disproof(j.disproved)
		change.Hidden = !change.Stateful || change.Action != report.Replace
	case change.Action == report.Replace && !j.replaces:
		change.Action, change.Why = report.Modify, "changed in place; the replacement that CloudFormation reports is disproved: "+l.disproof(j.disproved)
	case change.Action == report.Replace:
		change.Certainty, change.Why = l.sure(c, j)
	}
}

// sure tells a certain replacement from one that depends on values not known yet.
func (l *level) sure(c *types.ResourceChange, j judgement) (certainty, why string) {
	var forcing, open []string
	for _, d := range j.real {
		if d.Target == nil || !forces(c, d) {
			continue
		}
		name := cmp.Or(aws.ToString(d.Target.Name), string(d.Target.Attribute))
		if d.Target.RequiresRecreation == types.RequiresRecreationAlways && d.Evaluation == types.EvaluationTypeStatic && !l.undecided(d) {
			forcing = append(forcing, name)
			continue
		}
		open = append(open, name)
	}
	slices.Sort(forcing)
	slices.Sort(open)
	switch {
	case len(forcing) > 0:
		return report.Certain, "a change of " + strings.Join(slices.Compact(forcing), ", ") + " forces it"
	case len(open) > 0:
		return report.Unknown, "whether a change of " + strings.Join(slices.Compact(open), ", ") + " forces it is known only at the execution"
	case c.Replacement == types.ReplacementTrue:
		return report.Certain, "CloudFormation gives no reason"
	}
	return report.Unknown, "CloudFormation gives no reason"
}

// undecided tells whether a value comes out of a placeholder: CloudFormation then calls it changed without knowing it.
func (l *level) undecided(d types.ResourceChangeDetail) bool {
	return unknown(aws.ToString(d.Target.AfterValue)) || d.ChangeSource == types.ChangeSourceParameterReference && unknown(l.set.Parameters[aws.ToString(d.CausingEntity)])
}

// disproof says in words why reasons were disproved: where the values come from, and that they stay.
func (l *level) disproof(details []types.ResourceChangeDetail) string {
	from := map[string]bool{}
	for _, d := range details {
		id, _, _ := strings.Cut(aws.ToString(d.CausingEntity), ".")
		origins := []string{}
		if l.parent != nil {
			origins = sorted(mentions(passed(l.parent.now, l.id)[id]))
		}
		if len(origins) == 0 && id != "" {
			origins = []string{id}
		}
		for _, origin := range origins {
			from[report.StackName(origin)] = true
		}
	}
	if len(from) == 0 {
		return "what it is made of does not change"
	}
	if len(from) == 1 {
		return "its input comes from " + sorted(from)[0] + ", which does not change it"
	}
	return "its input comes from " + strings.Join(sorted(from), ", ") + ", which do not change it"
}

func action(c *types.ResourceChange) report.Action {
	switch c.Action {
	case types.ChangeActionAdd:
		return report.Add
	case types.ChangeActionRemove:
		return report.Delete
	case types.ChangeActionImport:
		return report.Import
	case types.ChangeActionDynamic:
		return report.Replace
	}
	if replaces(c) {
		return report.Replace
	}
	return report.Modify
}

func (r *reviewer) count(c report.Change) {
	switch {
	case c.Hidden || c.Certainty == report.Spurious:
		r.counts.Suppressed++
	case c.Action == report.Add, c.Action == report.Import:
		r.counts.Add++
	case c.Action == report.Delete:
		r.counts.Delete++
	case c.Action == report.Replace:
		r.counts.Replace++
	default:
		r.counts.Change++
	}
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
