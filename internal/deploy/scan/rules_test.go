package scan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
)

var digest = "sha256:" + strings.Repeat("0", 64)

func TestParseException(t *testing.T) {
	for text, want := range map[string]report.Exception{
		"CVE-2026-1=reason@2026-12-31":              {Flag: scan.AllowCVE, ID: "CVE-2026-1", Reason: "reason", Until: "2026-12-31"},
		" GHSA-abcd-1 = a=b, me@home @ 2026-12-31 ": {Flag: scan.AllowCVE, ID: "GHSA-abcd-1", Reason: "a=b, me@home", Until: "2026-12-31"},
		"ALAS2023-2026:1=x@2026-02-28":              {Flag: scan.AllowCVE, ID: "ALAS2023-2026:1", Reason: "x", Until: "2026-02-28"},
	} {
		got, err := scan.ParseException(scan.AllowCVE, text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", text, diff, err)
		}
	}
	if x, err := scan.ParseException(scan.AllowUnscanned, digest+"=built from nothing@2026-12-31"); err != nil || x.ID != digest {
		t.Error(x, err)
	}
	for text, want := range map[string]string{"": "takes ID, reason and date", "CVE-2026-1": "takes ID", "CVE-2026-1=reason": "takes ID", "=reason@2026-12-31": "names no vulnerability", "CVE=reason@2026-12-31": "names no vulnerability",
		"CVE-2026-1=@2026-12-31": "has no reason", "CVE-2026-1= @2026-12-31": "has no reason", "CVE-2026-1=reason@": "has no date", "CVE-2026-1=reason@31.12.2026": "has no date", "CVE-2026-1=reason@2026-02-30": "has no date"} {
		if _, err := scan.ParseException(scan.AllowCVE, text); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "CVE-2026-1=the function") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"CVE-2026-1=x@2026-12-31", "sha256:abc=x@2026-12-31", strings.ToUpper(digest) + "=x@2026-12-31"} {
		if _, err := scan.ParseException(scan.AllowUnscanned, text); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "names no digest") || !strings.Contains(err.Error(), "sha256:<64 digits>") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// An exception counts to the end of its day, in UTC, and not a second longer.
func TestExpiry(t *testing.T) {
	r := scan.Rules{Exceptions: []report.Exception{{Flag: scan.AllowCVE, ID: "CVE-2026-1", Reason: "later", Until: "2026-12-31"}}}
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := r.Check(end.Add(-time.Nanosecond).In(time.FixedZone("", -8*3600))); err != nil {
		t.Error(err)
	}
	err := r.Check(end)
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), `--allow-cve CVE-2026-1, for "later", has expired (found "2026-12-31"); allowed: dates from 2027-01-01 on`) {
		t.Error(err)
	}
	if err := r.Check(end.AddDate(-1, 0, -5)); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "within a year") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	now := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	x := report.Exception{Flag: scan.AllowCVE, ID: "CVE-2026-1", Reason: "x", Until: "2026-12-31"}
	other, undated, unscanned := x, x, x
	other.ID, undated.Until, unscanned.Flag = "cve-2026-1", "soon", scan.AllowUnscanned
	for name, c := range map[string]struct {
		rules scan.Rules
		wants string
	}{
		"strict":      {scan.Rules{}, ""},
		"tolerant":    {scan.Rules{MaxSeverity: "CRITICAL", Exceptions: []report.Exception{x, unscanned}}, ""},
		"lower case":  {scan.Rules{MaxSeverity: "high"}, `--max-severity does not take this (found "high"); allowed: NONE, INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL`},
		"not judged":  {scan.Rules{MaxSeverity: "UNDEFINED"}, "--max-severity"},
		"twice":       {scan.Rules{Exceptions: []report.Exception{x, other}}, "names the same twice"},
		"undated one": {scan.Rules{Exceptions: []report.Exception{undated}}, "has no date"},
	} {
		err := c.rules.Check(now)
		if c.wants == "" && err != nil || c.wants != "" && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), c.wants)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each status has one meaning, and says what to do where it refuses.
func TestMeanings(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range scan.Meanings() {
		if seen[string(m.Status)] || m.Means == "" || m.Outcome == scan.Refuse && m.Do == "" && m.Status != "UNSUPPORTED_IMAGE" {
			t.Errorf("%+v", m)
		}
		seen[string(m.Status)] = true
	}
}
