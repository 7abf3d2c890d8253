package screen

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
)

func TestLocale(t *testing.T) {
	reason := []report.Event{report.Note{Level: report.Info, Text: "größer → 你好"}}
	for _, tc := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "gr??er ? ??\n"},
		{map[string]string{"LC_CTYPE": "de_DE.utf8"}, "größer → 你好\n"},
		{map[string]string{"FOO": ""}, "gr??er ? ??\n"},
	} {
		if _, err, _ := shownAs(t, setting{env: tc.env}, reason); err != tc.want {
			t.Errorf("%v: %q", tc.env, err)
		}
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct{ status, detailed, want string }{
		{"CREATE_IN_PROGRESS", "", "creating"}, {"UPDATE_IN_PROGRESS", configured, "configured, stabilizing"}, {"UPDATE_COMPLETE", configured, "updating"},
		{"DELETE_IN_PROGRESS", "", "deleting"}, {"IMPORT_IN_PROGRESS", "", "importing"}, {"ROLLBACK_IN_PROGRESS", "", "rolling back"},
		{"UPDATE_ROLLBACK_IN_PROGRESS", "", "rolling back"}, {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "", "cleaning up"},
	} {
		if got := word(tc.status, tc.detailed); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.status, tc.detailed, got, tc.want)
		}
	}
	for d, want := range map[time.Duration]string{-time.Second: "0s", 22 * time.Second: "22s", 243 * time.Second: "4m03s", 62 * time.Minute: "1h02m"} {
		if got := elapsed(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
	for n, want := range map[int]string{12: "12 bytes", 38912: "38 KB", 3 << 20: "3.0 MB"} {
		if got := kilobytes(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if short("VALIDATION_FAILED") != "validation_failed" {
		t.Error("detailed status")
	}
}

func TestText(t *testing.T) {
	for _, tc := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"one two three", 10, []string{"one two", "three"}},
		{"see abcdefghijklmnopqrstuvwxyz there", 10, []string{"see", "abcdefghijklmnopqrstuvwxyz", "there"}},
		{`{"a":1,"bcd":2,"e":3}`, 10, []string{`{"a":1,`, `"bcd":2,`, `"e":3}`}},
		{`x {"a":1,"b":2,"c":"abcdefghijkl"}`, 16, []string{`x {"a":1,"b":2,`, `"c":"abcdefghijkl"}`}},
		{"one two" + together + "three", 10, []string{"one", "two three"}},
		{"a\n  indented here", 12, []string{"a", "  indented", "  here"}},
		{"a\n          too far in", 12, []string{"a", "too far in"}},
		{"你好世界你好世界", 10, []string{"你好世界你", "好世界"}},
		{"", 10, []string{""}},
	} {
		if diff := cmp.Diff(tc.want, wrap(tc.text, tc.columns)); diff != "" {
			t.Error(diff)
		}
	}
	if w := width("e\u0301\x1b[31m你\x1b[0m\x1b["); w != 5 { // an unfinished colour is text
		t.Errorf("width %d", w)
	}
	if got := cut("\x1b[31mabcdef\x1b[0m", 4, "…"); got != "\x1b[31mabc…\x1b[0m" {
		t.Errorf("%q", got)
	}
	if fitting("你好", 1) != "你" || fitting("ab", 5) != "ab" {
		t.Error("the beginning of a word")
	}
}

// Rows may have more or fewer cells than there are columns.
func TestRaggedTable(t *testing.T) {
	out, _, _ := shownAs(t, setting{}, []report.Event{report.Table{Title: "T", Columns: []string{"A"}, Rows: [][]string{{"1", "2"}, {}}}})
	if out != "\nT\n  A\n  1  2\n\n" {
		t.Errorf("%q", out)
	}
}
