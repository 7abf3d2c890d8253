package golden

import (
	"fmt"
	"slices"
)

// change is one line below a changed resource: a property's path and what happened to it.
type change struct {
	sign rune // '+' or '-' of a value that only one side has, else 0
	path string
	text string
}

func (c change) String() string {
	text := c.text
	if c.path != "" {
		text = c.path + ": " + text
	}
	if c.sign != 0 {
		text = string(c.sign) + " " + text
	}
	return text
}

// differ collects the changes between two trees.
type differ struct {
	changes []change
}

// compare goes down where both sides have the same form and shows a leaf where they part.
func (d *differ) compare(path string, before, after *tree) {
	name := before.intrinsic()
	switch {
	case name != after.intrinsic() || before.kind != after.kind || before.kind == scalar:
		d.leaf(path, before, after)
	case name != "":
		d.function(path, name, before, after)
	case before.kind == object:
		d.objects(path, before, after)
	default:
		d.lists(path, before, after)
	}
}

// function compares two calls of the same intrinsic function: whole when they are short, else argument by argument.
func (d *differ) function(path, name string, before, after *tree) {
	was, is := before.items[0], after.items[0]
	short := fits(before.String()) && fits(after.String())
	if short || was.kind != list || is.kind != list {
		d.leaf(path, before, after)
		return
	}
	d.positions(path+".!"+name, was, is)
}

func (d *differ) leaf(path string, before, after *tree) {
	if before.canonical() == after.canonical() {
		return
	}
	was, is := shortenPair(before.String(), after.String())
	d.changes = append(d.changes, change{path: path, text: was + " -> " + is})
}

func (d *differ) objects(path string, before, after *tree) {
	was, is := before.fields(), after.fields()
	for _, key := range union(before.keys, after.keys) {
		d.either(join(path, key), was[key], is[key])
	}
}

// either compares two values of which one may be missing.
func (d *differ) either(path string, before, after *tree) {
	switch {
	case before == nil:
		d.only('+', path, after)
	case after == nil:
		d.only('-', path, before)
	default:
		d.compare(path, before, after)
	}
}

// only shows a value that one side has: on one line when it fits or cannot be divided, else part by part.
func (d *differ) only(sign rune, path string, value *tree) {
	text := value.String()
	if fits(text) || value.isLeaf() {
		d.changes = append(d.changes, change{sign: sign, path: path, text: clip(text)})
		return
	}
	names := labels(value, identity(value))
	for i, item := range value.items {
		if value.kind == object {
			d.only(sign, join(path, value.keys[i]), item)
		} else {
			d.only(sign, path+names[i], item)
		}
	}
}

// lists matches elements by a field that names them, by value when they are leaves, and else by position.
func (d *differ) lists(path string, before, after *tree) {
	isBranch := func(t *tree) bool { return !t.isLeaf() }
	if field := identity(before, after); field != "" {
		d.named(path, field, before, after)
	} else if slices.ContainsFunc(before.items, isBranch) || slices.ContainsFunc(after.items, isBranch) {
		d.positions(path, before, after)
	} else {
		d.leaves(path, before, after)
	}
}

// named compares lists as if they were objects, and says when the elements changed places.
func (d *differ) named(path, field string, before, after *tree) {
	was := &tree{kind: object, keys: labels(before, field), items: before.items}
	is := &tree{kind: object, keys: labels(after, field), items: after.items}
	oldItems, newItems := was.fields(), is.fields()
	for _, label := range union(was.keys, is.keys) {
		d.either(path+label, oldItems[label], newItems[label])
	}
	if len(moved(was.keys, is.keys)) > 0 {
		d.changes = append(d.changes, change{path: path, text: "order changed"})
	}
}

// positions leaves out the equal beginning and end of two lists and pairs what is between by position.
func (d *differ) positions(path string, before, after *tree) {
	same := func(i, j int) bool { return before.items[i].canonical() == after.items[j].canonical() }
	prefix, suffix := commonEnds(len(before.items), len(after.items), same)
	was, is := before.items[prefix:len(before.items)-suffix], after.items[prefix:len(after.items)-suffix]
	for i := range max(len(was), len(is)) {
		d.either(fmt.Sprintf("%s[%d]", path, prefix+i), at(was, i), at(is, i))
	}
}

// leaves compares two lists of leaves as bags: what is only before, what is only after.
func (d *differ) leaves(path string, before, after *tree) {
	gone, came := without(before.items, after.items), without(after.items, before.items)
	if len(gone) == 1 && len(came) == 1 {
		d.compare(fmt.Sprintf("%s[%d]", path, came[0]), before.items[gone[0]], after.items[came[0]])
		return
	}
	for _, i := range gone {
		d.either(fmt.Sprintf("%s[%d]", path, i), before.items[i], nil)
	}
	for _, i := range came {
		d.either(fmt.Sprintf("%s[%d]", path, i), nil, after.items[i])
	}
	if len(gone)+len(came) == 0 && before.canonical() != after.canonical() {
		d.changes = append(d.changes, change{path: path, text: "order changed"})
	}
}

// without returns the positions of the items that the others have not, or not as often.
func without(items, others []*tree) []int {
	count := map[string]int{}
	for _, other := range others {
		count[other.canonical()]++
	}
	var rest []int
	for i, item := range items {
		if count[item.canonical()]--; count[item.canonical()] < 0 {
			rest = append(rest, i)
		}
	}
	return rest
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func at(items []*tree, i int) *tree {
	if i < len(items) {
		return items[i]
	}
	return nil
}
