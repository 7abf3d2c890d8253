package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tierform/tierform/internal/deploy"
)

// A word that is no choice is asked for again, three times at most; what leaves no doubt is enough.
func TestInterruptionIsAskedAgain(t *testing.T) {
	for typed, want := range map[string]struct {
		choice deploy.Interruption
		asked  int
	}{
		"cancel\n":                   {deploy.CancelOperation, 1},
		" Continue \n":               {deploy.GoOn, 1},
		"ca\n":                       {deploy.CancelOperation, 1},
		"co\n":                       {deploy.GoOn, 1},
		"d\n":                        {deploy.Detach, 1},
		"c\ncan\n":                   {deploy.CancelOperation, 2},
		"cancle\ncancel":             {deploy.CancelOperation, 2},
		"\ny\ncontinue\n":            {deploy.GoOn, 3},
		"no\nstop\nquit\ncontinue\n": {deploy.Detach, 3},
		"":                           {deploy.Detach, 1},
		"stop":                       {deploy.Detach, 2},
	} {
		var stderr bytes.Buffer
		c := &command{stdin: strings.NewReader(typed), stderr: &stderr}
		if choice := c.interruption(t.Context()); choice != want.choice {
			t.Errorf("%q: %s, want %s", typed, choice, want.choice)
		}
		asked := strings.Count(stderr.String(), "[detach/cancel/continue]") + strings.Count(stderr.String(), "is none of")
		if asked != want.asked {
			t.Errorf("%q: asked %d times, want %d: %s", typed, asked, want.asked, &stderr)
		}
	}
}

// Lines that come together are the answers to one question after the other.
func TestTypedAhead(t *testing.T) {
	c := &command{stdin: iotest.DataErrReader(strings.NewReader("yes\nDev\nn")), stderr: io.Discard}
	yes, err := c.ask(t.Context(), "Apply?")
	text, more := c.typed(t.Context(), "Type dev:")
	no, last := c.ask(t.Context(), "Again?")
	if !yes || text != "dev" || no || errors.Join(err, more, last) != nil {
		t.Errorf("%v %q %v, %v", yes, text, no, errors.Join(err, more, last))
	}
	if text, err := c.typed(t.Context(), "More?"); text != "" || err != nil {
		t.Errorf("after the end: %q, %v", text, err)
	}
}

// A line that comes after a question was given up is the answer to the next one.
func TestAnswerOfALaterQuestion(t *testing.T) {
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	c := &command{stdin: in, stderr: io.Discard}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.ask(ctx, "Apply?"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(keyboard, "cancel\n") }()
	if choice := c.interruption(t.Context()); choice != deploy.CancelOperation {
		t.Errorf("the answer is lost: %s", choice)
	}
}
