package world

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestProcess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, says string }{
		"stops":           {`trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done`, ""},
		"dies of SIGTERM": {`echo up; exec sleep 60`, ""},
		"fails":           {`trap 'echo no >&2; exit 3' TERM; echo up; while :; do sleep 0.05; done`, "exit status 3; its output:\nup\nno"},
		"ignores SIGTERM": {`trap '' TERM; echo up; while :; do sleep 0.05; done`, "did not stop within 300ms"},
		"ended by itself": {`echo up; exit 4`, "exit status 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			limit := time.Minute
			if name == "ignores SIGTERM" {
				limit = 300 * time.Millisecond
			}
			p, err := Start(ctx, Program{Path: "/bin/sh", Arguments: []string{"-c", c.script}, Environment: []string{"PATH=" + os.Getenv("PATH")}, StopTimeout: limit})
			if err != nil {
				t.Fatal(err)
			}
			if line, err := p.Line(ctx, func(line string) bool { return line == "up" }); err != nil || line != "up" {
				t.Errorf("%q, %v", line, err)
			}
			if name == "ended by itself" {
				<-p.Ended() // else SIGTERM may come before its exit
			}
			err = p.Stop()
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func TestProcessThatEndsWritesNoMore(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), Program{Path: "/bin/sh", Arguments: []string{"-c", "echo one"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Line(t.Context(), func(line string) bool { return line == "two" }); err == nil || !strings.Contains(err.Error(), "ended before it wrote") {
		t.Error(err)
	}
	if _, err := Start(t.Context(), Program{Path: "/no/such/program"}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestNetworksAreMadeInASandboxOnly(t *testing.T) {
	t.Parallel()
	if _, err := NewNetwork(); err == nil || !strings.Contains(err.Error(), "world.Sandbox") {
		t.Error(err)
	}
}
