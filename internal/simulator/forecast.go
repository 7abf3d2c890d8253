package simulator

import (
	"slices"
	"strings"
	"time"
)

// A Link is a resource that a deployment's time is spent on.
type Link struct {
	// Path names the nested stacks to the resource's, by logical ID.
	Path            []string
	LogicalID, Type string
	// Begins is when its work begins, from the deployment's beginning; Spends how long the chain waits for it.
	Begins, Spends time.Duration
}

// A Border is what the border of a nested stack costs: others wait for all of the stack and not for the values that they take from it.
type Border struct {
	// Stack is the logical ID of the nested stack that others wait for.
	Stack string
	// Costs is how much earlier the deployment would end if they waited for the values only. Borders beside each other hide each other's
	// costs: the costs of several do not add up.
	Costs time.Duration
}

// A Forecast says how long a first deployment takes, on what, and how long it would take if each resource began as soon as those were there
// whose values it takes, wherever they stand.
type Forecast struct {
	Takes, Bound time.Duration
	// Chain is what Takes is spent on, BoundChain what Bound is.
	Chain, BoundChain []Link
	// Borders are those that cost something, the most expensive first.
	Borders []Border
	// Estimated is the share of the chain's time that rests on estimates.
	Estimated float64
}

// Ratio is how much longer the deployment takes than its lower bound.
func (f Forecast) Ratio() float64 {
	if f.Bound == 0 {
		return 1
	}
	return float64(f.Takes) / float64(f.Bound)
}

// Forecast reads the events of a stack's creation. The bound counts two waits that no value makes: services wait for the writer of the
// database, as a task that starts without it fails, and other instances do, as the first one of a cluster writes.
func (s *Simulator) Forecast(stackName string) (Forecast, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	st := s.named(stackName)
	if st == nil || st.begun.IsZero() || !strings.HasSuffix(st.status, "_COMPLETE") {
		return Forecast{}, errAbsent("completed stack", stackName)
	}
	g := newGraph(s, st)
	f := Forecast{Takes: g.end.Sub(st.begun), Chain: g.chain(st)}
	last := g.latest()
	if last != nil {
		f.Bound, f.BoundChain = last.earliest+last.took, last.links()
	}
	f.Borders = g.borders()
	var estimated, all time.Duration
	for _, l := range f.Chain {
		if all += l.Spends; s.durations.of(l.Type, "CREATE").Kind == "estimate" {
			estimated += l.Spends
		}
	}
	if all > 0 {
		f.Estimated = float64(estimated) / float64(all)
	}
	return f, nil
}

// A graph holds all resources of a stack and those nested in it.
type graph struct {
	simulator *Simulator
	root      *stack
	end       time.Time
	nodes     []*node
	of        map[*resource]*node
}

// A node is a resource with what it needs, over stack borders.
type node struct {
	stack    *stack
	resource *resource
	took     time.Duration
	// configured is after how long its values are there.
	configured time.Duration
	values     []*node
	order      []*node
	// earliest is when it could begin, because of before.
	earliest time.Duration
	before   *node
	done     bool
}

func newGraph(s *Simulator, root *stack) *graph {
	g := &graph{simulator: s, root: root, of: map[*resource]*node{}}
	g.collect(root)
	for _, n := range g.nodes {
		g.connect(n)
	}
	for _, n := range g.nodes {
		n.schedule()
	}
	return g
}

// collect makes a node of each resource that was created.
func (g *graph) collect(st *stack) {
	for _, r := range g.simulator.all(st) {
		if r.ended.After(g.end) {
			g.end = r.ended
		}
		if r.nested != nil {
			g.collect(r.nested)
			continue
		}
		d := g.simulator.durations.of(r.typ, "CREATE")
		n := &node{stack: st, resource: r, took: r.ended.Sub(r.began), configured: d.Configured}
		if n.configured == 0 || n.configured > n.took {
			n.configured = n.took
		}
		g.nodes = append(g.nodes, n)
		g.of[r] = n
	}
}

// connect finds what a resource needs: in its own stack, and through its stack's parameters.
func (g *graph) connect(n *node) {
	declared := n.stack.template.Resources[n.resource.id]
	n.values = g.producers(n.stack, declared.Properties)
	for _, id := range declared.DependsOn {
		if other := g.of[n.stack.resources[id]]; other != nil {
			n.order = append(n.order, other)
		}
	}
	writers := g.writers()
	switch n.resource.typ {
	case "AWS::ECS::Service":
		for _, cluster := range sortedKeys(writers) {
			n.order = append(n.order, writers[cluster])
		}
	case "AWS::RDS::DBInstance":
		if writer := writers[propertyText(n.resource, "DBClusterIdentifier")]; writer != nil && writer != n {
			n.order = append(n.order, writer)
		}
	}
}

// schedule finds when a resource could begin.
func (n *node) schedule() {
	if n.done {
		return
	}
	n.done = true
	wait := func(other *node, after time.Duration) {
		other.schedule()
		if at := other.earliest + after; at > n.earliest {
			n.earliest, n.before = at, other
		}
	}
	for _, other := range n.values {
		wait(other, other.configured)
	}
	for _, other := range n.order {
		wait(other, other.took)
	}
}

// latest is the resource that ends last in the bound.
func (g *graph) latest() *node {
	var last *node
	for _, n := range g.nodes {
		if last == nil || n.earliest+n.took > last.earliest+last.took {
			last = n
		}
	}
	return last
}

func (n *node) path() []string {
	var path []string
	for st := n.stack; st.parent != nil; st = st.parent {
		path = append(path, st.logicalID)
	}
	slices.Reverse(path)
	return path
}

// links are the resources on the way to one in the bound.
func (n *node) links() []Link {
	var all []Link
	end := n.earliest + n.took
	for ; n != nil; n = n.before {
		all = append(all, Link{n.path(), n.resource.id, n.resource.typ, n.earliest, end - n.earliest})
		end = n.earliest
	}
	slices.Reverse(all)
	return all
}
