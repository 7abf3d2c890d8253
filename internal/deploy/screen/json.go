package screen

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// lines writes events as JSON, one object a line, its "type" first. Nothing is folded.
type objects struct {
	write func(string)
	fail  func(error)
	begun bool
	// ticked is when a tick was written last.
	ticked time.Time
	result *report.Result
}

// tickEvery is how often a tick is written: it says only that the run lives.
const tickEvery = time.Minute

// Report writes an event.
func (l *objects) Report(e report.Event) {
	result, is := e.(report.Result)
	if is {
		l.conclude(result)
		return
	}
	if _, is := e.(report.Forecast); !is { // which sums up: the result stays the last line
		l.close()
	}
	if _, is := e.(report.Started); !is {
		l.begin()
	}
	switch e := e.(type) {
	case report.Tick:
		if e.Time.Sub(l.ticked) >= tickEvery {
			l.ticked = e.Time
			l.line(e)
		}
	case report.Plan:
		l.line(e)
		for _, change := range e.Changes() {
			if change.Path == nil {
				change.Path = []string{}
			}
			l.line(change)
		}
	default:
		l.line(e)
	}
}

// begin makes sure that the first line is the version, also when a run fails before it knows anything else.
func (l *objects) begin() {
	if !l.begun {
		l.line(report.Started{Schema: report.Schema})
	}
}

// line writes an object with its type first.
func (l *objects) line(e report.Event) {
	l.begun = true
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	name, _ := json.Marshal(e.Kind())         // a string never fails
	if err := encoder.Encode(e); err != nil { // a number that is none
		l.fail(err)
		return
	}
	text := `{"type":` + string(name) + "," + strings.TrimPrefix(strings.TrimSpace(b.String()), "{")
	// GitHub's runner takes its older form of commands anywhere in a line.
	l.write(strings.ReplaceAll(text, "##[", `#\u0023[`) + "\n")
}

// conclude holds a result back: a later one may correct it, and it is the last line.
func (l *objects) conclude(r report.Result) {
	l.begin()
	l.result = joined(l.result, r)
}

func (l *objects) flush() {}

// close writes the result.
func (l *objects) close() {
	if l.result != nil {
		l.line(*l.result)
		l.result = nil
	}
}

// joined is a result that corrects another: what it does not say itself stays.
func joined(was *report.Result, now report.Result) *report.Result {
	if was != nil {
		if len(now.Next) == 0 {
			now.Next = was.Next
		}
		if now.Changes == nil {
			now.Changes = was.Changes
		}
		if now.ChangeSet == "" {
			now.ChangeSet = was.ChangeSet
		}
		if now.OperationID == "" {
			now.OperationID = was.OperationID
		}
	}
	return &now
}
