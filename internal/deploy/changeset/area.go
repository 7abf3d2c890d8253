package changeset

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Areas of changes that a reviewer looks at first.
const (
	identity = "identity"
	network  = "network"
)

// areas lists the types and properties that decide who may do what, and who reaches whom.
//
//go:embed areas.txt
var areas string

// areaOf is a type's line in the table: its area, and the properties that make it one; none for the whole type.
func areaOf(typ string) (area string, properties []string) {
	for line := range strings.Lines(areas) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		prefix, family := strings.CutSuffix(fields[0], "*")
		if fields[0] == typ || family && strings.HasPrefix(typ, prefix) {
			return fields[1], fields[2:]
		}
	}
	return "", nil
}

// area tells whether a change is about who may do what, or about who reaches whom.
func area(c *types.ResourceChange, details []types.ResourceChangeDetail) string {
	found, properties := areaOf(aws.ToString(c.ResourceType))
	if len(properties) == 0 {
		return found
	}
	names := changedNames(details)
	if c.Action != types.ChangeActionModify || len(details) == 0 {
		context := aws.ToString(c.AfterContext) + aws.ToString(c.BeforeContext)
		names = slices.DeleteFunc(slices.Clone(properties), func(name string) bool { return context != "" && !strings.Contains(context, `"`+name+`"`) })
	}
	if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(properties, name) }) {
		return found
	}
	return ""
}

// changedNames are the properties that details name.
func changedNames(details []types.ResourceChangeDetail) []string {
	var names []string
	for _, d := range details {
		if d.Target != nil && d.Target.Attribute == types.ResourceAttributeProperties && d.Target.Name != nil {
			names = append(names, *d.Target.Name)
		}
	}
	return names
}

// broadens tells whether a change may let more in than before. Only what can be seen to take away does not: what cannot be read counts as
// broadening.
func broadens(c *types.ResourceChange, j judgement) bool {
	typ := aws.ToString(c.ResourceType)
	switch c.Action {
	case types.ChangeActionRemove:
		return protects(typ) || policyType(typ) && (c.BeforeContext == nil || denies(*c.BeforeContext))
	case types.ChangeActionModify:
	default:
		return true
	}
	now, was, ok := contexts(c)
	if !ok || strings.HasPrefix(typ, "AWS::WAFv2::") { // what a firewall loses gets in
		return !harmless(j.real)
	}
	_, relevant := areaOf(typ)
	for _, name := range differing(now, was, c, j) {
		if len(relevant) > 0 && !slices.Contains(relevant, name) || harmlessName(name) {
			continue
		}
		if !narrower(typ, name, now[name], was[name]) {
			return true
		}
	}
	return false
}

// protects tells the types without which more gets in.
func protects(typ string) bool {
	return strings.HasPrefix(typ, "AWS::WAFv2::") || slices.Contains([]string{"AWS::EC2::NetworkAclEntry", "AWS::EC2::SubnetNetworkAclAssociation", "AWS::EC2::SubnetRouteTableAssociation", "AWS::S3::BucketPolicy"}, typ)
}

// policyType tells resources whose policy may deny: without it, more is allowed. Roles and users go with what is denied to them.
func policyType(typ string) bool {
	found, _ := areaOf(typ)
	return found == identity && !slices.Contains([]string{"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::InstanceProfile", "AWS::Lambda::Permission"}, typ)
}

// denies tells whether a policy in a resource's properties denies anything.
func denies(context string) bool { return strings.Contains(context, "Deny") }

// harmlessName tells properties that grant nothing.
func harmlessName(name string) bool {
	return slices.Contains([]string{"Description", "GroupDescription", "Tags"}, name)
}

// harmless tells whether all that changes grants nothing.
func harmless(details []types.ResourceChangeDetail) bool {
	return len(details) > 0 && !slices.ContainsFunc(details, func(d types.ResourceChangeDetail) bool {
		return d.Target == nil || d.Target.Attribute != types.ResourceAttributeTags && d.Target.Attribute != types.ResourceAttributeMetadata && !harmlessName(aws.ToString(d.Target.Name))
	})
}

// contexts are the properties after and before a change.
func contexts(c *types.ResourceChange) (now, was map[string]any, ok bool) {
	var after, before struct{ Properties map[string]any }
	if json.Unmarshal([]byte(aws.ToString(c.AfterContext)), &after) != nil || json.Unmarshal([]byte(aws.ToString(c.BeforeContext)), &before) != nil {
		return nil, nil, false
	}
	return after.Properties, before.Properties, after.Properties != nil && before.Properties != nil
}

// differing are the properties that differ and whose difference was not disproved.
func differing(now, was map[string]any, c *types.ResourceChange, j judgement) []string {
	names := map[string]bool{}
	for _, m := range []map[string]any{now, was} {
		for name := range m {
			names[name] = !same(now[name], was[name])
		}
	}
	still := changedNames(j.real)
	for _, name := range changedNames(c.Details) {
		names[name] = names[name] && slices.Contains(still, name)
	}
	for _, name := range still {
		names[name] = true
	}
	return slices.DeleteFunc(sorted(names), func(name string) bool { return !names[name] })
}
