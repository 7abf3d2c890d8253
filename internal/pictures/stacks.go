package pictures

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// stacks draws the nested stacks. An arrow is drawn only where no way through other stacks leads along it; each stack lists
// all that it takes.
func stacks(w wiring) string {
	d := begin("Stacks", "TB", `nodesep="0.14"`, `ranksep="0.35"`)
	d.frame("root", fmt.Sprintf("platform.yaml, the root, with %d parameters", w.parameters), grey)
	for _, s := range w.stacks {
		if !s.isService() {
			d.box(s.name, s.table(w))
		}
	}
	services := slices.DeleteFunc(slices.Clone(w.stacks), func(s stack) bool { return !s.isService() })
	d.frame("services", "", white, `style="rounded,dashed"`)
	for _, s := range services {
		d.box(s.name, s.table(w))
	}
	d.row(mapped(services, func(s stack) string { return s.name }))
	d.close()
	w.drawWires(d, services)
	d.close()
	return d.end("Each nested stack with the outputs that it takes, after the name of the stack that has them. It starts when those are",
		"complete. Solid arrows: outputs flow. Dashed: it only waits (DependsOn). Arrows that others imply are left out.",
		"Arrows to the dashed frame lead to each service. Yellow takes nothing from others, green runs tasks, purple watches all.")
}

// drawWires draws the arrows. What all services wait for leads to their common frame, each to another of them so that the
// arrows stay apart.
func (w wiring) drawWires(d *document, services []stack) {
	shared := 0
	for _, from := range w.stacks {
		direct := func(to stack) bool { return to.waitsFor(from) && !w.around(from, to) }
		common := len(services) > 1 && !slices.ContainsFunc(services, func(s stack) bool { return !direct(s) })
		if common {
			to := services[shared%len(services)]
			d.edge(at(from.name), at(to.name), append(wire(from, to), `lhead="cluster_services"`)...)
			shared++
		}
		for _, to := range w.stacks {
			if direct(to) && !(common && to.isService()) {
				d.edge(at(from.name), at(to.name), wire(from, to)...)
			}
		}
	}
}

// wire is how the arrow between two stacks looks.
func wire(from, to stack) []string {
	if len(to.takes[from.name]) == 0 {
		return []string{`style="dashed"`}
	}
	return nil
}

// table is what the box of a stack says; stacks that give the same share a line.
func (s stack) table(w wiring) table {
	type gift struct {
		from  []string
		words []string
	}
	var gifts []gift
	for _, other := range w.stacks {
		words := zoned(s.takes[other.name])
		if len(words) == 0 {
			continue
		}
		same := slices.IndexFunc(gifts, func(g gift) bool { return slices.Equal(g.words, words) })
		if same < 0 {
			gifts = append(gifts, gift{words: words})
			same = len(gifts) - 1
		}
		gifts[same].from = append(gifts[same].from, shortStack(other.name))
	}
	width := 26
	if len(gifts) > 6 {
		width = 110 // at the end, where there is room
	}
	t := table{title: shortStack(s.name), colour: s.colour(), rows: say(fmt.Sprintf("root parameters: %d", s.parameters))}
	for _, g := range gifts {
		t.rows = append(t.rows, taken(strings.Join(g.from, ", "), listed(g.words), width))
	}
	if len(s.waits) > 0 {
		t.rows = append(t.rows, taken(strings.Join(mapped(s.waits, shortStack), ", "), []string{"(DependsOn)"}, width))
	}
	return t
}

// taken is a line that names a stack and what it gives.
func taken(from string, words []string, width int) row {
	from += ":"
	return row{{text: wrapped(append([]string{from}, words...), width), name: from, left: true}}
}

// zoned makes "Subnets ×3" of SubnetsA, SubnetsB and SubnetsC.
func zoned(outputs []string) []string {
	letter := regexp.MustCompile(`([a-z])[A-F]$`)
	count := map[string]int{}
	for _, name := range outputs {
		count[letter.ReplaceAllString(name, "$1")]++
	}
	var words []string
	for _, name := range outputs {
		each := letter.ReplaceAllString(name, "$1")
		if n := count[each]; n > 1 {
			name = fmt.Sprintf("%s ×%d", each, n)
		}
		if !slices.Contains(words, name) {
			words = append(words, name)
		}
	}
	return words
}

func (s stack) colour() colour {
	switch {
	case s.isService(), strings.HasPrefix(s.name, "Administration"):
		return green
	case len(s.takes) == 0:
		return amber
	case strings.HasPrefix(s.name, "Observability"):
		return purple
	}
	return blue
}

// isService tells whether a stack holds a service, by the name that the catalogue gives it.
func (s stack) isService() bool { return strings.HasPrefix(s.name, "Service") }

func shortStack(name string) string { return strings.TrimSuffix(name, "Stack") }
