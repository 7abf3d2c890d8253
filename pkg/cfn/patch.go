package cfn

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// applyPatch sets the value at a path below the properties of a resource.
func (b *builder) applyPatch(properties int32, p patch) {
	value := b.value(noNode, "", p.value)
	if message := b.set(properties, p.path, value); message != "" {
		b.fault(properties, p.path, BadPatch, p.path, message)
	}
}

// set walks the path and puts the loose node in its place; the result says what went wrong.
func (b *builder) set(at int32, path string, value int32) (message string) {
	segment, rest, more := cutSegment(path)
	if segment == "" {
		return "path has an empty step"
	}
	if hasMark(segment) || !utf8.ValidString(segment) || len(segment) > maxKeyBytes {
		return "path has a step that can be no key"
	}
	if inside, isItem := strings.CutPrefix(segment, "["); isItem {
		item, message := b.item(at, strings.TrimSuffix(inside, "]"))
		if message != "" {
			return message
		}
		if more {
			return b.set(item, rest, value)
		}
		b.replace(at, item, value)
		return ""
	}
	if b.nodes[at].kind != mapNode {
		return fmt.Sprintf("step %q goes into something that has no properties", segment)
	}
	have := b.child(at, segment)
	switch {
	case !more && have != noNode:
		b.replace(at, have, value)
	case !more:
		b.nodes[value].key = segment
		b.insert(at, value)
	case have != noNode:
		return b.set(have, rest, value)
	case strings.HasPrefix(rest, "["):
		return fmt.Sprintf("there is no list %q", segment)
	default:
		made := b.arena.add(noNode, node{kind: mapNode, key: segment})
		if message := b.set(made, rest, value); message != "" {
			return message
		}
		b.insert(at, made)
	}
	return ""
}

// item finds a list's item by index or by the value of a field: "0" or "Name=app".
func (b *builder) item(list int32, selector string) (item int32, message string) {
	if b.nodes[list].kind != seqNode {
		return noNode, fmt.Sprintf("step [%s] goes into something that is no list", selector)
	}
	field, want, byField := strings.Cut(selector, "=")
	index, err := strconv.Atoi(selector)
	position := 0
	for c := b.nodes[list].first; c != noNode; c = b.nodes[c].next {
		if byField {
			if f := b.child(c, field); b.isText(f) && b.nodes[f].text == want {
				return c, ""
			}
		} else if err == nil && position == index {
			return c, ""
		}
		position++
	}
	return noNode, fmt.Sprintf("no item [%s] in a list of %d", selector, position)
}

// cutSegment splits "A[Name=x].B" into "A" and "[Name=x].B", then "[Name=x]" and "B".
func cutSegment(path string) (segment, rest string, more bool) {
	if strings.HasPrefix(path, "[") {
		end := strings.IndexByte(path, ']')
		if end < 0 {
			return "", "", false
		}
		rest = strings.TrimPrefix(path[end+1:], ".")
		return path[:end+1], rest, rest != ""
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return path, "", false
	}
	return path[:end], strings.TrimPrefix(path[end:], "."), true
}
