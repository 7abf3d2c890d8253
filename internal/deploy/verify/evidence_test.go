package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/pkg/checks"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// sample is evidence with something of everything.
func sample() Evidence {
	found := []Finding{{Resource: "arn:a", Place: "Data/A", Expected: "x|y", Observed: "z", Result: Fail, Time: noon}, {Expected: "x", Result: Unknown, Why: "denied", Accepted: "known", Time: noon}, {Result: Unknown, Why: "denied"},
		{Result: NotApplicable, Why: "nothing", Time: noon}, {Result: Pass, Time: noon}}
	checks := []Outcome{{Check: Check{ID: "a-check", Title: "A promise", Requirements: []string{"R1"}, PCI: []string{"1.2.5"}, Rules: []string{"NET001"}, Actions: []string{"a:B"}}, Result: Fail, Findings: found}}
	return Evidence{Schema: Schema, Environment: "qa", Simulated: true, Started: noon, Ended: noon, Summary: Sum(checks), Checks: checks, Deployment: Deployment{Unknown: "no record"}}
}

func TestSummary(t *testing.T) {
	s := sample().Summary
	if diff := cmp.Diff(Summary{Checks: 1, Pass: 1, Fail: 1, Unknown: 1, Accepted: 1, NotApplicable: 1}, s); diff != "" || s.Holds() {
		t.Error(diff)
	}
	for s, want := range map[Summary]bool{{Fail: 1}: false, {Unknown: 1}: false, {Accepted: 1, NotApplicable: 1}: true} {
		if s.Holds() != want {
			t.Errorf("%+v", s)
		}
	}
}

// The Markdown has what the JSON has, in tables that no text breaks.
func TestMarkdown(t *testing.T) {
	got := string(sample().Markdown("e.json", "abc"))
	for _, want := range []string{"**Simulated", "**not every promise holds**", "| SHA-256 of e.json | abc |", "| Deployment | unknown: no record |", "| [a-check](#a-check) | A promise | R1 | 1.2.5 | fail |", "Asked: `a:B`", "by NET001",
		"| fail | Data/A `arn:a` | x\\|y | z | 2026-11-22T12:00:00Z |", "| unknown |  | x | denied (accepted: known) |"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	e := sample()
	e.Holds, e.Simulated, e.Deployment = true, false, Deployment{ID: "d-1", Command: "deploy apply", Caller: "ana", Ended: noon}
	if got = string(e.Markdown("e.json", "abc")); strings.Contains(got, "Simulated") || !strings.Contains(got, "every promise holds:") || !strings.Contains(got, "d-1 (deploy apply by ana, ended 2026-11-22T12:00:00Z)") {
		t.Error(got)
	}
}

// Evidence goes to a file or a directory, never over what is there unless forced, and never in halves.
func TestDestinations(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) Destination { return Destination{Path: filepath.Join(dir, name)} }
	for _, name := range []string{"folder.json", "locked"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"folder.json", "file", "file/below.json"} {
		if err := at(name).Check(); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	file, sum, err := at("new/qa.json").Write(sample())
	if err != nil || sum == "" || at("other").Check() != nil || at("locked").Check() != nil {
		t.Fatal(file, sum, err)
	}
	if err := at("new/qa.json").Check(); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "--force") {
		t.Errorf("%v", err)
	}
	if _, _, err := at("new/qa.json").Write(sample()); fault.CodeOf(err) != fault.Usage {
		t.Errorf("%v", err)
	}
	forced := at("new/qa.json")
	forced.Force = true
	if _, again, err := forced.Write(sample()); err != nil || again != sum || forced.Check() != nil {
		t.Errorf("%s, %v", again, err)
	}
	if file, _, err = at("new").Write(sample()); err != nil || filepath.Base(file) != "evidence-qa-20261122-120000.json" {
		t.Errorf("%s, %v", file, err)
	}
	for _, name := range []string{"file/below.json", "file/x/below.json"} {
		if _, _, err := at(name).Write(sample()); fault.CodeOf(err) != fault.Unexpected {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := (Destination{Path: "/proc/evidence.json"}).Write(sample()); fault.CodeOf(err) != fault.Unexpected {
		t.Errorf("/proc: %v", err)
	}
	over := at("folder.json")
	over.Force = true
	if _, _, err := over.Write(sample()); fault.CodeOf(err) != fault.Unexpected {
		t.Errorf("%v", err)
	}
	entries, _ := os.ReadDir(filepath.Join(dir, "new"))
	if len(entries) != 4 {
		t.Errorf("%v is left", entries)
	}
}

func TestAcceptedReasons(t *testing.T) {
	for _, tc := range []struct {
		reasons map[string]string
		code    fault.Code
	}{{nil, fault.OK}, {map[string]string{"trail-logging": "why"}, fault.OK}, {map[string]string{"trail": "why"}, fault.Usage}, {map[string]string{"trail-logging": ""}, fault.Usage}} {
		if err := Accepted(tc.reasons); fault.CodeOf(err) != tc.code {
			t.Errorf("%v: %v", tc.reasons, err)
		}
	}
}

// Live checks and the rules over templates say the same: a check proves the requirements of PCI DSS that its rules prove, no more and no
// fewer, and none of the platform's own but theirs, those of releases apart.
func TestCatalogAgreesWithTheRules(t *testing.T) {
	byID := map[string]checks.Rule{}
	for _, r := range checks.Rules() {
		byID[r.ID] = r
	}
	seen := map[string]bool{}
	for _, c := range Catalog() {
		if seen[c.ID] || c.Title == "" || len(c.Actions) == 0 || !slices.IsSorted(c.Actions) {
			t.Errorf("%s is incomplete, or stands twice", c.ID)
		}
		seen[c.ID] = true
		pci, own := []string{}, []string{"R33"}
		for _, id := range c.Rules {
			rule, known := byID[id]
			if !known {
				t.Errorf("%s: there is no rule %s", c.ID, id)
			}
			pci, own = append(pci, rule.PCI...), append(own, rule.Requirements...)
		}
		want := map[string]bool{}
		for _, number := range pci {
			want[number] = true
		}
		got := map[string]bool{}
		for _, number := range c.PCI {
			got[number] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.ID, diff)
		}
		for _, requirement := range c.Requirements {
			if !slices.Contains(own, requirement) {
				t.Errorf("%s claims %s, which no rule of it does", c.ID, requirement)
			}
		}
	}
}
