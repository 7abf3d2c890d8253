package screen

import (
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// progress shows an operation on standard error while it runs.
type progress interface {
	// begin comes once an operation, resource for each event (cause tells a failure of its own), tick every second or so.
	begin()
	resource(r report.Resource, cause bool)
	tick()
	// remark prints a line that stays, of a level of report.Note; finding marks a validation where the reader takes marks.
	remark(level, text string)
	finding(report.Validation)
	// diagnosis marks causes that were not shown as they came.
	diagnosis(report.Diagnosis)
	// settle ends what is drawn: something else is printed next.
	settle()
}

// silent shows warnings only.
type silent struct{ *pen }

func (s silent) begin()                         {}
func (s silent) resource(report.Resource, bool) {}
func (s silent) tick()                          {}
func (s silent) finding(report.Validation)      {}
func (s silent) diagnosis(report.Diagnosis)     {}
func (s silent) settle()                        {}

func (s silent) remark(level, text string) {
	if level == report.Warning {
		s.lines(s.remarked(level, text)...)
	}
}

// remarked are the lines of a note.
func (p *pen) remarked(level, text string) []string {
	s := p.sheet(false, nil)
	switch level {
	case report.Warning:
		s.wrapped(p.paint(yellow, p.warning)+" ", "  ", text, "")
	case report.Detail:
		s.wrapped("  ", "  ", text, grey)
	default:
		s.wrapped("", "", text, "")
	}
	return s.lines
}

// heartbeat is the longest that a person waits for a line. Ticks come every two seconds or so: one earlier must do.
const heartbeat = 55 * time.Second

// linear shows one line an event.
type linear struct {
	*pen
	board   *board
	verbose bool
	printed time.Time
	// told is what was printed last of each resource.
	told map[string]string
}

func (l *linear) begin() {
	l.told, l.printed = map[string]string{}, l.board.now
	text := l.board.began.UTC().Format(stamp) + " " + l.board.name + " " + strings.ToUpper(l.board.doing)
	l.lines(l.paint(cyan, text+" begins"))
}

// stamp is the form of times: of the day, in UTC.
const stamp = "15:04:05Z"

func (l *linear) resource(r report.Resource, cause bool) {
	if text := l.line(r, cause); text != "" {
		l.lines(text)
		l.printed = l.board.now
	}
}

// line is that of an event; empty where it says nothing new.
func (l *linear) line(r report.Resource, cause bool) string {
	own := l.board.own(r)
	if own && len(r.Path) > 0 && !cause && !l.verbose { // its parent told the same
		return ""
	}
	key, news := report.Place(r.Path, r.LogicalID), r.Status+r.Detailed
	if r.Type == stackType && !own {
		key = report.Place(r.Path, report.StackName(r.LogicalID))
	}
	if l.told[key] == news && remark(r) == "" && !l.verbose {
		return ""
	}
	l.told[key] = news
	parts := []string{r.Time.UTC().Format(stamp), key, l.status(r.Status)}
	if r.Detailed != "" {
		parts = append(parts, short(r.Detailed))
	}
	if r.Seconds > 0 {
		parts = append(parts, elapsed(seconds(r.Seconds)))
	}
	if text := remark(r); text != "" {
		if cause {
			text = l.paint(red, text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// short is a detailed status in one word.
func short(detailed string) string {
	if detailed == configured {
		return "configured"
	}
	return strings.ToLower(detailed)
}

// status paints a status by how it ended.
func (s style) status(status string) string {
	switch {
	case strings.HasSuffix(status, "_FAILED"):
		return s.paint(red, status)
	case strings.Contains(status, "ROLLBACK"):
		return s.paint(yellow, status)
	case strings.HasSuffix(status, "_COMPLETE"):
		return s.paint(green, status)
	}
	return status
}

// tick prints a heartbeat when nothing was printed for long.
func (l *linear) tick() {
	if l.board.now.Sub(l.printed) < heartbeat {
		return
	}
	l.printed = l.board.now
	l.lines(l.board.now.UTC().Format(stamp) + " " + l.board.pulse())
}

// pulse is a whole operation in one line.
func (b *board) pulse() string {
	text := b.name + " " + b.heading() + " " + elapsed(b.now.Sub(b.began)) + " " + b.score() + ", last event " + elapsed(b.now.Sub(b.latest)) + " ago"
	if where, i := b.root.longest(nil); i != nil {
		text += strings.TrimRight("; "+where+" "+strings.ReplaceAll(i.doing(), "  ", " ")+" "+elapsed(b.now.Sub(i.began))+" "+b.wait(i), " ")
	}
	return text
}

// heading is what the operation does, in a word.
func (b *board) heading() string {
	switch {
	case b.back:
		return "ROLLBACK"
	case strings.Contains(b.root.status, "CLEANUP"):
		return "CLEANUP"
	}
	return strings.ToUpper(b.doing)
}

// score is how far the operation is.
func (b *board) score() string {
	t := b.root.tally()
	text := count(t.done) + "/" + count(t.total) + " done, " + count(t.running) + " running"
	if t.failed > 0 {
		text += ", " + count(t.failed) + " failed"
	}
	return text
}

func (l *linear) remark(level, text string)  { l.lines(l.remarked(level, text)...) }
func (l *linear) finding(report.Validation)  {}
func (l *linear) diagnosis(report.Diagnosis) {}
func (l *linear) settle()                    {}
