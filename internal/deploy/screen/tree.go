package screen

import (
	"strconv"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// tree draws an operation as a tree of stacks that is redrawn in place, below lines that stay.
type tree struct {
	*pen
	board *board
	rows  func() int
	// drawn are the widths of the lines on the screen that are redrawn; live is set while an operation is shown.
	drawn []int
	live  bool
	// still is set while the tree is left as it is: nobody can interrupt what ended, or what asks.
	still bool
	frame int
}

func (t *tree) begin() { t.live = true }

func (t *tree) resource(r report.Resource, cause bool) {
	if !cause {
		return
	}
	s := t.sheet(false, nil)
	s.wrapped(t.paint(red, t.failed)+" ", "    ", r.Time.UTC().Format(stamp)+" "+report.Place(r.Path, r.LogicalID)+" "+r.Type+" "+r.Status, "")
	s.wrapped("    ", "    ", reason(r.Type, r.Reason), red)
	t.above(s.lines)
}

func (t *tree) tick() {
	t.frame, t.live = t.frame+1, true
	t.above(nil)
}

func (t *tree) remark(level, text string)  { t.above(t.remarked(level, text)) }
func (t *tree) finding(report.Validation)  {}
func (t *tree) diagnosis(report.Diagnosis) {}

// settle leaves the tree as it is, at the end or because a person is asked something: a tick that follows draws it anew below.
func (t *tree) settle() {
	if t.live {
		t.still = true
		t.above(nil)
		t.live, t.still, t.drawn = false, false, nil
	}
}

// above prints lines that stay and draws the tree again below them, in one write so that nothing flickers. The cursor rests at the
// beginning of the line below the tree. Lines are cut one column short of the edge, where terminals differ about wrapping.
func (t *tree) above(stay []string) {
	var b strings.Builder
	columns := t.columns()
	if up := t.height(columns); up > 0 {
		b.WriteString("\x1b[" + strconv.Itoa(up) + "A")
	}
	for _, line := range stay {
		b.WriteString(line + "\x1b[K\n")
	}
	t.drawn = nil
	if t.live {
		for _, line := range t.picture(columns-1, max(1, t.rows()-1)) {
			line = cut(strings.TrimRight(line, " "), columns-1, t.ellipsis)
			t.drawn = append(t.drawn, width(line))
			b.WriteString(line + "\x1b[K\n")
		}
		b.WriteString("\x1b[J")
	}
	if b.Len() > 0 {
		t.write(b.String())
	}
}

// height is how many rows the drawn lines take: a terminal that became narrower has wrapped them.
func (t *tree) height(columns int) int {
	rows := 0
	for _, w := range t.drawn {
		rows += max(1, (w+columns-1)/columns)
	}
	return rows
}

// picture is the tree in at most so many rows: what is done is folded first, then what runs in each stack.
func (t *tree) picture(columns, rows int) []string {
	all := t.draw(columns, 0, false)
	for _, running := range []int{6, 3, 1} {
		if len(all) > rows {
			all = t.draw(columns, running, true)
		}
	}
	if len(all) > rows {
		all = append(all[:rows-1:rows-1], t.gap+report.Plural(len(all)-rows+1, "more line", "more lines"))
	}
	return all
}

func (t *tree) draw(columns, running int, fold bool) []string {
	d := &drawing{sheet: &sheet{style: t.style, columns: columns}, board: t.board, spinner: t.spinner[t.frame%len(t.spinner)], running: running, fold: fold}
	b := t.board
	last := ""
	if b.root.busy() {
		last = "last event " + elapsed(b.now.Sub(b.latest)) + " ago"
	}
	d.spread(t.paint(cyan, b.name)+"  "+b.heading()+"  "+elapsed(b.now.Sub(b.began))+"  "+b.score(), t.paint(grey, last))
	d.inside(b.root, "")
	if !fold && !t.still && b.root.busy() {
		d.add(t.paint(grey, hint(b.interrupt)))
	}
	return d.lines
}

// rehearsed is an operation that ends with the command.
const rehearsed = "rehearsed"

// hint says what an interruption does; a terminal with few rows has no place for it.
func hint(interrupt string) string {
	switch interrupt {
	case "ask":
		return "Ctrl-C to detach, cancel or continue"
	case "cancel":
		return "Ctrl-C to cancel"
	case rehearsed:
		return "Ctrl-C to end the rehearsal"
	}
	return "Ctrl-C to detach: AWS goes on"
}

// A drawing is one picture of the board.
type drawing struct {
	*sheet
	board   *board
	spinner string
	// running is how many running resources of a stack are shown, 0 for all; fold leaves stacks that are done to one line.
	running int
	fold    bool
}

// inside draws what runs in a stack, and the stacks nested in it.
func (d *drawing) inside(s *stack, prefix string) {
	var lines []func(head, below string)
	left, folded := 0, 0
	for _, i := range s.items {
		switch {
		case !i.running():
		case d.running > 0 && len(lines) >= d.running:
			left++
		default:
			lines = append(lines, func(head, _ string) { d.item(i, head) })
		}
	}
	if left > 0 {
		lines = append(lines, func(head, _ string) { d.add(head + d.bullet + " " + strconv.Itoa(left) + " more running") })
	}
	names := 0
	for _, nested := range s.nested {
		names = max(names, width(report.StackName(nested.name)))
	}
	for _, nested := range s.nested {
		switch {
		case nested.status == "" && nested.tally().total == 0: // nothing to do there
		case d.fold && strings.HasSuffix(nested.status, "_COMPLETE"):
			folded++
		default:
			lines = append(lines, func(head, below string) { d.stack(nested, names, head, below) })
		}
	}
	if folded > 0 {
		lines = append(lines, func(head, _ string) {
			d.add(head + d.paint(green, d.done) + " " + report.Plural(folded, "stack", "stacks") + " done")
		})
	}
	for i, line := range lines {
		if i == len(lines)-1 {
			line(prefix+d.last, prefix+d.gap)
		} else {
			line(prefix+d.branch, prefix+d.pipe)
		}
	}
}

// item draws a resource that runs.
func (d *drawing) item(i *item, head string) {
	mark := d.spinner
	if i.detailed == configured {
		mark = d.half
	}
	name := head + d.paint(yellow, mark) + " " + i.id
	left := name + "  " + d.paint(grey, i.typ)
	right := i.doing() + "  " + pad("", 6-width(elapsed(d.board.now.Sub(i.began)))) + elapsed(d.board.now.Sub(i.began))
	if usual := d.board.wait(i); usual != "" && width(left)+width(right)+width(usual)+4 <= d.columns {
		right += "  " + d.paint(grey, usual)
	}
	if space := d.columns - width(right) - 2; width(left) > space { // the name says more than the type
		left = cut(name, space, d.ellipsis)
	}
	d.spread(left, right)
}

// stack draws a nested stack with its numbers, and what runs in it.
func (d *drawing) stack(s *stack, names int, head, below string) {
	t := s.tally()
	mark, until := d.paint(grey, d.bullet), s.ended
	switch {
	case t.failed > 0 || strings.HasSuffix(s.status, "_FAILED"):
		mark = d.paint(red, d.failed)
	case s.busy():
		mark = d.paint(yellow, d.spinner)
	case strings.HasSuffix(s.status, "_COMPLETE"):
		mark = d.paint(green, d.sheet.done)
	}
	took := "waiting"
	if s.busy() {
		until = d.board.now
	}
	if s.status != "" {
		took = elapsed(until.Sub(s.began))
	}
	text := head + mark + " " + pad(report.StackName(s.name), names) + "  " + pad("", 7-width(took)) + took + "   " + count(t.done) + "/" + count(t.total)
	if silence := d.board.now.Sub(s.latest); s.busy() && silence >= quietStack && !s.latest.IsZero() {
		text += "   " + d.paint(grey, "last event "+elapsed(silence)+" ago")
	}
	d.add(text)
	d.inside(s, below)
}

// quietStack is how long a stack may be silent before the tree says so.
const quietStack = 10 * time.Second

func count(n int) string { return strconv.Itoa(n) }
