package checks

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// foreignMutants are the mutants of the campaign in an order of their own, in batches that change a resource once each.
func foreignMutants(t testing.TB, size int) [][]mutant {
	t.Helper()
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	mutants, _ := campaignMutants(t, golden)
	rand.New(rand.NewPCG(5, 4)).Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	batches, next := [][]mutant{}, map[string]int{}
	for _, m := range mutants {
		key := m.template + " " + m.logicalID
		at := next[key]
		for at < len(batches) && len(batches[at]) == size {
			at++
		}
		if at == len(batches) {
			batches = append(batches, nil)
		}
		batches[at], next[key] = append(batches[at], m), at+1
	}
	return batches
}

// foreignMutated is golden with a batch of mutations.
func foreignMutated(t testing.TB, batch []mutant) map[string]string {
	t.Helper()
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(golden)
	for name, text := range golden {
		if !slices.ContainsFunc(batch, func(m mutant) bool { return m.template == name }) {
			continue
		}
		document := campaignParse(t, text)
		for _, m := range batch {
			if m.template == name {
				m.apply(document)
			}
		}
		files[name] = encodeCampaign(t, document)
	}
	return files
}

// Golden with faults in any style is judged as in its own: no style hides a fault. A sample of the campaign's mutants, dozens
// at a time; with TIERFORM_CAMPAIGN=1 all of them.
func TestForeignStylesOfMutants(t *testing.T) {
	batches := foreignMutants(t, 60)
	if os.Getenv("TIERFORM_CAMPAIGN") != "1" {
		batches = batches[:1]
	}
	for _, batch := range batches {
		files := foreignMutated(t, batch)
		own := worldOf(t, goldenParameters(t, "prod"), files)
		for _, style := range foreignStyles() {
			want := foreignVerdicts(own, style.moves)
			got := foreignVerdicts(worldOf(t, goldenParameters(t, "prod"), style.write(t, foreignParse(t, files))), style.moves)
			for id := range style.changes {
				delete(want, id)
				delete(got, id)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s\n%v", style.name, diff, batch)
			}
		}
	}
}

// What would fail if a condition held, or if it did not, never passes while that is not known. REQ002 looks at what is written: a map whose
// one property stands under a condition is not written empty.
func TestForeignConditionsUndecided(t *testing.T) {
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	parameters := goldenParameters(t, "prod")
	before := foreignVerdicts(worldOf(t, parameters, golden), true)
	for i, m := range foreignMutants(t, sampled(8))[0] {
		mutated := foreignMutated(t, []mutant{m})
		var rules []Rule
		for _, result := range Verify(worldOf(t, parameters, mutated), Rules()) {
			if was := before[result.Rule.ID].Outcome; result.Outcome == Fail && was != Fail && was != Unsure && result.Rule.ID != "REQ002" {
				rules = append(rules, result.Rule)
			}
		}
		branches := []string{golden[m.template], mutated[m.template]}
		if i%2 == 0 {
			slices.Reverse(branches)
		}
		document := foreignUndecided(foreignParse(t, map[string]string{"": branches[0]})[""], foreignParse(t, map[string]string{"": branches[1]})[""])
		files := maps.Clone(golden)
		files[m.template] = foreignSet{m.template: document}.foreignYAML(t)[m.template]
		for _, result := range Verify(worldOf(t, parameters, files), rules) {
			if result.Outcome != Fail && result.Outcome != Unsure {
				t.Errorf("%s: %s is %s", m, result.Rule.ID, result.Outcome)
			}
		}
	}
}

// foreignUndecided is a template that is one of two, and nobody knows which.
func foreignUndecided(yes, no *yaml.Node) *yaml.Node {
	document := foreignEither(yes, no)
	declare := func(section, name string, value *yaml.Node) {
		s := foreignSection(document, section)
		s.Content = append(s.Content, foreignText(name), value)
	}
	declare("Parameters", "Undecided", foreignMap("Type", foreignText("String")))
	declare("Conditions", "Undecided", foreignMap("Fn::Equals", foreignList(foreignMap("Ref", foreignText("Undecided")), foreignText("yes"))))
	declare("Conditions", "Decided", foreignMap("Fn::Not", foreignList(foreignMap("Condition", foreignText("Undecided")))))
	return document
}

// foreignEither puts what differs between two values behind a condition: values, or resources as a whole.
func foreignEither(yes, no *yaml.Node) *yaml.Node {
	nothing := foreignMap("Ref", foreignText("AWS::NoValue"))
	name, _ := foreignCall(yes)
	if yes.Kind != no.Kind || yes.Kind != yaml.MappingNode || name != "" {
		if foreignSame(yes, no) {
			return yes
		}
		return foreignMap("Fn::If", foreignList(foreignText("Undecided"), yes, no))
	}
	made := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	take := func(key string, a, b *yaml.Node) {
		made.Content = append(made.Content, foreignText(key), foreignEither(a, b))
	}
	conditional := func(key, condition string, resource *yaml.Node) {
		if foreignField(resource, "Properties") == nil || foreignField(resource, "Type") == nil {
			take(key, map[bool]*yaml.Node{true: resource, false: nothing}[condition == "Undecided"], map[bool]*yaml.Node{true: nothing, false: resource}[condition == "Undecided"])
			return
		}
		resource.Content = append(resource.Content, foreignText("Condition"), foreignText(condition))
		made.Content = append(made.Content, foreignText(key), resource)
	}
	foreignEach(yes, func(key string, value *yaml.Node) {
		if other := foreignField(no, key); other != nil {
			take(key, value, other)
		} else {
			conditional(key, "Undecided", value)
		}
	})
	foreignEach(no, func(key string, value *yaml.Node) {
		if foreignField(yes, key) == nil {
			conditional(key, "Decided", value)
		}
	})
	return made
}

// foreignSame tells whether two nodes say the same.
func foreignSame(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, foreignSame)
}
