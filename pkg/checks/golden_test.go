package checks

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

// An edit changes the text of the golden templates in one place.
type edit func(t testing.TB, files map[string]string)

// replaceIn replaces the only occurrence of a text in a golden template.
func replaceIn(file, old, replacement string) edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		if n := strings.Count(files[file], old); n != 1 {
			t.Fatalf("%s holds %q %d times, want once", file, old, n)
		}
		files[file] = strings.Replace(files[file], old, replacement, 1)
	}
}

// replaceInResource replaces the only occurrence of a text within one resource of a golden template.
func replaceInResource(file, id, old, replacement string) edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		start, end := resourceSpan(t, files, file, id)
		text := files[file][start:end]
		if n := strings.Count(text, old); n != 1 {
			t.Fatalf("%s %s holds %q %d times, want once", file, id, old, n)
		}
		files[file] = files[file][:start] + strings.Replace(text, old, replacement, 1) + files[file][end:]
	}
}

// dropResource takes a resource out of a golden template.
func dropResource(file, id string) edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		start, end := resourceSpan(t, files, file, id)
		files[file] = files[file][:start] + files[file][end:]
	}
}

// addResource puts a resource, written with two spaces before its logical ID, first into a golden template.
func addResource(file, text string) edit {
	return replaceIn(file, "\nResources:\n", "\nResources:\n"+strings.Trim(text, "\n")+"\n\n")
}

// resourceSpan is where a resource's text begins and ends.
func resourceSpan(t testing.TB, files map[string]string, file, id string) (int, int) {
	t.Helper()
	text := files[file]
	start := strings.Index(text, "\n  "+id+":\n    Type: ")
	if start < 0 {
		t.Fatalf("%s has no resource %s", file, id)
	}
	start++
	lines := strings.SplitAfter(text[start:], "\n")
	end := start + len(lines[0])
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "   ") && strings.TrimSpace(line) != "" {
			break
		}
		end += len(line)
	}
	return start, end
}

// goldenText reads the golden templates, and goldenSet decodes them: once for all tests, which do not change them.
var (
	goldenText = sync.OnceValues(func() (map[string]string, error) {
		names, err := filepath.Glob("../../golden/*.yaml")
		files := map[string]string{}
		for _, name := range names {
			data, readErr := os.ReadFile(name)
			if readErr != nil {
				return nil, readErr
			}
			files[filepath.Base(name)] = string(data)
		}
		return files, err
	})
	goldenSet = sync.OnceValues(func() (*Set, error) {
		files, err := goldenText()
		if err != nil {
			return nil, err
		}
		return loadText(files)
	})
)

func loadText(files map[string]string) (*Set, error) {
	var list []File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		list = append(list, File{Name: name, Data: []byte(files[name])})
	}
	return Load(list)
}

// goldenWorld deploys the golden templates, edited, with the parameter values of environments/prod.yaml.
func goldenWorld(t testing.TB, edits ...edit) *World {
	t.Helper()
	return goldenWorldOf(t, goldenParameters(t, "prod"), edits...)
}

// goldenWorldOf is goldenWorld with other parameter values; see goldenParameters.
func goldenWorldOf(t testing.TB, parameters map[string]string, edits ...edit) *World {
	t.Helper()
	original, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := goldenSet()
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(original)
	for _, change := range edits {
		change(t, files)
	}
	changed := map[string]string{}
	set := &Set{}
	for _, template := range decoded.Templates {
		if files[template.Name] != original[template.Name] {
			changed[template.Name] = files[template.Name]
			continue
		}
		set.Templates = append(set.Templates, template)
	}
	edited, err := loadText(changed)
	if err != nil {
		t.Fatal(err)
	}
	set.Templates = append(set.Templates, edited.Templates...)
	slices.SortFunc(set.Templates, func(a, b *Template) int { return strings.Compare(a.Name, b.Name) })
	return Deploy(set, Environment{Parameters: parameters})
}

// goldenParameters are the values of environments/<name>.yaml, with those that the deploy command sets.
func goldenParameters(t testing.TB, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../environments/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for _, image := range []string{"PaymentApi", "TransactionProcessor", "NotificationService", "Administration", "Envoy", "Collector"} {
		values[image+"ImageDigest"] = digest
	}
	values["EnvironmentSuffix"], values["ArtifactBucket"] = name, "artifacts-111122223333-"+name
	return values
}

// worldOf deploys templates given as text.
func worldOf(t testing.TB, parameters map[string]string, files map[string]string) *World {
	t.Helper()
	set, err := loadText(files)
	if err != nil {
		t.Fatal(err)
	}
	return Deploy(set, Environment{Parameters: parameters})
}

// resultOf runs one rule out of a list.
func resultOf(t testing.TB, w *World, rules []Rule, id string, exemptions ...Exemption) Result {
	t.Helper()
	for _, rule := range rules {
		if rule.ID == id {
			return Verify(w, []Rule{rule}, exemptions...)[0]
		}
	}
	t.Fatalf("there is no rule %s", id)
	return Result{}
}
