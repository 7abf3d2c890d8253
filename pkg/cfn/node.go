package cfn

// A template is compiled by way of a tree of nodes in one slice, linked by index: it costs no allocation once the slice
// has grown, and patches, checks and writing all work on it.
type node struct {
	// key is the node's name in the map that holds it.
	key string
	// text is the scalar, the logical ID of a reference, or the name of a function.
	text string
	// attribute is the attribute of a GetAtt.
	attribute string
	// first and last are the children, next is the following sibling; last of a fault is its place in the arena's faults.
	first, last, next int32
	kind              nodeKind
	// plainKey says that the key needs no quotes.
	plainKey bool
}

type nodeKind uint8

const (
	mapNode nodeKind = iota
	seqNode
	stringNode
	numberNode
	boolNode
	nullNode
	refNode       // Ref text
	attNode       // Fn::GetAtt text.attribute
	subNode       // Fn::Sub; children are stringNode, refNode and attNode
	functionNode  // Fn::…; children are the arguments
	conditionNode // Condition: text, inside And, Or and Not
	faultNode     // a fault found while building, reported by the check
)

const noNode int32 = -1

// arena holds the nodes of the template being compiled, and the faults among them.
type arena struct {
	nodes  []node
	faults []Problem
}

func (a *arena) reset() {
	a.nodes = a.nodes[:0]
	a.faults = a.faults[:0]
}

// add appends a node as the last child of parent; parent may be noNode.
func (a *arena) add(parent int32, n node) int32 {
	n.first, n.last, n.next = noNode, noNode, noNode
	index := int32(len(a.nodes))
	a.nodes = append(a.nodes, n)
	if parent != noNode {
		a.append(parent, index)
	}
	return index
}

// append links a loose node as the last child of parent.
func (a *arena) append(parent, child int32) {
	if last := a.nodes[parent].last; last == noNode {
		a.nodes[parent].first = child
	} else {
		a.nodes[last].next = child
	}
	a.nodes[parent].last = child
}

// child finds the child of a map by key.
func (a *arena) child(parent int32, key string) int32 {
	for c := a.nodes[parent].first; c != noNode; c = a.nodes[c].next {
		if a.nodes[c].key == key {
			return c
		}
	}
	return noNode
}

// insert links a loose node into a map before the first child with a larger key, where goformation would have it.
func (a *arena) insert(parent, child int32) {
	key := a.nodes[child].key
	before := noNode
	for c := a.nodes[parent].first; c != noNode && a.nodes[c].key < key; c = a.nodes[c].next {
		before = c
	}
	switch {
	case before == noNode:
		a.nodes[child].next = a.nodes[parent].first
		a.nodes[parent].first = child
	default:
		a.nodes[child].next = a.nodes[before].next
		a.nodes[before].next = child
	}
	if a.nodes[child].next == noNode {
		a.nodes[parent].last = child
	}
}

// replace puts a loose node in the place of old, a child of parent.
func (a *arena) replace(parent, old, with int32) {
	a.nodes[with].next = a.nodes[old].next
	a.nodes[with].key = a.nodes[old].key
	if a.nodes[parent].last == old {
		a.nodes[parent].last = with
	}
	if a.nodes[parent].first == old {
		a.nodes[parent].first = with
		return
	}
	c := a.nodes[parent].first
	for a.nodes[c].next != old {
		c = a.nodes[c].next
	}
	a.nodes[c].next = with
}

// count is the number of children.
func (a *arena) count(parent int32) int {
	n := 0
	for c := a.nodes[parent].first; c != noNode; c = a.nodes[c].next {
		n++
	}
	return n
}

// isText tells whether the node is a plain string.
func (a *arena) isText(n int32) bool { return n != noNode && a.nodes[n].kind == stringNode }
