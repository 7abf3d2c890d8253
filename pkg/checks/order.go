package checks

// order holds what the rules about deployments work out once.
type order struct {
	before   map[*Resource]map[*Resource]bool // within a stack
	forwards map[*Resource][]forward          // by target group
	names    *suffixedNames
}

// waits tells whether CloudFormation creates a resource only when another is there: for a reference or DependsOn of its
// own, of what it waits for, or of the nested stack that holds it. What waits for a nested stack waits for all in it.
func (w *World) waits(r, other *Resource) bool {
	for ; r != nil; r = r.Stack.as {
		if at := other.in(r.Stack); at != nil && w.before(r)[at] {
			return true
		}
	}
	return false
}

// in is the resource of a stack that is r or holds it; nil when r is elsewhere.
func (r *Resource) in(s *Stack) *Resource {
	for r != nil && r.Stack != s {
		r = r.Stack.as
	}
	return r
}

// before are the resources of the same stack that are there before a resource.
func (w *World) before(r *Resource) map[*Resource]bool {
	if there := w.order.before[r]; there != nil {
		return there
	}
	there := map[*Resource]bool{}
	for queue := r.names(); len(queue) > 0; queue = queue[1:] {
		if !there[queue[0]] {
			there[queue[0]] = true
			queue = append(queue, queue[0].names()...)
		}
	}
	if w.order.before == nil {
		w.order.before = map[*Resource]map[*Resource]bool{}
	}
	w.order.before[r] = there
	return there
}

// names are the other resources of its stack that a resource names.
func (r *Resource) names() []*Resource {
	var found []*Resource
	add := func(id string) {
		if other := r.Stack.byID[id]; other != nil && other != r {
			found = append(found, other)
		}
	}
	for _, m := range r.source.mentions() {
		add(m.name)
	}
	for _, id := range r.DependsOn {
		add(id)
	}
	return found
}
