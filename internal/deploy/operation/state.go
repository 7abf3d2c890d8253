package operation

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// A Way is the one safe thing to do about a state of a stack.
type Way string

// Ways out.
const (
	// Deploy: nothing stands in the way of the next change set.
	Deploy Way = "deploy"
	// Recreate: the stack never lived; it is deleted and made anew.
	Recreate Way = "recreate"
	// Wait: an operation runs; follow it.
	Wait Way = "wait"
	// Rollback: RollbackStack brings back what was.
	Rollback Way = "rollback"
	// Continue: ContinueUpdateRollback, on the root.
	Continue Way = "continue rollback"
	// Destroy: a deletion failed; show what stands in the way and delete again.
	Destroy Way = "destroy"
	// Look: nothing that the command could do is safe; find out why, and let a person decide.
	Look Way = "look"
	// Gone: there is no such stack.
	Gone Way = "gone"
)

// Ways is the table of states (CloudFormation User Guide, "Stack status codes"), each with its way out. Which call takes which state:
// API reference, RollbackStack (CREATE_FAILED, UPDATE_FAILED) and ContinueUpdateRollback (UPDATE_ROLLBACK_FAILED). No call is documented
// for IMPORT_ROLLBACK_FAILED, and the command never imports.
func Ways() map[string]Way {
	ways := map[types.StackStatus]Way{
		"":                                                       Gone,
		types.StackStatusDeleteComplete:                          Gone,
		types.StackStatusCreateComplete:                          Deploy,
		types.StackStatusUpdateComplete:                          Deploy,
		types.StackStatusUpdateRollbackComplete:                  Deploy,
		types.StackStatusImportComplete:                          Deploy,
		types.StackStatusImportRollbackComplete:                  Deploy,
		types.StackStatusReviewInProgress:                        Recreate,
		types.StackStatusRollbackComplete:                        Recreate,
		types.StackStatusRollbackFailed:                          Destroy,
		types.StackStatusDeleteFailed:                            Destroy,
		types.StackStatusCreateFailed:                            Rollback,
		types.StackStatusUpdateFailed:                            Rollback,
		types.StackStatusUpdateRollbackFailed:                    Continue,
		types.StackStatusImportRollbackFailed:                    Look,
		types.StackStatusCreateInProgress:                        Wait,
		types.StackStatusRollbackInProgress:                      Wait,
		types.StackStatusDeleteInProgress:                        Wait,
		types.StackStatusUpdateInProgress:                        Wait,
		types.StackStatusUpdateCompleteCleanupInProgress:         Wait,
		types.StackStatusUpdateRollbackInProgress:                Wait,
		types.StackStatusUpdateRollbackCompleteCleanupInProgress: Wait,
		types.StackStatusImportInProgress:                        Wait,
		types.StackStatusImportRollbackInProgress:                Wait,
	}
	named := map[string]Way{}
	for status, way := range ways {
		named[string(status)] = way
	}
	return named
}

// WayOut is the way out of a state. About one that the table does not know nothing is done: it is waited for, or looked at.
func WayOut(status string) Way {
	if way, known := Ways()[status]; known {
		return way
	}
	if strings.HasSuffix(status, "_IN_PROGRESS") {
		return Wait
	}
	return Look
}

// Command is what a person calls to take the way.
func (w Way) Command(suffix string) string {
	verb := map[Way]string{Deploy: "apply", Recreate: "apply", Wait: "watch", Rollback: "rollback", Continue: "rollback", Destroy: "destroy", Look: "diagnose", Gone: "apply"}[w]
	return "deploy " + verb + " -e " + suffix
}
