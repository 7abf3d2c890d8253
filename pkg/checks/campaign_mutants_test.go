package checks

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A mutant is golden with one property removed, emptied or widened.
type mutant struct {
	class, template, logicalID, path, mutation string
	// apply changes a freshly parsed template.
	apply func(document *yaml.Node)
}

func (m mutant) String() string {
	return strings.Join([]string{m.template, m.logicalID, m.path, m.mutation}, " ")
}

// A campaignLine says of which class the properties are that a pattern names, and how they are widened. Of class "-" are
// those that promise nothing.
type campaignLine struct {
	class, text string
	typ, path   *regexp.Regexp
	widened     []string
}

// campaignGlob makes a pattern of text in which * stands for anything.
func campaignGlob(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// campaignLines reads testdata/campaign.txt.
func campaignLines(t testing.TB) []campaignLine {
	t.Helper()
	var lines []campaignLine
	for _, fields := range campaignFields(t, "testdata/campaign.txt") {
		if len(fields) < 3 {
			t.Fatalf("campaign.txt: %q", fields)
		}
		lines = append(lines, campaignLine{class: fields[0], text: strings.Join(fields[:3], " "),
			typ: campaignGlob("AWS::" + fields[1]), path: campaignGlob(fields[2]), widened: fields[3:]})
	}
	return lines
}

// campaignFields are the fields of the lines of a file that are not empty and no comment.
func campaignFields(t testing.TB, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "#" {
			found = append(found, fields)
		}
	}
	return found
}

// A breeder makes the mutants of one resource.
type breeder struct {
	lines                    []campaignLine
	used                     map[string]bool
	template, logicalID, typ string
	bred                     []mutant
	unlisted                 []string
}

// campaignMutants are all mutants of the golden templates, and the properties about which the campaign says nothing.
func campaignMutants(t testing.TB, files map[string]string) (bred []mutant, unlisted []string) {
	t.Helper()
	b := &breeder{lines: campaignLines(t), used: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		resources := campaignField(campaignParse(t, files[name]), "Resources")
		for i := 0; i < len(resources.Content); i += 2 {
			b.template, b.logicalID = name, resources.Content[i].Value
			b.resource(resources.Content[i+1])
		}
	}
	for _, line := range b.lines {
		if !b.used[line.text] {
			unlisted = append(unlisted, "campaign.txt names what is not in golden: "+line.text)
		}
	}
	return b.bred, append(unlisted, b.unlisted...)
}

func campaignParse(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document.Content[0]
}

func campaignField(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return &yaml.Node{}
}

// resource breeds what can be made of a resource and its attributes.
func (b *breeder) resource(n *yaml.Node) {
	b.typ = campaignField(n, "Type").Value
	if line := b.line("@"); line != nil && line.class != "-" {
		id := b.logicalID
		b.add(line.class, "@", "remove", []string{"Resources"}, func(resources *yaml.Node) { dropKey(resources, id) })
	}
	for i := 0; i < len(n.Content); i += 2 {
		switch key := n.Content[i].Value; key {
		case "Type", "Metadata":
		case "Properties":
			properties := n.Content[i+1]
			for j := 0; j < len(properties.Content); j += 2 {
				name := properties.Content[j].Value
				b.walk(properties.Content[j+1], name, name, []string{"Resources", b.logicalID, "Properties", name})
			}
		default:
			b.walk(n.Content[i+1], "@"+key, "@"+key, []string{"Resources", b.logicalID, key})
		}
	}
}

// line is the first that names a path; nil for none.
func (b *breeder) line(pattern string) *campaignLine {
	for i, line := range b.lines {
		if line.typ.MatchString(b.typ) && line.path.MatchString(pattern) {
			b.used[line.text] = true
			return &b.lines[i]
		}
	}
	return nil
}

// walk breeds mutants of a value and of what is in it. The pattern is its path without indices, the route leads to it.
func (b *breeder) walk(n *yaml.Node, path, pattern string, route []string) {
	function := strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!")
	leaf := function || n.Kind == yaml.ScalarNode || len(n.Content) == 0
	line := b.line(pattern)
	if strings.HasSuffix(pattern, "Statement") && n.Kind == yaml.SequenceNode && line != nil {
		b.statements(n, line.class, path, route)
		return
	}
	switch {
	case line == nil && leaf:
		b.unlisted = append(b.unlisted, fmt.Sprintf("campaign.txt says nothing about %s %s", b.typ, pattern))
	case line == nil || line.class == "-":
	default:
		b.operators(n, line, path, route)
	}
	if leaf {
		return
	}
	for i := 0; n.Kind == yaml.SequenceNode && i < len(n.Content); i++ {
		index := fmt.Sprintf("[%d]", i)
		b.walk(n.Content[i], path+index, pattern+"[]", append(slices.Clone(route), index))
	}
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		b.walk(n.Content[i+1], path+"."+key, pattern+"."+key, append(slices.Clone(route), key))
	}
}

// operators removes, empties and widens a value.
func (b *breeder) operators(n *yaml.Node, line *campaignLine, path string, route []string) {
	widened := slices.Clone(line.widened)
	allowed := func(operator string) bool { return !slices.Contains(widened, "!"+operator) }
	last := route[len(route)-1]
	if allowed("remove") {
		b.add(line.class, path, "remove", route[:len(route)-1], func(parent *yaml.Node) { dropKey(parent, last) })
	}
	if allowed("empty") && canBeEmpty(n) {
		b.add(line.class, path, "empty", route, emptyNode)
	}
	for _, value := range campaignWidened(n, widened) {
		b.add(line.class, path, "widen:"+value, route, func(n *yaml.Node) { widenNode(n, value) })
	}
}

// add takes a mutant whose change is made to the node that a route leads to.
func (b *breeder) add(class, path, mutation string, route []string, change func(*yaml.Node)) {
	route = slices.Clone(route)
	b.bred = append(b.bred, mutant{class: class, template: b.template, logicalID: b.logicalID, path: path, mutation: mutation,
		apply: func(document *yaml.Node) {
			for _, step := range route {
				document = campaignStep(document, step)
			}
			change(document)
		}})
}

func campaignStep(n *yaml.Node, step string) *yaml.Node {
	if i := campaignIndex(n, step); i >= 0 {
		return n.Content[i]
	}
	return &yaml.Node{}
}

// campaignIndex is where in a node's content a step leads; -1 for nowhere.
func campaignIndex(n *yaml.Node, step string) int {
	var index int
	if _, err := fmt.Sscanf(step, "[%d]", &index); err == nil && n.Kind == yaml.SequenceNode {
		return index
	}
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == step {
			return i + 1
		}
	}
	return -1
}

// campaignCopy is a deep copy, to mutate.
func campaignCopy(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, inside := range n.Content {
		c.Content[i] = campaignCopy(inside)
	}
	return &c
}

// encodeCampaign writes a mutated template.
func encodeCampaign(t testing.TB, document *yaml.Node) string {
	t.Helper()
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
