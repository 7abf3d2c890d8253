package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commit is that of the templates, with a mark when they differ from it; without git or a repository there is none.
func TestCommitOfTheTemplates(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	root := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(root)) // no repository above
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := filepath.Join(root, "templates")
	git := func(args ...string) string {
		t.Helper()
		c := exec.Command("git", append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(when, want string) {
		t.Helper()
		if got := checkedOut(t.Context(), dir); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "platform.yaml"), "Resources: {}\n")
	expect("no repository", "")
	git("init", "-q")
	expect("no commit", "")
	git("add", ".")
	git("commit", "-q", "-m", "Templates")
	head := git("rev-parse", "HEAD")
	expect("committed", head)
	write(filepath.Join(root, "notes"), "beside them")
	expect("another file differs", head)
	write(filepath.Join(dir, "platform.yaml"), "Resources: {A: {}}\n")
	expect("modified", head+"-modified")
	t.Setenv("GITHUB_SHA", "")
	t.Setenv("CODEBUILD_RESOLVED_SOURCE_VERSION", "")
	t.Setenv("CI_COMMIT_SHA", "")
	if got := commit(t.Context(), dir); got != head+"-modified" {
		t.Errorf("commit is %q", got)
	}
	t.Setenv("CI_COMMIT_SHA", "abc")
	if got := commit(t.Context(), dir); got != "abc" {
		t.Errorf("in CI the commit is %q", got)
	}
	t.Setenv("PATH", root)
	expect("no git", "")
}
