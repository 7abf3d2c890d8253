package checks

import (
	"slices"
	"strings"
)

// roots are the templates that no other nests. Of templates that only nest each other, the first by name counts as one.
func (w *World) roots() []*Template {
	nests := map[*Template][]*Template{}
	nested := map[*Template]bool{}
	for _, t := range w.set.Templates {
		resources := t.section("Resources")
		for i, id := range resources.keysOrNone() {
			if r := resources.items[i]; r.field("Type").scalar() == stackType {
				for _, child := range w.childTemplates(t, id, r) {
					if child != t {
						nests[t], nested[child] = append(nests[t], child), true
					}
				}
			}
		}
	}
	var roots []*Template
	reached := map[*Template]bool{}
	add := func(t *Template) {
		roots = append(roots, t)
		for queue := []*Template{t}; len(queue) > 0; queue = queue[1:] {
			if !reached[queue[0]] {
				reached[queue[0]] = true
				queue = append(queue, nests[queue[0]]...)
			}
		}
	}
	for _, t := range w.set.Templates {
		if !nested[t] {
			add(t)
		}
	}
	for _, t := range w.set.Templates {
		if !reached[t] {
			w.problem("%s: no template that is no part of a cycle nests it", t.Name)
			add(t)
		}
	}
	return roots
}

// childTemplates finds what may be the template of a nested stack, the likeliest first: by file names at the end of parts of
// its URL, by hashes in it, or, where neither is known, by the logical ID (NetworkStack: network.yaml).
func (w *World) childTemplates(parent *Template, id string, r *expression) []*Template {
	var parts []string
	url := r.field("Properties").field("TemplateURL")
	url.walk(func(at *expression) { parts = append(parts, at.scalar()) })
	for _, m := range url.mentions() {
		parts = append(parts, w.env.Parameters[m.name], parent.section("Parameters").field(m.name).field("Default").scalar())
	}
	slices.Reverse(parts)
	var found []*Template
	for _, part := range parts {
		if t := w.templateAt(part); t != nil && !slices.Contains(found, t) {
			found = append(found, t)
		}
	}
	for _, stem := range []string{id, strings.TrimSuffix(id, "Stack")} {
		if t := w.names[plainName(stem)]; t != nil && len(found) == 0 {
			found = append(found, t)
		}
	}
	return found
}

// templateAt finds the template that a URL, or the end of one, leads to.
func (w *World) templateAt(url string) *Template {
	url, _, _ = strings.Cut(url, "?")
	if t := w.names[url[strings.LastIndexByte(url, '/')+1:]]; t != nil {
		return t
	}
	isHex := func(c rune) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }
	for part := range strings.FieldsFuncSeq(url, func(c rune) bool { return !isHex(c) }) {
		if t := w.names["sha256:"+part]; t != nil {
			return t
		}
	}
	return nil
}

// namesOf are the templates by file name, by hash, and by their file names' stems without hyphens.
func namesOf(set *Set) map[string]*Template {
	names := map[string]*Template{}
	for _, t := range set.Templates {
		stem, _, _ := strings.Cut(t.Name, ".")
		names[plainName(stem)] = t
	}
	for _, t := range set.Templates {
		names[t.Name], names["sha256:"+t.hash] = t, t
	}
	return names
}

// plainName is a name without case and hyphens, by which VPCStack finds vpc.yaml.
func plainName(name string) string {
	return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(name, "-", ""), "_", ""))
}
