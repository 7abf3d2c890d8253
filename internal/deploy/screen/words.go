package screen

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// configured is the detailed status of a resource that exists but does not work yet
// (docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-resource-configuration-complete.html).
const configured = "CONFIGURATION_COMPLETE"

// word is what a resource does, as a person says it.
func word(status, detailed string) string {
	if detailed == configured && strings.HasSuffix(status, "_IN_PROGRESS") {
		return "configured, stabilizing"
	}
	verb, _, _ := strings.Cut(status, "_")
	switch {
	case strings.HasPrefix(status, "ROLLBACK_IN"), strings.Contains(status, "ROLLBACK_IN"):
		return "rolling back"
	case strings.Contains(status, "CLEANUP"):
		return "cleaning up"
	case verb == "CREATE":
		return "creating"
	case verb == "DELETE":
		return "deleting"
	case verb == "IMPORT":
		return "importing"
	}
	return "updating"
}

// initiated is the end of reasons that say only that work began: "Resource creation Initiated", "Eventual consistency check initiated".
const initiated = "initiated"

// remark is the reason of an event, if it says more than that work began.
func remark(r report.Resource) string {
	if strings.HasSuffix(strings.ToLower(r.Reason), initiated) {
		return ""
	}
	return reason(r.Type, r.Reason)
}

// effective tells a change that does something: not one that was disproved.
func effective(c report.Change) bool { return !c.Hidden && c.Certainty != report.Spurious }
