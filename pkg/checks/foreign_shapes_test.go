package checks

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// foreignOdd are values where nobody expects them.
func foreignOdd() []*yaml.Node {
	odd := []*yaml.Node{foreignText(""), foreignText("*"), foreignText("${"), foreignText("a.b[0]"), foreignText("-1"), foreignText("1e308"), foreignText("[]"), foreignText(`{"a": [1]}`),
		foreignList(), foreignList(foreignList(foreignText("x"))), {Kind: yaml.MappingNode, Tag: "!!map"}, foreignMap("", foreignText("")), foreignMap("Ref", foreignText("AWS::NoValue")),
		foreignMap("Fn::ImportValue", foreignText("x")), foreignMap("Fn::GetAtt", foreignText("Nowhere")), foreignMap("Fn::Select", foreignList()), {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}}
	for _, number := range []string{"-1", "0", "1", "9223372036854775807", "0.0000001"} {
		odd = append(odd, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: number})
	}
	return odd
}

// foreignBent puts odd values, and values from elsewhere, in the place of some of a template's values.
func foreignBent(random *rand.Rand, document *yaml.Node, one int) *yaml.Node {
	odd, condition := foreignOdd(), foreignText("")
	if conditions := foreignField(document, "Conditions"); conditions != nil {
		condition = conditions.Content[0]
	}
	var seen []*yaml.Node
	return foreignMade(document, func(n *yaml.Node) *yaml.Node {
		seen = append(seen, n)
		if n == document || random.IntN(one) > 0 {
			return n
		}
		switch kind := random.IntN(4); {
		case kind == 0:
			return seen[random.IntN(len(seen))]
		case kind == 1:
			return foreignList(n, n)
		case kind == 2 && condition.Value != "":
			return foreignMap("Fn::If", foreignList(condition, n, odd[random.IntN(len(odd))]))
		}
		return odd[random.IntN(len(odd))]
	})
}

// FuzzShapes: whatever shapes values have, rules and models come to an end without a panic, and to the same one each time.
func FuzzShapes(f *testing.F) {
	for seed := range uint64(sampled(4)) {
		f.Add(seed, uint16(10*(seed+1)))
	}
	golden, err := goldenText()
	if err != nil {
		f.Fatal(err)
	}
	parameters := goldenParameters(f, "prod")
	f.Fuzz(func(t *testing.T, seed uint64, one uint16) {
		random := rand.New(rand.NewPCG(seed, 0))
		set := foreignParse(t, maps.Clone(golden))
		for _, name := range foreignSorted(set) {
			if bent := foreignBent(random, set[name], int(one)+1); foreignField(bent, "Resources") != nil {
				set[name] = bent
			}
		}
		files := set.foreignYAML(t)
		loaded, err := loadText(files)
		if err != nil {
			return // such as a key that stands twice
		}
		env := Environment{Parameters: parameters}
		w := Deploy(loaded, env)
		results := Verify(w, Rules())
		w.Network().Table()
		for i, again := range Verify(Deploy(loaded, env), Rules()) {
			if diff := cmp.Diff(results[i].Findings, again.Findings); diff != "" {
				t.Errorf("two runs differ: %s", diff)
			}
		}
	})
}

// A policy whose metrics return nothing has no result, and no rule trips over it.
func TestForeignNoResult(t *testing.T) {
	p := &ScalingPolicy{Queries: Queries{{ID: "a"}}}
	if p.resultPath() != "" || p.resultText() != "nothing" {
		t.Error(p.resultPath(), p.resultText())
	}
}
