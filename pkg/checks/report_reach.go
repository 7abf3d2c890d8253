package checks

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteReach prints who reaches whom and what permits it: for empty names the whole table, for one name or two the paths
// with each resource on the way. A name may be a node's, the logical ID of its resource, or a part of its name that fits no
// other, in any case, or the kind of nodes, such as database; else the error is a [*UnknownNameError].
func WriteReach(out io.Writer, w *World, from, to string) error {
	network := w.Network()
	if from == "" && to == "" {
		_, err := io.WriteString(out, network.Table())
		return err
	}
	sources, err := network.named(from)
	if err != nil {
		return err
	}
	targets, err := network.named(to)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, source := range sources {
		for _, target := range targets {
			for _, path := range network.Reach(source, target) {
				writePath(&b, path)
			}
		}
	}
	if b.Len() == 0 {
		fmt.Fprintf(&b, "Nothing lets %s reach %s.\n", nameOr(sources, "anything"), nameOr(targets, "anything"))
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// named are the node of a name, the nodes of a kind, or all nodes for no name.
func (n *Network) named(name string) ([]*Node, error) {
	if name == "" {
		return n.nodes, nil
	}
	if node := n.Node(name); node != nil {
		return []*Node{node}, nil
	}
	if found := n.ofKindNamed(name); len(found) > 0 {
		return found, nil
	}
	i, err := choose("node", name, mapped(n.nodes, func(node *Node) string { return node.Name }))
	if err != nil {
		return nil, err
	}
	return []*Node{n.nodes[i]}, nil
}

// ofKindNamed are the nodes of a kind, such as "database".
func (n *Network) ofKindNamed(kind string) []*Node {
	plain := func(name string) string { return plainName(strings.ReplaceAll(name, " ", "")) }
	return slices.DeleteFunc(n.Nodes(), func(node *Node) bool { return plain(kind) != plain(string(node.Kind)) })
}

func nameOr(nodes []*Node, several string) string {
	if len(nodes) == 1 {
		return nodes[0].Name
	}
	return several
}

// writePath prints a path with the place of each thing that permits it.
func writePath(b *strings.Builder, p Path) {
	fmt.Fprintf(b, "%s -> %s %s\n", p.From.Name, p.To.Name, p.Flow)
	if p.Unknown != "" {
		fmt.Fprintf(b, "  unknown: %s\n", p.Unknown)
	}
	rows := make([][]string, len(p.Via))
	for i, step := range p.Via {
		rows[i] = []string{"  " + step.Says, ""}
		if r := step.Resource; r != nil {
			rows[i][1] = Finding{Template: r.Stack.Template.Name, LogicalID: r.LogicalID, Path: step.Path, Line: r.Line(step.Path)}.Where()
		}
	}
	b.WriteString(columns(rows))
}
