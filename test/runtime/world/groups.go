package world

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// Group is a security group with all its rules, wherever the templates write them.
type Group struct {
	// Name is its Name tag without prefix and suffix, such as load-balancer or database.
	Name string
	// In and Out are its rules in both directions.
	In, Out []Rule
}

// Rule lets a flow through in one direction. Exactly one of Group, CIDR and PrefixList is set.
type Rule struct {
	// Where is the resource that carries it.
	Where string
	// Protocol is tcp, udp, icmp or -1 for all.
	Protocol string
	// From and To are the ports; of icmp, type and code.
	From, To int
	// Group is the name of the group at the other end.
	Group string
	// CIDR is the address range at the other end.
	CIDR netip.Prefix
	// PrefixList is the prefix list at the other end.
	PrefixList string
}

func (b *builder) groups() []Group {
	var groups []Group
	index := map[string]int{}
	for _, r := range b.deployed.OfType("AWS::EC2::SecurityGroup") {
		p := b.at(r)
		g := Group{Name: b.name(r)}
		for _, inline := range p.at("SecurityGroupIngress").items() {
			g.In = append(g.In, b.rule(inline, "Source"))
		}
		for _, inline := range p.at("SecurityGroupEgress").items() {
			g.Out = append(g.Out, b.rule(inline, "Destination"))
		}
		index[g.Name] = len(groups)
		groups = append(groups, g)
	}
	for _, r := range b.deployed.OfType("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress") {
		p := b.at(r)
		i, ok := index[b.groupName(p.at("GroupId"))]
		switch {
		case r.Maybe != "":
			p.problem("not known whether it exists: %s", r.Maybe)
		case !ok:
			p.problem("its group is not among the templates")
		case strings.HasSuffix(r.Type, "Ingress"):
			groups[i].In = append(groups[i].In, b.rule(p, "Source"))
		default:
			groups[i].Out = append(groups[i].Out, b.rule(p, "Destination"))
		}
	}
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	return groups
}

// rule reads a rule whose other end stands under names that begin with Source or Destination.
func (b *builder) rule(p place, end string) Rule {
	r := Rule{Where: p.where, Protocol: p.at("IpProtocol").text()}
	if r.Protocol != "-1" {
		r.From, r.To = p.at("FromPort").number(), p.at("ToPort").number()
	}
	r.PrefixList = p.at(end + "PrefixListId").optional()
	if group := p.at(end + "SecurityGroupId"); group.value.Exists() {
		r.Group = b.groupName(group)
	}
	if cidr := p.at("CidrIp").optional(); cidr != "" {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			p.problem("CidrIp: %v", err)
		}
		r.CIDR = prefix
	}
	if ends := count(r.PrefixList != "", r.Group != "", r.CIDR.IsValid()); ends != 1 {
		p.problem("%d other ends, want one of group, CIDR and prefix list", ends)
	}
	return r
}

func count(facts ...bool) int {
	n := 0
	for _, fact := range facts {
		if fact {
			n++
		}
	}
	return n
}

// groupName is the name of the group that a value refers to.
func (b *builder) groupName(p place) string {
	r := b.deployed.Find(checks.Text(p.text()))
	if r == nil || r.Type != "AWS::EC2::SecurityGroup" {
		p.problem("%q is no security group of the templates", p.value.String())
		return ""
	}
	return b.name(r)
}

// name is the Name tag without prefix and suffix.
func (b *builder) name(r *checks.Resource) string {
	tags := b.at(r).at("Tags").named("Key", "Value")
	return catalogueName(tags["Name"], "sg-", r.Stack.Parameters["EnvironmentSuffix"].String())
}
