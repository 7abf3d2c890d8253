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

// A verdict is what a check comes to.
type verdict string

const (
	fine    verdict = "ok"
	warning verdict = "warning"
	problem verdict = "problem"
)

// A finding is one row of the doctor's table. Do is empty where there is nothing to do.
type finding struct {
	check   string
	verdict verdict
	found   string
	do      string
}

// A patient is what the checks look at. It is read once; what could not be read is nil and has a finding.
type patient struct {
	*Engine
	request    DoctorRequest
	foundation *stack
	role       *stack
	platform   *stack
	findings   []finding
}

func (p *patient) note(check string, v verdict, found, do string) {
	p.findings = append(p.findings, finding{check, v, found, do})
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
	t := report.Table{Title: "Checks of " + e.environment.suffix, Columns: []string{"Check", "Verdict", "Found", "What to do"}}
	count := map[verdict]int{}
	for _, f := range p.findings {
		count[f.verdict]++
		t.Rows = append(t.Rows, []string{f.check, string(f.verdict), f.found, f.do})
	}
	e.Reporter.Report(t)
	if count[problem] > 0 {
		return &fault.Error{Code: fault.NeedsPerson, What: fmt.Sprintf("%d problems, %d warnings", count[problem], count[warning]), Do: "do what the table says and call deploy doctor -e " + e.environment.suffix + " again"}
	}
	e.result(report.Result{Status: "done", Text: fmt.Sprintf("%d checks, %d warnings, no problem", len(p.findings), count[warning])})
	return nil
}

// failed is the finding of a check that could not be made: a missing permission by its name.
func (p *patient) failed(check string, err error) {
	if cloud.Denied(err) {
		p.note(check, problem, "no permission: "+action(err), "let the caller's role do it")
		return
	}
	p.note(check, problem, err.Error(), "")
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
	p.note("Credentials", fine, p.Engine.caller.ARN, "")
	if p.Cloud.Region() == "us-east-1" || p.Roots.Foundation == "" {
		p.note("Region", fine, p.Cloud.Region(), "")
	} else {
		p.note("Region", problem, p.Cloud.Region(), "the platform is written for us-east-1: give --region us-east-1")
	}
	out, err := p.Cloud.STS().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		p.failed("Clock", err)
		return
	}
	theirs, told := middleware.GetServerTime(out.ResultMetadata)
	switch apart := theirs.Sub(p.Clock.Now()).Abs().Round(time.Second); {
	case !told || theirs.IsZero():
		p.note("Clock", fine, "the answer has no date to compare with", "")
	case apart > skewAtMost:
		p.note("Clock", problem, fmt.Sprintf("%s apart from AWS's", apart), "set this machine's clock: AWS refuses signatures that are more than five minutes off")
	default:
		p.note("Clock", fine, fmt.Sprintf("%s apart from AWS's", apart), "")
	}
}

// versions tells what is at work, and whether the templates can be read and are those that the code renders.
func (p *patient) versions(context.Context) {
	p.note("Versions", fine, fmt.Sprintf("deploy %s, output schema %s, AWS SDK %s", p.request.Version, report.Schema, aws.SDKVersion), "")
	set, err := p.set()
	switch {
	case err != nil:
		p.note("Templates", problem, err.Error(), "")
		return
	case p.Check != nil:
		if err := p.Check(); err != nil {
			p.note("Templates", problem, "not what the code renders: "+err.Error(), "go run ./cmd/render, review the difference and commit it")
			return
		}
	}
	p.note("Templates", fine, fmt.Sprintf("%d templates", len(set.All())), "")
}
