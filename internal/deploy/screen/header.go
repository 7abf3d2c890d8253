package screen

import (
	"fmt"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// begin prints which environment of which account is worked on.
func (h *human) begin(e report.Started) {
	h.started = e
	if h.quiet {
		return
	}
	h.print(func(s *sheet) { s.header(e) })
}

func (s *sheet) header(e report.Started) {
	var pieces []string
	if e.Environment != "" {
		pieces = append(pieces, "Environment "+s.paint(cyan, e.Environment))
	}
	if e.Simulated {
		pieces = append(pieces, s.paint(magenta, "simulated: no AWS account is touched"))
	}
	if e.Account != "" {
		account := "account " + e.Account
		if e.Alias != "" {
			account += " (" + e.Alias + ")"
		}
		pieces = append(pieces, account)
	}
	for _, piece := range []struct{ before, text string }{{"", e.Region}, {"root ", e.Stack}} {
		if piece.text != "" {
			pieces = append(pieces, piece.before+piece.text)
		}
	}
	if len(pieces) > 0 {
		s.flow(indent, pieces...)
	}
	if s.verbose && e.Caller != "" {
		s.flow(indent, s.paint(grey, "As          "+e.Caller), s.paint(grey, strings.TrimSpace("deploy "+e.Version)))
	}
}

// indent is below the words of the header.
const indent = "            "

// phase heads a step of a rehearsal.
func (s *sheet) phase(e report.Phase) {
	s.add("")
	head, command := s.paint(magenta, count(e.Number)+"  "+e.Title), s.paint(grey, "$ "+e.Command)
	switch {
	case width(head)+2+width(command) <= s.columns:
		s.spread(head, command)
	case width("   "+command) <= s.columns:
		s.add(head, "   "+command)
	default:
		s.add(head)
		s.command("   $ ", e.Command)
	}
}

// templates prints what was found and uploaded.
func (h *human) templates(e report.Templates) {
	if h.quiet {
		return
	}
	h.print(func(s *sheet) {
		s.flow(indent, "Templates   "+count(e.Count)+", "+uploads(e))
	})
}

// uploads says of templates what is new about them.
func uploads(e report.Templates) string {
	changed := count(e.Changed) + " changed"
	switch {
	case e.Changed == 0 && e.Uploaded == 0:
		return "none changed"
	case e.Uploaded == 0:
		return changed + ", uploaded before"
	}
	return fmt.Sprintf("%s, %d uploaded (%s), %.1f s", changed, e.Uploaded, kilobytes(e.Bytes), e.Seconds)
}

// note prints a remark among the progress. Warnings are never left out.
func (h *human) note(e report.Note) {
	if e.Level == report.Warning || !h.quiet && (h.verbose || e.Level != report.Detail) {
		h.progress.remark(e.Level, e.Text)
	}
}

// approval prints what was approved, or what is missing.
func (h *human) approval(e report.Approval) {
	switch {
	case !e.Granted && len(e.Missing) > 0:
		h.print(func(s *sheet) {
			s.wrapped(s.paint(yellow, s.warning)+" Not approved: ", "  ", strings.Join(e.Missing, ", "), "")
		})
	case len(e.Required) > 0 && !h.quiet:
		h.print(func(s *sheet) {
			s.wrapped(s.paint(green, s.done)+" Approved ("+e.By+"): ", "  ", strings.Join(e.Required, ", "), "")
		})
	}
}
