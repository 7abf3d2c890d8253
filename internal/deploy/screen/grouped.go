package screen

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// grouped shows progress for GitHub Actions. Groups cannot be nested there, and events of nested stacks come mixed: the lines of a stack
// are held until it ends and printed as one group; the root stack's lines and heartbeats tell what goes on meanwhile, failures are marked
// at once
// (docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
type grouped struct {
	linear
	held   map[string][]string
	order  []string
	marked map[string]bool
}

func (g *grouped) begin() {
	g.linear.begin()
	g.held, g.order, g.marked = map[string][]string{}, nil, map[string]bool{}
}

func (g *grouped) resource(r report.Resource, cause bool) {
	text := g.line(r, cause)
	if cause {
		g.mark(r.Path, r.LogicalID, r.Status, reason(r.Type, r.Reason))
	}
	if r.Type == stackType && !g.board.own(r) && !strings.HasSuffix(r.Status, "_IN_PROGRESS") { // what it did comes before how it ended
		g.release(report.Place(r.Path, report.StackName(r.LogicalID)), r.Status)
	}
	switch {
	case text == "":
	case len(r.Path) == 0:
		g.lines(text)
		g.printed = g.board.now
	default:
		name := report.Place(r.Path[:len(r.Path)-1], report.StackName(r.Path[len(r.Path)-1]))
		if g.held[name] == nil {
			g.order = append(g.order, name)
		}
		g.held[name] = append(g.held[name], text)
	}
}

// release prints what a stack did as one group.
func (g *grouped) release(name, status string) {
	if len(g.held[name]) == 0 {
		return
	}
	g.write(command("group", "", strings.TrimSpace(name+" "+status)) + "\n")
	g.lines(g.held[name]...)
	g.write(command("endgroup", "", "") + "\n")
	g.held[name], g.printed = nil, g.board.now
	g.order = without(g.order, name)
}

func without(list []string, gone string) (rest []string) {
	for _, item := range list {
		if item != gone {
			rest = append(rest, item)
		}
	}
	return rest
}

// mark puts a failure where a reviewer sees it, once.
func (g *grouped) mark(path []string, id, status, reason string) {
	where := report.Place(path, id)
	if g.marked[where] {
		return
	}
	if g.marked == nil {
		g.marked = map[string]bool{}
	}
	g.marked[where] = true
	g.write(command("error", where+" "+status, reason) + "\n")
}

func (g *grouped) remark(level, text string) {
	if level == report.Warning {
		g.write(command("warning", "", text) + "\n")
		return
	}
	g.linear.remark(level, text)
}

func (g *grouped) finding(v report.Validation) {
	level := "warning"
	if v.Severity == "error" {
		level = "error"
	}
	g.write(command(level, strings.TrimSpace(v.Check+" "+report.Place(v.Path, v.LogicalID)), v.Text) + "\n")
}

func (g *grouped) diagnosis(d report.Diagnosis) {
	for _, c := range d.Causes {
		g.mark(c.Path, c.LogicalID, c.Status, reason(c.Type, c.Reason))
	}
}

// settle prints what stacks did that have not ended.
func (g *grouped) settle() {
	for _, name := range g.order {
		g.release(name, "")
	}
}
