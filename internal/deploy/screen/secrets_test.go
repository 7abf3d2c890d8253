package screen

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// canaries are secrets that are hard to find again: with quotes, with letters that JSON and HTML escape, over several lines, with what
// Markdown reads, and so long that every output wraps them.
var canaries = []string{
	`canary"quo\ted<&>pass`, "canary-größe-😀-wort", "canary line one\ncanary line three", "canary*_`|~#@[link](x)",
	"canary" + strings.Repeat("0123456789abcdef", 12), "canary with several words that are wrapped between lines of a screen of eighty columns",
}

// sayings are texts that have a secret in them in some form.
func sayings(secret string) []string {
	data, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(data))
	thrice, _ := json.Marshal(string(twice))
	units := ""
	for _, u := range utf16.Encode([]rune(secret)) {
		units += fmt.Sprintf(`\u%04X`, u)
	}
	percent := ""
	for _, b := range []byte(secret) {
		percent += fmt.Sprintf("%%%02x", b)
	}
	return []string{
		secret, "before " + secret + " after", string(data), string(twice), url.QueryEscape(secret), "https://x/" + url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)), strings.Repeat("long words before it ", 9) + secret,
		`{"a":{"b":[` + string(data) + `,"c"]}}`, `{"a":{"b":["c"]},"` + units + `":1}`, string(thrice), units, percent, html.EscapeString(secret),
		strings.ReplaceAll(secret, "\n", " | "), secret + secret,
	}
}

// leaking are events of all types with a secret in every text.
func leaking(text string) []report.Event {
	change := report.Change{LogicalID: text, PhysicalID: text, Type: text, Description: text, Action: report.Modify, Why: text,
		Properties: []report.Property{{Path: text, Before: text, After: `{"x":"y"}`, Cause: text}, {Path: "P", Before: `{"a":{"b":["c"]}}`, After: text}, {Path: "Q", Cause: text}}}
	identity, hidden, stateful := change, change, change
	identity.Area, identity.Broadens, hidden.Hidden, stateful.Stateful, stateful.Action = "identity", true, true, true, report.Replace
	resource := report.Resource{Path: []string{text}, LogicalID: text, PhysicalID: text, Type: text, Status: "CREATE_FAILED", Reason: text, Time: dawn, EventID: text}
	running := resource
	running.Status, running.LogicalID = "CREATE_IN_PROGRESS", text+"2"
	return []report.Event{
		report.Started{Command: text, Version: text, Environment: text, Account: text, Alias: text, Caller: text, Region: text, Stack: text},
		report.Phase{Number: 1, Title: text, Command: text}, report.Templates{Count: 1}, report.Note{Level: report.Warning, Text: text}, report.Note{Level: report.Detail, Text: text},
		report.Plan{ChangeSet: text, Name: text, Incomplete: text, Needs: []string{text}, Adopts: []string{text},
			Root: report.Stack{Name: text, Unknown: text, Changes: []report.Change{change, identity, hidden, stateful}, Nested: []report.Stack{{Name: text}}}},
		report.Validation{Severity: "error", Source: text, Check: text, Path: []string{text}, LogicalID: text, Text: text, Mend: text},
		report.Approval{Required: []string{text}, Missing: []string{text}, By: text}, report.Approval{Required: []string{text}, Granted: true, By: text},
		report.Operation{Stack: text, ID: text, Doing: text, Started: dawn}, running, resource, report.Tick{Time: at(70), LastEvent: dawn},
		report.Outputs{Stack: text, Values: map[string]string{text: text}}, report.Table{Title: text, Columns: []string{text}, Rows: [][]string{{text}}},
		report.Sweep{Left: []report.Leftover{{Type: text, ID: text, Why: text}}, Kept: []report.Leftover{{Type: text, ID: text, Why: text}}},
		report.Diagnosis{Stack: text, Causes: []report.Cause{{Path: []string{text}, LogicalID: text, Type: text, Status: text, Reason: text, Time: dawn, Details: []string{text, " " + text}}}, Do: []string{text}, Console: text},
		report.Forecast{Stack: text, Seconds: 60, CriticalPath: []report.Link{{Path: []string{text}, LogicalID: text, Type: text, Seconds: 60}}},
		report.Result{Status: text, Code: fault.Unexpected, Text: text, Next: []string{text}, OperationID: text, ChangeSet: text, Calls: map[string]int{text: 1}},
	}
}

// A canary in every text of every event appears in no output, however it is written there: as it is, or taken out of JSON, escapes, wraps
// and Markdown again.
func TestSecretsAppearNowhere(t *testing.T) {
	settings := map[string]setting{
		"pipe": {}, "terminal": {terminal: true, columns: 80}, "narrow": {terminal: true, columns: 40}, "json": {Options: Options{Output: "json"}},
		"github": {env: map[string]string{"GITHUB_ACTIONS": "true", "LANG": "C.UTF-8"}}, "ascii": {env: map[string]string{"LANG": "C"}},
	}
	summary := filepath.Join(t.TempDir(), "summary.md")
	for _, secret := range canaries {
		for i, text := range sayings(secret) {
			for name, s := range settings {
				for _, level := range []Options{{Verbose: true}, {}, {Quiet: true}} {
					if i > 0 && (!level.Verbose || name != "pipe" && name != "json") { // masks come before layout: one way of writing it goes everywhere
						continue
					}
					s.Quiet, s.Verbose = level.Quiet, level.Verbose
					s.Markdown = summary
					out := masked(t, s, secret, leaking(text))
					if found := betrayed(out); found != "" {
						t.Fatalf("%s, %+v: %q of %q is in the output:\n%s", name, level, found, text, out)
					}
				}
			}
		}
	}
}

// masked shows events with a secret known and returns both channels and the summary.
func masked(t *testing.T, s setting, secret string, events []report.Event) string {
	t.Helper()
	s.before = func(screen *Screen) { screen.Mask("", secret) }
	_, _, both := shownAs(t, s, events)
	data, err := os.ReadFile(s.Markdown)
	if err != nil {
		t.Fatal(err)
	}
	return both + string(data)
}

// betrayed is what is left of a canary when wraps, frames and colours are taken out: all of them begin with the same word.
func betrayed(out string) string {
	flat := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \n│├└─|`-", r) {
			return -1
		}
		return r
	}, out)
	for _, sign := range []string{"canary", base64.StdEncoding.EncodeToString([]byte("canary"))} {
		if i := strings.Index(flat, sign); i >= 0 {
			return flat[i:min(len(flat), i+30)]
		}
	}
	return ""
}

// The search for canaries finds one: without the mask, each output has it.
func TestCanariesAreFound(t *testing.T) {
	for _, s := range []setting{{}, {Options: Options{Output: "json"}}, {terminal: true, columns: 40}} {
		s.Markdown = filepath.Join(t.TempDir(), "summary.md")
		if betrayed(masked(t, s, "another", leaking(canaries[4]))) == "" {
			t.Error("nothing found")
		}
	}
}

// A secret that becomes known late is taken out of the summary as well.
func TestLateSecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary.md")
	s := setting{Options: Options{Markdown: file}}
	s.after = func(screen *Screen) { screen.Mask("hunter22") }
	shownAs(t, s, []report.Event{report.Note{Level: report.Warning, Text: "it is hunter22"}})
	data, _ := os.ReadFile(file)
	if !strings.Contains(string(data), "it is ****") {
		t.Error(string(data))
	}
}

func TestMask(t *testing.T) {
	for _, tc := range []struct {
		secrets []string
		text    string
		want    string
	}{
		{nil, "nothing", "nothing"},
		{[]string{"hunter22"}, "a hunter22, b=hunter22", "a ****, b=****"},
		{[]string{"abcd", "cdef"}, "abcdef", "****"},                         // overlapping
		{[]string{"abcd", "abcdef"}, "abcdefg", "****g"},                     // one within the other
		{[]string{"no", "x"}, "no nothing x=1 ax", "**** nothing ****=1 ax"}, // short: only as a word
		{[]string{"ü"}, "grün ü", "grün ****"},
		{[]string{"****"}, "****", "****"},
		{[]string{" spaced \n"}, "it is spaced", "it is ****"},
		{[]string{"a\\\nb😀"}, `a\\\nb\ud83d\\uDE00 and a\\\\\\nb😀`, "**** and ****"}, // a backslash before a line end, twice escaped
		{[]string{"b😀c"}, `b\ud83dc b\u0041 b\uzzzz b\ud83d\u0041`, `b\ud83dc b\u0041 b\uzzzz b\ud83d\u0041`},
		{[]string{"50%ü"}, "50%25%c3%BC 50%25%c3%zz 50%c3", "**** 50%25%c3%zz 50%c3"},
		{[]string{"x<y'"}, "x&lt;y&#39; x&LT;y&#x27; x&gt;y'", "**** **** x&gt;y'"},
	} {
		s := &secrets{}
		s.add(tc.secrets...)
		if got := s.mask(tc.text); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.secrets, got, tc.want)
		}
	}
}

// An odd event has every kind of field: one that is added later is masked as well.
type odd struct {
	Any     any
	None    any
	Pointer *string
	Nil     *string
	Map     map[string][]string
	Time    time.Time
	Number  float64
	Inner   struct{ Text string }
}

func (odd) Kind() string { return "odd" }

func TestRewriteReachesEveryField(t *testing.T) {
	e := odd{Any: "a", Pointer: new("b"), Map: map[string][]string{"c": {"d"}}, Time: dawn, Number: 1.5, Inner: struct{ Text string }{"e"}}
	want := odd{Any: "A", Pointer: new("B"), Map: map[string][]string{"C": {"D"}}, Time: dawn, Number: 1.5, Inner: struct{ Text string }{"E"}}
	if diff := cmp.Diff(want, rewritten(&e, strings.ToUpper)); diff != "" {
		t.Error(diff)
	}
	if *e.Pointer != "b" || e.Map["c"][0] != "d" {
		t.Error("the event itself was changed")
	}
	if got := rewritten(report.Approval{}, strings.ToUpper).(report.Approval); reflect.ValueOf(got.Missing).IsNil() {
		t.Error("a list that is missing is null in JSON")
	}
}
