package report

import "time"

// ImageScan is what the scan gate makes of one image.
type ImageScan struct {
	// Name is the image as people say it, Repository its repository and Digest what would run.
	Name       string `json:"name"`
	Repository string `json:"repository"`
	Digest     string `json:"digest"`
	// Manifests are those that were judged where Digest is an index.
	Manifests []string `json:"manifests,omitempty"`
	// Status is Amazon ECR's of the scan, Scanned when that was last completed.
	Status  string    `json:"scan_status,omitempty"`
	Scanned time.Time `json:"scanned,omitzero"`
	// Passed tells whether the image may be deployed; Reason why not, and Do what to do about it.
	Passed bool   `json:"passed"`
	Reason string `json:"reason,omitempty"`
	Do     string `json:"do,omitempty"`
	// MaxSeverity is the highest severity that is tolerated.
	MaxSeverity string `json:"max_severity"`
	// Counts are the findings by severity, Findings all of them: the worst first.
	Counts   map[string]int `json:"severity_counts"`
	Findings []Finding      `json:"findings"`
	// Exceptions are those without which the image would be refused.
	Exceptions []Exception `json:"exceptions,omitempty"`
	Judged     time.Time   `json:"judged"`
}

// Kind is "scan".
func (ImageScan) Kind() string { return "scan" }

// Ref is the image as people read it: name@sha256:….
func (s ImageScan) Ref() string { return s.Name + "@" + s.Digest }

// A Finding is a vulnerability in an image.
type Finding struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	// Package has it in Version; FixedIn does not have it any more, where that is known.
	Package string `json:"package,omitempty"`
	Version string `json:"version,omitempty"`
	FixedIn string `json:"fixed_in,omitempty"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
	// Status is Amazon Inspector's, where it is not ACTIVE.
	Status string `json:"status,omitempty"`
	// Above tells that the severity is above the highest tolerated one; Excepted that an exception lets it pass.
	Above    bool `json:"above"`
	Excepted bool `json:"excepted,omitempty"`
}

// An Exception lets pass, for a while, what the gate would refuse.
type Exception struct {
	// Flag is the command line's: allow-cve or allow-unscanned.
	Flag string `json:"flag"`
	// ID is the vulnerability's, or the digest of an image.
	ID string `json:"id"`
	// Reason is why somebody accepts it; Until the last day that it counts, 2026-12-31.
	Reason string `json:"reason"`
	Until  string `json:"until"`
}
