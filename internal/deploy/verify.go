package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/deploy/verify"
)

// A VerifyRequest is what verify is asked for.
type VerifyRequest struct {
	// Evidence is a file that ends in .json, or a directory; empty for none. Force overwrites what is there.
	Evidence string
	Force    bool
	// AllowUnknown are reasons, by the IDs of checks, for which unknown answers are accepted.
	AllowUnknown map[string]string
	// Version is the command's, for the evidence; Simulated tells that a simulator is asked.
	Version   string
	Simulated bool
}

// Verify asks the live account whether what the templates promise holds, resource by resource, and writes it down. It changes nothing. A
// promise that does not hold, or of which nobody could tell, is an error of code Refused: verify is a gate.
func (e *Engine) Verify(ctx context.Context, r VerifyRequest) error {
	where := verify.Destination{Path: r.Evidence, Force: r.Force}
	if err := verify.Accepted(r.AllowUnknown); err != nil {
		return err
	}
	if r.Evidence != "" {
		if err := where.Check(); err != nil {
			return err
		}
	}
	estate, err := e.survey(ctx)
	if err != nil {
		return err
	}
	e.Reporter.Report(report.Note{Level: report.Info, Text: fmt.Sprintf("%d resources in %d stacks; asking AWS about them", estate.Resources(), len(estate.Stacks))})
	outcomes, err := verify.Run(ctx, verify.Input{Cloud: e.Cloud, Signed: e.signed(), Clock: e.Clock, Estate: estate, Environment: e.environment.suffix, AllowUnknown: r.AllowUnknown, Progress: e.tellProgress()})
	if err != nil {
		return err
	}
	e.reportOutcomes(outcomes)
	found := verify.Sum(outcomes)
	told := report.Verification{Environment: e.environment.suffix, Checks: found.Checks, Pass: found.Pass, Fail: found.Fail, Unknown: found.Unknown, Accepted: found.Accepted, NotApplicable: found.NotApplicable}
	if r.Evidence != "" {
		told.Evidence, told.SHA256, err = where.Write(e.evidence(ctx, r, estate, outcomes))
	}
	e.Reporter.Report(told)
	return e.verdict(told, err)
}

// survey reads what is deployed: the platform and the foundation with all nested stacks. A stack that is under way is not what it will be.
func (e *Engine) survey(ctx context.Context) (*verify.Estate, error) {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return nil, err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return nil, err
	}
	if !p.exists() {
		return nil, &fault.Error{Code: fault.Usage, What: "there is nothing to verify", Found: p.name + " is " + p.status, Do: operation.WayOut(p.status).Command(e.environment.suffix)}
	}
	if operation.WayOut(p.status) == operation.Wait {
		return nil, &fault.Error{Code: fault.Busy, What: "an operation changes what is to be verified", Found: p.name + " is " + p.status, Do: "deploy watch -e " + e.environment.suffix}
	}
	read := 0
	return verify.Survey(ctx, e.Cloud.CloudFormation(), e.Cloud.Region(), e.caller.Account, func(name string) {
		read++
		e.Reporter.Report(report.Note{Level: report.Detail, Text: fmt.Sprintf("stack %d: %s", read, name)})
	}, p.name, e.environment.foundation())
}

// progressEvery is how long a verification is silent at most while AWS answers.
const progressEvery = 10 * time.Second

// tellProgress tells from time to time how many checks are done.
func (e *Engine) tellProgress() func(done, of int) {
	last := e.Clock.Now()
	return func(done, of int) {
		level := report.Detail
		if now := e.Clock.Now(); now.Sub(last) >= progressEvery {
			last, level = now, report.Info
		}
		e.Reporter.Report(report.Note{Level: level, Text: fmt.Sprintf("%d of %d checks done", done, of)})
	}
}

func (e *Engine) reportOutcomes(outcomes []verify.Outcome) {
	for _, o := range outcomes {
		for _, f := range o.Findings {
			e.Reporter.Report(report.Observation{Check: o.ID, Title: o.Title, Requirements: o.Requirements, PCI: o.PCI, Resource: f.Resource, Place: f.Place, Type: f.Type,
				Expected: f.Expected, Observed: f.Observed, Result: string(f.Result), Why: f.Why, Accepted: f.Accepted, Time: f.Time})
		}
	}
}

// evidence puts together what is kept.
func (e *Engine) evidence(ctx context.Context, r VerifyRequest, estate *verify.Estate, outcomes []verify.Outcome) verify.Evidence {
	found := verify.Sum(outcomes)
	return verify.Evidence{Schema: verify.Schema, Environment: e.environment.suffix, Account: e.caller.Account, Region: e.Cloud.Region(), Caller: e.caller.ARN, Command: e.Command, Version: r.Version,
		Simulated: r.Simulated, Started: e.started.UTC().Truncate(time.Second), Ended: e.Clock.Now().UTC().Truncate(time.Second), Holds: found.Holds(), Summary: found,
		Deployment: e.latest(ctx), Stacks: estate.States(), Checks: outcomes}
}

// recordsLooked is how many records are looked at for the latest deployment that ended well.
const recordsLooked = 20

// latest is the deployment that runs, by the artifact bucket's records. Evidence is worth having without it.
func (e *Engine) latest(ctx context.Context) verify.Deployment {
	platform, err := e.describe(ctx, e.environment.platform())
	var bucket *store.Bucket
	if err == nil {
		bucket, err = e.bucket(ctx, platform)
	}
	var records []store.Record
	if err == nil && bucket != nil {
		records, err = bucket.History(ctx, recordsLooked)
	}
	if err != nil {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "the evidence names no deployment: " + err.Error()})
		return verify.Deployment{Unknown: "the records could not be read"}
	}
	for _, r := range records {
		if r.Result == report.Statuses()[fault.OK] {
			return verify.Deployment{ID: r.ID, Command: r.Command, Caller: r.Caller, Approved: r.Approved, Commit: r.Commit, ChangeSet: r.ChangeSet, Ended: r.Ended.UTC().Truncate(time.Second)}
		}
	}
	return verify.Deployment{Unknown: "no record of a deployment that ended well"}
}

// verdict is how the run ends.
func (e *Engine) verdict(v report.Verification, unwritten error) error {
	text := fmt.Sprintf("%d checks: %d passed, %d failed, %d unknown", v.Checks, v.Pass, v.Fail, v.Unknown+v.Accepted)
	if v.Accepted > 0 {
		text += fmt.Sprintf(" (%d accepted)", v.Accepted)
	}
	if v.Fail == 0 && v.Unknown == 0 {
		holds := "every promise holds"
		if v.Accepted > 0 {
			holds += ", but for what was accepted as unknown"
		}
		if unwritten == nil {
			e.result(report.Result{Status: report.Statuses()[fault.OK], Text: holds})
		}
		return unwritten
	}
	do := "mend what failed, in the templates where they are wrong, and call deploy verify -e " + e.environment.suffix + " again"
	if v.Fail == 0 {
		do = "let the caller read what is unknown, or accept it with a reason: --allow-unknown CHECK=REASON"
	}
	return errors.Join(&fault.Error{Code: fault.Refused, What: "not every promise holds: " + text, Do: do}, unwritten)
}

// ParseReasons reads CHECK=REASON.
func ParseReasons(given []string) (map[string]string, error) {
	reasons := map[string]string{}
	for _, text := range given {
		id, why, ok := strings.Cut(text, "=")
		if _, twice := reasons[id]; !ok || twice {
			return nil, &fault.Error{Code: fault.Usage, What: "--allow-unknown takes CHECK=REASON, once for each check", Found: text}
		}
		reasons[id] = strings.TrimSpace(why)
	}
	return reasons, nil
}
