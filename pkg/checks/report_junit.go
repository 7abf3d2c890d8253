package checks

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// JUnit's XML, as CI servers read it: rules are test cases, in a suite for each family of rules.
// Source: https://github.com/testmoapp/junitxml, which documents what the readers agree on.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit prints the report as JUnit XML. A rule that is unknown or had nothing to judge is a skipped test; exempt
// findings stand in its output.
func (r Report) WriteJUnit(out io.Writer) error {
	all := junitSuites{Name: "tierform"}
	for _, result := range r.Results {
		family := strings.TrimRight(result.Rule.ID, "0123456789")
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != family {
			all.Suites = append(all.Suites, junitSuite{Name: family})
		}
		suite := &all.Suites[len(all.Suites)-1]
		suite.add(r.junitCase(family, result))
	}
	for _, suite := range all.Suites {
		all.Tests, all.Failures, all.Skipped = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Skipped+suite.Skipped
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	return encoder.Encode(all)
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (r Report) junitCase(family string, result Result) junitCase {
	c := junitCase{Name: result.Rule.ID + " " + result.Rule.Title, Class: family}
	text := func(outcome Outcome) (n int, text string) {
		var b strings.Builder
		for _, f := range result.Findings {
			if f.Outcome == outcome {
				if c.File == "" && f.Template != "" {
					c.File, c.Line = r.file(f.Template), f.Line
				}
				n++
				r.writeFinding(&b, found{result.Rule, f})
			}
		}
		return n, b.String()
	}
	switch result.Outcome {
	case Fail:
		n, findings := text(Fail)
		c.Failure = &junitMessage{fmt.Sprintf("%d findings", n), string(result.Rule.Severity), findings}
	case Unsure:
		n, findings := text(Unsure)
		c.Skipped = &junitMessage{Message: fmt.Sprintf("%d unknown", n), Text: findings}
	case NotApplicable:
		c.Skipped = &junitMessage{Message: "nothing to judge"}
	}
	_, c.Output = text(Exempt)
	return c
}
