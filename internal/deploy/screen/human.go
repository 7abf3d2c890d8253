package screen

import (
	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/report"
)

// human shows events to a person.
type human struct {
	out, err       *pen
	quiet, verbose bool
	ascii          bool
	clock          clock.Clock
	secrets        *secrets
	board          *board
	progress       progress
	shifting       *shifting
	tasking        *tasking

	started report.Started
	// Held back until the next event of another kind: validations belong below the plan, its summary below them, and how an operation
	// ended into the heading of why.
	findings  []report.Validation
	plan      *report.Plan
	diagnosis *report.Diagnosis
	result    *report.Result
	// observed are held back for the summary of a verification.
	observed []report.Observation
}

func newHuman(o Options, s *Screen) *human {
	g := unicodeGlyphs()
	if o.ascii() {
		g = asciiGlyphs()
	}
	github := o.github() || o.Progress == "github"
	h := &human{quiet: o.Quiet, verbose: o.Verbose, ascii: o.ascii(), clock: o.Clock, secrets: s.secrets, board: newBoard(o.Usual),
		out: &pen{style: style{g, o.colored(o.Out)}, write: s.to(o.Out), columns: o.columns(o.Out), guarded: github},
		err: &pen{style: style{g, o.colored(o.Err)}, write: s.to(o.Err), columns: o.columns(o.Err), guarded: github}}
	switch o.progress() {
	case "tree":
		h.progress = &tree{pen: h.err, board: h.board, rows: func() int { _, rows := o.Size(); return rows }}
	case "lines":
		h.progress = &linear{pen: h.err, board: h.board, verbose: o.Verbose}
	case "github":
		h.progress = &grouped{linear: linear{pen: h.err, board: h.board, verbose: o.Verbose}}
	default:
		h.progress = silent{h.err}
	}
	_, redrawn := h.progress.(*tree)
	_, none := h.progress.(silent)
	h.shifting = &shifting{pen: h.err, tree: redrawn, silent: none}
	h.tasking = &tasking{pen: h.err, silent: none}
	return h
}

// say masks a text and takes out what a terminal cannot show.
func (h *human) say(text string) string {
	text = clean(h.secrets.mask(text))
	if h.ascii {
		text = inLocale(text)
	}
	return text
}

// Report shows an event. Each kind has a case here: what stays is drawn by a method of sheet, in a file of its own, and printed; what is
// drawn again while it changes is kept on the board and drawn by progress.
func (h *human) Report(e report.Event) {
	e = rewritten(e, h.say)
	h.release(e)
	if h.task(e) {
		return
	}
	switch e := e.(type) {
	case report.Started:
		h.begin(e)
	case report.Phase:
		h.print(func(s *sheet) { s.phase(e) })
	case report.Templates:
		h.templates(e)
	case report.Note:
		h.note(e)
	case report.Plan:
		if e.Level {
			h.print(func(s *sheet) { s.level(e) })
			return
		}
		h.plan = &e
		h.board.expect(e)
		h.print(func(s *sheet) { s.plan(e) })
	case report.ImageScan:
		h.scan(e)
	case report.Validation:
		h.findings = append(h.findings, e)
		h.progress.finding(e)
	case report.Approval:
		h.approval(e)
	case report.Operation:
		if h.started.Simulated {
			e.Interrupt = rehearsed
		}
		h.board.begin(e, h.clock.Now())
		h.progress.begin()
	case report.Resource:
		h.resource(e)
	case report.Tasks:
		h.board.count(e)
	case report.Tick:
		h.tick(e)
	case report.Release:
		h.progress.settle()
		h.shifting.begin(e)
	case report.Shift:
		h.shifting.shift(e)
	case report.Released:
		h.shifting.end()
		h.print(func(s *sheet) { s.released(e) })
	case report.Diagnosis:
		h.diagnosis = &e
	case report.Outputs:
		h.print(func(s *sheet) { s.add(""); s.outputs(e) })
	case report.Table:
		h.print(func(s *sheet) { s.add(""); s.table(e) })
	case report.Forecast:
		h.print(func(s *sheet) { s.add(""); s.forecast(e) })
	case report.Checks:
		h.print(func(s *sheet) { s.add(""); s.checks(e) })
	case report.Sweep:
		h.print(func(s *sheet) { s.add(""); s.sweep(e) })
	case report.Observation:
		h.observed = append(h.observed, e)
	case report.Verification:
		h.print(func(s *sheet) { s.add(""); s.verification(e, h.observed, h.quiet) })
		h.observed = nil
	case report.Result:
		h.result = joined(h.result, e)
	}
}

// tick lets what is in progress show that it lives.
func (h *human) tick(e report.Tick) {
	if h.tasking.running() {
		h.tasking.tick(e.Time)
		return
	}
	if h.shifting.last.Deployment != "" {
		h.shifting.tick(e.Time)
		return
	}
	h.board.now, h.board.latest = e.Time, e.LastEvent
	h.progress.tick()
}

// release prints what was held back until now, unless the event belongs to it.
func (h *human) release(next report.Event) {
	switch next.(type) {
	case report.Validation, report.Plan:
		h.end()
	case report.Result:
		h.summarize()
	default:
		h.summarize()
		h.end()
	}
}

// summarize prints the validations and the summary of the plan.
func (h *human) summarize() {
	if len(h.findings) == 0 && h.plan == nil {
		return
	}
	findings, plan := h.findings, h.plan
	h.findings, h.plan = nil, nil
	h.print(func(s *sheet) { s.summary(findings, plan) })
}

// end prints why an operation failed and how the run ended.
func (h *human) end() {
	if h.diagnosis == nil && h.result == nil {
		return
	}
	e := ending{started: h.started, diagnosis: h.diagnosis, result: h.result, quiet: h.quiet}
	if h.diagnosis != nil {
		h.progress.diagnosis(*h.diagnosis)
		e.status, e.took = h.board.outcome()
	}
	h.diagnosis, h.result = nil, nil
	h.print(e.write)
}

// print writes a result to standard output; what was in progress has ended.
func (h *human) print(draw func(*sheet)) {
	h.progress.settle()
	s := h.out.sheet(h.verbose, h.say)
	draw(s)
	h.out.lines(s.lines...)
}

func (h *human) flush() {
	h.summarize()
	h.progress.settle()
}

func (h *human) close() {
	h.flush()
	h.end()
}

// resource keeps an event on the board and shows it. A failure for a reason of its own is shown the moment that it arrives.
func (h *human) resource(r report.Resource) {
	h.progress.resource(r, h.board.take(r))
}
