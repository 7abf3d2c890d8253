package main

import (
	"context"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"time"
)

// gitTime is what git may take: no deployment waits for a repository on a slow disk.
const gitTime = 10 * time.Second

// commit is the git commit that CI works on, that of the directory of templates, or that the binary was built from. Empty where none is known.
func commit(ctx context.Context, templates string) string {
	for _, name := range []string{"GITHUB_SHA", "CODEBUILD_RESOLVED_SOURCE_VERSION", "CI_COMMIT_SHA"} {
		if sha := os.Getenv(name); sha != "" {
			return sha
		}
	}
	if sha := checkedOut(ctx, templates); sha != "" {
		return sha
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return setting(info, "vcs.revision")
	}
	return ""
}

// checkedOut is the commit of the directory's repository, with "-modified" where files of the directory differ from it. It is empty without
// git, a repository or a commit: deploying needs none.
func checkedOut(ctx context.Context, dir string) string {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	git := func(args ...string) (string, error) {
		// Looking must not write: git status refreshes the index unless told not to (git-status(1), "Background Refresh").
		out, err := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-C", dir}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	sha, err := git("rev-parse", "--verify", "HEAD")
	if err != nil {
		return ""
	}
	if changed, err := git("status", "--porcelain", "--", "."); err != nil || changed != "" {
		return sha + "-modified"
	}
	return sha
}
