package simulator

import (
	"slices"
)

// chain goes back from the end of a stack's creation: from each resource to the one for which it waited, over stack borders.
func (g *graph) chain(st *stack) []Link {
	var all []Link
	end := g.end
	for r, in := g.last(st), st; r != nil; {
		if r.nested != nil { // its time is its last resource's
			in, r = r.nested, g.last(r.nested)
			continue
		}
		all = append(all, Link{g.of[r].path(), r.id, r.typ, r.began.Sub(g.root.begun), end.Sub(r.began)})
		end = r.began
		in, r = g.waitedFor(in, r)
	}
	slices.Reverse(all)
	return all
}

// last is the resource of a stack that ended last.
func (g *graph) last(st *stack) *resource {
	var last *resource
	for _, r := range g.simulator.all(st) {
		if last == nil || r.ended.After(last.ended) {
			last = r
		}
	}
	return last
}

// waitedFor is the resource that one waited for longest; where that is none of its own stack, what its stack waited for.
func (g *graph) waitedFor(in *stack, r *resource) (*stack, *resource) {
	for {
		var longest *resource
		for _, id := range r.needs {
			if other := in.resources[id]; other != nil && (longest == nil || other.ended.After(longest.ended)) {
				longest = other
			}
		}
		switch {
		case longest != nil:
			return in, longest
		case in.parent == nil:
			return nil, nil
		}
		r, in = in.parent.resources[in.logicalID], in.parent
	}
}
