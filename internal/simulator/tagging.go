package simulator

import (
	"slices"
	"strings"
)

// A tagged thing is one that the Resource Groups Tagging API finds.
type tagged struct {
	arn  string
	tags map[string]string
}

// untaggable are types that carry no tags, or that the Tagging API does not find (Resource Groups Tagging API reference, "Services that
// support the Resource Groups Tagging API").
func untaggable(typ string) bool {
	return slices.Contains([]string{"AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::VPCGatewayAttachment",
		"AWS::KMS::Alias", "AWS::Logs::LogStream", "AWS::Logs::ResourcePolicy", "AWS::Logs::SubscriptionFilter", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription",
		"AWS::CloudWatch::Dashboard", "AWS::WAFv2::WebACLAssociation", "AWS::WAFv2::LoggingConfiguration", "AWS::SecretsManager::ResourcePolicy", "AWS::Route53::RecordSet",
		"AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"}, typ)
}

// allTagged are the tagged things of the account: stacks, their resources, secrets, snapshots, keys that wait for their deletion.
func (s *Simulator) allTagged() []tagged {
	var all []tagged
	for _, arn := range sortedKeys(s.stacks.all) {
		st := s.stacks.all[arn]
		if st.status == "DELETE_COMPLETE" {
			continue
		}
		if len(st.tags) > 0 {
			all = append(all, tagged{arn, st.tags})
		}
		for _, r := range append(s.all(st), st.garbage...) {
			if r.made && r.nested == nil && len(r.tags) > 0 && !untaggable(r.typ) {
				all = append(all, tagged{textOf(s.attribute(r, "Arn")), r.tags})
			}
		}
	}
	for _, x := range s.snapshots {
		all = append(all, tagged{x.arn, x.tags})
	}
	return append(all, s.lingering...)
}

func (s *Simulator) tagActions() map[string]action {
	return map[string]action{"GetResources": func(c *call) (any, error) {
		list := []any{}
		for _, t := range s.allTagged() {
			if t.fits(c) {
				list = append(list, map[string]any{"ResourceARN": t.arn, "Tags": tagList(t.tags, "Key", "Value")})
			}
		}
		out := paged(c, "ResourceTagMappingList", "PaginationToken", c.number("ResourcesPerPage", 50), list)
		if out["PaginationToken"] == nil {
			out["PaginationToken"] = ""
		}
		return out, nil
	}}
}

// fits tells whether something has all tags asked for, and one of the types.
func (t tagged) fits(c *call) bool {
	types := c.texts("ResourceTypeFilters")
	parts := strings.SplitN(t.arn, ":", 6)
	if len(types) > 0 && !slices.ContainsFunc(types, func(typ string) bool {
		service, kind, _ := strings.Cut(typ, ":")
		return parts[2] == service && strings.HasPrefix(parts[5], kind)
	}) {
		return false
	}
	filters, _ := c.body["TagFilters"].([]any)
	for _, f := range filters {
		filter, _ := f.(map[string]any)
		values, _ := filter["Values"].([]any)
		v, has := t.tags[textOf(filter["Key"])]
		if !has || len(values) > 0 && !slices.ContainsFunc(values, func(wanted any) bool { return textOf(wanted) == v }) {
			return false
		}
	}
	return true
}
