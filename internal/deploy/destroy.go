package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// A DestroyRequest is what destroy is asked for.
type DestroyRequest struct {
	// Confirm is the suffix, typed again; empty asks a person for it.
	Confirm string
	// KeepArtifacts keeps the foundation: registries with their images, and the artifact bucket with templates and records.
	KeepArtifacts bool
	// FinalSnapshot is the ARN of the AWS KMS key under which a final snapshot of each database cluster is kept; nil keeps none. An empty
	// one is refused with what to give.
	FinalSnapshot *string
	WaitLock      time.Duration
}

// A destruction is one run of destroy. It can be broken off anywhere and begun again: it reads what is there, and what the stacks that
// are gone held.
type destruction struct {
	*Engine
	request DestroyRequest
	signer  teardown.Signer
	// alive are the root stacks there are; held is what they have, in Resources of the judgement also what gone ones had.
	alive []*stack
	held  map[string][]teardown.Resource
	past  []teardown.Resource
}

// roots are the root stacks in the order in which they go: CloudFormation needs the deploy role, which the platform stack remembers, to
// delete the platform, and the lock is in the foundation's bucket.
func (e environment) roots() []string {
	return []string{e.platform(), e.role(), e.foundation()}
}

// Destroy removes the environment: it shows what will be lost, wants the suffix typed, quiets and empties, deletes, and looks whether
// anything is left. What is left is an error of code NeedsPerson that lists it.
func (e *Engine) Destroy(ctx context.Context, r DestroyRequest) error {
	d := &destruction{Engine: e, request: r, signer: e.signer()}
	platform, err := d.lookAround(ctx)
	if err != nil {
		return err
	}
	if len(d.alive)+len(d.past) == 0 {
		return d.prove(ctx)
	}
	e.Reporter.Report(d.losses())
	if err := e.confirm(ctx, r); err != nil {
		return err
	}
	if err := d.underLock(ctx, platform); err != nil {
		return d.unheld(err)
	}
	return d.prove(ctx)
}

// signer makes calls to services that have no client here.
func (e *Engine) signer() teardown.Signer { return teardown.Signer{Client: e.signed()} }

// lookAround refuses while a release runs, reads what there is, and wants what was asked for to be possible. It gives the platform stack.
func (d *destruction) lookAround(ctx context.Context) (*stack, error) {
	s, err := d.look(ctx)
	if err != nil {
		return nil, err
	}
	for _, service := range s.services {
		if service.Releasing {
			return nil, &fault.Error{Code: fault.Busy, What: "a release of " + service.Name + " runs", Do: "wait for its end, or stop it, and destroy again"}
		}
	}
	d.alive, d.held, d.past = nil, map[string][]teardown.Resource{}, nil
	if err := d.survey(ctx); err != nil {
		return nil, err
	}
	return s.platform, d.finalKey(ctx)
}

// survey reads what the stacks hold and what gone ones held.
func (d *destruction) survey(ctx context.Context) error {
	for _, name := range d.environment.roots() {
		s, err := d.describe(ctx, name)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		if err := d.inspect(ctx, s); err != nil {
			return err
		}
		if !d.kept(name) {
			d.alive = append(d.alive, s)
		}
	}
	past, err := teardown.History(ctx, d.Cloud.CloudFormation(), d.environment.roots()...)
	if cloud.Denied(err) || cloud.Unsupported(err) {
		d.Reporter.Report(report.Note{Level: report.Detail, Text: "what stacks that are gone held cannot be read: " + err.Error()})
		err = nil
	}
	d.past = past
	return err
}

// inspect reads what a stack holds. Another operation on it is an error of code Busy.
func (d *destruction) inspect(ctx context.Context, s *stack) error {
	keep := d.kept(s.name)
	if strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != "DELETE_IN_PROGRESS" && s.status != "REVIEW_IN_PROGRESS" && !keep {
		return &fault.Error{Code: fault.Busy, What: s.name + " is " + s.status, Do: fmt.Sprintf("deploy watch -e %s, or deploy cancel -e %s", d.environment.suffix, d.environment.suffix)}
	}
	resources, err := teardown.Inventory(ctx, d.Cloud.CloudFormation(), s.arn)
	if err != nil {
		return err
	}
	resources = append(resources, teardown.Resource{Stack: s.arn, LogicalID: s.name, ID: s.arn, Type: "AWS::CloudFormation::Stack", Status: s.status})
	for i := range resources {
		if keep {
			resources[i].Kept = "kept by --keep-artifacts"
		}
	}
	d.held[s.name] = resources
	return nil
}

// kept tells whether a root stack stays on request.
func (d *destruction) kept(name string) bool {
	return d.request.KeepArtifacts && name == d.environment.foundation()
}

// losses shows what is lost for good.
func (d *destruction) losses() report.Table {
	t := report.Table{Title: "Will be deleted for good", Columns: []string{"Stack", "Resource", "Type", "Name"}}
	for _, s := range d.alive {
		rest := 0
		for _, r := range d.held[s.name] {
			switch {
			case r.Gone() || r.Type == "AWS::CloudFormation::Stack":
			case !source.Stateful(r.Type):
				rest++
			case r.Retained():
				t.Rows = append(t.Rows, []string{s.name, report.Place(r.Path, r.LogicalID), r.Type, "kept by its DeletionPolicy: " + short(r.ID)})
			default:
				t.Rows = append(t.Rows, []string{s.name, report.Place(r.Path, r.LogicalID), r.Type, short(r.ID)})
			}
		}
		if rest == 0 && t.Rows != nil && t.Rows[len(t.Rows)-1][0] == s.name {
			continue
		}
		t.Rows = append(t.Rows, []string{s.name, report.Plural(rest, "resource that holds no data", "resources that hold no data"), "", ""})
	}
	return t
}

// short is a physical ID without what all of an account's ARNs have in front: the account and the region are told at the beginning.
func short(id string) string {
	if parts := strings.SplitN(id, ":", 7); len(parts) == 7 && parts[0] == "arn" { // arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE:NAME
		return parts[6]
	}
	return id
}

// again is the command that destroys, confirmed.
func (r DestroyRequest) again(suffix string) string {
	words := []string{"deploy", "destroy", "-e", suffix}
	if r.KeepArtifacts {
		words = append(words, "--keep-artifacts")
	}
	if r.FinalSnapshot != nil {
		words = append(words, "--final-snapshot", shell(*r.FinalSnapshot))
	}
	return strings.Join(append(words, "--confirm", suffix), " ")
}

// confirm wants the suffix.
func (e *Engine) confirm(ctx context.Context, r DestroyRequest) error {
	given := r.Confirm
	if given == "" && e.Type != nil {
		typed, err := e.Type(ctx, "Type "+e.environment.suffix+" to destroy the environment:")
		if err != nil {
			return err
		}
		given = typed
	}
	if given != e.environment.suffix {
		return &fault.Error{Code: fault.Unapproved, What: "destroying wants the suffix of the environment", Found: given, Allowed: e.environment.suffix, Do: r.again(e.environment.suffix)}
	}
	return nil
}

// all is everything that the environment's stacks have and had.
func (d *destruction) all() []teardown.Resource {
	all := slices.Clone(d.past)
	for _, name := range sortedKeys(d.held) {
		all = append(all, d.held[name]...)
	}
	return all
}
