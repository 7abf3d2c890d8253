package deploy

import (
	"context"
	"encoding/json"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A SavedPlan points to a change set that a plan kept, with what it was made from. It holds hashes, no values.
type SavedPlan struct {
	Environment string `json:"environment"`
	Account     string `json:"account"`
	ChangeSet   string `json:"change_set"`
	Name        string `json:"name"`
	Root        string `json:"root_template"`
	Parameters  string `json:"parameters"`
	Tags        string `json:"tags"`
}

// Encode is the plan as a file.
func (s SavedPlan) Encode() []byte {
	data, _ := json.MarshalIndent(s, "", "  ") // of texts: cannot fail
	return append(data, '\n')
}

// DecodePlan reads a file that Encode wrote.
func DecodePlan(data []byte) (SavedPlan, error) {
	var s SavedPlan
	if err := json.Unmarshal(data, &s); err != nil || s.ChangeSet == "" {
		return s, &fault.Error{Code: fault.Usage, What: "the file is no plan", Err: err, Do: "deploy plan --out FILE makes one"}
	}
	return s, nil
}

func (e *Engine) saved(p *proposal) *SavedPlan {
	tags := map[string]source.Given{}
	for key, value := range p.tags {
		tags[key] = source.Given{Value: value}
	}
	return &SavedPlan{Environment: e.environment.suffix, Account: e.caller.Account, ChangeSet: p.set.ARN, Name: p.name, Root: p.templates.Root.Hash,
		Parameters: source.Fingerprint(p.given), Tags: source.Fingerprint(tags)}
}

// ApplySaved executes exactly the change set that a plan kept, if it can still be executed and is made from the very templates and values
// of now.
func (e *Engine) ApplySaved(ctx context.Context, r Request, saved SavedPlan) error {
	if saved.Environment != e.environment.suffix || saved.Account != e.caller.Account {
		return &fault.Error{Code: fault.Usage, What: "the plan is of another environment", Found: saved.Environment + " in " + saved.Account, Allowed: e.environment.suffix + " in " + e.caller.Account}
	}
	if r.Express {
		return &fault.Error{Code: fault.Usage, What: "--express does not go with a plan that was kept: it is executed as it was made", Do: "deploy apply -e " + e.environment.suffix + " --express, without --plan"}
	}
	p, unchanged, err := e.prepare(ctx, &r)
	if err != nil {
		return err
	}
	if unchanged {
		e.unchanged(p)
		return nil
	}
	if err := e.gateDeployment(ctx, p, r.Scan); err != nil {
		return err
	}
	return e.locked(ctx, p.bucket, r.WaitLock, func(ctx context.Context) error {
		began := e.Clock.Now()
		p.name = saved.Name
		if p.set, err = changeset.Read(ctx, e.Cloud.CloudFormation(), "", saved.ChangeSet); err != nil {
			return e.stale(p, "the change set is gone", err)
		}
		if now := e.saved(p); *now != saved || p.set.Execution != "AVAILABLE" {
			return e.stale(p, "templates, values or stack changed since the plan, or the change set is "+p.set.Execution, nil)
		}
		e.bury(ctx, p.bucket, p.situation.platform)
		p.set.Tags = p.tags // as the fingerprint says
		if err := e.gate(p); err != nil {
			return err
		}
		if err := e.review(ctx, p, began); err != nil {
			return err
		}
		by, err := e.approve(ctx, p, r.Consent)
		if err != nil {
			return err // the plan stays: it can be approved later
		}
		if err := e.stillThere(ctx); err != nil {
			return err
		}
		if err := e.holding(ctx); err != nil {
			return err
		}
		return e.execute(ctx, p, r, by)
	})
}

func (e *Engine) stale(p *proposal, what string, err error) error {
	out := ""
	if file := p.request.SavedAs; file != "" {
		out = "--out " + shell(file)
	}
	return &fault.Error{Code: fault.Unapproved, What: "the plan cannot be executed: " + what, Err: err, Do: "plan again: " + e.again("plan", p.request, p.templates.Root, out)}
}
