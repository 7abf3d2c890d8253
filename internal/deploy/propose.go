package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
)

// A Request is what plan and apply are asked for.
type Request struct {
	// Values are those of parameters: later ones win. Those given by flags have the origin FlagOrigin.
	Values []source.Values
	// Images are digests or tags of images by name: payment-api=sha256:…. Tags become digests before anything else.
	Images map[string]string
	// Scan are the rules of the scan gate.
	Scan scan.Rules
	// Tags are added to the environment's own.
	Tags map[string]string
	// Role is the ARN that CloudFormation acts as; empty takes the deploy role of the environment, if it has one.
	Role string
	// Consent is what the command line approves.
	Consent changeset.Consent
	// DetailedExitCode makes a plan with differences end with fault.Differences.
	DetailedExitCode bool
	// Keep keeps the change set of a plan for `apply --plan`.
	Keep bool
	// NoRollback leaves what failed as it is, to be looked at.
	NoRollback bool
	// WaitLock is how long to wait for the environment's lock.
	WaitLock time.Duration
	// Detach ends the run when the operation has begun.
	Detach bool
	// Force makes a change set even where nothing changes.
	Force bool
	// Flat makes no change sets of nested stacks.
	Flat bool
	// Express ends the operation before resources are ready; protected environments refuse it.
	Express bool
	// NoAdmin leaves the administration task out, which runs after each change of a platform that has one.
	NoAdmin bool
	// Files are the parameter files that were named, and SavedAs is the file of a kept plan: for the commands that are shown as next steps.
	Files   []string
	SavedAs string

	// restores is the deployment that rollback --to applies again.
	restores string
}

// A proposal is a change set that was made and reviewed.
type proposal struct {
	request   Request
	verb      string
	situation situation
	templates *source.Set
	given     map[string]source.Given
	bucket    *store.Bucket
	first     bool
	role      string
	tags      map[string]string
	set       *changeset.Set
	review    changeset.Review
	name      string
	// previous takes the templates that are deployed: nothing is judged anew, and nothing uploaded.
	previous bool
	// level brings the stack level after a release.
	level bool
}

// propose uploads the templates, makes the change set and reviews it. What it makes is left for the caller to discard.
func (e *Engine) propose(ctx context.Context, p *proposal, r Request) error {
	began := e.Clock.Now()
	if err := e.upload(ctx, p); err != nil {
		return err
	}
	prefix := changeset.Transient
	if r.Keep {
		prefix = changeset.Kept
	}
	p.name = prefix + e.NewID()
	request := changeset.Request{Previous: p.previous, Stack: e.environment.platform(), First: p.first, Name: p.name, Description: "by " + e.caller.ARN, URL: e.address(p), Parameters: p.given, Tags: p.tags, Role: p.role, Nested: !r.Flat, Express: r.Express}
	incomplete, err := "", error(nil)
	if !r.Flat {
		if incomplete, err = e.crowded(ctx, p); err != nil {
			return err
		}
		request.Nested = incomplete == ""
	}
	p.set, err = changeset.Propose(ctx, e.Cloud.CloudFormation(), e.Clock, request)
	if why := unpreviewed(err); why != "" && request.Nested {
		incomplete, request.Nested = why, false
		if err = changeset.Discard(ctx, e.Cloud.CloudFormation(), e.Clock, request.Stack, p.name, false); err == nil {
			p.name += "-flat"
			request.Name = p.name
			p.set, err = changeset.Propose(ctx, e.Cloud.CloudFormation(), e.Clock, request)
		}
	}
	if err != nil {
		return e.proposalError(p, err)
	}
	p.set.Partial = firstOf(incomplete, p.set.Partial)
	return e.review(ctx, p, began)
}

// deployed are texts that name the templates of the stack that is there.
func (p *proposal) deployed() []string {
	if p.first {
		return nil
	}
	s := p.situation.platform
	texts := []string{s.body, contentKey(s.body)}
	for _, name := range sortedKeys(s.parameters) {
		texts = append(texts, s.parameters[name])
	}
	return texts
}

// upload judges the templates and brings them to where CloudFormation reads them.
func (e *Engine) upload(ctx context.Context, p *proposal) error {
	if p.previous {
		return nil
	}
	if err := e.gate(p); err != nil {
		return err
	}
	began, all := e.Clock.Now(), p.templates.All()
	uploaded, err := p.bucket.Upload(ctx, all, p.deployed()...)
	if err != nil {
		return err
	}
	e.Reporter.Report(report.Templates{Count: len(all), Changed: p.changedTemplates(), Uploaded: uploaded.Objects, Bytes: uploaded.Bytes, Seconds: e.Clock.Now().Sub(began).Seconds()})
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// address is the root template's, path-style.
func (e *Engine) address(p *proposal) string {
	return fmt.Sprintf("https://s3.%s.amazonaws.com/%s/%s", e.Cloud.Region(), p.bucket.Name(), p.templates.Root.Key())
}

// proposalError reports what CloudFormation found against a change set.
func (e *Engine) proposalError(p *proposal, err error) error {
	var failed *changeset.Failed
	if !errors.As(err, &failed) {
		return err
	}
	for _, v := range failed.Findings {
		e.Reporter.Report(v)
	}
	do := "mend the templates or values named, and plan again"
	if p.previous { // of a release: nothing of it was written by who released
		do = "mend what is named; deploy apply -e " + e.environment.suffix + " --no-nested does without change sets of nested stacks: docs/runbook.md, \"A stack is full of change sets\""
	}
	return &fault.Error{Code: fault.Refused, What: "CloudFormation refuses the change set for " + report.Plural(len(failed.Findings), "reason", ""), Err: failed, Do: do}
}

// changedTemplates counts the templates whose content address differs from the deployed one.
func (p *proposal) changedTemplates() int {
	changed := 0
	for _, resource := range p.templates.Root.Resources {
		if n := resource.Nested; n != nil && n.KeyParameter != "" && (p.first || p.situation.platform.parameters[n.KeyParameter] != p.given[n.KeyParameter].Value) {
			changed++
		}
	}
	if p.first || p.situation.platform.body != string(p.templates.Root.Body) {
		changed++
	}
	return changed
}

// gate judges the templates with their values; errors refuse before anything is uploaded.
func (e *Engine) gate(p *proposal) error {
	if e.Gate == nil {
		return nil
	}
	values := map[string]string{}
	for name, given := range p.given {
		values[name] = given.Value
		if given.Previous && !given.Secret {
			values[name] = p.situation.platform.parameters[name]
		}
	}
	errorsFound := 0
	for _, v := range e.Gate(p.templates.All(), values) {
		e.Reporter.Report(v)
		if v.Severity == "error" {
			errorsFound++
		}
	}
	if errorsFound == 0 {
		return nil
	}
	return &fault.Error{Code: fault.Refused, What: "the templates break " + report.Plural(errorsFound, "promise", ""), Do: "mend what is named above; go run ./cmd/render verify shows all of it"}
}
