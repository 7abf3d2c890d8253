package verify

// Property is what a resource's properties hold on a path of keys, evaluated with the values that the deployed stack has: texts, lists and
// maps; nil where nothing is set. It is false where not all of it can be told.
func (r *Resource) Property(path ...string) (any, bool) {
	v := r.property(path...)
	if !v.set() {
		return nil, true
	}
	return v.any, v.known()
}
