package cloud

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"
)

// A Denial is a call that the caller may not make, in the parts that AWS's message has (IAM User Guide, "Troubleshoot access denied error
// messages"). What the message does not tell is empty; Amazon S3 tells nothing to callers of other accounts, for instance.
type Denial struct {
	Caller, Resource string
	// Action is IAM's name where AWS tells it, else the API's.
	Action string
	// Why is the kind of policy that is missing, or that denies.
	Why string
	// Err is the SDK's whole error.
	Err error
}

// Denials are the calls that an error is about, itself or those that it wraps, and that the caller may not make.
func Denials(err error) []Denial {
	switch is := err.(type) {
	case nil:
		return nil
	case *smithy.OperationError:
		if Denied(is) {
			return []Denial{denial(is, is.Service()+" "+is.Operation())}
		}
		return nil
	case smithy.APIError:
		if Denied(is) {
			return []Denial{denial(is, "this operation")}
		}
		return nil
	case interface{ Unwrap() []error }:
		var all []Denial
		for _, one := range is.Unwrap() {
			all = append(all, Denials(one)...)
		}
		return all
	}
	return Denials(errors.Unwrap(err))
}

// denial takes a message apart: User: ARN is not authorized to perform: ACTION on resource: ARN because no … policy allows the ACTION
// action, or: with an explicit deny in ….
func denial(err error, call string) Denial {
	d := Denial{Action: call, Err: err}
	_, message := said(err)
	who, rest, told := strings.Cut(message, " is not authorized to perform: ")
	if !told {
		return d
	}
	d.Caller = who[strings.LastIndexByte(who, ' ')+1:]
	d.Action, rest, _ = strings.Cut(rest, " ")
	if after, on := strings.CutPrefix(rest, "on resource: "); on {
		d.Resource, rest, _ = strings.Cut(after, " ")
	}
	rest = strings.TrimSuffix(rest, " the "+d.Action+" action")
	d.Why = strings.TrimPrefix(strings.TrimPrefix(rest, "because "), "with ")
	if strings.HasSuffix(d.Why, " allows") {
		d.Why += " it"
	}
	return d
}

// Words say who may not do what, and why. caller is who calls, where the message does not tell.
func (d Denial) Words(caller string) string {
	if d.Caller != "" {
		caller = d.Caller
	}
	text := caller + " may not call " + d.Action
	if d.Resource != "" && d.Resource != "*" {
		text += " on " + d.Resource
	}
	if d.Why != "" {
		text += ": " + d.Why
	}
	return text
}
