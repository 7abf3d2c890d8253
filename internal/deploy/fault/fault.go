// Package fault says what went wrong in words that a person can act on, and tells a pipeline by the exit code which of a few things
// it was.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// A Code is the exit code of a run. `go run` flattens all but 0 to 1: pipelines call `go tool deploy` or a built binary.
type Code int

// The exit codes.
const (
	// OK: done, or nothing to do.
	OK Code = 0
	// Unexpected: an error that no other code names.
	Unexpected Code = 1
	// Differences: asked for by --detailed-exitcode; a plan or a drift found some.
	Differences Code = 2
	// Unapproved: an approval is missing or was declined, a replacement or deletion is blocked.
	Unapproved Code = 3
	// RolledBack: failed and rolled back; the environment runs what it ran before.
	RolledBack Code = 4
	// NeedsPerson: failed, and a person has to decide what follows.
	NeedsPerson Code = 5
	// Refused: a gate refused: checks, validation, a hook, a policy, a scan.
	Refused Code = 6
	// Busy: somebody holds the lock, or another operation runs.
	Busy Code = 7
	// StillRunning: detached, timed out or credentials expired while AWS goes on; `watch` picks it up.
	StillRunning Code = 8
	// Usage: flags, parameters or files that cannot be right.
	Usage Code = 64
	// Interrupted by SIGINT, Terminated by SIGTERM; the last line says what AWS is still doing.
	Interrupted Code = 130
	Terminated  Code = 143
)

// An Error names the thing that is wrong, the value found, what is allowed and what to do next. Fields that do not apply are empty.
type Error struct {
	// Code is the exit code that the error leads to.
	Code Code
	// What is wrong, with the name of the thing: "parameter VpcCidr of platform.yaml does not match its pattern".
	What string
	// Found is the value at fault. Never a secret.
	Found string
	// Allowed says which values are.
	Allowed string
	// Do is the next step, a command where there is one.
	Do string
	// Err is the cause, if another error is.
	Err error
}

// Error is the whole message in one line.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.What)
	if e.Found != "" {
		fmt.Fprintf(&text, " (found %q)", e.Found)
	}
	if e.Allowed != "" {
		text.WriteString("; allowed: " + e.Allowed)
	}
	if e.Err != nil {
		text.WriteString(": " + e.Err.Error())
	}
	if e.Do != "" {
		text.WriteString("; " + e.Do)
	}
	return text.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the exit code of an error: OK for nil, Unexpected for an error without one. Of joined errors the first code counts.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	var known *Error
	if errors.As(err, &known) {
		return known.Code
	}
	return Unexpected
}
