package source

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// A span is a part of a template's text, quotes not included.
type span struct{ start, end int }

// locate finds where the local paths of nested stacks stand in the text.
func (t *Template) locate(document *yaml.Node) {
	t.places = map[string]span{}
	for _, id := range t.stacks() {
		if t.Resources[id].Nested.Path == "" {
			continue
		}
		if s, found := spanOf(t.Body, inside(document, "Resources", id, "Properties", "TemplateURL")); found {
			t.places[id] = s
		}
	}
}

// spanOf is where a text stands. Only texts that stand as they are, on one line, can be told.
func spanOf(body []byte, n *yaml.Node) (span, bool) {
	start := offset(body, n.Line, n.Column)
	if n.Style == yaml.SingleQuotedStyle || n.Style == yaml.DoubleQuotedStyle {
		start++
	}
	s := span{start, start + len(n.Value)}
	return s, s.end <= len(body) && string(body[start:s.end]) == n.Value
}

// offset is that of a line and a column, both from 1; columns count characters.
func offset(body []byte, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		at += bytes.IndexByte(body[at:], '\n') + 1
	}
	for ; column > 1 && at < len(body); column-- {
		_, size := utf8.DecodeRune(body[at:])
		at += size
	}
	return at
}

// Package is the set with the local paths of nested templates replaced by their content addresses in a bucket, in the nested templates
// too. Nothing else of the texts changes. A set without local paths stays what it is.
func (s *Set) Package(bucket, region string) (*Set, error) {
	p := packer{set: s, base: "https://s3." + region + "." + domain(region) + "/" + bucket + "/", done: map[string]*Template{}}
	root, err := p.pack(s.Root)
	if err != nil {
		return nil, err
	}
	delete(p.done, root.Name)
	return &Set{Root: root, Nested: p.done}, nil
}

// domain is that of AWS in a region's partition (AWS::URLSuffix).
func domain(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// A packer packs templates once each.
type packer struct {
	set  *Set
	base string
	done map[string]*Template
}

// pack replaces the local paths of one template, after those of the templates that it nests.
func (p *packer) pack(t *Template) (*Template, error) {
	if done := p.done[t.Name]; done != nil {
		return done, nil
	}
	addresses := map[string]string{}
	for _, id := range t.stacks() {
		n := t.Resources[id].Nested
		if n.Template == "" {
			continue
		}
		child, err := p.pack(p.set.Nested[n.Template])
		if err != nil {
			return nil, err
		}
		if n.Path != "" {
			addresses[id] = p.base + child.Key()
		}
	}
	packed := t
	if len(addresses) > 0 {
		var err error
		if packed, err = t.rewritten(addresses); err != nil {
			return nil, err
		}
	}
	p.done[t.Name] = packed
	return packed, nil
}

// rewritten is the template with other texts at the places of its local paths.
func (t *Template) rewritten(addresses map[string]string) (*Template, error) {
	ids := t.stacks()
	slices.SortFunc(ids, func(a, b string) int { return t.places[b].start - t.places[a].start }) // from the end: what is before keeps its place
	body := slices.Clone(t.Body)
	for _, id := range ids {
		if address := addresses[id]; address != "" {
			body = slices.Replace(body, t.places[id].start, t.places[id].end, []byte(address)...)
		}
	}
	packed, err := Parse(t.Name, body)
	if err != nil {
		return nil, fmt.Errorf("with the addresses of its nested templates: %w", err)
	}
	for _, id := range ids {
		packed.Resources[id].Nested.Template = t.Resources[id].Nested.Template
	}
	return packed, nil
}
