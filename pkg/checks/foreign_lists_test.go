package checks

import (
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// foreignPacked hands all parameters of nested stacks down in lists, out of which the templates select them.
func foreignPacked(t testing.TB, set foreignSet) map[string]string {
	world := worldOf(t, goldenParameters(t, "prod"), set.foreignYAML(t))
	for _, s := range world.Stacks {
		if s.as == nil || len(s.above) != 2 {
			continue
		}
		parent, child := set[s.above[0].Name], set[s.Template.Name]
		given := foreignField(foreignField(foreignField(foreignField(parent, "Resources"), s.as.LogicalID), "Properties"), "Parameters")
		var kept []*yaml.Node
		lists, places := []*yaml.Node{}, map[string]*yaml.Node{}
		foreignEach(given, func(name string, value *yaml.Node) {
			v := s.Parameters[name]
			if name == "EnvironmentSuffix" || v.kind != textValue || strings.Contains(v.text, ",") {
				kept = append(kept, foreignText(name), value)
				return
			}
			n := len(places)
			if n%20 == 0 {
				lists = append(lists, foreignList())
			}
			last := lists[len(lists)-1]
			last.Content = append(last.Content, value)
			places[name] = foreignMap("Fn::Select", foreignList(foreignText(strconv.Itoa(n%20)), foreignMap("Ref", foreignText(foreignName("List", n/20)))))
		})
		for i, list := range lists {
			kept = append(kept, foreignText(foreignName("List", i)), foreignMap("Fn::Join", foreignList(foreignText(","), list)))
		}
		given.Content = kept
		foreignUnpack(child, places, len(lists))
	}
	return set.foreignYAML(t)
}

// foreignUnpack puts lists in the place of parameters.
func foreignUnpack(document *yaml.Node, places map[string]*yaml.Node, lists int) {
	*document = *foreignMade(foreignJoins(document), func(n *yaml.Node) *yaml.Node {
		if name, argument := foreignCall(n); name == "Ref" && places[argument.Value] != nil {
			return places[argument.Value]
		}
		return n
	})
	parameters := foreignSection(document, "Parameters")
	var kept []*yaml.Node
	foreignEach(parameters, func(name string, declared *yaml.Node) {
		if places[name] == nil {
			kept = append(kept, foreignText(name), declared)
		}
	})
	for i := range lists {
		kept = append(kept, foreignText(foreignName("List", i)), foreignMap("Type", foreignText("CommaDelimitedList")))
	}
	parameters.Content = kept
}
