package cfn

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text appends the node of a string, which may be or contain tokens.
func (b *builder) text(parent int32, key, s string) int32 {
	if len(b.template.numbers) > 0 {
		s = b.template.withNumbers(s)
	}
	if !hasMark(s) {
		if isGoformationIntrinsic(s) {
			return b.fault(parent, key, LeftoverToken, s, "intrinsic of goformation's root package, which would stay base64 text; use pkg/cfn")
		}
		return b.literal(parent, key, s)
	}
	if strings.HasPrefix(s, tokenOpen) {
		if letter, arguments, rest, ok := cutToken(s); ok && rest == "" {
			return b.token(parent, key, letter, arguments)
		}
	}
	return b.mixture(parent, key, s)
}

// literal appends text without tokens.
func (b *builder) literal(parent int32, key, s string) int32 {
	if !utf8.ValidString(s) {
		return b.fault(parent, key, WrongKind, s, "text is not UTF-8")
	}
	return b.add(parent, node{kind: stringNode, key: key, text: s})
}

// isGoformationIntrinsic recognises base64 of {"Ref": … or {"Fn::….
func isGoformationIntrinsic(s string) bool {
	if !strings.HasPrefix(s, "ey") {
		return false
	}
	decoded, err := base64.StdEncoding.DecodeString(s)
	text := strings.TrimLeft(string(decoded), "{ ")
	return err == nil && (strings.HasPrefix(text, `"Ref"`) || strings.HasPrefix(text, `"Fn::`))
}

// token appends the node of a single token.
func (b *builder) token(parent int32, key string, letter byte, arguments string) int32 {
	first, rest, _ := nextArgument(arguments)
	switch letter {
	case tokenFunction:
		return b.function(parent, key, first, rest)
	case tokenInvalid:
		value, allowed, _ := nextArgument(rest)
		return b.faulty(parent, key, Problem{Kind: InvalidInput, Value: value, Message: first, Allowed: allowed})
	case tokenRef, tokenAtt, tokenCondition, tokenIf:
		if first != "" && first != b.template.name {
			return b.fault(parent, key, ForeignReference, token(letter, arguments), "reference to something in template "+first)
		}
	}
	id, more, _ := nextArgument(rest)
	switch letter {
	case tokenRef:
		return b.add(parent, node{kind: refNode, key: key, text: id})
	case tokenAtt:
		return b.add(parent, node{kind: attNode, key: key, text: id, attribute: more})
	case tokenCondition:
		return b.add(parent, node{kind: conditionNode, key: key, text: id})
	case tokenIf:
		n := b.add(parent, node{kind: functionNode, key: key, text: "Fn::If"})
		b.add(n, node{kind: stringNode, text: id})
		b.arguments(n, more)
		return n
	}
	return b.fault(parent, key, LeftoverToken, token(letter, arguments), "token out of place")
}

// function appends Fn::…; Join's parts become a list, numbers that CloudFormation wants as numbers become such.
func (b *builder) function(parent int32, key, name, arguments string) int32 {
	n := b.add(parent, node{kind: functionNode, key: key, text: name})
	switch name {
	case "Fn::Join":
		delimiter, parts, _ := nextArgument(arguments)
		b.text(n, "", delimiter)
		b.arguments(b.add(n, node{kind: seqNode}), parts)
	case "Fn::Select":
		index, list, _ := nextArgument(arguments)
		b.digits(n, index)
		if first, _, more := nextArgument(list); !more && isToken(first) {
			b.text(n, "", first)
		} else {
			b.arguments(b.add(n, node{kind: seqNode}), list)
		}
	case "Fn::Cidr":
		block, numbers, _ := nextArgument(arguments)
		count, bits, _ := nextArgument(numbers)
		b.text(n, "", block)
		b.digits(n, count)
		b.digits(n, bits)
	default:
		b.arguments(n, arguments)
	}
	return n
}

// digits appends a number that a token holds as text.
func (b *builder) digits(parent int32, text string) {
	if _, err := strconv.Atoi(text); err != nil {
		b.fault(parent, "", LeftoverToken, text, "token holds no number")
		return
	}
	b.add(parent, node{kind: numberNode, text: text})
}

func (b *builder) arguments(n int32, arguments string) {
	for more := true; more; {
		var argument string
		argument, arguments, more = nextArgument(arguments)
		b.text(n, "", argument)
	}
}

// mixture appends text with tokens in it: Fn::Sub when all are references, else Fn::Join of the pieces.
func (b *builder) mixture(parent int32, key, s string) int32 {
	n := b.add(parent, node{kind: subNode, key: key})
	onlyReferences := true
	for rest := s; rest != ""; {
		start := strings.Index(rest, tokenOpen)
		if start != 0 {
			literal := rest
			if start > 0 {
				literal = rest[:start]
			}
			if hasMark(literal) {
				b.fault(n, "", LeftoverToken, s, "half a token")
			} else {
				b.literal(n, "", literal)
			}
			rest = rest[len(literal):]
			continue
		}
		letter, arguments, after, ok := cutToken(rest)
		if !ok {
			b.fault(n, "", LeftoverToken, s, "half a token")
			break
		}
		onlyReferences = onlyReferences && (letter == tokenRef || letter == tokenAtt)
		b.token(n, "", letter, arguments)
		rest = after
	}
	if !onlyReferences {
		b.joinInstead(n)
	}
	return n
}

// joinInstead turns the Fn::Sub n into Fn::Join of the same pieces.
func (b *builder) joinInstead(n int32) {
	pieces := b.add(noNode, node{kind: seqNode})
	b.nodes[pieces].first, b.nodes[pieces].last = b.nodes[n].first, b.nodes[n].last
	b.nodes[n].kind, b.nodes[n].text = functionNode, "Fn::Join"
	b.nodes[n].first, b.nodes[n].last = noNode, noNode
	b.add(n, node{kind: stringNode})
	b.append(n, pieces)
}

func isIntrinsicName(name string) bool {
	return name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// longForm appends an intrinsic written as a map of one key.
func (b *builder) longForm(parent int32, key, name string, argument reflect.Value) int32 {
	for argument.Kind() == reflect.Interface {
		argument = argument.Elem()
	}
	isString := argument.Kind() == reflect.String && !hasMark(argument.String())
	switch {
	case name == "Ref" && isString:
		return b.add(parent, node{kind: refNode, key: key, text: argument.String()})
	case name == "Fn::GetAtt" && isString:
		id, attribute, _ := strings.Cut(argument.String(), ".")
		return b.add(parent, node{kind: attNode, key: key, text: id, attribute: attribute})
	case name == "Fn::GetAtt" && argument.Kind() == reflect.Slice && argument.Len() == 2:
		id, attribute := b.plainItem(argument, 0), b.plainItem(argument, 1)
		return b.add(parent, node{kind: attNode, key: key, text: id, attribute: attribute})
	case name == "Ref" || name == "Fn::GetAtt" || name == "Fn::Sub":
		return b.fault(parent, key, WrongKind, name, "long form the compiler does not read; use Ref, Att or concatenation")
	}
	n := b.add(parent, node{kind: functionNode, key: key, text: name})
	if argument.Kind() == reflect.Slice {
		for i := range argument.Len() {
			b.reflected(n, "", argument.Index(i))
		}
		return n
	}
	b.reflected(n, "", argument)
	return n
}

func (b *builder) plainItem(list reflect.Value, i int) string {
	text, _ := list.Index(i).Interface().(string)
	return text
}
