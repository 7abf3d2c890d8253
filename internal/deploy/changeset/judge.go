package changeset

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// A judgement divides the reasons that CloudFormation gives for a change.
type judgement struct {
	// real may be true, disproved are not.
	real, disproved []types.ResourceChangeDetail
	// replaces tells that the resource may be replaced all the same.
	replaces bool
}

// spurious tells that no reason is left.
func (j judgement) spurious() bool { return len(j.real) == 0 && len(j.disproved) > 0 && !j.replaces }

// judge goes through the reasons of a change.
func (l *level) judge(c *types.ResourceChange) judgement {
	id := aws.ToString(c.LogicalResourceId)
	if j, known := l.judged[id]; known {
		return j
	}
	l.judged[id] = judgement{real: c.Details, replaces: replaces(c)} // for whoever asks meanwhile
	j, forced := judgement{}, false
	for _, d := range c.Details {
		switch {
		case l.disproved(c, d):
			j.disproved = append(j.disproved, d)
			forced = forced || forces(c, d)
		default:
			j.real = append(j.real, d)
			j.replaces = j.replaces || forces(c, d)
		}
	}
	// A replacement for which no reason is given is not disproved.
	j.replaces = j.replaces || replaces(c) && !forced
	l.judged[id] = j
	return j
}

// replaces tells whether CloudFormation says that a resource is replaced, or may be.
func replaces(c *types.ResourceChange) bool {
	return c.Replacement == types.ReplacementTrue || c.Replacement == types.ReplacementConditional || strings.HasPrefix(string(c.PolicyAction), "Replace")
}

// forces tells whether a reason leads to a replacement, or may.
func forces(c *types.ResourceChange, d types.ResourceChangeDetail) bool {
	if d.Target == nil || d.Target.RequiresRecreation == "" {
		return replaces(c) && (d.Target == nil || d.Target.Attribute == types.ResourceAttributeProperties)
	}
	return d.Target.RequiresRecreation != types.RequiresRecreationNever
}

// disproved tells whether a reason is proved wrong: the property is declared as it is deployed, and made of what stays.
func (l *level) disproved(c *types.ResourceChange, d types.ResourceChangeDetail) bool {
	now, was, ok := l.both(aws.ToString(c.LogicalResourceId))
	if !ok || c.Action != types.ChangeActionModify || c.ResourceDriftStatus != "" || d.Target == nil || d.Target.Drift != nil || concrete(d.Target) {
		return false
	}
	name := aws.ToString(d.Target.Name)
	switch d.Target.Attribute {
	case types.ResourceAttributeProperties:
	case types.ResourceAttributeTags:
		if name = "Tags"; !l.tagsKept() {
			return false
		}
	default:
		return false
	}
	value, is := now.Properties[name]
	return is && same(value, was.Properties[name]) && l.plausible(d, value) && l.stable(value)
}

// plausible tells whether a reason is of the kind that placeholders cause: it names something that the property is made of, or it is the
// companion that CloudFormation adds to such a reason (User Guide, "Example change sets": a parameter's change has two details).
func (l *level) plausible(d types.ResourceChangeDetail, value any) bool {
	switch d.ChangeSource {
	case types.ChangeSourceParameterReference, types.ChangeSourceResourceReference, types.ChangeSourceResourceAttribute:
		target, _, _ := strings.Cut(aws.ToString(d.CausingEntity), ".")
		return l.madeOf(value)[target]
	case types.ChangeSourceDirectModification:
		return d.Evaluation == types.EvaluationTypeDynamic && len(mentions(value)) > 0
	}
	return false
}

// madeOf are the names that an expression refers to, through conditions too.
func (l *level) madeOf(expression any) map[string]bool {
	found := mentions(expression)
	for more := true; more; {
		more = false
		for _, name := range sorted(found) {
			for inside := range mentions(l.now.Conditions[name]) {
				more = more || !found[inside]
				found[inside] = true
			}
		}
	}
	return found
}

// concrete tells whether CloudFormation knows the value after the change and that it is another one: then it is a change, whatever we
// think we know.
func concrete(t *types.ResourceTargetDefinition) bool {
	before, after := aws.ToString(t.BeforeValue), aws.ToString(t.AfterValue)
	if unknown(after) || before == "" && after == "" {
		return false
	}
	return before != after
}

// Placeholders for what is known only at the execution: in the inputs of nested stacks (roadmap #759) and in values shown.
const (
	placeholder = "{{IntrinsicFunction:"
	afterApply  = "{{changeSet:KNOWN_AFTER_APPLY}}"
)

func unknown(value string) bool {
	return strings.Contains(value, placeholder) || strings.Contains(value, afterApply)
}

// attributes lists what stays when a resource is updated in place.
//
//go:embed attributes.txt
var attributes string

// exchanged tells types that an update may exchange without CloudFormation saying so: what a custom resource's handler answers, and a group
// that its update policy replaces.
func exchanged(typ string) bool {
	return strings.HasPrefix(typ, "Custom::") || typ == "AWS::CloudFormation::CustomResource" || typ == "AWS::AutoScaling::AutoScalingGroup"
}

// onlyTags tells whether nothing but tags changes.
func onlyTags(details []types.ResourceChangeDetail) bool {
	return len(details) > 0 && !slices.ContainsFunc(details, func(d types.ResourceChangeDetail) bool {
		return d.Target == nil || d.Target.Attribute != types.ResourceAttributeTags
	})
}

// steady tells whether an attribute of a type stays when a resource is updated in place for some reasons. Ref (no attribute) does.
func steady(typ, attribute string, reasons []types.ResourceChangeDetail) bool {
	if exchanged(typ) || attribute == "" {
		return !exchanged(typ)
	}
	for line := range strings.Lines(attributes) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != typ {
			continue
		}
		listed, properties := fields[1:], []string(nil)
		if at := slices.Index(listed, "while"); at >= 0 {
			listed, properties = listed[:at], listed[at+1:]
		}
		if slices.Contains(listed, attribute) && (properties == nil || only(reasons, properties)) {
			return true
		}
	}
	return false
}

// only tells whether nothing but some properties changes, and tags.
func only(reasons []types.ResourceChangeDetail, properties []string) bool {
	return len(reasons) > 0 && !slices.ContainsFunc(reasons, func(d types.ResourceChangeDetail) bool {
		return !onlyTags([]types.ResourceChangeDetail{d}) &&
			(d.Target == nil || d.Target.Attribute != types.ResourceAttributeProperties || !slices.Contains(properties, aws.ToString(d.Target.Name)))
	})
}
