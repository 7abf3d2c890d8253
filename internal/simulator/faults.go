package simulator

import (
	"net/http"
	"strings"
	"time"
)

// A Kind is what goes wrong with a call.
type Kind string

// The kinds of faults. Codes are those that the service's protocol has for them ("Common errors" of each API reference; for Amazon S3,
// "Error responses").
const (
	// Throttled: too many requests. Nothing is performed.
	Throttled Kind = "throttled"
	// Internal: an error 500 of the service. Nothing is performed.
	Internal Kind = "internal"
	// Denied: the caller lacks the permission.
	Denied Kind = "denied"
	// Expired: the credentials ran out.
	Expired Kind = "expired"
	// Skewed: the caller's clock is wrong.
	Skewed Kind = "skewed"
	// Refused: no connection. Nothing is performed.
	Refused Kind = "refused"
	// Lost: performed, but the connection breaks before the answer.
	Lost Kind = "lost"
	// Half: performed, but the connection breaks in the middle of the answer.
	Half Kind = "half"
	// Twice: the request is delivered twice and performed twice; the caller gets the first answer. (After Lost a caller that repeats the
	// request gets the second.)
	Twice Kind = "twice"
	// Failing: the error that the fault's Code, Status and Message say.
	Failing Kind = "failing"
)

// Kinds are all kinds of faults.
func Kinds() []Kind {
	return []Kind{Throttled, Internal, Denied, Expired, Skewed, Refused, Lost, Half, Twice, Failing}
}

// A Fault is something that goes wrong with calls. Of several that fit a call the one injected first acts; each counts for itself.
type Fault struct {
	// Service is the name in the signature's scope: cloudformation, s3, sts, ecs, ecr, logs, elasticloadbalancing, application-autoscaling,
	// secretsmanager, tagging, kms, rds, servicediscovery, cloudtrail, codedeploy, monitoring, wafv2, ec2. Empty is any.
	Service string
	// Operation is the API's name, "DescribeStacks"; empty is any.
	Operation string
	Kind      Kind
	// Skip is how many fitting calls go well first; Times how many are hit then, 0 for all.
	Skip, Times int
	// From is when the fault begins, counted from the simulation's beginning; For how long it lasts, 0 for ever.
	From, For time.Duration
	// Code, Status (400 when 0) and Message are those of Failing.
	Code, Message string
	Status        int
}

// injected is a fault at work.
type injected struct {
	Fault
	seen int
}

// Inject makes calls go wrong.
func (s *Simulator) Inject(faults ...Fault) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &injected{Fault: f})
	}
}

// Heal ends all faults: of calls, of resources, of validation, of releases and of the delivery of events.
func (s *Simulator) Heal() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.faults, s.broken, s.findings, s.delivery = nil, nil, nil, Delivery{}
	clear(s.releases.plans)
}

// fault is what acts on a call; nil for nothing.
func (s *Simulator) fault(c *call) *Fault {
	var acting *Fault
	since := s.clock.Now().Sub(epoch)
	for _, f := range s.faults {
		if f.Service != "" && f.Service != c.service || f.Operation != "" && f.Operation != c.operation || since < f.From || f.For > 0 && since >= f.From+f.For {
			continue
		}
		f.seen++
		if f.seen <= f.Skip || f.Times > 0 && f.seen > f.Skip+f.Times || acting != nil {
			continue
		}
		acting = &f.Fault
	}
	return acting
}

// error is the service's answer for a fault that keeps it from performing; nil for the others.
func (f *Fault) error(service string) *Error {
	codes := map[Kind][3]Error{ // query, JSON, S3
		Throttled: {{400, "Throttling", "Rate exceeded"}, {400, "ThrottlingException", "Rate exceeded"}, {503, "SlowDown", "Please reduce your request rate."}},
		Internal:  {{500, "InternalFailure", ""}, {500, "ServerException", "Service Unavailable"}, {500, "InternalError", "We encountered an internal error. Please try again."}},
		Denied:    {{403, "AccessDenied", ""}, {400, "AccessDeniedException", ""}, {403, "AccessDenied", "Access Denied"}},
		Expired: {{403, "ExpiredToken", "The security token included in the request is expired"}, {400, "ExpiredTokenException", "The security token included in the request is expired"},
			{400, "ExpiredToken", "The provided token has expired."}},
		Skewed: {{403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."}, {400, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."},
			{403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."}},
	}
	if f.Kind == Failing {
		status := f.Status
		if status == 0 {
			status = http.StatusBadRequest
		}
		return &Error{status, f.Code, f.Message}
	}
	all, known := codes[f.Kind]
	switch {
	case !known:
		return nil
	case service == "s3":
		return &all[2]
	case isQuery(service):
		return &all[0]
	}
	return &all[1]
}

// denial is what AWS says of a missing permission (IAM User Guide, "Troubleshoot access denied error messages").
func (s *Simulator) denial(c *call, e *Error) *Error {
	if e.Code != "AccessDenied" && e.Code != "AccessDeniedException" || e.Message != "" {
		return e
	}
	return &Error{e.Status, e.Code, "User: " + s.options.Caller + " is not authorized to perform: " + strings.TrimPrefix(c.service, "aws-") + ":" + c.operation +
		" because no identity-based policy allows the " + c.service + ":" + c.operation + " action"}
}
