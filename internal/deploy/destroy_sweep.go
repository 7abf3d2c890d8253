package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// prove looks for what is left: by the environment's tag, and by the names of all that its stacks held. It deletes what CloudFormation
// leaves by nature.
func (d *destruction) prove(ctx context.Context) error {
	p := &proof{destruction: d}
	gone := slices.DeleteFunc(d.all(), func(r teardown.Resource) bool { return !r.Gone() })
	if err := d.sweepLogGroups(ctx); err != nil {
		return err
	}
	for _, look := range []func(context.Context, []teardown.Resource) error{p.revisions, p.secrets, p.snapshots, p.containers, p.keys, p.tagged} {
		if err := look(ctx, gone); err != nil {
			return err
		}
	}
	p.retained()
	return p.conclude()
}

// sweepLogGroups deletes log groups that were made again after their stack's deletion.
func (d *destruction) sweepLogGroups(ctx context.Context) error {
	gone := slices.DeleteFunc(d.all(), func(r teardown.Resource) bool { return !r.Gone() })
	deleted, err := teardown.LogGroups(ctx, d.Cloud.Logs(), gone)
	for _, name := range deleted {
		d.Reporter.Report(report.Note{Level: report.Info, Text: "deleted log group " + name + ", which was made again after its deletion"})
	}
	return err
}

// A proof collects what is left and what stays.
type proof struct {
	*destruction
	sweep report.Sweep
	// seen are the things told already, by ID.
	seen map[string]bool
}

func (p *proof) left(typ, id, why string) { p.tell(&p.sweep.Left, typ, id, why) }
func (p *proof) kept(typ, id, why string) { p.tell(&p.sweep.Kept, typ, id, why) }

func (p *proof) tell(list *[]report.Leftover, typ, id, why string) {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	if !p.seen[id] {
		p.seen[id] = true
		*list = append(*list, report.Leftover{Type: typ, ID: id, Why: why})
	}
}

// revisions deletes the revisions of task definitions. ECS keeps deleted ones for as long as anything refers to them.
func (p *proof) revisions(ctx context.Context, gone []teardown.Resource) error {
	total := 0
	for _, family := range teardown.Families(gone) {
		count, err := teardown.Revisions(ctx, p.Cloud.ECS(), family)
		if cloud.Denied(err) || cloud.Unsupported(err) {
			p.kept("ecs:task-definition", family, "ECS keeps inactive revisions, which cost nothing, and does not let this caller delete them: "+err.Error())
			continue
		}
		if err != nil {
			return err
		}
		total += count
	}
	if total > 0 {
		p.Reporter.Report(report.Note{Level: report.Info, Text: "deleted " + report.Plural(total, "inactive revision", "") + " of task definitions"})
	}
	return nil
}

// secrets looks for secrets of the same names. One that waits for its deletion goes by itself, and blocks its name until then.
func (p *proof) secrets(ctx context.Context, gone []teardown.Resource) error {
	found, err := teardown.SecretsOf(ctx, p.Cloud.Secrets(), gone)
	if err != nil {
		return err
	}
	for _, s := range found {
		if s.DeletedDate != nil {
			p.kept("secretsmanager:secret", text(s.ARN), fmt.Sprintf("deleted on %s outside of its stack: Secrets Manager keeps it, and its name, for a recovery window of 7 to 30 days", s.DeletedDate.UTC().Format("2006-01-02")))
			continue
		}
		p.left("secretsmanager:secret", text(s.ARN), "has the name of a secret that the environment had")
	}
	return nil
}

// snapshots looks for those of databases. What the template asked for is kept.
func (p *proof) snapshots(ctx context.Context, gone []teardown.Resource) error {
	for _, r := range gone {
		if r.Type != clusterType && r.Type != instanceType || r.ID == "" {
			continue
		}
		found, err := p.signer.Snapshots(ctx, r)
		if cloud.Unsupported(err) { // an emulator
			return nil
		}
		if cloud.Denied(err) {
			p.Reporter.Report(report.Note{Level: report.Warning, Text: "snapshots are only looked for by their tags: " + err.Error()})
			return nil
		}
		if err != nil {
			return err
		}
		p.snapshotsOf(ctx, r, found)
	}
	return nil
}

// containers looks for buckets and repositories by name.
func (p *proof) containers(ctx context.Context, gone []teardown.Resource) error {
	for _, r := range gone {
		exists, err := false, error(nil)
		switch {
		case r.Type == "AWS::S3::Bucket" && !p.lives(r):
			exists, err = teardown.BucketExists(ctx, p.Cloud.S3(), r.ID, p.caller.Account)
		case r.Type == "AWS::ECR::Repository" && !p.lives(r):
			exists, err = teardown.RepositoryExists(ctx, p.Cloud.ECR(), r.ID)
		}
		if err != nil {
			return fmt.Errorf("look for %s: %w", r.ID, err)
		}
		if exists {
			p.left(r.Type, r.ID, "exists, though its stack is gone")
		}
	}
	return nil
}

// lives tells whether something that an earlier stack had is now another stack's.
func (p *proof) lives(r teardown.Resource) bool {
	return slices.ContainsFunc(p.all(), func(other teardown.Resource) bool { return other.ID == r.ID && other.Type == r.Type && !other.Gone() })
}

// retained tells what was kept on request, also what carries no tag.
func (p *proof) retained() {
	for _, name := range sortedKeys(p.held) {
		for _, r := range p.held[name] {
			told := slices.ContainsFunc(p.sweep.Kept, func(l report.Leftover) bool { return r.Names(l.ID) })
			if r.Kept != "" && r.ID != "" && !told && (source.Stateful(r.Type) || r.Retained()) {
				p.kept(r.Type, r.ID, r.Kept)
			}
		}
	}
}

// conclude reports the proof.
func (p *proof) conclude() error {
	for _, list := range [][]report.Leftover{p.sweep.Left, p.sweep.Kept} {
		slices.SortFunc(list, func(a, b report.Leftover) int { return strings.Compare(a.Type+" "+a.ID, b.Type+" "+b.ID) })
	}
	p.Reporter.Report(p.sweep)
	if len(p.sweep.Left) > 0 {
		return &fault.Error{Code: fault.NeedsPerson, What: report.Plural(len(p.sweep.Left), "thing", "") + " of " + p.environment.suffix + " left", Do: "delete what is listed, or call " + p.again() + " in some minutes"}
	}
	text := p.environment.suffix + " is gone"
	if p.request.KeepArtifacts {
		text = "the platform of " + p.environment.suffix + " is gone; the foundation is kept"
	}
	p.result(report.Result{Status: "done", Text: text})
	return nil
}
