package cfn_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/sns"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

var sharedCompiler = sync.OnceValues(cfn.NewCompiler)

// compiler is one compiler for all tests: it may be used by many goroutines.
func compiler(t testing.TB) *cfn.Compiler {
	t.Helper()
	c, err := sharedCompiler()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// topicTemplate is a template with one resource, Topic, so that a test needs to add only what it is about.
func topicTemplate() *cfn.Template {
	template := cfn.NewTemplate("test", "A template.")
	addTopic(template, "Topic")
	return template
}

func addTopic(template *cfn.Template, logicalID string) cfn.Resource[*sns.Topic] {
	return cfn.Add(template, logicalID, "A topic", &sns.Topic{})
}

// files compiles a template that has no fault and returns its files by name.
func files(t testing.TB, template *cfn.Template) map[string]string {
	t.Helper()
	list, err := compiler(t).Compile(template)
	if err != nil {
		t.Fatalf("got %v, want no problem", err)
	}
	byName := map[string]string{}
	for _, f := range list {
		byName[f.Name] = string(f.Data)
	}
	return byName
}

// problems compiles a template that has faults.
func problems(t testing.TB, template *cfn.Template) cfn.Problems {
	t.Helper()
	list, err := compiler(t).Compile(template)
	var found cfn.Problems
	if !errors.As(err, &found) {
		t.Fatalf("got error %v, want problems", err)
	}
	if list != nil {
		t.Errorf("got %d files beside the problems, want none", len(list))
	}
	return found
}

// refusal is a template with faults beside its nearest neighbour without.
type refusal struct {
	name string
	// bad and good add to a topicTemplate; good may be nil when another row's serves.
	bad, good func(*cfn.Template)
	// want are the problems of bad, as Problem.Error gives them; "…" stands for any text.
	want []string
}

func (r refusal) run(t *testing.T) {
	t.Helper()
	t.Run(r.name, func(t *testing.T) {
		t.Helper()
		bad := topicTemplate()
		r.bad(bad)
		wantProblems(t, bad, r.want)
		if r.good != nil {
			good := topicTemplate()
			r.good(good)
			files(t, good)
		}
	})
}

func wantProblems(t *testing.T, template *cfn.Template, want []string) {
	t.Helper()
	var got []string
	for _, p := range problems(t, template) {
		got = append(got, p.Error())
		if p.Allowed == "" {
			t.Errorf("%v: says nothing of what is allowed", p)
		}
	}
	for i := range got {
		if i < len(want) && matches(got[i], want[i]) {
			got[i] = want[i]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// matches compares a text with a pattern in which "…" stands for any text.
func matches(text, pattern string) bool {
	parts := strings.Split(pattern, "…")
	rest, ok := strings.CutPrefix(text, parts[0])
	for i := 1; ok && i < len(parts); i++ {
		at := strings.LastIndex(rest, parts[i])
		if ok = at >= 0; ok {
			rest = rest[at+len(parts[i]):]
		}
	}
	return ok && rest == ""
}

// raw adds a resource with the given properties.
func raw(template *cfn.Template, logicalID, resourceType string, properties map[string]any) cfn.Resource[*cfn.Raw] {
	return cfn.Add(template, logicalID, "A resource", &cfn.Raw{Type: resourceType, Properties: properties})
}

// display patches a property that takes any string onto Topic's neighbour Other.
func display(template *cfn.Template, value any) {
	addTopic(template, "Other").Patch("DisplayName", value)
}

// wantResource compares the text of one resource, without its logical ID.
func wantResource(t *testing.T, template *cfn.Template, logicalID, want string) {
	t.Helper()
	text := files(t, template)[template.Name()+".yaml"]
	_, text, found := strings.Cut(text, "\n  "+logicalID+":\n")
	if !found {
		t.Fatalf("no resource %s", logicalID)
	}
	lines := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "    ") && line != "\n" {
			break
		}
		lines += len(line)
	}
	got := strings.TrimRight(text[:lines], "\n") + "\n"
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", logicalID, diff)
	}
}

// wantText tells whether a file contains some lines.
func wantText(t *testing.T, file, want string) {
	t.Helper()
	if !strings.Contains(file, want) {
		t.Errorf("got\n%s\nwithout%s", file, want)
	}
}
