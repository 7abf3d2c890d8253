package changeset

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// seen gathers what values that CloudFormation shows in clear tell of the secrets in them: the value itself, and, where the template says
// that text stands around a secret, the secret.
type seen struct {
	// pseudo are the values of pseudo parameters; public texts are no secrets, found are.
	pseudo        map[string]string
	public, found map[string]bool
	// left is how many values are still followed.
	left int
}

// maxFollowed is how many values are followed. Valid templates lead nowhere near it: names refer to no circles.
const maxFollowed = 10_000

// take takes the value of an expression, and goes on with what is in it.
func (s *seen) take(l *level, expression any, value string) {
	if s.public[value] || s.left == 0 {
		return
	}
	s.left--
	s.found[value] = true
	m, _ := expression.(map[string]any)
	name, argument, _ := function(m)
	list, _ := argument.([]any)
	switch {
	case name == "Ref":
		if target, is := argument.(string); is && l.parent != nil {
			s.follow(l.parent, passed(l.parent.was, l.id)[target], value)
		}
	case name == "Fn::GetAtt":
		id, attribute := attribute(argument)
		if output, is := strings.CutPrefix(attribute, "Outputs."); is && resources(l.was)[id].Nested != nil {
			s.follow(l.inside(id), l.inside(id).output(output), value)
		}
	case name == "Fn::Base64":
		if plain, err := base64.StdEncoding.DecodeString(value); err == nil {
			s.follow(l, argument, string(plain))
		}
	case name == "Fn::If" && len(list) == 3: // which one is taken, the conditions' values would tell
		s.follow(l, list[1], value)
		s.follow(l, list[2], value)
	default:
		s.split(l, s.pieces(l, expression), value)
	}
}

// follow takes a value that gives a secret away.
func (s *seen) follow(l *level, expression any, value string) {
	if expression != nil && l.exposure(expression) > safe {
		s.take(l, expression, value)
	}
}

// attribute takes the argument of Fn::GetAtt apart.
func attribute(argument any) (id, name string) {
	if text, is := argument.(string); is {
		id, name, _ = strings.Cut(text, ".")
		return id, name
	}
	if list, _ := argument.([]any); len(list) == 2 {
		id, _ = list[0].(string)
		name, _ = list[1].(string)
	}
	return id, name
}

// A piece of a text is what is known of it, or an expression.
type piece struct {
	text       string
	expression any
}

// split finds in a value what stands in the places of expressions. Where that is not the only way to read it, both the shortest and the
// longest reading count.
func (s *seen) split(l *level, pieces []piece, value string) {
	open := 0
	for _, p := range pieces {
		if p.expression != nil {
			open++
		}
	}
	if open == 0 || len(pieces) == 1 {
		return
	}
	for _, gap := range []string{"(.*?)", "(.*)"} {
		var pattern strings.Builder
		for _, p := range pieces {
			if p.expression == nil {
				pattern.WriteString(regexp.QuoteMeta(p.text))
			} else {
				pattern.WriteString(gap)
			}
		}
		compiled, err := regexp.Compile("(?s)^" + pattern.String() + "$")
		if err != nil || !compiled.MatchString(value) {
			return
		}
		found, at := compiled.FindStringSubmatch(value), 0
		for _, p := range pieces {
			if p.expression == nil {
				continue
			}
			if at++; open == 1 || len(found[at]) >= shortest {
				s.follow(l, p.expression, found[at])
			}
		}
	}
}

// pieces are those of the text that an expression makes: of Fn::Sub, Fn::Join, and of a text with dynamic references in it.
func (s *seen) pieces(l *level, expression any) []piece {
	if text, is := expression.(string); is {
		return references(text)
	}
	m, _ := expression.(map[string]any)
	name, argument, _ := function(m)
	list, _ := argument.([]any)
	text, isText := argument.(string)
	switch {
	case name == "Fn::Sub" && isText:
		return s.substituted(l, text, nil)
	case name == "Fn::Sub" && len(list) == 2:
		text, _ := list[0].(string)
		own, _ := list[1].(map[string]any)
		return s.substituted(l, text, own)
	case name == "Fn::Join" && len(list) == 2:
		separator, _ := list[0].(string)
		if items, is := list[1].([]any); is {
			return s.joined(l, separator, items)
		}
	}
	if value, known := s.pseudo[text]; known && name == "Ref" {
		return []piece{{text: value}}
	}
	if value, known := l.deployed().evaluate(expression, nil).(string); known {
		return []piece{{text: value}}
	}
	return []piece{{expression: expression}}
}

func (s *seen) joined(l *level, separator string, items []any) []piece {
	var all []piece
	for i, item := range items {
		if i > 0 && separator != "" {
			all = append(all, piece{text: separator})
		}
		all = append(all, s.pieces(l, item)...)
	}
	return all
}

// substituted are the pieces of Fn::Sub (Template reference, "Fn::Sub"): ${!Literal} stands for ${Literal}.
func (s *seen) substituted(l *level, text string, own map[string]any) []piece {
	before, rest, found := strings.Cut(text, "${")
	all := references(before)
	for found {
		var name string
		name, rest, _ = strings.Cut(rest, "}")
		id, attribute, isAttribute := strings.Cut(name, ".")
		value, local := own[name]
		switch literal, is := strings.CutPrefix(name, "!"); {
		case is:
			all = append(all, piece{text: "${" + literal + "}"})
		case local:
			all = append(all, s.pieces(l, value)...)
		case isAttribute:
			all = append(all, piece{expression: map[string]any{"Fn::GetAtt": []any{id, attribute}}})
		default:
			all = append(all, s.pieces(l, map[string]any{"Ref": name})...)
		}
		before, rest, found = strings.Cut(rest, "${")
		all = append(all, references(before)...)
	}
	return all
}

// references takes a text with dynamic references in it apart.
func references(text string) []piece {
	var all []piece
	for text != "" {
		begin := strings.Index(text, dynamicReference)
		if begin < 0 {
			return append(all, piece{text: text})
		}
		if begin > 0 {
			all = append(all, piece{text: text[:begin]})
		}
		end := len(text)
		if length := strings.Index(text[begin:], "}}"); length >= 0 {
			end = begin + length + 2
		}
		all, text = append(all, piece{expression: text[begin:end]}), text[end:]
	}
	return all
}
