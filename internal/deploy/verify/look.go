package verify

import (
	"errors"
	"fmt"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// A look is one check at work.
type look struct {
	*account
	estate *Estate
	found  []Finding
	// broken is an error after which nothing more can be asked.
	broken error
}

// add notes what is found of a resource; nil for none in particular.
func (l *look) add(r *Resource, f Finding) {
	if r != nil {
		f.Resource, f.Place, f.Type = r.arn(), r.Place(), r.Type
	}
	f.Time = present(l.Clock.Now())
	l.found = append(l.found, f)
}

// judge notes whether AWS says what is promised.
func (l *look) judge(r *Resource, holds bool, expected, observed string) {
	result := Fail
	if holds {
		result = Pass
	}
	l.add(r, Finding{Expected: expected, Observed: observed, Result: result})
}

// same compares a promised value with AWS's.
func (l *look) same(r *Resource, expected, observed string) {
	l.judge(r, expected == observed, expected, observed)
}

// unread notes that the question was not answered. A thing that does not exist is an answer: the promise is broken.
func (l *look) unread(r *Resource, expected string, err error) {
	var asked *question
	if errors.As(err, &asked) && asked.missing() {
		l.judge(r, false, expected, "does not exist")
		return
	}
	if cloud.Expired(err) && l.broken == nil {
		l.broken = err
	}
	l.add(r, Finding{Expected: expected, Result: Unknown, Why: reason(err)})
}

// untold notes that the template's promise cannot be evaluated.
func (l *look) untold(r *Resource, what string) {
	l.add(r, Finding{Expected: what + " as the template says", Result: Unknown, Why: "the template's " + what + " cannot be evaluated from what CloudFormation tells"})
}

// inapplicable notes why nothing is promised of a resource.
func (l *look) inapplicable(r *Resource, observed, why string) {
	l.add(r, Finding{Observed: observed, Result: NotApplicable, Why: why})
}

// nothing notes why the check has nothing to ask about.
func (l *look) nothing(why string) { l.inapplicable(nil, "", why) }

// A question is a call that was not answered well.
type question struct {
	// action is the permission that the call needs.
	action string
	err    error
}

// Error says which call it was.
func (q *question) Error() string { return q.action + ": " + q.err.Error() }

// Unwrap gives the cause.
func (q *question) Unwrap() error { return q.err }

// missing tells whether AWS answered that the thing does not exist. These codes are beyond those that package cloud knows, each from the
// API reference of its service: Elastic Load Balancing, Amazon RDS, AWS KMS, AWS CloudTrail, AWS WAF.
func (q *question) missing() bool {
	switch cloud.ErrorCode(q.err) {
	case "LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound", "TargetGroupNotFound", "DBClusterNotFoundFault", "DBInstanceNotFound", "DBInstanceNotFoundFault", "DBParameterGroupNotFound",
		"DBClusterParameterGroupNotFound", "NotFoundException", "TrailNotFoundException", "WAFNonexistentItemException":
		return true
	}
	return cloud.Missing(q.err)
}

// asking names the permission of a call that failed; nil stays nil.
func asking(action string, err error) error {
	if err == nil {
		return nil
	}
	return &question{action, err}
}

// reason says in a few words why a question was not answered.
func reason(err error) string {
	var asked *question
	if !errors.As(err, &asked) {
		return err.Error()
	}
	switch {
	case cloud.Denied(err):
		return "denied: the caller may not " + asked.action
	case cloud.Throttled(err):
		return "throttled: " + asked.action + " was refused again and again"
	case cloud.ErrorCode(err) != "":
		return fmt.Sprintf("%s answered %s", asked.action, cloud.ErrorCode(err))
	}
	return err.Error()
}
