package checks

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// statements breeds mutants of a policy: of its statements' parts, and each statement removed.
func (b *breeder) statements(list *yaml.Node, class, path string, route []string) {
	for i, n := range list.Content {
		index := fmt.Sprintf("[%d]", i)
		at, inside := n, append(slices.Clone(route), index)
		if n.Tag == "!If" {
			at, inside = n.Content[1], append(inside, "[1]")
		}
		sid := campaignField(at, "Sid").Value
		if sid == "" {
			sid = fmt.Sprint(i)
		}
		here := path + "[" + sid + "]"
		b.add(class+"-statement", here, "remove", route, func(list *yaml.Node) { dropKey(list, index) })
		b.statement(at, class, here, inside)
	}
}

func (b *breeder) statement(n *yaml.Node, class, path string, route []string) {
	allows := campaignField(n, "Effect").Value == "Allow"
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		here, inside := path+"."+key, append(slices.Clone(route), key)
		of := class + "-" + strings.ToLower(key)
		switch key {
		case "Sid":
		case "Effect":
			turned := map[bool]string{true: "Deny", false: "Allow"}[allows]
			b.add(of, here, "widen:"+turned, inside, func(n *yaml.Node) { widenNode(n, turned) })
		case "Condition":
			b.both(of, here, inside)
			b.condition(value, of, here, inside)
		default:
			b.both(of, here, inside)
			b.parts(value, of, here, inside, allows)
		}
	}
}

// both removes and empties.
func (b *breeder) both(class, path string, route []string) {
	last := route[len(route)-1]
	b.add(class, path, "remove", route[:len(route)-1], func(parent *yaml.Node) { dropKey(parent, last) })
	b.add(class, path, "empty", route, emptyNode)
}

// parts breeds mutants of principals, actions and resources: each item removed, and in what allows any added.
func (b *breeder) parts(n *yaml.Node, class, path string, route []string, allows bool) {
	switch {
	case n.Kind == yaml.MappingNode && !strings.HasSuffix(path, ".Condition"):
		if allows {
			b.add(class, path, "widen:*", route, func(n *yaml.Node) { widenNode(n, "*") })
		}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i].Value
			b.parts(n.Content[i+1], class, path+"."+key, append(slices.Clone(route), key), allows)
		}
	case n.Kind == yaml.SequenceNode && (n.Tag == "" || n.Tag == "!!seq"):
		b.items(n, class, path, route, allows)
	}
}

func (b *breeder) items(n *yaml.Node, class, path string, route []string, allows bool) {
	wild := false
	for i, item := range n.Content {
		index := fmt.Sprintf("[%d]", i)
		wild = wild || item.Value == "*"
		if len(n.Content) > 1 {
			b.add(class, path+index, "remove", route, func(list *yaml.Node) { dropKey(list, index) })
		}
		service, _, named := strings.Cut(item.Value, ":")
		if all := service + ":*"; allows && named && strings.HasSuffix(path, "Action") && item.Value != all && i == 0 {
			b.add(class, path+index, "widen:"+all, append(slices.Clone(route), index), func(n *yaml.Node) { widenNode(n, all) })
		}
	}
	if allows && !wild {
		b.add(class, path, "widen:*", route, func(list *yaml.Node) {
			list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "*", Style: yaml.SingleQuotedStyle})
		})
	}
}

// condition breeds mutants of a condition: each operator and each key removed, each key's values emptied and widened.
func (b *breeder) condition(n *yaml.Node, class, path string, route []string) {
	for i := 0; i < len(n.Content); i += 2 {
		operator := n.Content[i].Value
		here, inside := path+"."+operator, append(slices.Clone(route), operator)
		if len(n.Content) > 2 {
			b.add(class, here, "remove", route, func(parent *yaml.Node) { dropKey(parent, operator) })
		}
		keys := n.Content[i+1]
		for j := 0; j < len(keys.Content); j += 2 {
			key := keys.Content[j].Value
			at, to := here+"."+key, append(slices.Clone(inside), key)
			if len(keys.Content) > 2 {
				b.add(class, at, "remove", inside, func(parent *yaml.Node) { dropKey(parent, key) })
			}
			b.add(class, at, "empty", to, emptyNode)
			b.values(keys.Content[j+1], operator, key, class, at, to)
		}
	}
}

// values widens what a condition compares with: any text, or the opposite truth.
func (b *breeder) values(n *yaml.Node, operator, key, class, path string, route []string) {
	value := "*"
	switch {
	case operator == "Bool":
		value = campaignTurned[n.Content[0].Value]
	case strings.HasPrefix(operator, "Numeric"):
		value = "0"
	case strings.HasPrefix(operator, "String"):
		operator = strings.Replace(operator, "Equals", "Like", 1)
	}
	old := route[len(route)-2]
	b.add(class, path, "widen:"+value, route[:len(route)-2], func(condition *yaml.Node) {
		dropKey(campaignStep(condition, old), key)
		if len(campaignStep(condition, old).Content) == 0 {
			dropKey(condition, old)
		}
		campaignSet(condition, operator, key, value)
	})
}

// campaignSet puts a key with a value below an operator of a condition.
func campaignSet(condition *yaml.Node, operator, key, value string) {
	text := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	if campaignIndex(condition, operator) < 0 {
		condition.Content = append(condition.Content, text(operator), &yaml.Node{Kind: yaml.MappingNode})
	}
	keys := campaignStep(condition, operator)
	keys.Content = append(keys.Content, text(key), &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{text(value)}})
}
