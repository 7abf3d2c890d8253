package deploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A DoctorRequest is what doctor is asked for.
type DoctorRequest struct {
	// Repair resumes scaling that was left suspended.
	Repair bool
	// Version is the command's, to be told.
	Version string
}

// A patient is what the checks look at. It is read once; what could not be read is nil and has a check.
type patient struct {
	*Engine
	request    DoctorRequest
	foundation *stack
	role       *stack
	platform   *stack
	checks     []report.Check
}

func (p *patient) note(check, verdict, found, do string) {
	p.checks = append(p.checks, report.Check{Name: check, Verdict: verdict, Found: found, Do: do})
}

// Doctor checks what deployments need and tells of each whether it is well, and what to do where it is not. It changes nothing, but
// resumes scaling if asked to. A problem is an error of code NeedsPerson.
func (e *Engine) Doctor(ctx context.Context, r DoctorRequest) error {
	p := &patient{Engine: e, request: r}
	for _, check := range []func(context.Context){p.versions, p.caller, p.stacks, p.bucketAndLock, p.changeSets, p.running, p.registry, p.quotas, p.permissions} {
		check(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	count := map[string]int{}
	for _, c := range p.checks {
		count[c.Verdict]++
	}
	e.Reporter.Report(report.Checks{Title: "Checks of " + e.environment.suffix, Checks: p.checks})
	if count[report.Problem] > 0 {
		return &fault.Error{Code: fault.NeedsPerson, What: summed(count), Do: "do what the checks say and call deploy doctor -e " + e.environment.suffix + " again"}
	}
	e.result(report.Result{Status: "done", Text: report.Plural(len(p.checks), "check", "") + ", " + summed(count)})
	return nil
}

// summed counts what is not well.
func summed(count map[string]int) string {
	parts := []string{"no problem"}
	if n := count[report.Problem]; n > 0 {
		parts[0] = report.Plural(n, "problem", "")
	}
	if n := count[report.Warned]; n > 0 {
		parts = append(parts, report.Plural(n, "warning", ""))
	}
	if n := count[report.Doubtful]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d unknown", n))
	}
	return strings.Join(parts, ", ")
}

// failed is a check that could not be made: a missing permission by its name, which deployments miss as well.
func (p *patient) failed(check string, err error) {
	if cloud.Denied(err) {
		p.note(check, report.Problem, "no permission: "+action(err), "let the caller's role do it")
		return
	}
	p.note(check, report.Problem, err.Error(), "")
}

// action is the IAM action that an error of AWS names as missing (IAM User Guide, "Troubleshoot access denied error messages").
func action(err error) string {
	if _, after, named := strings.Cut(err.Error(), "not authorized to perform: "); named {
		name, _, _ := strings.Cut(after, " ")
		return strings.TrimRight(name, ".,")
	}
	return err.Error()
}

// skewAtMost is how far clocks may be apart before AWS refuses signatures (IAM User Guide, "Signature Version 4": five minutes).
const skewAtMost = 5 * time.Minute

// caller tells who runs the command, where, and whether the clocks agree.
func (p *patient) caller(ctx context.Context) {
	p.note("Credentials", report.Fine, p.Engine.caller.ARN, "")
	if p.Cloud.Region() == "us-east-1" || p.Roots.Foundation == "" {
		p.note("Region", report.Fine, p.Cloud.Region(), "")
	} else {
		p.note("Region", report.Problem, p.Cloud.Region(), "the platform is written for us-east-1: give --region us-east-1")
	}
	out, err := p.Cloud.STS().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		p.failed("Clock", err)
		return
	}
	theirs, told := middleware.GetServerTime(out.ResultMetadata)
	switch apart := theirs.Sub(p.Clock.Now()).Abs().Round(time.Second); {
	case !told || theirs.IsZero():
		p.note("Clock", report.Doubtful, "the answer has no date to compare with", "")
	case apart > skewAtMost:
		p.note("Clock", report.Problem, fmt.Sprintf("%s apart from AWS's", apart), "set this machine's clock: AWS refuses signatures that are more than five minutes off")
	default:
		p.note("Clock", report.Fine, fmt.Sprintf("%s apart from AWS's", apart), "")
	}
}

// versions tells what is at work, and whether the templates can be read and are those that the code renders.
func (p *patient) versions(context.Context) {
	p.note("Versions", report.Fine, fmt.Sprintf("deploy %s, output schema %s, AWS SDK %s", p.request.Version, report.Schema, aws.SDKVersion), "")
	set, err := p.set()
	switch {
	case err != nil:
		p.note("Templates", report.Problem, err.Error(), "")
		return
	case p.Check != nil:
		if err := p.Check(); err != nil {
			p.note("Templates", report.Problem, "not what the code renders: "+err.Error(), "go run ./cmd/render, review the difference and commit it")
			return
		}
	}
	p.note("Templates", report.Fine, report.Plural(len(set.All()), "template", ""), "")
}
