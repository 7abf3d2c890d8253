package screen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// sarif collects the verdicts of the scan gate and writes them as SARIF 2.1.0, which code scanning services read (OASIS, "Static Analysis
// Results Interchange Format").
type sarif struct {
	file    io.WriteCloser
	fail    func(error)
	secrets *secrets
	version string
	scans   []report.ImageScan
}

// Report keeps verdicts.
func (s *sarif) Report(e report.Event) {
	switch e := e.(type) {
	case report.Started:
		s.version = e.Version
	case report.ImageScan:
		s.scans = append(s.scans, e)
	}
}

func (s *sarif) flush() {}

// close writes the file.
func (s *sarif) close() {
	encoder := json.NewEncoder(s.file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	s.fail(encoder.Encode(s.log()))
	s.fail(s.file.Close())
}

// The parts of a log that are used here, by the names of the specification.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string         `json:"id"`
		Short   sarifText      `json:"shortDescription"`
		Help    string         `json:"helpUri,omitempty"`
		Carries map[string]any `json:"properties,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		Rule         string             `json:"ruleId"`
		Index        int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Carries      map[string]any     `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				Line int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
		Why  string `json:"justification"`
	}
)

// sarifSchema is the specification's own.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// notJudged is the rule of images that nobody knows enough about.
const notJudged = "image-not-judged"

func (s *sarif) log() sarifLog {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "deploy scan", Version: s.version, Rules: []sarifRule{}}
	b := &sarifBuilder{run: &run, rules: map[string]int{}}
	for _, e := range s.scans {
		// Secrets may have become known after the event.
		b.image(rewritten(e, func(text string) string { return clean(s.secrets.mask(text)) }).(report.ImageScan))
	}
	return sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}
}

type sarifBuilder struct {
	run   *sarifRun
	rules map[string]int
}

func (b *sarifBuilder) rule(r sarifRule) int {
	at, known := b.rules[r.ID]
	if !known {
		at = len(b.rules)
		b.rules[r.ID] = at
		b.run.Tool.Driver.Rules = append(b.run.Tool.Driver.Rules, r)
	}
	return at
}

// image adds the results of one: its findings, and that it was not judged.
func (b *sarifBuilder) image(e report.ImageScan) {
	judged := true
	for _, x := range e.Exceptions {
		judged = judged && x.Flag != "allow-unscanned"
	}
	if !e.Passed && above(e) == 0 || !judged {
		r := b.result(e, sarifRule{ID: notJudged, Short: sarifText{"The image could not be judged"}}, "error", e.Name+": "+e.Reason)
		r.suppress(e.Exceptions)
		b.run.Results = append(b.run.Results, *r)
	}
	for _, f := range e.Findings {
		rule := sarifRule{ID: f.ID, Short: sarifText{cmp.Or(f.Title, f.ID)}, Help: f.URL, Carries: map[string]any{"tags": []string{"security", "vulnerability"}}}
		text := strings.TrimSpace(fmt.Sprintf("%s: %s %s in %s", f.Severity, f.Package, f.Version, e.Name))
		if f.FixedIn != "" {
			text += ", fixed in " + f.FixedIn
		}
		r := b.result(e, rule, sarifLevel(f), text)
		r.Carries = map[string]any{"severity": f.Severity, "digest": e.Digest}
		if f.Excepted {
			for _, x := range e.Exceptions {
				if strings.EqualFold(x.ID, f.ID) {
					r.suppress([]report.Exception{x})
				}
			}
		}
		b.run.Results = append(b.run.Results, *r)
	}
}

// sarifLevel is "error" for what refuses.
func sarifLevel(f report.Finding) string {
	switch {
	case f.Above:
		return "error"
	case f.Severity == "LOW" || f.Severity == "INFORMATIONAL":
		return "note"
	}
	return "warning"
}

// result is one about an image; its location is the image, for there is no file.
func (b *sarifBuilder) result(e report.ImageScan, rule sarifRule, level, text string) *sarifResult {
	r := &sarifResult{Rule: rule.ID, Index: b.rule(rule), Level: level, Message: sarifText{text}, Locations: make([]sarifLocation, 1)}
	r.Locations[0].Physical.Artifact.URI = e.Repository + "@" + strings.ReplaceAll(e.Digest, ":", "%3A") // a colon would end a scheme (RFC 3986)
	r.Locations[0].Physical.Region.Line = 1
	return r
}

// suppress says which exception was made.
func (r *sarifResult) suppress(exceptions []report.Exception) {
	for _, x := range exceptions {
		r.Suppressions = append(r.Suppressions, sarifSuppression{Kind: "external", Why: x.Reason + " (until " + x.Until + ")"})
	}
}
