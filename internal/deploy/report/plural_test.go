package report

import "testing"

func TestPlural(t *testing.T) {
	for want, got := range map[string]string{"0 changes": Plural(0, "change", ""), "1 change": Plural(1, "change", ""), "2 changes": Plural(2, "change", ""),
		"1 entry": Plural(1, "entry", "entries"), "0 entries": Plural(0, "entry", "entries"), "is": Choose(1, "is", "are"), "are": Choose(0, "is", "are")} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
