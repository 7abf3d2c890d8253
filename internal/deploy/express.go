package deploy

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// production are the words of a suffix that tell an environment which people depend on.
func production() []string {
	return []string{"live", "prd", "prod", "production", "stage", "staging"}
}

// hasty refuses express mode where it is not meant for: it ends before resources are ready, and AWS recommends it for development only
// (CloudFormation User Guide, "Deploy AWS CloudFormation stacks faster with express mode"). An environment is protected by its root stack's
// termination protection, or by its name.
func (e *Engine) hasty(s situation, r Request) error {
	if !r.Express {
		return nil
	}
	refused := fault.Error{Code: fault.Refused, What: "--express is for development, and " + e.environment.suffix + " is protected", Do: "deploy apply -e " + e.environment.suffix + " without --express"}
	for word := range strings.SplitSeq(e.environment.suffix, "-") {
		if slices.Contains(production(), word) {
			refused.Found = "the suffix says " + word
			return &refused
		}
	}
	switch {
	case s.platform != nil && s.platform.protected:
		refused.Found = s.platform.name + " has termination protection"
		return &refused
	case r.NoRollback:
		return &fault.Error{Code: fault.Usage, What: "--express does not go with --no-rollback: what failed could neither be replaced nor rolled back", Do: "give one of them"}
	}
	return nil
}

// warnOfExpress says what the end of an operation does not mean.
func (e *Engine) warnOfExpress(r Request) {
	if r.Express {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "express: CloudFormation ends before resources are ready, and deletions may still go on"})
	}
}
