package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

type kind int

const (
	scalar kind = iota
	list
	object
)

// aliasTag marks a YAML alias. Aliases stay leaves, which keeps cycles and exponential expansions harmless.
const aliasTag = "*"

// tree is a YAML value with its order and its scalars' tags. Intrinsic functions have one form only, the long one, so
// that "!Ref X" and "Ref: X" are the same value.
type tree struct {
	kind  kind
	tag   string   // of a scalar: "!!str", "!!int", …
	text  string   // of a scalar
	keys  []string // of an object, made unique
	items []*tree  // elements of a list, values of an object
}

// parseTemplate reads the one YAML document of a template and also returns its comments.
func parseTemplate(data []byte) (root *tree, comments string, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, next yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, "", errors.New("the file is empty")
	} else if err != nil {
		return nil, "", err
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, "", errors.New("the file has more than one YAML document")
	}
	if root = newTree(&document); root.kind != object || root.intrinsic() != "" {
		return nil, "", errors.New("the file is not a mapping of sections")
	}
	return root, commentsOf(&document), nil
}

// newTree converts a node; the recursion ends because aliases are not followed.
func newTree(n *yaml.Node) *tree {
	t := &tree{}
	switch n.Kind {
	case yaml.DocumentNode:
		return newTree(n.Content[0])
	case yaml.AliasNode:
		return &tree{tag: aliasTag, text: n.Value}
	case yaml.SequenceNode:
		t.kind = list
		for _, item := range n.Content {
			t.items = append(t.items, newTree(item))
		}
	case yaml.MappingNode:
		t.kind = object
		for i := 0; i < len(n.Content); i += 2 {
			t.set(newTree(n.Content[i]).print(true), newTree(n.Content[i+1]))
		}
	default:
		t.tag, t.text = scalarOf(n)
	}
	return t.wrap(n.Tag).splitGetAtt()
}

// scalarOf resolves the tag of a scalar; every spelling of null is one value.
func scalarOf(n *yaml.Node) (tag, text string) {
	tag, text = n.ShortTag(), n.Value
	switch {
	case isShortForm(n.Tag):
		return "!!str", text
	case tag == "!!null":
		return tag, "null"
	}
	return tag, text
}

// isShortForm says whether a tag stands for an intrinsic function, as "!Sub" does.
func isShortForm(tag string) bool {
	return len(tag) > 1 && tag[0] == '!' && tag[1] != '!'
}

// set adds a value under a key; a key that YAML should not have twice gets a number.
func (t *tree) set(key string, value *tree) {
	unique := key
	for i := 2; slices.Contains(t.keys, unique); i++ {
		unique = fmt.Sprintf("%s (%d)", key, i)
	}
	t.keys = append(t.keys, unique)
	t.items = append(t.items, value)
}

// wrap turns a value under a short-form tag into the long form.
func (t *tree) wrap(tag string) *tree {
	if !isShortForm(tag) {
		return t
	}
	name := tag[1:]
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return &tree{kind: object, keys: []string{name}, items: []*tree{t}}
}

// splitGetAtt gives "!GetAtt A.B" the form of "Fn::GetAtt: [A, B]".
func (t *tree) splitGetAtt() *tree {
	if t.intrinsic() != "GetAtt" || t.items[0].kind != scalar {
		return t
	}
	if name, attribute, found := strings.Cut(t.items[0].text, "."); found {
		t.items[0] = &tree{kind: list, items: []*tree{{tag: "!!str", text: name}, {tag: "!!str", text: attribute}}}
	}
	return t
}

// intrinsic returns the short-form name of an intrinsic function, and "" for every other value.
func (t *tree) intrinsic() string {
	if t.kind != object || len(t.keys) != 1 {
		return ""
	}
	key := t.keys[0]
	if key == "Ref" || key == "Condition" && t.items[0].kind == scalar {
		return key
	}
	if name, found := strings.CutPrefix(key, "Fn::"); found && name != "Ref" && name != "Condition" {
		return name
	}
	return ""
}

// isLeaf says whether a value is shown whole: a scalar or an intrinsic function.
func (t *tree) isLeaf() bool {
	return t.kind == scalar || t.intrinsic() != ""
}

// fields maps the keys of an object to its values.
func (t *tree) fields() map[string]*tree {
	fields := make(map[string]*tree, len(t.keys))
	for i, key := range t.keys {
		fields[key] = t.items[i]
	}
	return fields
}

// canonical is equal for two trees exactly when they mean the same; the order of keys has no meaning.
func (t *tree) canonical() string {
	if t.kind == scalar {
		return t.tag + strconv.Quote(t.text)
	}
	parts := make([]string, len(t.items))
	for i, item := range t.items {
		parts[i] = item.canonical()
		if t.kind == object {
			parts[i] = strconv.Quote(t.keys[i]) + ":" + parts[i]
		}
	}
	if t.kind == list {
		return "[" + strings.Join(parts, ",") + "]"
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ",") + "}"
}

// sameOrder says whether two equal trees also have their keys in the same order, all the way down.
func sameOrder(before, after *tree) bool {
	if !slices.Equal(before.keys, after.keys) {
		return false
	}
	for i, item := range before.items {
		if !sameOrder(item, after.items[i]) {
			return false
		}
	}
	return true
}

// commentsOf collects the comments of a document in their order.
func commentsOf(n *yaml.Node) string {
	var all strings.Builder
	all.WriteString(comment(n.HeadComment) + comment(n.LineComment))
	for _, child := range n.Content {
		all.WriteString(commentsOf(child))
	}
	return all.String() + comment(n.FootComment)
}

// comment ends a comment that is there with a newline.
func comment(text string) string {
	if text == "" {
		return ""
	}
	return text + "\n"
}
