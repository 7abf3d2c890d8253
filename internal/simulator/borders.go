package simulator

import (
	"cmp"
	"slices"
	"time"
)

// A model is the deployment as a calculation, in which borders of nested stacks can be opened: then others wait for values only.
type model struct {
	graph *graph
	open  map[string]bool
	at    map[*node]time.Duration
	begin map[string]time.Duration
}

// borders tell what each nested stack's border costs.
func (g *graph) borders() []Border {
	whole := g.total("")
	var found []Border
	for _, r := range g.simulator.all(g.root) {
		if r.nested == nil {
			continue
		}
		if cost := whole - g.total(r.id); cost > 0 {
			found = append(found, Border{r.id, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b Border) int { return cmp.Compare(b.Costs, a.Costs) })
	return found
}

// total is how long the deployment takes with one border open.
func (g *graph) total(open string) time.Duration {
	m := &model{graph: g, open: map[string]bool{open: true}, at: map[*node]time.Duration{}, begin: map[string]time.Duration{}}
	end := time.Duration(0)
	for _, n := range g.nodes {
		end = max(end, m.start(n)+n.took)
	}
	return end
}

// top is the logical ID of the root's nested stack that a resource is in; empty for the root's own.
func (n *node) top() string {
	if path := n.path(); len(path) > 0 {
		return path[0]
	}
	return ""
}

// start is when a resource begins.
func (m *model) start(n *node) time.Duration {
	if at, known := m.at[n]; known {
		return at
	}
	at := m.beginOf(n.top())
	for _, other := range n.values {
		if other.top() == n.top() || m.open[other.top()] {
			at = max(at, m.start(other)+other.configured)
		}
	}
	for _, other := range n.order {
		if other.top() == n.top() || m.open[other.top()] {
			at = max(at, m.start(other)+other.took)
		}
	}
	m.at[n] = at
	return at
}

// beginOf is when a nested stack of the root begins.
func (m *model) beginOf(id string) time.Duration {
	if at, known := m.begin[id]; known || id == "" {
		return at
	}
	at, root := time.Duration(0), m.graph.root
	for _, needed := range root.resources[id].needs {
		other := root.resources[needed]
		switch {
		case other == nil || m.open[needed]:
		case other.nested == nil:
			n := m.graph.of[other]
			at = max(at, m.start(n)+n.configured)
		default:
			at = max(at, m.endOf(needed)+m.graph.simulator.durations.of(stackType, "CREATE").Took)
		}
	}
	m.begin[id] = at
	return at
}

// endOf is when all of a nested stack of the root is there.
func (m *model) endOf(id string) time.Duration {
	end := m.beginOf(id)
	for _, n := range m.graph.nodes {
		if n.top() == id {
			end = max(end, m.start(n)+n.took)
		}
	}
	return end
}
