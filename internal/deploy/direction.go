package deploy

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// A direction is what a person asked for: to go on to what is new, or back to what was. The same end of an operation is a success of the
// one and a failure of the other.
type direction int

const (
	// whichever is that of somebody who only watches.
	whichever direction = iota
	forward
	back
)

// code is the exit code of an operation's final status.
func (d direction) code(status string) fault.Code {
	code := codeOf(status)
	switch {
	case d == back && code == fault.RolledBack:
		return fault.OK
	case d == back && code == fault.OK && status != "DELETE_COMPLETE": // what is new serves: it was too late
		return fault.NeedsPerson
	case d == forward && status == "DELETE_COMPLETE": // a first deployment that was cancelled
		return fault.RolledBack
	}
	return code
}

// means says what a status means to who asked for the way back.
func (d direction) means(status string) string {
	switch {
	case d == forward && status == "DELETE_COMPLETE":
		return ": the first deployment was cancelled, and nothing of it is left"
	case d != back:
		return ""
	case status == "DELETE_COMPLETE":
		return ": nothing of the first deployment is left"
	case status == "ROLLBACK_COMPLETE":
		return ": nothing of it runs"
	case strings.HasSuffix(status, "ROLLBACK_COMPLETE"):
		return ": what ran before runs again"
	}
	return ": it had ended before it could be brought back"
}

// instead is what to do where an operation ended well, but not as was asked.
func (d direction) instead(suffix string) string {
	if d == back {
		return "an earlier deployment comes back with: deploy rollback -e " + suffix + " --to ID, of deploy history -e " + suffix
	}
	return "deploy apply -e " + suffix
}

// codeOf is the exit code of an operation's final status.
func codeOf(status string) fault.Code {
	switch {
	case status == "CREATE_COMPLETE", status == "UPDATE_COMPLETE", status == "DELETE_COMPLETE", status == "IMPORT_COMPLETE":
		return fault.OK
	case status == "ROLLBACK_COMPLETE", status == "UPDATE_ROLLBACK_COMPLETE", status == "IMPORT_ROLLBACK_COMPLETE":
		return fault.RolledBack
	}
	return fault.NeedsPerson
}
