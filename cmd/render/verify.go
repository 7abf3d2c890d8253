package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

const verifyHelp = `render verify proves what templates promise, from the bytes that are deployed.

Usage:
  go run ./cmd/render verify [flags] [DIR]

It reads all templates of DIR (golden), nested ones and several roots together, in YAML or JSON, also such that nobody
rendered here; follows values through parameters, outputs and conditions; and judges them by all rules. docs/checks.md
lists the rules. What the templates and values given do not decide is reported as unknown, never as passed.

Flags:
  --params FILE        values of the roots' parameters, a YAML map such as environments/prod.yaml; without it, defaults
  -e, --env SUFFIX     value of EnvironmentSuffix (example)
  --format FORMAT      text (default), json, sarif (2.1.0, for code scanning) or junit (XML, for CI servers)
  --exempt EXEMPTION   RULE[:TEMPLATE[:LOGICALID]]=REASON excuses what a rule finds, everywhere, in a template or in a
                       resource; the report shows the reason; may be given several times
  --help               show this text

Examples:
  go run ./cmd/render verify                                              the platform with default values
  go run ./cmd/render verify -e prod --params environments/prod.yaml     the platform as production has it
  go run ./cmd/render verify --format sarif > checks.sarif                for code scanning
  go run ./cmd/render verify --exempt 'NET006:vpc.yaml=written before we had the rule' ../other/templates

Exit codes: 0 no promise is broken, 1 one is, or the templates cannot be read, 64 wrong usage.
`

// writers are the formats of a report.
func writers() []struct {
	name  string
	write func(checks.Report, io.Writer) error
} {
	return []struct {
		name  string
		write func(checks.Report, io.Writer) error
	}{{"text", checks.Report.WriteText}, {"json", checks.Report.WriteJSON}, {"sarif", checks.Report.WriteSARIF}, {"junit", checks.Report.WriteJUnit}}
}

// exemptions are given on the command line.
type exemptions []checks.Exemption

// String is for package flag.
func (e *exemptions) String() string { return "" }

// Set reads RULE[:TEMPLATE[:LOGICALID]]=REASON.
func (e *exemptions) Set(text string) error {
	where, reason, _ := strings.Cut(text, "=")
	parts := strings.Split(where, ":")
	if reason = strings.TrimSpace(reason); reason == "" || parts[0] == "" || len(parts) > 3 {
		return fmt.Errorf("want RULE[:TEMPLATE[:LOGICALID]]=REASON")
	}
	known := false
	for _, rule := range checks.Rules() {
		known = known || rule.ID == parts[0]
	}
	if !known {
		return fmt.Errorf("there is no rule %q; docs/checks.md lists them", parts[0])
	}
	parts = append(parts, "", "")
	*e = append(*e, checks.Exemption{Rule: parts[0], Template: parts[1], LogicalID: parts[2], Reason: reason})
	return nil
}

// verify judges the templates of a directory.
func verify(args []string, stdout, stderr io.Writer) int {
	report, write, err := verified(args)
	if err != nil {
		return end(err, "verify", verifyHelp, stdout, stderr)
	}
	if err := write(report, stdout); err != nil {
		return end(err, "verify", verifyHelp, stdout, stderr)
	}
	if report.Failed() {
		fmt.Fprintf(stderr, "render verify: %s\n", report.Summary())
		return exitFailure
	}
	return exitOK
}

func verified(args []string) (report checks.Report, write func(checks.Report, io.Writer) error, err error) {
	var a asked
	var excused exemptions
	flags := a.flags("verify")
	format := flags.String("format", "text", "")
	flags.Var(&excused, "exempt", "")
	rest, err := parseAll(flags, args)
	if err != nil {
		return report, nil, err
	}
	var names []string
	for _, w := range writers() {
		names = append(names, w.name)
		if w.name == *format {
			write = w.write
		}
	}
	switch {
	case write == nil:
		return report, nil, misused("--format %q: it is one of %s", *format, strings.Join(names, ", "))
	case len(rest) > 1:
		return report, nil, misused("unexpected argument %q: verify takes one directory", rest[1])
	case len(rest) == 1:
		a.dir = rest[0]
	}
	report, err = a.report(excused...)
	return report, write, err
}

// report judges the templates by all rules.
func (a asked) report(excused ...checks.Exemption) (checks.Report, error) {
	world, assumed, err := a.world()
	if err != nil {
		return checks.Report{}, err
	}
	report := checks.NewReport(world, checks.Verify(world, checks.Rules(), excused...))
	report.Directory, report.Environment, report.Parameters, report.Assumed = a.dir, a.suffix, a.params, assumed
	return report, nil
}
