package world

import (
	"fmt"
	"strconv"
	"time"

	"github.com/tierform/tierform/pkg/checks"
)

// place is a value with the words for where it stands. What cannot be read there is noted as a problem, so that one run
// names all of them.
type place struct {
	where    string
	value    checks.Value
	problems *[]error
}

func (b *builder) at(r *checks.Resource) place {
	return place{where: r.Where(), value: r.Properties, problems: &b.problems}
}

func (p place) problem(format string, arguments ...any) {
	*p.problems = append(*p.problems, fmt.Errorf("%s: %s", p.where, fmt.Sprintf(format, arguments...)))
}

// at is the value at a path below.
func (p place) at(path string) place {
	return place{where: p.where + " " + path, value: p.value.At(path), problems: p.problems}
}

// items are those of a list; none where there is no list.
func (p place) items() []place {
	if why := p.value.Unknown(); why != "" {
		p.problem("not known: %s", why)
		return nil
	}
	var items []place
	for i, item := range p.value.List() {
		items = append(items, place{where: p.where + "[" + strconv.Itoa(i) + "]", value: item, problems: p.problems})
	}
	return items
}

// text is a scalar that must be there.
func (p place) text() string {
	switch why := p.value.Unknown(); {
	case why != "":
		p.problem("not known: %s", why)
	case p.value.String() == "" && len(p.value.List()) != 1:
		p.problem("no value")
	}
	return p.value.String()
}

// optional is a scalar that may be missing, but not unknown.
func (p place) optional() string {
	if !p.value.Exists() {
		return ""
	}
	return p.text()
}

// texts are the scalars of a list.
func (p place) texts() []string {
	var list []string
	for _, item := range p.items() {
		list = append(list, item.text())
	}
	return list
}

// number is a whole number that must be there.
func (p place) number() int {
	n, ok := p.value.Int()
	if !ok {
		p.problem("%q is no whole number", p.text())
	}
	return n
}

// seconds is a number of seconds that must be there.
func (p place) seconds() time.Duration { return time.Duration(p.number()) * time.Second }

// named turns a list of maps with a name and a value into a map.
func (p place) named(key, value string) map[string]string {
	fields := map[string]string{}
	for _, item := range p.items() {
		name := item.at(key).text()
		if _, twice := fields[name]; twice {
			item.problem("%s stands there twice", name)
		}
		fields[name] = item.at(value).text()
	}
	return fields
}
