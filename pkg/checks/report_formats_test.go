package checks

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The SARIF log has what the standard and code scanning require.
func TestReportSARIF(t *testing.T) {
	r := reported(t, reportedRules())
	r.Directory = "golden"
	var b bytes.Buffer
	if err := r.WriteSARIF(&b); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	decoder := json.NewDecoder(&b)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		t.Errorf("log %+v", log)
	}
	driver := log.Runs[0].Tool.Driver
	if driver.Name == "" || len(driver.Rules) != 6 {
		t.Errorf("driver %+v", driver)
	}
	var levels []string
	for _, rule := range driver.Rules {
		levels = append(levels, rule.DefaultConfiguration.Level+" "+rule.Properties.Severity)
	}
	if diff := cmp.Diff([]string{"error 9.5", "warning 5.5", "note 2.0", "error 8.0", "error 8.0", "error 8.0"}, levels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	at := func(id, path string) []sarifLocation {
		return []sarifLocation{{sarifPhysical{sarifArtifact{"golden/groups.yaml"}, sarifRegion{5}}, []sarifLogical{{id, "groups.yaml/" + id + path, "resource"}}}}
	}
	want := []sarifResult{
		{RuleID: "AAA001", RuleIndex: 0, Kind: "fail", Level: "error", Message: sarifText{"Found open, needed closed & <safe>. To mend it: close it."}, Locations: at("Open", "/GroupDescription")},
		{RuleID: "AAA002", RuleIndex: 1, Kind: "fail", Level: "warning", Message: sarifText{"Found open, needed closed."}, Locations: at("Open", ""), Suppressions: []sarifSuppression{{"external", "it is a lobby"}}},
		{RuleID: "AAA003", RuleIndex: 2, Kind: "review", Level: "none", Message: sarifText{"Unknown: nobody said which. Needed a VPC."}, Locations: at("Open", "/VpcId")},
		{RuleID: "BBB003", RuleIndex: 5, Kind: "review", Level: "none", Message: sarifText{"Unknown: nobody looked. Needed a house."}, Locations: []sarifLocation{}},
	}
	if diff := cmp.Diff(want, log.Runs[0].Results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// A finding about a template has a location without a logical one.
func TestReportSARIFOfTemplate(t *testing.T) {
	result := Report{}.sarifResult(0, Rule{ID: "AAA001"}, Finding{Outcome: Fail, Template: "a.yaml"})
	if diff := cmp.Diff([]sarifLocation{{Physical: sarifPhysical{sarifArtifact{"a.yaml"}, sarifRegion{1}}}}, result.Locations); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The JUnit report has a suite for each family of rules, and counts that fit.
func TestReportJUnit(t *testing.T) {
	r := reported(t, reportedRules())
	var b bytes.Buffer
	if err := r.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), xml.Header) {
		t.Errorf("no XML header: %s", &b)
	}
	var have junitSuites
	if err := xml.Unmarshal(b.Bytes(), &have); err != nil {
		t.Fatal(err)
	}
	have.XMLName = xml.Name{}
	place := "    groups.yaml:5 Open"
	want := junitSuites{Name: "tierform", Tests: 6, Failures: 1, Skipped: 3, Suites: []junitSuite{
		{Name: "AAA", Tests: 3, Failures: 1, Skipped: 1, Cases: []junitCase{
			{Name: "AAA001 Groups are closed", Class: "AAA", File: "groups.yaml", Line: 5, Failure: &junitMessage{"1 findings", "critical",
				place + " GroupDescription\n      found   open\n      needed  closed & <safe>\n      mend    close it\n"}},
			{Name: "AAA002 Groups have a reason", Class: "AAA", File: "groups.yaml", Line: 5,
				Output: place + "\n      found   open\n      needed  closed\n      reason  it is a lobby\n"},
			{Name: "AAA003 Groups are known", Class: "AAA", File: "groups.yaml", Line: 5, Skipped: &junitMessage{Message: "1 unknown",
				Text: place + " VpcId\n      found   unknown\n      needed  a VPC\n      reason  nobody said which\n"}},
		}},
		{Name: "BBB", Tests: 3, Skipped: 2, Cases: []junitCase{
			{Name: "BBB001 Doors have keys", Class: "BBB", Skipped: &junitMessage{Message: "nothing to judge"}},
			{Name: "BBB002 Groups are groups", Class: "BBB"},
			{Name: "BBB003 There is a house", Class: "BBB", Skipped: &junitMessage{Message: "1 unknown",
				Text: "    the templates\n      found   unknown\n      needed  a house\n      reason  nobody looked\n"}},
		}},
	}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
