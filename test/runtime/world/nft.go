package world

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Peers are the addresses behind the names in rules.
type Peers struct {
	// Groups are the addresses of the hosts in each security group, by name.
	Groups map[string][]netip.Addr
	// PrefixLists are the ranges in each prefix list.
	PrefixLists map[string][]netip.Prefix
}

// Ruleset writes a security group's rules for nft: what no rule lets through is refused, and answers come back, as security
// groups are stateful. A refusal is sent and not silent, unlike at AWS, so that no probe waits for what does not come.
// The VPC's resolver is on the loopback: security groups do not apply to it (VPC User Guide, "Security groups").
func (g Group) Ruleset(peers Peers) (string, error) {
	in, inErr := chain("input", "iif", "saddr", g.In, peers)
	out, outErr := chain("output", "oif", "daddr", g.Out, peers)
	if err := errors.Join(inErr, outErr); err != nil {
		return "", fmt.Errorf("security group %s: %w", g.Name, err)
	}
	return "table inet groups {\n" + in + out + "}\n", nil
}

func chain(hook, loopback, end string, rules []Rule, peers Peers) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "  chain %s {\n    type filter hook %s priority 0; policy drop;\n", hook, hook)
	fmt.Fprintf(&b, "    %s lo accept\n    ct state established,related accept\n", loopback)
	for _, r := range rules {
		line, err := r.line(end, peers)
		if err != nil {
			return "", fmt.Errorf("%s: %w", r.Where, err)
		}
		b.WriteString("    " + line + "\n")
	}
	b.WriteString("    meta l4proto tcp counter reject with tcp reset\n  }\n")
	return b.String(), nil
}

// line is a rule in nft's words, with an end of saddr or daddr.
func (r Rule) line(end string, peers Peers) (string, error) {
	var ends []string
	switch {
	case r.Group != "":
		for _, a := range peers.Groups[r.Group] {
			ends = append(ends, a.String())
		}
	case r.PrefixList != "":
		for _, p := range peers.PrefixLists[r.PrefixList] {
			ends = append(ends, p.String())
		}
	default:
		ends = append(ends, r.CIDR.String())
	}
	if len(ends) == 0 {
		return "", fmt.Errorf("no address is given for %s%s", r.Group, r.PrefixList)
	}
	match := fmt.Sprintf("ip %s { %s } ", end, strings.Join(ends, ", "))
	switch r.Protocol {
	case "-1":
		return match + "accept", nil
	case "tcp", "udp":
		return match + fmt.Sprintf("%s dport %d-%d accept", r.Protocol, r.From, r.To), nil
	case "icmp":
		return match + fmt.Sprintf("icmp type %d icmp code %d accept", r.From, r.To), nil
	}
	return "", fmt.Errorf("protocol %s is not known here", r.Protocol)
}
