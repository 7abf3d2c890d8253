//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrongUseIsExplainedBeforeAnythingStarts(t *testing.T) {
	t.Setenv(rootVariable, "")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--help"}, 0, "kill SERVICE"},
		{[]string{"--help"}, 0, "--script COMMANDS"},
		{[]string{"now"}, exitUsage, "demo --help"},
		{[]string{"--colour"}, exitUsage, "usage: make demo"},
		{[]string{"--script", "pay; dance"}, exitUsage, `"dance" is no command`},
		{[]string{"--script", "pay; kill"}, exitUsage, "say: kill SERVICE"},
		{[]string{"--script", "b"}, exitUsage, `"b" is no command`}, // breaker or backlog
		{[]string{"--script", "pay; q"}, exitMissing, "make demo"},
	} {
		var out bytes.Buffer
		if code := run(c.args, strings.NewReader(""), &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%q: %d, want %d and %q:\n%s", c.args, code, c.code, c.want, &out)
		}
	}
}
