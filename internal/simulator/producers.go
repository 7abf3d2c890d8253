package simulator

import (
	"strings"
)

// producers are the resources whose values an expression in a stack takes.
func (g *graph) producers(st *stack, expression any) []*node {
	var found []*node
	for _, name := range mentions(expression) {
		if n := g.of[st.resources[name]]; n != nil {
			found = append(found, n)
			continue
		}
		if _, is := st.template.Parameters[name]; is && st.parent != nil {
			given, _ := st.parent.template.Resources[st.logicalID].Properties["Parameters"].(map[string]any)
			found = append(found, g.producersOfOutputs(st.parent, given[name])...)
		}
	}
	return found
}

// producersOfOutputs follows what a parent passes: outputs of other nested stacks, its own resources, its own parameters.
func (g *graph) producersOfOutputs(parent *stack, expression any) []*node {
	found := g.producers(parent, expression)
	for _, ref := range attributesIn(expression) {
		sibling, is := parent.resources[ref[0]]
		output := strings.TrimPrefix(ref[1], "Outputs.")
		if !is || sibling.nested == nil {
			continue
		}
		declared, _ := sibling.nested.template.Outputs[output].(map[string]any)
		if value := declared["Value"]; value != nil {
			found = append(found, g.producersOfOutputs(sibling.nested, value)...)
		}
	}
	return found
}

// attributesIn are the pairs of logical ID and attribute in an expression.
func attributesIn(v any) [][2]string {
	var found [][2]string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = append(found, attributesIn(item)...)
		}
	case map[string]any:
		for key, inside := range v {
			if list, is := inside.([]any); is && key == "Fn::GetAtt" && len(list) == 2 {
				found = append(found, [2]string{textOf(list[0]), textOf(list[1])})
				continue
			}
			found = append(found, attributesIn(inside)...)
		}
	}
	return found
}

// writers are the database instances that are created first of their cluster, by the cluster's identifier: those of the lowest promotion
// tier.
func (g *graph) writers() map[string]*node {
	lowest := map[string]*node{}
	for _, n := range g.nodes {
		cluster := propertyText(n.resource, "DBClusterIdentifier")
		if n.resource.typ != "AWS::RDS::DBInstance" || cluster == "" {
			continue
		}
		if best := lowest[cluster]; best == nil || integer(property(n.resource, "PromotionTier"), 1) < integer(property(best.resource, "PromotionTier"), 1) {
			lowest[cluster] = n
		}
	}
	return lowest
}
