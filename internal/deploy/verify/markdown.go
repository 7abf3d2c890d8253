package verify

import (
	"fmt"
	"strings"
	"time"
)

// Markdown is the evidence for people; sum is the SHA-256 of its JSON, file the name of that.
func (e Evidence) Markdown(file, sum string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Evidence: %s\n\n", e.Environment)
	if e.Simulated {
		b.WriteString("**Simulated: no AWS account was asked. This proves nothing about one.**\n\n")
	}
	verdict := "every promise holds"
	if !e.Holds {
		verdict = "**not every promise holds**"
	}
	s := e.Summary
	fmt.Fprintf(&b, "%d checks, %s: %d passed, %d failed, %d unknown, %d unknown and accepted, %d not applicable.\n\n", s.Checks, verdict, s.Pass, s.Fail, s.Unknown, s.Accepted, s.NotApplicable)
	b.WriteString("| | |\n|---|---|\n")
	for _, row := range [][2]string{{"Environment", e.Environment}, {"Account", e.Account}, {"Region", e.Region}, {"Asked by", e.Caller}, {"Command", e.Command + ", version " + e.Version},
		{"Asked", e.Started.Format(time.RFC3339) + " to " + e.Ended.Format(time.RFC3339)}, {"Deployment", e.Deployment.text()}, {"Schema", e.Schema}, {"SHA-256 of " + file, sum}} {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], cell(row[1]))
	}
	b.WriteString("\n## Checks\n\n| Check | Promise | Requirements | PCI DSS v4.0.1 | Result |\n|---|---|---|---|---|\n")
	for _, o := range e.Checks {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s | %s |\n", o.ID, o.ID, cell(o.Title), strings.Join(o.Requirements, " "), strings.Join(o.PCI, " "), o.Result)
	}
	for _, o := range e.Checks {
		o.markdown(&b)
	}
	b.WriteString("\n## Stacks\n\n| Stack | Status | SHA-256 of the deployed template |\n|---|---|---|\n")
	for _, s := range e.Stacks {
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", cell(s.Name), s.Status, s.Template)
	}
	return []byte(b.String())
}

// markdown writes a check with what was found.
func (o Outcome) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n%s. Asked: `%s`. The same is proved of the templates by %s.\n\n", o.ID, o.Title, strings.Join(o.Actions, "`, `"), strings.Join(o.Rules, ", "))
	b.WriteString("| Result | Resource | Expected | Observed | Time |\n|---|---|---|---|---|\n")
	for _, f := range o.Findings {
		observed := f.Observed
		if f.Why != "" {
			observed = strings.TrimPrefix(observed+": "+f.Why, ": ")
		}
		if f.Accepted != "" {
			observed += " (accepted: " + f.Accepted + ")"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", f.Result, cell(strings.TrimSpace(f.Place+" "+code(f.Resource))), cell(f.Expected), cell(observed), f.Time.Format(time.RFC3339))
	}
}

func (d Deployment) text() string {
	if d.Unknown != "" {
		return "unknown: " + d.Unknown
	}
	return fmt.Sprintf("%s (%s by %s, ended %s)", d.ID, d.Command, d.Caller, d.Ended.Format(time.RFC3339))
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// cell is text that fits into a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
