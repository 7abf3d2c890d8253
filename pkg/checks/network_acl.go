package checks

import (
	"cmp"
	"slices"
)

// acl is a network ACL.
type acl struct {
	resource *Resource
	entries  []aclEntry // sorted by number
	open     bool       // the VPC's own, which allows all
	maybe    string     // why it is not known
}

type aclEntry struct {
	number        int
	egress, allow bool
	flow          Flow
	block         block
	maybe         string
}

// readACLs reads the network ACLs.
// Source: AWS::EC2::NetworkAclEntry in the CloudFormation template reference.
func (n *Network) readACLs() {
	for _, r := range n.world.OfType("AWS::EC2::NetworkAcl") {
		n.acls[r.Identity()] = &acl{resource: r}
	}
	for _, r := range n.world.OfType("AWS::EC2::NetworkAclEntry") {
		list := n.acls[r.At("NetworkAclId").String()]
		if list == nil {
			continue
		}
		e := aclEntry{egress: r.At("Egress").True(), allow: r.At("RuleAction").String() == "allow"}
		e.number, _ = r.At("RuleNumber").Int()
		var why string
		e.flow, why = readFlow(r.At("Protocol"), r.At("PortRange.From"), r.At("PortRange.To"))
		cidr := r.At("CidrBlock")
		if !cidr.Exists() {
			cidr = r.At("Ipv6CidrBlock")
		}
		var unsized string
		e.block, unsized = readBlock(cidr)
		e.maybe = cmp.Or(r.Maybe, r.At("Egress").Unknown(), r.At("RuleAction").Unknown(), r.At("RuleNumber").Unknown(), why, unsized)
		list.entries = append(list.entries, e)
	}
	for _, list := range n.acls {
		slices.SortStableFunc(list.entries, func(a, b aclEntry) int { return cmp.Compare(a.number, b.number) })
	}
}

func (n *Network) aclOf(v Value) *acl {
	if list := n.acls[v.String()]; list != nil {
		return list
	}
	if !v.Exists() {
		return &acl{open: true}
	}
	return &acl{maybe: cmp.Or(v.Unknown(), "network ACL "+v.String()+" is not in the templates")}
}

// permits is what an ACL lets through of a flow to or from a peer's blocks; the text says why that is not known.
func (a *acl) permits(egress bool, f Flow, blocks []block) ([]Flow, string) {
	if a.open || a.maybe != "" {
		return []Flow{f}, a.maybe
	}
	left := []Flow{f}
	var permitted []Flow
	maybe := ""
	for _, e := range a.entries {
		if e.egress != egress && e.maybe == "" {
			continue
		}
		if e.maybe != "" {
			maybe, permitted = e.maybe, append(permitted, left...)
			break
		}
		some, all := e.concerns(blocks)
		if len(blocks) == 0 && !all {
			maybe = "a network ACL names addresses, and those of a subnet are not known"
		}
		for _, part := range left {
			if common, ok := part.and(e.flow); ok && some && e.allow {
				permitted = append(permitted, common)
			}
		}
		if all {
			left = slices.Concat(mapped(left, func(part Flow) []Flow { return part.minus(e.flow) })...)
		}
	}
	return permitted, maybe
}

// concerns tells whether an entry is about some and about all of a peer's addresses. Blocks that are not known are
// taken for such as an entry that allows concerns.
func (e aclEntry) concerns(blocks []block) (some, all bool) {
	all = len(blocks) > 0 || e.block.any()
	some = len(blocks) == 0
	for _, b := range blocks {
		some = some || e.block.Overlaps(b.Prefix)
		all = all && e.block.contains(b)
	}
	return some, all
}

// crossACLs is what the ACLs of the subnets on both sides let through, there and, on the ports of answers, back.
func crossACLs(from, to *Node, f Flow) ([]Flow, string) {
	var permitted []Flow
	maybe := ""
	for _, out := range aclsOf(from) {
		for _, in := range aclsOf(to) {
			sent, why1 := out.permits(true, f, blocksOf(to))
			for _, part := range sent {
				taken, why2 := in.permits(false, part, blocksOf(from))
				if !answers(out, in, from, to, f) {
					continue
				}
				permitted, maybe = append(permitted, taken...), cmp.Or(maybe, why1, why2)
			}
		}
	}
	slices.SortFunc(permitted, compareFlows)
	return slices.Compact(permitted), maybe
}

// answers tells whether answers come back: ACLs do not remember connections.
func answers(out, in *acl, from, to *Node, f Flow) bool {
	if f.Protocol != "tcp" && f.Protocol != "udp" {
		return true
	}
	back := Flow{f.Protocol, 1024, lastPort}
	sent, _ := in.permits(true, back, blocksOf(from))
	taken, _ := out.permits(false, back, blocksOf(to))
	return len(sent) > 0 && len(taken) > 0
}

func aclsOf(node *Node) []*acl {
	var list []*acl
	for _, s := range node.subnets {
		if !slices.Contains(list, s.acl) && !(s.acl.open && slices.ContainsFunc(list, func(a *acl) bool { return a.open })) {
			list = append(list, s.acl)
		}
	}
	if len(list) == 0 {
		return []*acl{{open: true}}
	}
	return list
}

// blocksOf are the addresses of a node; none when they are not all known.
func blocksOf(node *Node) []block {
	if node.reach.IsValid() {
		return []block{node.reach}
	}
	var list []block
	for _, s := range node.subnets {
		if s.unsized != "" {
			return nil
		}
		list = append(list, s.blocks...)
	}
	return list
}
