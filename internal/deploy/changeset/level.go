package changeset

import (
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A level is one stack of the tree in three views: what its change set says, what it is to be, and what is deployed.
type level struct {
	tree   *tree
	parent *level
	// id is the stack's logical ID in its parent; path are those of the stacks from below the root to it.
	id   string
	path []string
	// set is nil when there is no change set of the stack.
	set *Set
	// now is the template to be, was the deployed one; nil when unknown, or when there is none.
	now, was *source.Template
	// exact tells that now is to the byte what the change set was made from.
	exact  bool
	nested map[string]*level
	// decided holds answers by question; one that is being worked out counts as no.
	decided map[string]bool
	judged  map[string]judgement
	// weighed holds how far references give secrets away.
	weighed map[string]exposure
}

// A tree is what all levels share.
type tree struct {
	templates *source.Set
	given     map[string]source.Given
	before    Before
	root      *level
	secrets   []string
	// read gives the deployed template of a nested stack when it is first asked for; nil where all levels are made beforehand.
	read func(l *level, r source.Resource) *source.Template
}

// newTree puts the views together. Deployed templates are read once each, and only where they differ from those to be.
func newTree(root *Set, templates *source.Set, given map[string]source.Given, before Before) *tree {
	t := &tree{templates: templates, given: given, before: before}
	read := map[string]*source.Template{}
	t.before.Template = func(key string) *source.Template {
		if _, done := read[key]; !done && before.Template != nil {
			read[key] = before.Template(key)
		}
		return read[key]
	}
	t.root = &level{tree: t, set: root, now: templates.Root, was: before.Root, exact: true}
	t.root.descend()
	t.secrets = t.known()
	return t
}

// descend makes the levels of the nested stacks: of those declared, those deployed and those with a change set.
func (l *level) descend() {
	l.nested, l.decided, l.judged = map[string]*level{}, map[string]bool{}, map[string]judgement{}
	ids := map[string]bool{}
	if l.set != nil {
		for id := range l.set.Nested {
			ids[id] = true
		}
	}
	for _, t := range []*source.Template{l.now, l.was} {
		for id, r := range resources(t) {
			if r.Nested != nil {
				ids[id] = true
			}
		}
	}
	for _, id := range sorted(ids) {
		l.nested[id] = l.below(id)
	}
}

// below is the level of one nested stack.
func (l *level) below(id string) *level {
	child := &level{tree: l.tree, parent: l, id: id, path: append(slices.Clone(l.path), id)}
	if l.set != nil {
		child.set = l.set.Nested[id]
	}
	if n := resources(l.now)[id].Nested; n != nil {
		child.now = l.tree.templates.Nested[n.Template]
		key, known := l.planned().parameter(n.KeyParameter)
		child.exact = l.exact && child.now != nil && known && key == child.now.Key()
	}
	if n := resources(l.was)[id].Nested; n != nil {
		switch key, known := l.deployed().parameter(n.KeyParameter); {
		case known && child.now != nil && key == child.now.Key():
			child.was = child.now
		case known && key != "":
			child.was = l.tree.before.Template(key)
		}
	}
	child.descend()
	return child
}

// resources are those of a template; none of an unknown one.
func resources(t *source.Template) map[string]source.Resource {
	if t == nil {
		return nil
	}
	return t.Resources
}

// passed are the values that a template passes to a nested stack, as written.
func passed(t *source.Template, id string) map[string]any {
	if n := resources(t)[id].Nested; n != nil {
		return n.Parameters
	}
	return nil
}

// both are a resource's declarations; the last is false unless both templates are known, exact, free of macros, and declare it with the
// same type.
func (l *level) both(id string) (now, was source.Resource, ok bool) {
	if !l.comparable() {
		return now, was, false
	}
	now, is := l.now.Resources[id]
	was, had := l.was.Resources[id]
	return now, was, is && had && now.Type == was.Type
}

// macro finds transforms: what CloudFormation compares then is not what the template says (User Guide, "Template macros").
var macro = regexp.MustCompile(`(?m)(^|[\s{,])["']?(Fn::)?Transform["']?\s*:|!Transform\b`)

// Macros tells whether a template has any.
func Macros(body string) bool { return macro.MatchString(body) }

// comparable tells whether the two templates can be compared at all.
func (l *level) comparable() bool {
	if l == nil || !l.exact || l.now == nil || l.was == nil {
		return false
	}
	return l.decide("comparable", func() bool { return !macro.Match(l.now.Body) && !macro.Match(l.was.Body) })
}

// decide answers a question once. Asked again while it is being worked out, which no valid template causes, the answer is no.
func (l *level) decide(question string, answer func() bool) bool {
	if decided, known := l.decided[question]; known {
		return decided
	}
	l.decided[question] = false
	l.decided[question] = answer()
	return l.decided[question]
}

// listed is a resource's change in the stack's change set; nil when there is none.
func (l *level) listed(id string) *types.ResourceChange {
	if l.set == nil {
		return nil
	}
	for _, change := range l.set.Changes {
		if c := change.ResourceChange; c != nil && aws.ToString(c.LogicalResourceId) == id {
			return c
		}
	}
	return nil
}
