package checks

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
)

// pure evaluates functions of values alone.
func pure(name string, v Value, region string) Value {
	switch name {
	case "Join":
		if v.At("[1]").kind != listValue {
			return Unknown("Fn::Join of something that is no list")
		}
		return joinTexts(v.At("[0]").String(), v.At("[1]").List())
	case "Split":
		var parts []Value
		for part := range strings.SplitSeq(v.At("[1]").String(), v.At("[0]").String()) {
			parts = append(parts, Text(part))
		}
		return listOf(parts)
	case "Select":
		index, ok := v.At("[0]").Int()
		if list := v.At("[1]").List(); ok && index >= 0 && index < len(list) {
			return list[index]
		}
		return Unknown("Fn::Select of an item that is not there")
	case "Base64":
		return Text(base64.StdEncoding.EncodeToString([]byte(v.String())))
	case "GetAZs":
		return zones(v.String(), region)
	case "Cidr":
		return cidr(v)
	case "Length":
		return Value{kind: numberValue, text: strconv.Itoa(len(v.List()))}
	}
	return Unknown("function Fn::" + name + " is not evaluated")
}

// joinTexts joins texts; where one of them is a list or a map, CloudFormation refuses.
func joinTexts(separator string, items []Value) Value {
	parts := make([]string, len(items))
	for i, item := range items {
		if item.kind == listValue || item.kind == mapValue {
			return Unknown("a text is made of something that is none")
		}
		parts[i] = item.String()
	}
	text := strings.Join(parts, separator)
	if len(text) > maxTextBytes {
		return Unknown("a text longer than any template")
	}
	return dynamic(text)
}

// zones stands for the availability zones of a region: its name and a letter.
func zones(of, region string) Value {
	if of == "" {
		of = region
	}
	var names []Value
	for _, letter := range "abcdef" {
		names = append(names, Text(of+string(letter)))
	}
	return listOf(names)
}

// cidr cuts a block into blocks with so many bits for hosts.
func cidr(v Value) Value {
	block, err := netip.ParsePrefix(v.At("[0]").String())
	count, okCount := v.At("[1]").Int()
	bits, okBits := v.At("[2]").Int()
	if err != nil || !okCount || !okBits || !block.Addr().Is4() || bits < 0 || bits > 32 || count < 1 || count > 256 {
		return Unknown("Fn::Cidr of something that is no IPv4 block")
	}
	at := block.Masked().Addr().As4()
	start := uint64(at[0])<<24 | uint64(at[1])<<16 | uint64(at[2])<<8 | uint64(at[3])
	var blocks []Value
	for i := range uint64(count) {
		n := uint32(start + i<<bits)
		addr := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		blocks = append(blocks, Text(netip.PrefixFrom(addr, 32-bits).String()))
	}
	return listOf(blocks)
}
