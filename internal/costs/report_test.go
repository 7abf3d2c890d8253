package costs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/checks"
)

// goldenReport is that of docs/costs.md.
func goldenReport(t *testing.T) Report {
	t.Helper()
	assumptions, err := DefaultAssumptions()
	if err != nil {
		t.Fatal(err)
	}
	report := Report{Directory: "golden", Assumptions: assumptions}
	for _, name := range []string{"dev", "prod"} {
		prices, usage := tables(t, name)
		report.Prices = prices
		column := NewColumn(prices, usage, func(changes map[string]string) *checks.World { return deploy(t, name, changes, goldenFiles(t)) })
		column.Parameters = name + ".yaml"
		report.Columns = append(report.Columns, column)
	}
	return report
}

// smallReport is that of one template, which has a switch for endpoints or not.
func smallReport(t *testing.T, template string) Report {
	t.Helper()
	assumptions, err := DefaultAssumptions()
	if err != nil {
		t.Fatal(err)
	}
	prices, usage := tables(t, "prod")
	set, err := checks.Load([]checks.File{{Name: "small.yaml", Data: []byte(template)}})
	if err != nil {
		t.Fatal(err)
	}
	column := NewColumn(prices, usage, func(changes map[string]string) *checks.World {
		return checks.Deploy(set, checks.Environment{Parameters: maps.Clone(changes)})
	})
	return Report{Directory: "here", Prices: prices, Assumptions: assumptions, Columns: []Column{column}}
}

// The report of the platform is made once, as that takes longest.
func TestGoldenReport(t *testing.T) {
	report := goldenReport(t)
	t.Run("columns", func(t *testing.T) { testColumns(t, report) })
	t.Run("markdown", func(t *testing.T) { testMarkdown(t, report) })
	t.Run("json", func(t *testing.T) { testJSON(t, report) })
	t.Run("all text", func(t *testing.T) { testAllText(t, report) })
}

// A column has the totals of the switches, whichever way they stand.
func testColumns(t *testing.T, report Report) {
	dev, prod := report.Columns[0], report.Columns[1]
	if dev.Endpoints.Value != "disabled" || dev.Endpoints.OtherUSD <= dev.Estimate.Total() {
		t.Errorf("dev: %+v, total %v", dev.Endpoints, dev.Estimate.Total())
	}
	if prod.Endpoints.Value != "enabled" || prod.Endpoints.OtherUSD >= prod.Estimate.Total() {
		t.Errorf("prod: %+v, total %v", prod.Endpoints, prod.Estimate.Total())
	}
	for _, c := range report.Columns {
		if c.OnDemandOnly <= c.Estimate.Total() || c.AtMaximum <= c.OnDemandOnly {
			t.Errorf("%s: %v, on demand %v, at the maximum %v", c.Environment, c.Estimate.Total(), c.OnDemandOnly, c.AtMaximum)
		}
	}
}

// The document has each part, the environments side by side, and names what is not sure.
func testMarkdown(t *testing.T, report Report) {
	var b bytes.Buffer
	if err := report.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	document := b.String()
	dev, prod := report.Columns[0].Estimate, report.Columns[1].Estimate
	for _, want := range []string{
		"\n## A month\n\n| US dollars | dev | prod |\n|---|---:|---:|\n| Fixed",
		fmt.Sprintf("| Total | %s | %s |\n", dollars(dev.Total()), dollars(prod.Total())),
		fmt.Sprintf("| data | %s | %s |\n", dollars(dev.Tier("data")), dollars(prod.Tier("data"))),
		"| egress | Interface endpoint, in each zone | fixed | $0.01 per hour | – | $110 (10,950) |\n",
		" lines more | ", "`InterfaceEndpoints`: disabled, not enabled | saves $", " | would save $",
		"not on demand; its price is not verified | saves $", "| archive.yaml | ArchiveStream | the bucket",
		"\n## Free\n", "`AWS::CodeDeploy::Application`", "| `requests` | Requests from the internet | million | 0.5 | 50 |\n",
		"| Firehose decompression of CloudWatch Logs | $0.00325 per GB | not verified: from memory | https://aws.amazon.com/firehose/pricing/ |\n",
		"| WAF requests | $0.60 per million requests | undated |", "| NAT gateway | $0.045 per hour | 2026-09-20, of us-east-2 |", "| Load balancer capacity units | $0.008 per LCU-hour | 2026-09-20 |",
	} {
		if !strings.Contains(document, want) {
			t.Errorf("%q is missing in:\n%s", want, document)
		}
	}
	if rows := strings.Count(document[strings.Index(document, "## The largest lines"):strings.Index(document, "## What switches save")], "\n| "); rows != largest+2 {
		t.Errorf("%d rows of largest lines", rows)
	}
}

// A template of somebody else, without switches, is said of as briefly as there is to say.
func TestSmallText(t *testing.T) {
	report := smallReport(t, "Resources:\n  Address: {Type: AWS::EC2::EIP}\n")
	report.Columns[0].Parameters = "values.yaml"
	var b bytes.Buffer
	if err := report.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	want := `here: a month of 730 hours at list prices of us-east-1, compiled on 2026-11-23
prod: parameter values of values.yaml

A month
  US dollars                          prod
  Fixed: paid when nobody comes         $4
  Variable: paid for use, as assumed     –
  Total                                 $4
  of that at prices not verified         –
  Total of a year                      $44

By tier
  Tier   prod
  small    $4

All lines
  Each with its quantity in brackets.
  Tier   What                 Paid   Price             prod
  small  Public IPv4 address  fixed  $0.005 per hour  $4 (730)

What switches save
  Computed from the same templates with the switch the other way; what then goes another way, such as calls of AWS
  through NAT, is charged there.
  A month                                                                                                     prod
  Fargate Spot where the capacity provider strategies have it, not on demand; its price is not verified    saves nothing
  For comparison: all tasks and the database at their maximum all month                                         $4

Not counted
  Tax, support, Savings Plans and other discounts; the free tiers of an account and volume tiers above the first; S3
  requests; searching logs; what is switched on for a whole account, such as GuardDuty, Config and Security Hub.
  Everything in the templates has a price or is free.
`
	// Columns of numbers end where the widest does; only the words matter here.
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(b.String())); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, &b)
	}
	for line := range strings.Lines(b.String()) {
		if line != strings.TrimRight(line, " \n")+"\n" {
			t.Errorf("%q ends in blanks", line)
		}
	}
}

// Everything is shown when asked for.
func testAllText(t *testing.T, report Report) {
	report.Columns = slices.Clone(report.Columns[1:])
	report.Columns[0].Parameters = ""
	var brief, all bytes.Buffer
	if err := errors.Join(report.WriteText(&brief, false), report.WriteText(&all, true)); err != nil {
		t.Fatal(err)
	}
	for _, only := range []string{"\nAll lines\n", "\nAssumptions\n", "\nPrices\n", "\nFree\n", "KMS requests"} {
		if strings.Contains(brief.String(), only) || !strings.Contains(all.String(), only) {
			t.Errorf("%q is wrong in:\n%s\n%s", only, &brief, &all)
		}
	}
	if !strings.Contains(all.String(), "\nprod: default parameter values\n") || strings.Contains(all.String(), "`") {
		t.Errorf("%s", &all)
	}
}

// Columns without a switch leave its place empty, beside others that have one.
func TestSwitchOfSomeColumns(t *testing.T) {
	without := smallReport(t, "Resources: {}")
	with := smallReport(t, "Parameters: {InterfaceEndpoints: {Type: String, Default: enabled}}\nConditions: {Given: !Equals [!Ref InterfaceEndpoints, enabled]}\n"+
		"Resources:\n  Endpoint: {Type: AWS::EC2::VPCEndpoint, Condition: Given, Properties: {VpcEndpointType: Interface, SubnetIds: [a, b]}}\n")
	without.Columns = append(without.Columns, with.Columns...)
	var b bytes.Buffer
	if err := without.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	if want := "disabled, not enabled | – | would save $17 |"; !strings.Contains(b.String(), want) {
		t.Errorf("%q is missing in:\n%s", want, &b)
	}
	b.Reset()
	without.Columns = without.Columns[:1]
	if err := without.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, empty := range []string{"## \n", "## Free", "## By tier", "lines"} {
		if strings.Contains(b.String(), empty) {
			t.Errorf("%q in:\n%s", empty, &b)
		}
	}
}

// Tools get all of it, and lists that are empty rather than null.
func testJSON(t *testing.T, report Report) {
	var b bytes.Buffer
	if err := report.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var have struct {
		Version      int
		Directory    string
		Environments []struct {
			Environment string
			Total       float64 `json:"total_usd"`
			Fixed       float64 `json:"fixed_usd"`
			Variable    float64 `json:"variable_usd"`
			Estimate    Estimate
			Tiers       []struct {
				Name string
				USD  float64
			}
		}
		Assumptions []Assumption
		Prices      PriceList
	}
	if err := json.Unmarshal(b.Bytes(), &have); err != nil {
		t.Fatal(err)
	}
	if have.Version != 1 || have.Directory != "golden" || len(have.Environments) != 2 || strings.Contains(b.String(), "null") {
		t.Errorf("%s", &b)
	}
	for i, e := range have.Environments {
		if diff := cmp.Diff(report.Columns[i].Estimate, e.Estimate); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Environment, diff)
		}
		if !closeTo(e.Total, e.Fixed+e.Variable) || len(e.Tiers) != len(report.Columns[i].Estimate.Tiers()) {
			t.Errorf("%s: %v", e.Environment, e)
		}
	}
	if diff := cmp.Diff(report.Prices, have.Prices); diff != "" {
		t.Error(diff)
	}
}

// Amounts are as exact as an estimate can be.
func TestAmounts(t *testing.T) {
	for usd, want := range map[float64]string{0: "–", 0.2: "<$1", -0.2: "<$1", 0.5: "$1", 12.49: "$12", 1234567.5: "$1,234,568", -1234: "-$1,234", 999.6: "$1,000"} {
		if got := dollars(usd); got != want {
			t.Errorf("%v is %s instead of %s", usd, got, want)
		}
	}
	for n, want := range map[float64]string{0.625: "0.63", 5: "5", 99.999: "100", 100.4: "100", 10950: "10,950"} {
		if got := number(n); got != want {
			t.Errorf("%v is %s instead of %s", n, got, want)
		}
	}
}
