package checks

import (
	"cmp"
	"slices"
)

// Reach lists the ways from one node to another, sorted by port. There is none where no path is permitted; a path that
// may be permitted says why that is not known.
func (n *Network) Reach(from, to *Node) []Path {
	if n.apart(from, to) {
		return nil
	}
	key := [2]*Node{from, to}
	if paths, ok := n.memory[key]; ok {
		return paths
	}
	paths := n.reach(from, to)
	n.memory[key] = paths
	return paths
}

// apart tells whether two nodes are in different VPCs that nothing joins.
func (n *Network) apart(from, to *Node) bool {
	return from.vpc != to.vpc && from.vpc != "" && to.vpc != "" && n.peered[from.vpc] == ""
}

func (n *Network) reach(from, to *Node) []Path {
	if from.outside() && to.outside() || from.gateway {
		return nil
	}
	way := n.link(from, to)
	if !way.ok {
		return nil
	}
	var paths []Path
	for _, out := range n.rulesOf(from, true) {
		okOut, whyOut := n.matches(out, to)
		if !okOut {
			continue
		}
		for _, in := range n.rulesOf(to, false) {
			okIn, whyIn := n.matches(in, from)
			flow, some := out.flow.and(in.flow)
			if !okIn || !some {
				continue
			}
			maybe := cmp.Or(out.maybe, whyOut, in.maybe, whyIn, way.maybe, existence(from), existence(to))
			paths = append(paths, n.crossed(Path{From: from, To: to, Flow: flow, Unknown: maybe, Via: steps(from, to, out, in, way)})...)
		}
	}
	return tidy(paths)
}

func existence(node *Node) string {
	if node.outside() {
		return ""
	}
	return node.Resource.Maybe
}

// steps puts what permits a path in the order in which traffic meets it.
func steps(from, to *Node, out, in *groupRule, way link) []Step {
	var via []Step
	if !from.outside() && !from.unfiltered {
		via = append(via, out.step())
	}
	via = append(via, way.via...)
	if !to.outside() && !to.unfiltered {
		via = append(via, in.step())
	}
	return via
}

// crossed cuts a path to what network ACLs let through.
func (n *Network) crossed(p Path) []Path {
	flows, maybe := crossACLs(p.From, p.To, p.Flow)
	var paths []Path
	for _, flow := range flows {
		p.Flow = flow
		p.Unknown = cmp.Or(p.Unknown, maybe)
		paths = append(paths, p)
	}
	return paths
}

// tidy sorts paths and leaves out those that another one makes needless.
func tidy(paths []Path) []Path {
	slices.SortStableFunc(paths, func(a, b Path) int {
		return cmp.Or(compareFlows(a.Flow, b.Flow), cmp.Compare(a.Unknown, b.Unknown))
	})
	var kept []Path
	for i, p := range paths {
		if !slices.ContainsFunc(kept, p.within) && !slices.ContainsFunc(paths[i+1:], func(q Path) bool { return p.within(q) && !q.within(p) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// within tells whether another path says all that p says: the same flow at least as surely, or, for the same reasons or
// more surely, a flow that covers it.
func (p Path) within(q Path) bool {
	surer := p.Unknown != "" && q.Unknown == ""
	if p.Flow == q.Flow {
		return surer || q.Unknown == "" || p.Unknown != ""
	}
	return q.Flow.covers(p.Flow) && (surer || p.Unknown == q.Unknown && slices.Equal(p.Via, q.Via))
}

// matches tells whether a rule's peer is, or may be, a node.
func (n *Network) matches(r *groupRule, node *Node) (bool, string) {
	p := r.peer
	switch {
	case p.anybody:
		return true, ""
	case p.group != "":
		return slices.Contains(node.groups, p.group) || node.groupMaybe != "", otherwise(slices.Contains(node.groups, p.group), node.groupMaybe)
	case p.list != "":
		return n.inList(p.list, node)
	}
	return n.inBlock(p.block, node)
}

// otherwise is the reason for doubt unless something is sure.
func otherwise(sure bool, why string) string {
	if sure {
		return ""
	}
	return why
}

// inList tells whether a node's addresses are in a prefix list: one of the templates, one that AWS keeps, or an unknown one.
func (n *Network) inList(list string, node *Node) (bool, string) {
	if r := n.world.Find(Text(list)); r != nil && r.Type == "AWS::EC2::PrefixList" && node.Kind != PrefixList {
		for _, entry := range r.At("Entries").List() {
			b, why := readBlock(entry.At("Cidr"))
			if ok, doubt := n.inBlock(b, node); why != "" || ok {
				return true, cmp.Or(why, doubt)
			}
		}
		return false, ""
	}
	service := n.lists[list]
	switch {
	case node.Kind == PrefixList:
		return node.list == list, ""
	case service != "":
		return node.gateway && node.service == service, ""
	case node.gateway:
		return true, "what is in prefix list " + list + " is not known"
	case node.Kind == Internet || node.Kind == AddressRange:
		return false, "" // the list is a node of its own
	}
	return true, "what is in prefix list " + list + " is not known"
}

// inBlock tells whether a block holds some of a node's addresses, and all of a range's.
func (n *Network) inBlock(b block, node *Node) (bool, string) {
	switch {
	case node.Kind == PrefixList:
		return false, "" // rules name the list itself; what is open to any address is open to the internet
	case node.Kind == Internet || node.gateway:
		return b.any(), ""
	case node.Kind == AddressRange:
		return b.contains(node.reach) && !(b.any() && node.reach.isPublic()), ""
	case b.any() && b.Addr().Is4():
		return true, ""
	}
	why := node.netMaybe
	for _, s := range node.subnets {
		if slices.ContainsFunc(s.blocks, func(c block) bool { return c.IsValid() && c.Overlaps(b.Prefix) }) {
			return true, ""
		}
		why = cmp.Or(why, s.unsized)
	}
	return why != "", why
}
