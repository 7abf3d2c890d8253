package scan

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The document's table has each status as the code has it, and no other. What an image calls for that the scan does not support depends on
// the registry, and is told in the document's own words.
func TestDocument(t *testing.T) {
	data, err := os.ReadFile("../../../docs/releasing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(data), "| Status of Amazon ECR |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, m := range append(Meanings(), meaning("any other")) {
		row := fmt.Sprintf("| `%s` | %s | %s | ", m.Status, m.Outcome, m.Means)
		if m.Status == "any other" {
			row = strings.ReplaceAll(row, "`", "")
		}
		switch {
		case m.Do != "":
			row += m.Do + " |\n"
		case m.Outcome != Refuse:
			row += "|\n"
		}
		if !strings.Contains(table+"\n", row) {
			t.Errorf("docs/releasing.md lacks\n%s", row)
		}
	}
	if got, want := strings.Count(table, "\n| `"), len(Meanings()); got != want {
		t.Errorf("docs/releasing.md has %d statuses, want %d", got, want)
	}
}
