package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The document lists each check as the catalog has it, and the permissions that all of them take.
func TestDocument(t *testing.T) {
	data, err := os.ReadFile("../../../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	actions := map[string]bool{"cloudformation:DescribeStacks": true, "cloudformation:GetTemplate": true, "cloudformation:ListStackResources": true}
	var wanted []string
	for _, c := range Catalog() {
		wanted = append(wanted, fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |\n", c.ID, c.Title, strings.Join(c.Requirements, " "), strings.Join(c.PCI, " "), strings.Join(c.Rules, " "), "`"+strings.Join(c.Actions, "`, `")+"`"))
		for _, a := range c.Actions {
			actions[a] = true
		}
	}
	list, _ := json.MarshalIndent(slices.Sorted(maps.Keys(actions)), "  ", "  ")
	for _, text := range append(wanted, `"Action": `+string(list), Schema) {
		if !strings.Contains(string(data), text) {
			t.Errorf("docs/evidence.md lacks\n%s", text)
		}
	}
}
