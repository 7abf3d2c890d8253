package checks

import (
	"fmt"
	"io"
	"strings"
)

// WriteText prints the report for people: plain text without escape codes.
func (r Report) WriteText(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.head())
	for _, value := range r.Assumed {
		fmt.Fprintf(&b, "  assumed: %s\n", value)
	}
	b.WriteString("\n")
	rows := [][]string{{"REQUIREMENT", "OUTCOME", "RULES", "JUDGED", "PROMISE"}}
	for _, q := range r.Requirements {
		rows = append(rows, []string{q.ID, string(q.Outcome), fmt.Sprint(len(q.Rules)), fmt.Sprint(q.Subjects), q.Title})
	}
	b.WriteString(columns(rows))
	r.writeBeyond(&b)
	r.writeFindings(&b, Fail, "Broken promises")
	r.writeFindings(&b, Unsure, "Unknown: not decided by these templates and parameter values")
	r.writeFindings(&b, Exempt, "Exempt, with the reason")
	fmt.Fprintf(&b, "\n%s\n", r.Summary())
	_, err := io.WriteString(out, b.String())
	return err
}

// head says what was judged.
func (r Report) head() string {
	head := fmt.Sprintf("%d templates, %d stacks, %d resources", r.Templates, r.Stacks, r.Resources)
	if r.Directory != "" {
		head = r.Directory + ": " + head
	}
	if r.Environment != "" {
		head += fmt.Sprintf(", environment %q", r.Environment)
	}
	if r.Parameters != "" {
		return head + ", parameter values of " + r.Parameters
	}
	return head + ", default parameter values"
}

// Summary is the report in one line.
func (r Report) Summary() string {
	return fmt.Sprintf("%d rules: %d pass, %d fail, %d exempt, %d unknown, %d without subject; %d findings fail",
		len(r.Results), r.count(Pass), r.count(Fail), r.count(Exempt), r.count(Unsure), r.count(NotApplicable), len(r.findings(Fail)))
}

func (r Report) writeBeyond(b *strings.Builder) {
	title := "\nWhat templates cannot prove:\n"
	for _, q := range r.Requirements {
		if q.Beyond != "" {
			fmt.Fprintf(b, "%s  %-4s %s\n", title, q.ID, q.Beyond)
			title = ""
		}
	}
}

// writeFindings prints the findings of an outcome, grouped by rule.
func (r Report) writeFindings(b *strings.Builder, outcome Outcome, title string) {
	list := r.findings(outcome)
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	rule := ""
	for _, f := range list {
		if f.rule.ID != rule {
			rule = f.rule.ID
			fmt.Fprintf(b, "\n  %s %s [%s]\n", rule, f.rule.Title, strings.Join(labels(f.rule), ", "))
		}
		r.writeFinding(b, f)
	}
}

// labels are severity, requirements and PCI numbers of a rule.
func labels(rule Rule) []string {
	list := append([]string{string(rule.Severity)}, rule.Requirements...)
	for _, number := range rule.PCI {
		list = append(list, "PCI "+number)
	}
	return list
}

func (r Report) writeFinding(b *strings.Builder, f found) {
	place := f.Finding
	if place.Template != "" {
		place.Template = r.file(place.Template)
	}
	fmt.Fprintf(b, "    %s\n", place.Where())
	for _, part := range [][2]string{{"found", f.Found}, {"needed", f.Needed}, {"mend", f.Mend}, {"reason", f.Reason}} {
		if part[1] != "" {
			fmt.Fprintf(b, "      %-7s %s\n", part[0], part[1])
		}
	}
}
