package changeset

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/report"
)

// laterKnown is how a value reads that is known only at the execution.
const laterKnown = "(known at the execution)"

// properties are those of a change, one a path, masked where they may hold a secret.
func (l *level) properties(c *types.ResourceChange, details []types.ResourceChangeDetail) []report.Property {
	var found []report.Property
	for _, d := range details {
		if d.Target == nil {
			continue
		}
		p := report.Property{Path: l.tree.text(new(propertyPath(d.Target))), Before: l.tree.text(d.Target.BeforeValue), After: l.tree.text(d.Target.AfterValue), Cause: l.tree.text(d.CausingEntity)}
		switch d.Target.RequiresRecreation {
		case types.RequiresRecreationAlways:
			p.Forces = "always"
		case types.RequiresRecreationConditionally:
			p.Forces = "maybe"
		}
		if unknown(p.After) {
			p.After = laterKnown
		}
		if p.Path == string(types.ResourceAttributeTags) && p.Before == "" && p.After == "" {
			p.Before, p.After = l.tree.tagsOf(l.tree.before.Tags, l.tree.root.set.Tags), l.tree.tagsOf(l.tree.root.set.Tags, l.tree.before.Tags)
		}
		if l.masks(aws.ToString(c.LogicalResourceId), aws.ToString(c.ResourceType), aws.ToString(d.Target.Name)) {
			p.Before, p.After = masked(p.Before), masked(p.After)
		}
		found = append(found, expanded(p)...)
	}
	slices.SortStableFunc(found, func(a, b report.Property) int { return strings.Compare(a.Path, b.Path) })
	return merged(found)
}

// tagsOf are the stack's tags in one map that are not so in the other, as text.
func (t *tree) tagsOf(in, other map[string]string) string {
	var found []string
	for _, key := range sorted(in) {
		if value, has := other[key]; !has || value != in[key] {
			found = append(found, key+"="+in[key])
		}
	}
	return redact(strings.Join(found, ", "), t.secrets)
}

// merged joins what CloudFormation says twice of one property: once for the parameter, once for the property itself.
func merged(sorted []report.Property) []report.Property {
	var found []report.Property
	for _, p := range sorted {
		last := len(found) - 1
		if last < 0 || found[last].Path != p.Path || found[last].Before != p.Before || found[last].After != p.After {
			found = append(found, p)
			continue
		}
		found[last].Cause = cmp.Or(found[last].Cause, p.Cause)
		if p.Forces == "always" {
			found[last].Forces = p.Forces
		}
		found[last].Forces = cmp.Or(found[last].Forces, p.Forces)
	}
	return found
}

// propertyPath is a property's place as people write it: Policies[0].PolicyName of /Properties/Policies/0/PolicyName.
func propertyPath(t *types.ResourceTargetDefinition) string {
	var path strings.Builder
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.Trim(aws.ToString(t.Path), "/"), "Properties"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if _, err := strconv.Atoi(part); err == nil {
			path.WriteString("[" + part + "]")
			continue
		}
		if part != "" && path.Len() > 0 {
			path.WriteString(".")
		}
		path.WriteString(part)
	}
	return cmp.Or(path.String(), aws.ToString(t.Name), string(t.Attribute))
}

func masked(value string) string {
	if value == "" {
		return ""
	}
	return report.Masked
}
