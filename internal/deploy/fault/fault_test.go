package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

// A message says what, which value, what is allowed, why and what to do, in this order, and leaves out what is not known.
func TestMessage(t *testing.T) {
	for _, tc := range []struct {
		err  *Error
		want string
	}{
		{&Error{What: "not approved"}, "not approved"},
		{&Error{What: "-e is no environment suffix", Found: "QA 7", Allowed: "words of a-z and 0-9"}, `-e is no environment suffix (found "QA 7"); allowed: words of a-z and 0-9`},
		{&Error{What: "the plan cannot be read", Found: "a.plan", Do: "deploy plan --out a.plan", Err: fs.ErrNotExist},
			`the plan cannot be read (found "a.plan"): file does not exist; deploy plan --out a.plan`},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

// The exit code is found below whatever was wrapped around an error, and its cause below it.
func TestCodeOf(t *testing.T) {
	busy := &Error{Code: Busy, What: "locked", Err: fs.ErrExist}
	for _, tc := range []struct {
		err  error
		want Code
	}{
		{nil, OK},
		{errors.New("boom"), Unexpected},
		{busy, Busy},
		{fmt.Errorf("apply: %w", busy), Busy},
		{errors.Join(errors.New("first"), busy, &Error{Code: Refused}), Busy},
	} {
		if got := CodeOf(tc.err); got != tc.want {
			t.Errorf("%v: %d, want %d", tc.err, got, tc.want)
		}
	}
	if !errors.Is(fmt.Errorf("apply: %w", busy), fs.ErrExist) {
		t.Error("the cause is not found")
	}
}
