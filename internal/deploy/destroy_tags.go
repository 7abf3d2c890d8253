package deploy

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// tagged judges what carries the environment's tag.
func (p *proof) tagged(ctx context.Context, _ []teardown.Resource) error {
	things, err := teardown.Tagged(ctx, p.Cloud.Tagging(), "Environment", p.environment.suffix)
	if err != nil {
		return err
	}
	env := teardown.Environment{Suffix: p.environment.suffix, Stacks: p.environment.roots(), Resources: p.all()}
	lagging, foreign := 0, 0
	for _, t := range things {
		if p.seen[t.ARN] {
			continue
		}
		switch verdict, r := env.Judge(t); verdict {
		case teardown.Lagging:
			lagging++
		case teardown.Foreign:
			foreign++
			p.Reporter.Report(report.Note{Level: report.Detail, Text: t.ARN + " carries the tag and is none of ours"})
		case teardown.Waiting:
			if err := p.key(ctx, r.ID, r); err != nil {
				return err
			}
		case teardown.Kept:
			p.kept(teardown.TypeOf(t.ARN), t.ARN, cmp.Or(r.Kept, keptByPolicy))
		default:
			p.left(teardown.TypeOf(t.ARN), t.ARN, "carries the tag Environment="+p.environment.suffix)
		}
	}
	if lagging > 0 {
		p.Reporter.Report(report.Note{Level: report.Detail, Text: report.Plural(lagging, "deleted thing still has its tags", "deleted things still have their tags") + ": AWS forgets those some time later"})
	}
	if foreign > 0 {
		p.Reporter.Report(report.Note{Level: report.Info, Text: report.Plural(foreign, "thing carries", "things carry") + " the tag Environment=" + p.environment.suffix + " and " + report.Choose(foreign, "is", "are") + " of no stack of this environment; -v names " + report.Choose(foreign, "it", "them")})
	}
	return nil
}

// keys tells until when the keys of this run wait; those of earlier ones are known by their tags.
func (p *proof) keys(ctx context.Context, _ []teardown.Resource) error {
	for _, name := range sortedKeys(p.held) {
		for _, r := range p.held[name] {
			if r.Type != "AWS::KMS::Key" || !r.Gone() || r.ID == "" {
				continue
			}
			if err := p.key(ctx, r.ID, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// key tells until when a key waits for its deletion, which AWS KMS makes all keys do. One that does not is left.
func (p *proof) key(ctx context.Context, arn string, r teardown.Resource) error {
	if p.seen[arn] {
		return nil
	}
	key, err := p.signer.Key(ctx, arn)
	switch {
	case (cloud.Denied(err) || cloud.Unsupported(err)) && r.Gone():
		p.kept("kms:key", arn, "AWS KMS keeps every key for 7 to 30 days after its deletion; until when could not be asked")
	case cloud.Denied(err) || cloud.Unsupported(err):
		p.left("kms:key", arn, "carries the environment's tag, and this caller may not ask whether it waits for its deletion: "+err.Error())
	case err != nil:
		return fmt.Errorf("ask for the state of key %s: %w", arn, err)
	case key.State == "PendingDeletion":
		p.kept("kms:key", arn, "AWS KMS keeps every key for 7 to 30 days after its deletion: this one until "+key.Deletion.Format("2006-01-02"))
	case key.State != "":
		p.left("kms:key", arn, "is "+key.State)
	}
	return nil
}
