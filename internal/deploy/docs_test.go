package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What errors name in the runbook is a heading there, and each heading of a state of releases is in the list above them.
func TestRunbookHasWhatErrorsName(t *testing.T) {
	t.Parallel()
	runbook := document(t, "runbook.md")
	var headings []string
	for _, m := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(runbook, -1) {
		headings = append(headings, m[1])
		if anchor := "| [" + m[1] + "](#" + anchorOf(m[1]) + ") |"; !strings.Contains(runbook, anchor) {
			t.Errorf("the list of states lacks %q", anchor)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`docs/runbook\.md, \\"([^"\\]+)\\"`).FindAllStringSubmatch(string(code), -1) {
			if named++; !slices.Contains(headings, m[1]) {
				t.Errorf("%s names %q, and docs/runbook.md has no such heading: %q", file, m[1], headings)
			}
		}
	}
	if named == 0 {
		t.Error("no error names a heading: is the pattern still right?")
	}
}

// Links between the documents of deployments lead to headings that there are.
func TestDocumentsLinkToHeadings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"releasing.md", "runbook.md", "deployment.md"} {
		for _, m := range regexp.MustCompile(`\]\(([a-z-]*\.?m?d?)#([^)]+)\)`).FindAllStringSubmatch(document(t, name), -1) {
			target := m[1]
			if target == "" {
				target = name
			}
			found := slices.ContainsFunc(regexp.MustCompile(`(?m)^##+ (.+)$`).FindAllStringSubmatch(document(t, target), -1), func(h []string) bool { return anchorOf(h[1]) == m[2] })
			if !found {
				t.Errorf("%s links to %s#%s, which is no heading", name, target, m[2])
			}
		}
	}
}

// anchorOf is a heading as GitHub links to it.
func anchorOf(heading string) string {
	return strings.ReplaceAll(strings.ToLower(regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(heading, "")), " ", "-")
}

func document(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
