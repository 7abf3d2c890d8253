package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// mostFindings are shown of an image unless all are asked for.
const mostFindings = 20

// scan shows what the gate makes of an image: a line, and for one that is refused why, its findings and what to do.
func (h *human) scan(e report.ImageScan) {
	if e.Passed && h.quiet {
		return
	}
	h.print(func(s *sheet) { s.scan(e) })
	if !e.Passed {
		h.progress.finding(report.Validation{Severity: "error", Source: "scan", Check: e.Status, LogicalID: e.Name, Text: e.Reason, Mend: e.Do})
	}
}

// scan prints what was found on one line, with the age of the scan where there is room.
func (s *sheet) scan(e report.ImageScan) {
	verdict := s.paint(green, "PASS")
	if !e.Passed {
		verdict = s.paint(red, "REFUSED")
	}
	pieces := []string{pad("Gate "+verdict, len("Gate REFUSED ")) + s.paint(cyan, e.Name) + "@" + s.short(e.Digest), known(e)}
	if age := scanned(e); age != pieces[1] && width(strings.Join(append(pieces, age), "   ")) <= s.columns {
		pieces = append(pieces, age)
	}
	s.flow(indent, pieces...)
	if s.verbose {
		s.add("  " + s.paint(grey, e.Digest))
	}
	for _, x := range e.Exceptions {
		s.wrapped("  "+s.paint(yellow, s.warning)+" ", "    ", fmt.Sprintf("excepted until %s: %s, because %s", x.Until, s.short(x.ID), x.Reason), "")
	}
	if !e.Passed {
		s.wrapped("  "+s.paint(red, s.failed)+" ", "    ", e.Name+": "+e.Reason, "")
	}
	if t := findingsTable(e, s.verbose); len(t.Rows) > 0 {
		s.table(t)
	}
	if left := above(e) - mostFindings; left > 0 && !s.verbose {
		s.add("  " + s.paint(grey, fmt.Sprintf("%s %d more: -v", s.ellipsis, left)))
	}
	if !e.Passed && e.Do != "" {
		s.wrapped("  Do: ", "      ", e.Do, "")
	}
}

// short is a digest that still tells images apart.
func (s *sheet) short(digest string) string {
	const head = len("sha256:") + 6
	if strings.HasPrefix(digest, "sha256:") && len(digest) > head {
		return digest[:head] + s.ellipsis
	}
	return digest
}

// known is what is known of an image: its findings, or how far its scan is.
func known(e report.ImageScan) string {
	if e.Scanned.IsZero() {
		return scanned(e)
	}
	return severities(e.Counts)
}

// scanned says how far the scan is and how old.
func scanned(e report.ImageScan) string {
	switch {
	case e.Status == "":
		return "not scanned"
	case e.Scanned.IsZero():
		return e.Status
	}
	return e.Status + ", scanned " + elapsed(e.Judged.Sub(e.Scanned)) + " ago"
}

// worst are severities in their order; those that nobody has judged yet come first.
func worst() []string { return []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"} }

// severities counts findings, the three worst ones always.
func severities(counts map[string]int) string {
	var parts []string
	for _, severity := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(worst(), severity) {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ToLower(severity), counts[severity]))
		}
	}
	for i, severity := range worst() {
		if i < 3 || counts[severity] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ToLower(severity), counts[severity]))
		}
	}
	return strings.Join(parts, ", ")
}

func above(e report.ImageScan) (n int) {
	for _, f := range e.Findings {
		if f.Above {
			n++
		}
	}
	return n
}

// findingsTable are the findings that refuse an image, or that an exception lets pass; with all the others.
func findingsTable(e report.ImageScan, all bool) report.Table {
	t := report.Table{Title: "Findings above " + e.MaxSeverity + " in " + e.Name, Columns: []string{"Severity", "Finding", "Package", "Version", "Fixed in", ""}}
	if all {
		t.Title = "Findings in " + e.Name
	}
	for _, f := range e.Findings {
		if !f.Above && !all || len(t.Rows) == mostFindings && !all {
			continue
		}
		remark := ""
		if f.Excepted {
			remark = "excepted"
		} else if f.Status != "" {
			remark = strings.ToLower(f.Status)
		}
		t.Rows = append(t.Rows, []string{f.Severity, f.ID, f.Package, f.Version, f.FixedIn, remark})
	}
	return t
}

// images is a table of the gate's verdicts, with the findings that refuse below.
func (d *document) images(b *strings.Builder) {
	b.WriteString("| image | scan | findings | verdict |\n| --- | --- | --- | --- |\n")
	for _, e := range d.scans {
		verdict := "passes"
		if !e.Passed {
			verdict = "**refused**: " + cell(e.Reason)
		}
		for _, x := range e.Exceptions {
			verdict += "; excepted until " + x.Until + ": " + cell(x.ID+", "+x.Reason)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(e.Ref()), cell(scanned(e)), cell(known(e)), verdict)
	}
	b.WriteString("\n")
	for _, e := range d.scans {
		t := findingsTable(e, false)
		if len(t.Rows) == 0 {
			continue
		}
		fmt.Fprintf(b, "**%s**\n\n| severity | finding | package | version | fixed in | |\n| --- | --- | --- | --- | --- | --- |\n", code(t.Title))
		for _, row := range t.Rows {
			for _, text := range row {
				b.WriteString("| " + cell(text) + " ")
			}
			b.WriteString("|\n")
		}
		b.WriteString("\n")
	}
}

// cell is a text in a table: a bar would end it, in code too (GitHub Flavored Markdown, tables).
func cell(text string) string {
	if text == "" {
		return ""
	}
	return strings.ReplaceAll(code(text), "|", `\|`)
}
