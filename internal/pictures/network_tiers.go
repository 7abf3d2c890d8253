package pictures

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// tier is a kind of subnet, by where its default route leads, with the subnets of all zones.
type tier struct {
	name    string
	way     string // in words
	colour  colour
	subnets []*checks.Resource
	tables  []*checks.Resource
}

// readTiers sorts subnets by where the default route of their route table leads.
func readTiers(w *checks.World) []*tier {
	public := &tier{name: "public", way: "default route: internet gateway", colour: blue}
	private := &tier{name: "private", way: "default route: the zone's NAT", colour: green}
	isolated := &tier{name: "isolated", way: "no default route", colour: amber}
	for _, a := range w.OfType("AWS::EC2::SubnetRouteTableAssociation") {
		subnet, routes := w.Find(a.At("SubnetId")), w.Find(a.At("RouteTableId"))
		if subnet == nil || routes == nil {
			continue
		}
		t := isolated
		for _, route := range w.OfType("AWS::EC2::Route") {
			switch {
			case w.Find(route.At("RouteTableId")) != routes || route.At("DestinationCidrBlock").String() != "0.0.0.0/0":
			case route.At("NatGatewayId").Exists():
				t = private
			default:
				t = public
			}
		}
		t.subnets = append(t.subnets, subnet)
		t.tables = append(t.tables, routes)
	}
	return []*tier{public, isolated, private}
}

// caption is the box that lists a tier's subnets.
func (t *tier) caption() string { return "caption of " + t.name }

// drawCaption writes the subnets with what is in each of them.
func (t *tier) drawCaption(d *document, w *checks.World) {
	c := table{title: t.name + " subnets", colour: t.colour}
	for _, subnet := range t.subnets {
		c.rows = append(c.rows, row{{text: zoneOf(subnet), left: true}, {text: subnet.At("CidrBlock").String(), left: true}, {text: t.holds(w, subnet), left: true}})
	}
	d.box(t.caption(), table{c.title, c.colour, append(c.rows, say(t.way)...)})
}

// holds names what a subnet has that its zone's others have not: a NAT gateway, or an instance of the database.
func (t *tier) holds(w *checks.World, subnet *checks.Resource) string {
	var held []string
	for _, r := range w.OfType("AWS::EC2::NatGateway") {
		if w.Find(r.At("SubnetId")) == subnet {
			held = append(held, "NAT")
		}
	}
	for _, r := range w.OfType("AWS::RDS::DBInstance") {
		if zone := w.Find(r.At("AvailabilityZone")); t.name == "isolated" && zone != nil && zoneOf(zone) == zoneOf(subnet) {
			held = append(held, strings.ToLower(r.LogicalID))
		}
	}
	return strings.Join(held, ", ")
}

func zoneOf(subnet *checks.Resource) string {
	return cmp.Or(subnet.At("AvailabilityZoneId").String(), subnet.At("AvailabilityZone").String())
}

// tierOf is the tier to which some properties lead: by a subnet, a subnet group or a route table. It is nil without.
func (p *plan) tierOf(properties checks.Value) *tier {
	for _, text := range texts(properties) {
		r := p.world.Find(checks.Text(text))
		if r == nil {
			continue
		}
		for _, t := range p.tiers {
			if slices.Contains(t.subnets, r) || slices.Contains(t.tables, r) || r.Type == "AWS::RDS::DBSubnetGroup" && p.tierOf(r.At("SubnetIds")) == t {
				return t
			}
		}
	}
	return nil
}

// texts are all texts in a value.
func texts(v checks.Value) []string {
	var found []string
	for _, key := range v.Keys() {
		found = append(found, texts(v.Field(key))...)
	}
	if len(found) > 0 {
		return found
	}
	for _, item := range v.List() {
		if len(item.Keys()) > 0 {
			found = append(found, texts(item)...)
		} else {
			found = append(found, item.Texts()...)
		}
	}
	return found
}
