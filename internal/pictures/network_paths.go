package pictures

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// arrow is an arrow of the picture.
type arrow struct{ from, to string }

// drawPaths draws one arrow between two places, with all ports; what all tasks of a tier reach alike is reached from their
// common frame.
func (p *plan) drawPaths(d *document) {
	labels := map[arrow]string{}
	var ways []arrow
	for _, path := range p.paths {
		if path.Unknown != "" {
			continue
		}
		w := arrow{p.placeOf(path.From).id, p.placeOf(path.To).id}
		label := ports(path.Flow)
		switch known := labels[w]; {
		case known == "":
			labels[w] = label
			ways = append(ways, w)
		case !slices.Contains(strings.Split(known, ", "), label):
			labels[w] = known + ", " + label
		}
	}
	drawn := map[arrow]bool{}
	for _, w := range ways {
		from := p.placeOf(p.world.Network().Node(w.from))
		if !from.tasks() || from.tier == nil || !p.alike(from.tier, w.to, labels) {
			d.edge(at(w.from), at(w.to), attribute("label", " "+labels[w]+" "))
			continue
		}
		together := arrow{from.tier.name, w.to}
		if !drawn[together] {
			d.edge(at(p.deepest(from.tier)), at(w.to), attribute("label", " "+labels[w]+" "), attribute("ltail", "cluster_tasks of "+from.tier.name), `style="dashed"`)
		}
		drawn[together] = true
	}
}

// alike tells whether all tasks of a tier, if there are several, reach a place on the same ports.
func (p *plan) alike(t *tier, to string, labels map[arrow]string) bool {
	var found []string
	for _, x := range p.places {
		if x.tier == t && x.tasks() {
			found = append(found, labels[arrow{x.id, to}])
		}
	}
	return len(found) > 1 && found[0] != "" && len(slices.Compact(found)) == 1
}

// deepest is a place at the end of the frame of a tier's tasks, from which common arrows start: one that others call and
// that calls none.
func (p *plan) deepest(t *tier) string {
	var last, deepest string
	for _, x := range p.places {
		if x.tier != t || !x.tasks() {
			continue
		}
		last = x.id
		called, calls := false, false
		for _, path := range p.paths {
			called = called || path.To == x.nodes[0] && path.From.Kind == checks.Tasks
			calls = calls || path.From == x.nodes[0] && path.To.Kind == checks.Tasks
		}
		if called && !calls {
			deepest = x.id
		}
	}
	return cmp.Or(deepest, last)
}

// way says whether a node is reached through a NAT gateway.
func (p *plan) way(n *checks.Node) string {
	for _, path := range p.paths {
		for _, s := range path.Via {
			if path.To == n && s.Resource != nil && s.Resource.At("NatGatewayId").Exists() {
				return ", by NAT"
			}
		}
	}
	return ""
}

// ports are the ports of a flow: TCP is not said, as the legend does.
func ports(f checks.Flow) string { return strings.TrimPrefix(f.String(), "tcp ") }
