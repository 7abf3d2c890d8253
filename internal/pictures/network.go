package pictures

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// place is a box of the picture: a node of the network, or endpoints of one tier that the same nodes reach on the same ports.
type place struct {
	id    string
	nodes []*checks.Node
	tier  *tier // nil outside subnets
}

// plan is the network as it is drawn. Which paths there are is what `render reach` says: nothing is worked out here.
type plan struct {
	world  *checks.World
	tiers  []*tier
	places []place
	paths  []checks.Path
}

// network draws zones, subnets and the permitted paths.
func network(w *checks.World) string {
	p := plan{world: w, tiers: readTiers(w), paths: w.Network().Paths()}
	p.readPlaces()
	d := begin("Network", "TB", `nodesep="0.2"`, `ranksep="0.38"`)
	for _, x := range p.of(nil) {
		d.box(x.id, p.table(x))
	}
	for _, vpc := range w.OfType("AWS::EC2::VPC") {
		d.frame("vpc", "VPC "+vpc.At("CidrBlock").Show(), white, `margin="12"`, `labelloc="b"`)
		for _, t := range p.tiers {
			p.drawTier(d, t)
		}
		d.close()
	}
	p.arrange(d)
	p.drawPaths(d)
	return d.end(p.legend()...)
}

// legend explains the picture and lists which paths cannot be judged.
func (p *plan) legend() []string {
	lines := []string{
		"Every path that routes and security groups permit, with its TCP port, as render reach computes it from golden/ with the",
		"values of " + parameters + ". Dashed: all tasks alike. No arrow, no path.",
	}
	from := map[string][]string{}
	for _, path := range p.paths {
		if path.Unknown != "" {
			to := fmt.Sprintf("%s, port %s: %s.", path.To.Name, ports(path.Flow), path.Unknown)
			from[to] = append(from[to], path.From.Name)
		}
	}
	for _, to := range sortedKeys(from) {
		words := strings.Fields("Not known: a path from " + strings.Join(from[to], ", ") + " to " + to)
		lines = append(lines, strings.Split(wrapped(words, 120), "\n")...)
	}
	return lines
}

func (x place) tasks() bool { return x.nodes[0].Kind == checks.Tasks }

// readPlaces gives each node that a path leads from or to its place.
func (p *plan) readPlaces() {
	seen := map[string]int{}
	for _, n := range p.world.Network().Nodes() {
		key := p.touching(n)
		if key == "" {
			continue
		}
		var where *tier
		if n.Resource != nil {
			where = p.tierOf(n.Resource.Properties)
		}
		if n.Kind != checks.Endpoint {
			key = n.Name
		} else if where != nil {
			key += where.name
		}
		at, ok := seen[key]
		if !ok {
			at = len(p.places)
			seen[key] = at
			p.places = append(p.places, place{id: n.Name, tier: where})
		}
		p.places[at].nodes = append(p.places[at].nodes, n)
	}
}

// touching says who reaches a node and whom it reaches, on which ports.
func (p *plan) touching(n *checks.Node) string {
	var b strings.Builder
	for _, path := range p.paths {
		switch n {
		case path.From:
			fmt.Fprintf(&b, "to %s %s %s\n", path.To.Name, path.Flow, path.Unknown)
		case path.To:
			fmt.Fprintf(&b, "from %s %s %s\n", path.From.Name, path.Flow, path.Unknown)
		}
	}
	return b.String()
}

func (p *plan) placeOf(n *checks.Node) place {
	return p.places[slices.IndexFunc(p.places, func(x place) bool { return slices.Contains(x.nodes, n) })]
}

// of lists the places of a tier, tasks last, or with nil those outside subnets.
func (p *plan) of(t *tier) []place {
	var tasks, others []place
	for _, x := range p.places {
		switch {
		case x.tier != t:
		case x.tasks():
			tasks = append(tasks, x)
		default:
			others = append(others, x)
		}
	}
	return append(others, tasks...)
}

// drawTier draws a tier with its places; tasks get a frame of their own.
func (p *plan) drawTier(d *document, t *tier) {
	d.frame(t.name, "", t.colour)
	t.drawCaption(d, p.world)
	framed := false
	for _, x := range p.of(t) { // tasks last
		if x.tasks() && !framed {
			d.frame("tasks of "+t.name, "", t.colour, `style="dashed,rounded"`)
			framed = true
		}
		d.box(x.id, p.table(x))
	}
	if framed {
		d.close()
	}
	d.close()
}

// arrange keeps captions out of the way, by arrows that nobody sees: the public one is beside its boxes, from which arrows
// lead down, the others are below theirs. What is isolated stands below the public caption, away from the ways out.
func (p *plan) arrange(d *document) {
	public, isolated := p.tiers[0], p.tiers[1]
	behind := func(from, to string) { d.edge(at(from), at(to), `style="invis"`) }
	for _, t := range p.tiers {
		for _, x := range p.of(t) {
			switch {
			case t == public:
				d.row([]string{public.caption(), x.id})
				behind(public.caption(), x.id)
			case x.nodes[0].Kind != checks.Endpoint:
				behind(x.id, t.caption())
			}
			if t == isolated {
				behind(public.caption(), x.id)
			}
		}
	}
	behind(public.caption(), isolated.caption())
}

// table is what the box of a place says.
func (p *plan) table(x place) table {
	n := x.nodes[0]
	t := table{title: string(n.Kind), colour: white, rows: say(n.Name)}
	switch n.Kind {
	case checks.Internet:
		t.rows = nil
	case checks.Endpoint:
		t.title, t.rows = "VPC endpoints", x.endpoints()
	case checks.PrefixList:
		t.title, t.rows = "providers", say("prefix list"+p.way(n), n.Name)
	case checks.Tasks:
		t.title, t.rows = n.Name, say("tasks")
		if n.Resource.Type != "AWS::ECS::Service" {
			t.title, t.rows = shortSchedule(n.Name), say("scheduled task")
		}
	}
	return t
}

// endpoints are the names of endpoints by type.
func (x place) endpoints() []row {
	names := map[string][]string{}
	for _, n := range x.nodes {
		kind := strings.ToLower(cmp.Or(n.Resource.At("VpcEndpointType").String(), "Gateway"))
		names[kind] = append(names[kind], strings.TrimPrefix(n.Name, "com.amazonaws.us-east-1."))
	}
	var rows []row
	for _, kind := range sortedKeys(names) {
		rows = append(rows, row{{text: wrapped(append([]string{kind + ":"}, listed(names[kind])...), 24)}})
	}
	return rows
}

func shortSchedule(name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, "schedule-"), "-prod")
}
