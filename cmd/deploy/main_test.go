package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// The first signal ends the context and tells which it was; the second ends the process with the code that shells know it by.
func TestSignals(t *testing.T) {
	for _, tc := range []struct {
		first, second os.Signal
		code          fault.Code
		exit          int
	}{{os.Interrupt, os.Interrupt, 130, 130}, {syscall.SIGTERM, os.Interrupt, 143, 130}, {os.Interrupt, syscall.SIGTERM, 130, 143}} {
		received, exited := make(chan os.Signal), make(chan int)
		var stderr bytes.Buffer
		ctx := signals(t.Context(), received, &stderr, func(code int) { exited <- code })
		if ctx.Err() != nil {
			t.Fatal("ended before a signal came")
		}
		received <- tc.first
		<-ctx.Done()
		var by interruption
		if !errors.As(context.Cause(ctx), &by) || by.code() != tc.code {
			t.Errorf("%v ends the context by %v", tc.first, context.Cause(ctx))
		}
		received <- tc.second
		if code := <-exited; code != tc.exit || !strings.Contains(stderr.String(), "deploy watch") {
			t.Errorf("%v ends the process with %d, and says %q", tc.second, code, &stderr)
		}
	}
}

// Only what came before the execution is told as the user's own interruption; what AWS goes on with has its own words and code.
func TestTold(t *testing.T) {
	usage := &fault.Error{Code: fault.Usage, What: "wrong"}
	for _, tc := range []struct {
		name string
		by   os.Signal
		err  error
		code fault.Code
		says string
	}{
		{"nothing", os.Interrupt, nil, fault.OK, ""},
		{"no signal", nil, context.Canceled, fault.Unexpected, "context canceled"},
		{"any error", os.Interrupt, context.Canceled, fault.Interrupted, "interrupted before anything was executed: interrupt; deploy status -e dev"},
		{"terminated", syscall.SIGTERM, context.Canceled, fault.Terminated, "before anything was executed: terminated"},
		{"while it was followed", syscall.SIGTERM, &fault.Error{Code: fault.Interrupted, What: "it goes on in AWS", Do: "deploy watch -e dev"}, fault.Terminated, "it goes on in AWS: terminated; deploy watch -e dev"},
		{"wrong anyway", os.Interrupt, usage, fault.Usage, "wrong"},
		{"detached", os.Interrupt, &fault.Error{Code: fault.StillRunning, What: "detached"}, fault.StillRunning, "detached"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			if cancel(nil); tc.by != nil {
				ctx, cancel = context.WithCancelCause(t.Context())
				cancel(interruption{tc.by})
			}
			err := told(ctx, tc.err, "dev")
			if got := fault.CodeOf(err); got != tc.code || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("code %d, %v; want %d, %q", got, err, tc.code, tc.says)
			}
		})
	}
}

// Where no environment was named, the next command names none.
func TestInterruptedWithoutAnEnvironment(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interruption{os.Interrupt})
	if err := told(ctx, context.Canceled, ""); !strings.HasSuffix(err.Error(), "; deploy list") {
		t.Error(err)
	}
}

// A run that is interrupted before anything was executed exits as shells expect it, in words and in JSON, and leaves nothing.
func TestInterruptedBeforeAnything(t *testing.T) {
	p := newPlace(t)
	for _, setting := range p.environment() {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	t.Chdir(p.dir)
	for sent, code := range map[os.Signal]string{os.Interrupt: "130", syscall.SIGTERM: "143"} {
		for _, verb := range []string{"status", "apply", "destroy", "rehearse"} {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(interruption{sent})
			var stdout, stderr bytes.Buffer
			e := &ended{t, "deploy " + verb, "", "", run(ctx, []string{verb, "-o", "json"}, strings.NewReader(""), &stdout, &stderr)}
			if err := stream(stdout.String(), code); err != nil {
				t.Errorf("%s: %v\n%s", e.call, err, &stderr)
			}
			if got := fault.Code(e.code); got != map[os.Signal]fault.Code{os.Interrupt: fault.Interrupted, syscall.SIGTERM: fault.Terminated}[sent] {
				t.Errorf("%s: exit code %d, want %s", e.call, got, code)
			}
		}
	}
	if changed := p.changes(); len(changed) > 0 {
		t.Errorf("called %v", changed)
	}
}
