package scan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/simulator"
)

func vulnerabilities(severities ...string) (all []simulator.Vulnerability) {
	for i, severity := range severities {
		all = append(all, simulator.Vulnerability{ID: fmt.Sprintf("CVE-2026-%d", i), Severity: severity, Package: "libc", Version: "1"})
	}
	return all
}

// What each limit tolerates: what nobody has judged yet counts as the worst.
func TestMaxSeverity(t *testing.T) {
	severities := []string{"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNDEFINED", "UNTRIAGED", "SOMETHING_NEW", ""}
	for limit, tolerated := range map[string]int{"NONE": 0, "INFORMATIONAL": 1, "LOW": 2, "MEDIUM": 3, "": 3, "HIGH": 4, "CRITICAL": 9} {
		for i, severity := range severities {
			h := newHall(t)
			h.MaxSeverity = limit
			v := h.judge(h.push(simulator.Scan{Findings: vulnerabilities(severity)}))
			if want := i < tolerated; v.Passed != want {
				t.Errorf("--max-severity %q passes %q: %v", limit, severity, v.Passed)
			} else if !want {
				h.refuses(v, "findings above", "--allow-cve")
			}
		}
	}
}

// Findings of basic and of enhanced scanning come with all that is known, the worst first.
func TestFindings(t *testing.T) {
	plan := simulator.Scan{Findings: []simulator.Vulnerability{
		{ID: "CVE-2026-3", Severity: "LOW", Package: "zlib", Version: "1.3", Fixed: "1.3.1"},
		{ID: "CVE-2026-2", Severity: "HIGH", Package: "curl", Version: "8.0", Fixed: "NotAvailable"},
		{ID: "CVE-2026-1", Severity: "HIGH", Package: "curl", Version: "8.0"},
		{ID: "GHSA-1", Severity: "UNTRIAGED", Package: "yaml", Version: "3"}}}
	h := newHall(t)
	v := h.refuses(h.judge(h.push(plan)), "findings above MEDIUM: 1 UNTRIAGED, 2 HIGH")
	want := []report.Finding{
		{ID: "GHSA-1", Severity: "UNTRIAGED", Package: "yaml", Version: "3", URL: "https://example.com/GHSA-1", Above: true},
		{ID: "CVE-2026-1", Severity: "HIGH", Package: "curl", Version: "8.0", URL: "https://example.com/CVE-2026-1", Above: true},
		{ID: "CVE-2026-2", Severity: "HIGH", Package: "curl", Version: "8.0", URL: "https://example.com/CVE-2026-2", Above: true},
		{ID: "CVE-2026-3", Severity: "LOW", Package: "zlib", Version: "1.3", URL: "https://example.com/CVE-2026-3"}}
	if diff := cmp.Diff(want, v.Findings); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"UNTRIAGED": 1, "HIGH": 2, "LOW": 1}, v.Counts); diff != "" {
		t.Error(diff)
	}
	if v.Scanned.IsZero() || v.Judged.Before(v.Scanned) {
		t.Errorf("scanned %v, judged %v", v.Scanned, v.Judged)
	}
	h = newHall(t)
	h.sim.ScanEnhanced(true)
	v = h.refuses(h.judge(h.push(plan)), "findings above MEDIUM: 1 UNTRIAGED, 2 HIGH")
	for i := range want {
		want[i].Title = want[i].ID + " - " + want[i].Package
	}
	want[3].FixedIn = "1.3.1"
	if diff := cmp.Diff(want, v.Findings); diff != "" {
		t.Error(diff)
	}
}

// What Amazon Inspector says of several packages stands side by side; a finding that is no package's is known by its ARN.
func TestEnhancedDetails(t *testing.T) {
	h := newHall(t)
	h.sim.ScanEnhanced(true)
	h.api.findings = func(_ int, out *ecr.DescribeImageScanFindingsOutput) {
		d := out.ImageScanFindings.EnhancedFindings[0].PackageVulnerabilityDetails
		d.VulnerablePackages = append(d.VulnerablePackages, types.VulnerablePackage{Name: new("libm"), Version: new("1"), FixedInVersion: new("2")}, types.VulnerablePackage{})
		out.ImageScanFindings.EnhancedFindings[1].PackageVulnerabilityDetails, out.ImageScanFindings.EnhancedFindings[1].FindingArn = nil, new("arn:finding")
		out.ImageScanFindings.EnhancedFindings[2].PackageVulnerabilityDetails = nil
	}
	v := h.passes(h.judge(h.push(simulator.Scan{Findings: vulnerabilities("LOW", "LOW", "LOW")})))
	var got []string
	for _, f := range v.Findings {
		got = append(got, strings.Join([]string{f.ID, f.Package, f.Version, f.FixedIn}, "|"))
	}
	if diff := cmp.Diff([]string{"CVE-2026-0|libc, libm|1|2", "arn:finding|||", "unnamed|||"}, got); diff != "" {
		t.Error(diff)
	}
}

// All pages are read: the one finding that refuses stands on the last.
func TestPages(t *testing.T) {
	for _, enhanced := range []bool{false, true} {
		h := newHall(t)
		h.sim.ScanEnhanced(enhanced)
		many := slices.Repeat([]simulator.Vulnerability{{ID: "CVE-2026-1", Severity: "LOW"}}, 2000)
		v := h.refuses(h.judge(h.push(simulator.Scan{Findings: append(many, simulator.Vulnerability{ID: "CVE-2026-2", Severity: "CRITICAL"})})), "1 CRITICAL")
		if v.Findings[0].ID != "CVE-2026-2" || v.Counts["LOW"] != 2000 || h.api.count["DescribeImageScanFindings"] != 3 {
			t.Errorf("%v, %v", v.Counts, h.api.count)
		}
	}
}

// Numbers and findings that contradict each other are read again: they may have changed between two pages. Then they refuse.
func TestContradictions(t *testing.T) {
	for name, c := range map[string]struct {
		plan  simulator.Scan
		wants string
	}{
		"truncated":       {simulator.Scan{Counts: map[string]int{"CRITICAL": 1}}, "1 CRITICAL are counted and 0 listed"},
		"more than told":  {simulator.Scan{Findings: vulnerabilities("LOW", "LOW"), Counts: map[string]int{"LOW": 1}}, "1 LOW are counted and 2 listed"},
		"nothing counted": {simulator.Scan{Findings: vulnerabilities("LOW"), Counts: map[string]int{}}, "0 LOW are counted and 1 listed"},
		"nothing told":    {simulator.Scan{Silent: true}, "says nothing about findings"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHall(t)
			h.refuses(h.judge(h.push(c.plan)), "incomplete", c.wants)
			if h.api.count["DescribeImageScanFindings"] != 3 {
				t.Errorf("%v", h.api.count)
			}
		})
	}
	t.Run("pages that repeat themselves", func(t *testing.T) {
		h := newHall(t)
		h.api.findings = func(_ int, out *ecr.DescribeImageScanFindingsOutput) { out.NextToken = new("1") }
		h.refuses(h.judge(h.push(simulator.Scan{})), "repeat themselves")
	})
	t.Run("changed between two pages", func(t *testing.T) {
		h := newHall(t)
		h.api.findings = func(call int, out *ecr.DescribeImageScanFindingsOutput) {
			if call == 1 {
				out.ImageScanFindings.FindingSeverityCounts = map[string]int32{"HIGH": 1}
			}
		}
		h.passes(h.judge(h.push(simulator.Scan{Findings: vulnerabilities("LOW")})))
	})
	t.Run("without patience", func(t *testing.T) {
		h := newHall(t)
		h.Wait = -1
		h.refuses(h.judge(h.push(simulator.Scan{Counts: map[string]int{"CRITICAL": 1}})), "not done: 1 CRITICAL are counted and 0 listed")
	})
	t.Run("numbers on the first page only", func(t *testing.T) {
		h := newHall(t)
		h.api.findings = func(call int, out *ecr.DescribeImageScanFindingsOutput) {
			if call%2 == 0 {
				out.ImageScanFindings.FindingSeverityCounts = nil
			}
		}
		v := h.passes(h.judge(h.push(simulator.Scan{Findings: slices.Repeat(vulnerabilities("LOW"), 1001)})))
		if v.Counts["LOW"] != 1001 || h.api.count["DescribeImageScanFindings"] != 2 {
			t.Errorf("%v, %v", v.Counts, h.api.count)
		}
	})
	t.Run("an active finding more is counted than listed", func(t *testing.T) {
		h := newHall(t)
		h.sim.ScanEnhanced(true)
		h.refuses(h.judge(h.push(simulator.Scan{Findings: vulnerabilities("LOW"), Counts: map[string]int{"LOW": 2}})), "2 LOW are counted and 1 listed")
	})
	t.Run("a status that goes missing", func(t *testing.T) {
		h := newHall(t)
		h.api.findings = func(_ int, out *ecr.DescribeImageScanFindingsOutput) { out.ImageScanStatus = nil }
		h.refuses(h.judge(h.push(simulator.Scan{})), "does not know the status")
	})
}

// Suppressed findings count, closed ones do not, whether or not AWS counts them.
func TestSuppressedAndClosed(t *testing.T) {
	for _, counts := range []map[string]int{nil, {}, {"HIGH": 1}} {
		h := newHall(t)
		h.sim.ScanEnhanced(true)
		plan := simulator.Scan{Findings: vulnerabilities("HIGH"), Counts: counts}
		plan.Findings[0].Status = "CLOSED"
		if v := h.passes(h.judge(h.push(plan))); len(v.Findings) != 0 {
			t.Errorf("%v", v.Findings)
		}
		plan.Findings[0].Status = "SUPPRESSED"
		if v := h.refuses(h.judge(h.push(plan)), "1 HIGH"); v.Findings[0].Status != "SUPPRESSED" {
			t.Errorf("%v", v.Findings)
		}
	}
}

// A vulnerability that is excepted passes and is recorded; others are refused all the same. What is not needed is known.
func TestExceptedVulnerabilities(t *testing.T) {
	h := newHall(t)
	digest := h.push(simulator.Scan{Findings: append(vulnerabilities("HIGH", "HIGH", "LOW"), vulnerabilities("HIGH")...)})
	h.except(scan.AllowCVE, "cve-2026-0=not called, see a=b@home@2026-12-31")
	h.refuses(h.judge(digest), "findings above MEDIUM: 1 HIGH")
	h.except(scan.AllowCVE, "CVE-2026-1=not called@2026-12-31")
	h.except(scan.AllowCVE, "CVE-2026-2=harmless anyway@2026-12-31")
	h.except(scan.AllowUnscanned, digest+"=has findings@2026-12-31")
	v := h.passes(h.judge(digest))
	var used, unused []string
	for _, x := range v.Exceptions {
		used = append(used, x.ID+" "+x.Reason+" "+x.Until)
	}
	for _, x := range h.Unused([]scan.Verdict{v}) {
		unused = append(unused, x.ID)
	}
	if diff := cmp.Diff([]string{"CVE-2026-1 not called 2026-12-31", "cve-2026-0 not called, see a=b@home 2026-12-31"}, used); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"CVE-2026-2", digest}, unused); diff != "" {
		t.Error(diff)
	}
	if !v.Findings[0].Excepted || v.Findings[3].Excepted {
		t.Errorf("%+v", v.Findings)
	}
}

// The oldest of several scans is the one that is told.
func TestOldestScan(t *testing.T) {
	h := newHall(t)
	old := h.listed("linux/amd64")
	young := h.listed("linux/amd64")
	for _, index := range []simulator.Listed{h.index(append(old, young...)...), h.index(append(young, old...)...)} {
		v := h.passes(h.judge(index.Digest))
		if age := v.Judged.Sub(v.Scanned); age < 48*time.Hour-time.Minute {
			t.Errorf("scanned %s ago", age)
		}
	}
}
