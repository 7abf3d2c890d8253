package checks

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

func dropKey(parent *yaml.Node, step string) {
	i := campaignIndex(parent, step)
	if parent.Kind == yaml.MappingNode {
		parent.Content = slices.Delete(parent.Content, i-1, i+1)
		return
	}
	parent.Content = slices.Delete(parent.Content, i, i+1)
}

// canBeEmpty tells whether AWS takes an empty value of the kind at all: a text, a list or a map, but no number and no truth.
func canBeEmpty(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode {
		return n.Value != "" && campaignTurned[n.Value] == "" && !campaignNumber.MatchString(n.Value)
	}
	return len(n.Content) > 0
}

func emptyNode(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode || strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.SingleQuotedStyle}
		return
	}
	n.Content = nil
}

// campaignWidened are the values that a value is widened to: those of the table, or what its kind suggests.
func campaignWidened(n *yaml.Node, listed []string) []string {
	listed = slices.DeleteFunc(listed, func(v string) bool { return strings.HasPrefix(v, "!") && v != "!widen" })
	if slices.Contains(listed, "!widen") || n.Kind != yaml.ScalarNode && len(listed) == 0 {
		return nil
	}
	if len(listed) == 0 {
		listed = campaignOpposite(n.Value)
		if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
			listed = nil
		}
	}
	return slices.DeleteFunc(listed, func(v string) bool {
		if from, _, ok := campaignSubstitution(v); ok {
			return !strings.Contains(n.Value, from)
		}
		return v == n.Value || n.Kind != yaml.ScalarNode && n.Tag != "!If"
	})
}

var (
	campaignNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	campaignCIDR   = regexp.MustCompile(`^[0-9.]+/[0-9]+$`)
	campaignTurned = map[string]string{"true": "false", "false": "true", "Enabled": "Disabled", "ENABLED": "DISABLED", "enabled": "disabled", "DISABLED": "ENABLED"}
)

func campaignOpposite(value string) []string {
	switch {
	case campaignTurned[value] != "":
		return []string{campaignTurned[value]}
	case campaignNumber.MatchString(value):
		return []string{"0", "1000000"}
	case campaignCIDR.MatchString(value):
		return []string{"0.0.0.0/0"}
	}
	return nil
}

// campaignSubstitution reads s|from|to.
func campaignSubstitution(v string) (from, to string, ok bool) {
	parts := strings.Split(v, "|")
	if len(parts) != 3 || parts[0] != "s" {
		return "", "", false
	}
	blank := strings.NewReplacer("~", " ")
	return blank.Replace(parts[1]), blank.Replace(parts[2]), true
}

// widenNode gives a scalar another value, of the same kind, or replaces a part of its text once.
func widenNode(n *yaml.Node, value string) {
	if from, to, ok := campaignSubstitution(value); ok {
		n.Value = strings.Replace(n.Value, from, to, 1)
		return
	}
	style := n.Style
	*n = yaml.Node{Kind: yaml.ScalarNode, Value: value}
	if style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 || strings.ContainsAny(value, "*:{") {
		n.Tag, n.Style = "!!str", yaml.SingleQuotedStyle
	}
}
