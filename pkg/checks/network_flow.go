package checks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Flow is traffic of one protocol to a range of ports.
type Flow struct {
	// Protocol is tcp, udp, icmp, icmpv6, all, or the number of another one.
	Protocol string
	// FromPort and ToPort are inclusive; 0 and 65535 stand for all, and for protocols without ports.
	FromPort, ToPort int
}

const lastPort = 65535

// everything is all traffic.
func everything() Flow { return Flow{"all", 0, lastPort} }

// tcp is traffic to one TCP port.
func tcp(port int) Flow { return Flow{"tcp", port, port} }

// String is such as "tcp 443", "tcp 1024-65535" or "all".
func (f Flow) String() string {
	switch {
	case f.FromPort == 0 && f.ToPort == lastPort:
		return f.Protocol
	case f.FromPort == f.ToPort:
		return fmt.Sprintf("%s %d", f.Protocol, f.FromPort)
	}
	return fmt.Sprintf("%s %d-%d", f.Protocol, f.FromPort, f.ToPort)
}

// and is what two flows have in common.
func (f Flow) and(g Flow) (Flow, bool) {
	switch {
	case f.Protocol == "all":
		f.Protocol = g.Protocol
	case g.Protocol != "all" && g.Protocol != f.Protocol:
		return Flow{}, false
	}
	f.FromPort, f.ToPort = max(f.FromPort, g.FromPort), min(f.ToPort, g.ToPort)
	return f, f.FromPort <= f.ToPort
}

// covers tells whether all of g is within f.
func (f Flow) covers(g Flow) bool {
	common, ok := f.and(g)
	return ok && common == g
}

// minus is what is left of f without g, where g concerns all of f's protocol; else all of f.
func (f Flow) minus(g Flow) []Flow {
	common, ok := f.and(g)
	if !ok || common.Protocol != f.Protocol {
		return []Flow{f}
	}
	var rest []Flow
	if f.FromPort < common.FromPort {
		rest = append(rest, Flow{f.Protocol, f.FromPort, common.FromPort - 1})
	}
	if common.ToPort < f.ToPort {
		rest = append(rest, Flow{f.Protocol, common.ToPort + 1, f.ToPort})
	}
	return rest
}

func compareFlows(f, g Flow) int {
	return cmp.Or(cmp.Compare(f.FromPort, g.FromPort), cmp.Compare(f.ToPort, g.ToPort), cmp.Compare(f.Protocol, g.Protocol))
}

// readFlow reads protocol and ports, and why they are not all known.
func readFlow(protocol, from, to Value) (Flow, string) {
	f := everything()
	if why := protocol.Unknown(); why != "" {
		return f, why
	}
	switch p := strings.ToLower(protocol.String()); p {
	case "-1", "all":
		return f, ""
	case "":
		return f, "its protocol is not given"
	case "6":
		f.Protocol = "tcp"
	case "17":
		f.Protocol = "udp"
	case "1":
		f.Protocol = "icmp"
	case "58":
		f.Protocol = "icmpv6"
	default:
		f.Protocol = p
	}
	if f.Protocol != "tcp" && f.Protocol != "udp" {
		return f, "" // ports of ICMP are types and codes
	}
	for _, v := range []Value{from, to} {
		if why := v.Unknown(); why != "" {
			return f, why
		}
	}
	first, okFirst := from.Int()
	last, okLast := to.Int()
	if okFirst && okLast && first >= 0 && first <= last && last <= lastPort {
		f.FromPort, f.ToPort = first, last
	} else if okFirst && first != -1 || okLast && last != -1 {
		return f, "its ports are no range"
	}
	return f, ""
}

// block is a range of addresses; the zero block is none.
type block struct{ netip.Prefix }

// any tells whether it is every address of its family.
func (b block) any() bool { return b.IsValid() && b.Bits() == 0 }

// contains tells whether all of c is in b.
func (b block) contains(c block) bool {
	return b.IsValid() && c.IsValid() && b.Bits() <= c.Bits() && b.Overlaps(c.Prefix)
}

// isPublic tells whether some of its addresses are the internet's.
func (b block) isPublic() bool {
	return b.IsValid() && !slices.ContainsFunc(privateBlocks(), func(private block) bool { return private.contains(b) })
}

// privateBlocks are the addresses that are nobody's on the internet.
// Source: RFC 1918, RFC 6598, RFC 1122 and RFC 3927 for IPv4, RFC 4193 for IPv6.
func privateBlocks() []block {
	v4 := func(a, b byte, bits int) block { return block{netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b}), bits)} }
	return []block{v4(10, 0, 8), v4(172, 16, 12), v4(192, 168, 16), v4(100, 64, 10), v4(127, 0, 8), v4(169, 254, 16),
		{netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfc}), 7)}}
}

// nowhere tells whether no host has an address of the block: what groups name to permit nothing at all.
func (b block) nowhere() bool {
	s := b.String()
	return s == "255.255.255.255/32" || s == "127.0.0.1/32"
}

// readBlock reads a CIDR block, and why it is not known.
func readBlock(v Value) (block, string) {
	if why := v.Unknown(); why != "" {
		return block{}, why
	}
	p, err := netip.ParsePrefix(v.String())
	if err != nil {
		return block{}, strconv.Quote(v.Show()) + " is no CIDR block"
	}
	return block{p.Masked()}, ""
}
