package screen

import (
	"fmt"
	"io"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

const (
	// mostMarkdown is what a comment on GitHub may have: "Body is too long (maximum is 65536 characters)" is its API's answer beyond. It is
	// counted in bytes here, of which there are never fewer.
	mostMarkdown = 65536
	// markdownColumns is the width of the text blocks.
	markdownColumns = 100
)

// A summary collects the events that a pull request has to show.
type markdown struct {
	secrets *secrets
	file    io.WriteCloser
	fail    func(error)
	verbose bool
	events  []report.Event
}

// Report keeps an event.
func (m *markdown) Report(e report.Event) {
	switch e.(type) {
	case report.Resource, report.Tick, report.Shift:
	default:
		m.events = append(m.events, e)
	}
}

func (m *markdown) flush() {}

// close writes the summary.
func (m *markdown) close() {
	_, err := io.WriteString(m.file, m.text())
	m.fail(err)
	m.fail(m.file.Close())
}

// text is the summary: what to know first stands first, the tree last, where it can be shortened.
func (m *markdown) text() string {
	d := document{secrets: m.secrets}
	for _, e := range m.events {
		// Secrets may have become known after the event.
		d.take(rewritten(e, func(text string) string { return clean(m.secrets.mask(text)) }))
	}
	return d.write()
}

// A document is what a summary is made of.
type document struct {
	secrets   *secrets
	started   report.Started
	plan      *report.Plan
	findings  []report.Validation
	scans     []report.ImageScan
	released  []report.Released
	warnings  []string
	approval  *report.Approval
	diagnosis *report.Diagnosis
	sweep     *report.Sweep
	forecast  *report.Forecast
	result    *report.Result
}

func (d *document) take(e report.Event) {
	switch e := e.(type) {
	case report.Started: // of several runs, the last is summed up
		*d = document{secrets: d.secrets, started: e}
	case report.Plan:
		if !e.Level {
			d.plan = &e
		}
	case report.Released:
		d.released = append(d.released, e)
	case report.Validation:
		d.findings = append(d.findings, e)
	case report.ImageScan:
		d.scans = append(d.scans, e)
	case report.Note:
		if e.Level == report.Warning {
			d.warnings = append(d.warnings, e.Text)
		}
	case report.Approval:
		d.approval = &e
	case report.Diagnosis:
		d.diagnosis = &e
	case report.Sweep:
		d.sweep = &e
	case report.Forecast:
		d.forecast = &e
	case report.Result:
		d.result = joined(d.result, e)
	}
}

func (d *document) sheet() *sheet {
	return &sheet{style: style{glyphs: unicodeGlyphs()}, columns: markdownColumns, verbose: true, say: func(text string) string { return clean(d.secrets.mask(text)) }}
}

// write puts the document together within the limit.
func (d *document) write() string {
	var b strings.Builder
	d.heading(&b)
	d.outcome(&b)
	if len(d.released) > 0 {
		block(&b, d.drawn(func(s *sheet) {
			for _, r := range d.released {
				s.released(r)
			}
		}))
	}
	if len(d.scans) > 0 {
		d.images(&b)
	}
	if d.plan != nil {
		d.counts(&b)
	}
	if len(d.findings) > 0 {
		block(&b, d.drawn(func(s *sheet) { s.findings(d.findings) }))
	}
	if d.plan != nil {
		d.areas(&b)
	}
	for _, text := range d.warnings {
		b.WriteString("> " + code(text) + "\n\n")
	}
	if d.forecast != nil {
		block(&b, d.drawn(func(s *sheet) { s.forecast(*d.forecast) }))
	}
	head := whole(shortened(b.String(), mostMarkdown-len(fence)-1))
	if d.plan == nil {
		return head
	}
	open, shut := "<details><summary>Plan</summary>\n\n", "\n</details>\n"
	tree := d.drawn(func(s *sheet) { s.stack(d.plan.Root, "", "") })
	f := longest(tree)
	body := shortened(strings.Join(tree, "\n")+"\n", mostMarkdown-len(head)-len(open)-len(shut)-2*len(f)-2)
	if body == "" {
		return head
	}
	return head + open + f + "\n" + body + f + "\n" + shut
}

func (d *document) heading(b *strings.Builder) {
	name := d.started.Stack
	if d.plan != nil {
		name = d.plan.Root.Name
	}
	fmt.Fprintf(b, "### %s\n\n", code(strings.TrimSpace(d.started.Command+" "+name)))
	var facts []string
	for _, fact := range []struct{ name, value string }{{"environment", d.started.Environment}, {"account", d.started.Account}, {"region", d.started.Region}} {
		if fact.value != "" {
			facts = append(facts, fact.name+" "+code(fact.value))
		}
	}
	if d.started.Simulated {
		facts = append(facts, "**simulated**")
	}
	if len(facts) > 0 {
		b.WriteString(strings.Join(facts, ", ") + "\n\n")
	}
}

// outcome tells how the run ended, why it failed and what it left.
func (d *document) outcome(b *strings.Builder) {
	if r := d.result; r != nil {
		fmt.Fprintf(b, "%s **%s**, exit code %d: %s\n\n", sign(r.Code), plainWord(r.Status), r.Code, code(sentence(*r)))
		for _, next := range r.Next {
			fmt.Fprintf(b, "Next: %s\n\n", code(next))
		}
	}
	if d.diagnosis != nil {
		block(b, d.drawn(ending{started: d.started, diagnosis: d.diagnosis, result: d.result}.why))
	}
	if d.sweep != nil {
		block(b, d.drawn(func(s *sheet) { s.sweep(*d.sweep) }))
	}
	if d.approval != nil && !d.approval.Granted && len(d.approval.Missing) > 0 {
		fmt.Fprintf(b, "Not approved: %s\n\n", codes(d.approval.Missing))
	}
}

func (d *document) counts(b *strings.Builder) {
	c := d.plan.Counts
	fmt.Fprintf(b, "| add | change | replace | delete | disproved |\n| ---: | ---: | ---: | ---: | ---: |\n| %d | %d | %d | %d | %d |\n\n", c.Add, c.Change, c.Replace, c.Delete, c.Suppressed)
	if len(d.plan.Needs) > 0 {
		fmt.Fprintf(b, "Needs approval: %s\n\n", codes(d.plan.Needs))
	}
	if d.plan.Incomplete != "" {
		fmt.Fprintf(b, "**The preview is incomplete**: %s\n\n", code(d.plan.Incomplete))
	}
	for _, name := range d.plan.Adopts {
		fmt.Fprintf(b, "%s adopts the live colour, no effect\n\n", code(name))
	}
}

func sign(code fault.Code) string {
	switch code {
	case fault.OK, fault.Differences:
		return "✅"
	case fault.Busy, fault.StillRunning:
		return "⏳"
	}
	return "❌"
}

// areas are what a reviewer approves: it stands outside of what is folded.
func (d *document) areas(b *strings.Builder) {
	all := d.plan.Changes()
	for _, area := range []struct{ name, title, broadens string }{
		{"identity", "Access: who may do what", "BROADENS access"}, {"network", "Network: who reaches whom", "BROADENS reach"},
	} {
		lines := d.drawn(func(s *sheet) {
			s.verbose, s.brief = !d.plan.First, d.plan.First
			s.area(all, area.name, area.title, area.broadens)
		})
		if len(lines) > 2 {
			fmt.Fprintf(b, "**%s**\n\n", area.title)
			block(b, lines[2:])
		}
	}
}

// drawn are the lines that something draws.
func (d *document) drawn(draw func(*sheet)) []string {
	s := d.sheet()
	draw(s)
	return s.lines
}
