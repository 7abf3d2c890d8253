package checks

import (
	"cmp"
	"strconv"
	"strings"
)

// group is a security group.
type group struct {
	id       string
	resource *Resource // nil when it is not in the templates
	ingress  []*groupRule
	egress   []*groupRule
}

// groupRule is a rule of a security group: an inline one, a resource of its own, or an implicit one.
type groupRule struct {
	resource *Resource // nil when nothing in the templates says it
	path     string    // of an inline rule
	owner    *group
	egress   bool
	flow     Flow
	peer     peer
	maybe    string // why it is not known what the rule permits
	implicit bool   // EC2 adds it by itself
}

// peer is whom a rule permits: a group, a prefix list, a range of addresses or, when it is not known, anybody.
type peer struct {
	group, list string
	block       block
	anybody     bool
}

// String names the peer.
func (p peer) String() string {
	switch {
	case p.group != "":
		return p.group
	case p.list != "":
		return p.list
	case p.block.IsValid():
		return p.block.String()
	}
	return "anybody"
}

// step is the rule as part of a path.
func (r *groupRule) step() Step {
	says := "ingress rule"
	if r.egress {
		says = "egress rule"
	}
	if r.implicit {
		says = "implicit " + says
	}
	return Step{Says: says, Resource: r.resource, Path: r.path}
}

const securityGroupType = "AWS::EC2::SecurityGroup"

// readGroups reads all groups and rules.
// Source: AWS::EC2::SecurityGroup, SecurityGroupIngress and SecurityGroupEgress in the CloudFormation template reference.
func (n *Network) readGroups() {
	for _, r := range n.world.OfType(securityGroupType) {
		g := &group{id: r.Identity(), resource: r}
		n.groups[g.id] = g
		n.readInline(g, "SecurityGroupIngress", false)
		n.readInline(g, "SecurityGroupEgress", true)
		if len(r.At("SecurityGroupEgress").List()) == 0 {
			// Without inline egress EC2 adds a rule that allows all, and rules of their own do not take it away.
			n.put(g, &groupRule{resource: r, egress: true, flow: everything(), peer: peer{block: anyIPv4()}, maybe: r.Maybe, implicit: true})
		}
	}
	for _, r := range n.world.OfType("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress") {
		rule := readRule(r.Properties, r.Type == "AWS::EC2::SecurityGroupEgress")
		rule.resource, rule.maybe = r, cmp.Or(rule.maybe, r.Maybe)
		if rule.peer == (peer{}) {
			continue
		}
		owner := r.At("GroupId")
		if id := owner.String(); id != "" {
			n.put(n.group(id), &rule)
			continue
		}
		rule.maybe = cmp.Or(owner.Unknown(), "the rule names no group")
		n.loose, n.rules = append(n.loose, &rule), append(n.rules, &rule)
	}
}

func (n *Network) readInline(g *group, property string, egress bool) {
	for i, v := range g.resource.At(property).List() {
		rule := readRule(v, egress)
		rule.resource, rule.path = g.resource, property+"["+strconv.Itoa(i)+"]"
		rule.maybe = cmp.Or(rule.maybe, v.Unknown(), g.resource.Maybe)
		if rule.peer != (peer{}) {
			n.put(g, &rule)
		}
	}
}

func (n *Network) put(g *group, r *groupRule) {
	r.owner = g
	if r.resource != nil {
		n.rules = append(n.rules, r)
	}
	if r.egress {
		g.egress = append(g.egress, r)
	} else {
		g.ingress = append(g.ingress, r)
	}
}

// readRule reads what inline rules and rules of their own have in common. A rule without a peer permits nothing.
func readRule(v Value, egress bool) groupRule {
	r := groupRule{egress: egress}
	if v.Unknown() != "" {
		r.flow, r.peer, r.maybe = everything(), peer{anybody: true}, v.Unknown()
		return r
	}
	side := "Source"
	if egress {
		side = "Destination"
	}
	r.flow, r.maybe = readFlow(v.At("IpProtocol"), v.At("FromPort"), v.At("ToPort"))
	for _, name := range []string{side + "SecurityGroupId", side + "PrefixListId", "CidrIp", "CidrIpv6", side + "SecurityGroupName"} {
		found := v.At(name)
		if !found.Exists() {
			continue
		}
		p, why := readPeer(name, found)
		r.peer, r.maybe = p, cmp.Or(r.maybe, why)
		break
	}
	if r.peer.block.IsValid() && r.peer.block.nowhere() {
		r.peer = peer{}
	}
	return r
}

func readPeer(name string, v Value) (peer, string) {
	switch {
	case v.Unknown() != "":
		return peer{anybody: true}, v.Unknown()
	case strings.HasSuffix(name, "SecurityGroupId"):
		return peer{group: v.String()}, ""
	case strings.HasSuffix(name, "PrefixListId"):
		return peer{list: v.String()}, ""
	case strings.HasPrefix(name, "Cidr"):
		b, why := readBlock(v)
		return peer{block: b, anybody: why != ""}, why
	}
	return peer{anybody: true}, "it names a group by name"
}

const defaultGroup = ".DefaultSecurityGroup"

// group finds a group. One that is not in the templates may permit anything; a VPC's default group permits its members
// and all that they send.
func (n *Network) group(id string) *group {
	if g := n.groups[id]; g != nil {
		return g
	}
	g := &group{id: id}
	n.groups[id] = g
	if strings.HasSuffix(id, defaultGroup) {
		n.put(g, &groupRule{flow: everything(), peer: peer{group: id}})
		n.put(g, &groupRule{flow: everything(), peer: peer{block: anyIPv4()}, egress: true})
		return g
	}
	for _, egress := range []bool{false, true} {
		n.put(g, &groupRule{flow: everything(), peer: peer{anybody: true}, egress: egress, maybe: "security group " + id + " is not in the templates"})
	}
	return g
}

// rulesOf lists the rules that concern what a node sends or takes.
func (n *Network) rulesOf(node *Node, egress bool) []*groupRule {
	if node.outside() || node.unfiltered {
		return []*groupRule{{flow: everything(), peer: peer{anybody: true}, egress: egress}}
	}
	var rules []*groupRule
	for _, id := range node.groups {
		if egress {
			rules = append(rules, n.group(id).egress...)
		} else {
			rules = append(rules, n.group(id).ingress...)
		}
	}
	for _, rule := range n.loose {
		if rule.egress == egress {
			rules = append(rules, rule)
		}
	}
	if node.groupMaybe != "" {
		rules = append(rules, &groupRule{flow: everything(), peer: peer{anybody: true}, egress: egress, maybe: node.groupMaybe})
	}
	return rules
}
