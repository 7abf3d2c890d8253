package deploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/live"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

func (e *Engine) set() (*source.Set, error) { return source.Load(e.Templates, e.Roots.Platform) }

// stacks tells the states of the root stacks and the way out of those that need one.
func (p *patient) stacks(ctx context.Context) {
	var known [3]bool
	for i, one := range []struct {
		name, template string
		into           **stack
	}{{p.environment.foundation(), p.Roots.Foundation, &p.foundation}, {p.environment.role(), p.Roots.Role, &p.role}, {p.environment.platform(), "", &p.platform}} {
		s, err := p.describe(ctx, one.name)
		if err != nil {
			p.failed("Stack "+one.name, err)
			continue
		}
		known[i], *one.into = true, s
		switch {
		case s != nil:
			p.state(ctx, s)
		case one.template != "":
			p.note("Stack "+one.name, report.Problem, "does not exist", "deploy bootstrap -e "+p.environment.suffix)
		case i == 2:
			p.note("Stack "+one.name, report.Fine, "does not exist yet", "")
		}
	}
	if known[1] && p.platform != nil && p.platform.role != "" {
		p.deployRole()
	}
}

// state tells that of a stack.
func (p *patient) state(ctx context.Context, s *stack) {
	switch way := operation.WayOut(s.status); way {
	case operation.Deploy:
		p.note("Stack "+s.name, report.Fine, s.status, "")
	case operation.Wait, operation.Recreate:
		p.note("Stack "+s.name, report.Warned, s.status, way.Command(p.environment.suffix))
	default:
		p.concealStack(ctx, s)
		p.note("Stack "+s.name, report.Problem, strings.TrimSuffix(s.status+": "+s.reason, ": "), way.Command(p.environment.suffix))
	}
}

// deployRole tells whether CloudFormation can still act as the role that the platform stack remembers.
func (p *patient) deployRole() {
	switch {
	case p.role == nil && strings.HasSuffix(p.platform.role, "/role-deploy-"+p.environment.suffix):
		p.note("Deploy role", report.Problem, p.platform.role+" is remembered by "+p.platform.name+" and its stack is gone", "deploy bootstrap -e "+p.environment.suffix)
	case p.role != nil && p.role.outputs[roleOutput] != p.platform.role:
		p.note("Deploy role", report.Warned, p.platform.name+" is deployed as "+p.platform.role, "deploy apply -e "+p.environment.suffix+" --role-arn "+p.role.outputs[roleOutput]+", unless that is meant")
	default:
		p.note("Deploy role", report.Fine, p.platform.role, "")
	}
}

// bucketAndLock tells whether the artifact bucket can be reached and keeps versions, and who holds the lock.
func (p *patient) bucketAndLock(ctx context.Context) {
	bucket, err := p.bucket(ctx, p.platform)
	if err != nil {
		p.failed("Artifact bucket", err)
		return
	}
	if bucket == nil {
		return // told of the foundation
	}
	name := bucket.Name()
	out, err := p.Cloud.S3().GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name, ExpectedBucketOwner: &p.Engine.caller.Account})
	switch {
	case cloud.Missing(err):
		p.note("Artifact bucket", report.Problem, name+" does not exist", "deploy bootstrap -e "+p.environment.suffix)
		return
	case err != nil:
		p.failed("Artifact bucket", err)
	case out.Status != s3types.BucketVersioningStatusEnabled:
		p.note("Artifact bucket", report.Warned, name+" keeps no versions", "turn on versioning: who changed what cannot be seen otherwise")
	default:
		p.note("Artifact bucket", report.Fine, name, "")
	}
	holder, held, err := bucket.Holder(ctx)
	switch {
	case err != nil:
		p.failed("Lock", err)
	case held:
		p.note("Lock", report.Fine, fmt.Sprintf("held by %s, who runs %s, until %s", holder.Owner, holder.Command, holder.Expires.Format(time.RFC3339)), "deploy watch -e "+p.environment.suffix)
	case holder.Owner != "":
		p.note("Lock", report.Warned, fmt.Sprintf("left by %s, whose %s died; expired %s", holder.Owner, holder.Command, holder.Expires.Format(time.RFC3339)), "the next command takes it over; deploy unlock -e "+p.environment.suffix+" removes it")
	default:
		p.note("Lock", report.Fine, "free", "")
	}
}

// changeSets tells what runs left, and how near the limit is, of the root stack and the fullest nested one.
func (p *patient) changeSets(ctx context.Context) {
	if p.platform == nil {
		return
	}
	left, count, err := changeset.Litter(ctx, p.Cloud.CloudFormation(), p.platform.name, "")
	where, most := "", 0
	if err == nil {
		where, most, err = p.fullest(ctx)
	}
	text := fmt.Sprintf("%d of at most %d, %d left behind by runs that died", count, mostChangeSets, len(left))
	if most > 0 {
		text += fmt.Sprintf("; nested stack %s has %d", where, most)
	}
	switch {
	case err != nil:
		p.failed("Change sets", err)
	case count >= mostChangeSets:
		p.note("Change sets", report.Problem, text, "nothing more can be proposed: delete old change sets of "+p.platform.name)
	case count >= manyChangeSets:
		p.note("Change sets", report.Warned, text, "delete old change sets of "+p.platform.name)
	case len(left) > 0:
		p.note("Change sets", report.Warned, text, "the next deploy apply -e "+p.environment.suffix+" deletes them")
	case most >= manyChangeSets:
		p.note("Change sets", report.Warned, text, "plans and releases go without nested change sets, and those cannot be deleted: docs/runbook.md, \"A stack is full of change sets\"")
	default:
		p.note("Change sets", report.Fine, text, "")
	}
}

// running tells of the services: unknown colours, colours that the stack does not know yet, and scaling left suspended.
func (p *patient) running(ctx context.Context) {
	if p.platform == nil {
		return
	}
	services, err := live.Read(ctx, p.Cloud.ECS(), p.Cloud.Scaling(), live.Declared(p.platform.outputs))
	if err != nil {
		p.failed("Services", err)
		return
	}
	now := situation{platform: p.platform, services: services}
	if _, err := now.colors(); err != nil {
		p.note("Colours", report.Problem, err.Error(), "")
	} else if names := now.adopts(); len(names) > 0 {
		p.note("Colours", report.Warned, "the stack does not know the live colour of "+strings.Join(names, ", "), "the next deploy apply -e "+p.environment.suffix+" takes it over, without an effect")
	} else if len(services) > 0 {
		p.note("Colours", report.Fine, "as the stack says", "")
	}
	p.scaling(ctx, now)
}

// scaling tells of scaling that was left suspended, and resumes it if asked to.
func (p *patient) scaling(ctx context.Context, now situation) {
	names := strings.Join(now.suspended(), ", ")
	if len(now.services) > 0 && now.services[0].ScalingUnread != nil {
		p.failed("Scaling", now.services[0].ScalingUnread)
		return
	}
	switch {
	case names == "" && len(now.services) > 0:
		p.note("Scaling", report.Fine, "on, or suspended by a release that runs", "")
	case names == "":
	case !p.request.Repair:
		p.note("Scaling", report.Problem, "suspended, and no release runs: "+names, "deploy doctor -e "+p.environment.suffix+" --repair resumes it")
	default:
		if err := p.resume(ctx, now); err != nil {
			p.failed("Scaling", err)
			return
		}
		p.note("Scaling", report.Fine, "resumed: "+names, "")
	}
}

// resume lets scaling go on, with the lock held: a release that is about to start suspends it first.
func (p *patient) resume(ctx context.Context, now situation) error {
	bucket, err := p.bucket(ctx, p.platform)
	if err != nil {
		return err
	}
	var targets []string
	for _, s := range now.services {
		if s.Suspended && !s.Releasing {
			targets = append(targets, "service/"+s.Cluster+"/"+s.Name)
		}
	}
	do := func(ctx context.Context) error { _, err := p.scale(ctx, targets, false); return err }
	if bucket == nil {
		return do(ctx)
	}
	return p.locked(ctx, bucket, 0, do)
}

// registry tells how images are scanned: basic scanning reads packages of an operating system, which images made from nothing lack.
func (p *patient) registry(ctx context.Context) {
	const hint = "images without an operating system need enhanced scanning: aws ecr put-registry-scanning-configuration --scan-type ENHANCED; it counts for the whole account"
	out, err := p.Cloud.ECR().GetRegistryScanningConfiguration(ctx, &ecr.GetRegistryScanningConfigurationInput{})
	switch {
	case cloud.Denied(err):
		p.note("Image scanning", report.Doubtful, "no permission: "+action(err), "allow it, or look by hand; "+hint)
	case err != nil:
		p.note("Image scanning", report.Doubtful, err.Error(), hint)
	case out.ScanningConfiguration == nil:
		p.note("Image scanning", report.Doubtful, "the answer does not tell", hint)
	case out.ScanningConfiguration.ScanType == ecrtypes.ScanTypeEnhanced:
		p.note("Image scanning", report.Fine, "enhanced", "")
	default:
		p.note("Image scanning", report.Warned, "basic", hint)
	}
}

// quotas reminds of limits that a first deployment meets.
func (p *patient) quotas(context.Context) {
	if p.platform != nil && p.platform.exists() {
		return
	}
	p.note("Quotas", report.Doubtful, "not looked at: a region has 5 Elastic IP addresses unless raised, and an environment takes one for each NAT gateway", "before a second environment, ask Service Quotas for more (EC2-VPC Elastic IPs)")
}
