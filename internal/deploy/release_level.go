package deploy

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
)

// digestsBefore are the digests that a running revision has where the registered one has those of the stack, by the images' names. What
// both have is left out.
func digestsBefore(parameters map[string]string, running, registered *types.TaskDefinition) map[string]string {
	was, before := map[string]string{}, map[string]string{}
	for _, c := range running.ContainerDefinitions {
		was[text(c.Name)] = digestIn(text(c.Image))
	}
	for _, c := range registered.ContainerDefinitions {
		old := was[text(c.Name)]
		if old == digestIn(text(c.Image)) || !strings.HasPrefix(old, "sha256:") {
			continue
		}
		for _, name := range imagesNamed(parameters, text(c.Image)) {
			before[name] = old
		}
	}
	return before
}

// imagesNamed are the images of the stack that a container's may be: those of the same digest, and of several the one that the repository
// is named after.
func imagesNamed(parameters map[string]string, image string) []string {
	var same, named []string
	for _, parameter := range sortedKeys(parameters) {
		stem, is := strings.CutSuffix(parameter, imageSuffix)
		if !is || parameters[parameter] != digestIn(image) {
			continue
		}
		name := ImageName(stem)
		if same = append(same, name); strings.Contains(image, "-"+name+"-") || strings.Contains(image, "/"+name+"@") {
			named = append(named, name)
		}
	}
	if len(named) > 0 {
		return named
	}
	return same
}

// register brings the digests asked for into the stack: new revisions of the task definitions, which nothing runs yet.
func (r *releaseRun) register(ctx context.Context, s situation) (situation, error) {
	set, err := r.deployedTemplates(ctx, s.platform, r.bucket)
	if err != nil {
		return s, err
	}
	images, err := r.digests(ctx, set.Root, r.request.Images)
	if err != nil {
		return s, err
	}
	p, err := r.proposalOf(s, set, r.bucket, images)
	if err != nil || p == nil {
		return s, err
	}
	if !r.request.back {
		if err := r.gateDeployment(ctx, p, r.request.Scan); err != nil {
			return s, err
		}
	}
	consent := changeset.Consent{Yes: r.request.Yes, Policy: changeset.RequireAny}
	if err := r.change(ctx, p, func() error { _, err := r.approve(ctx, p, consent); return err }); err != nil {
		return s, err
	}
	r.approved = true
	return r.look(ctx)
}

// level brings the stack level with what serves: the live colours, and, after a rollback, the digests that run. Weights and tasks stay what
// they are, so that a following plan shows nothing.
func (e *Engine) level(ctx context.Context, record store.Record, bucket *store.Bucket) error {
	images, clear := e.backDigests(record)
	if !clear {
		return nil // a person has to decide first; the run ended with that
	}
	if err := e.holding(ctx); err != nil {
		return err
	}
	s, err := e.look(ctx)
	if err != nil {
		return err
	}
	set, err := e.deployedTemplates(ctx, s.platform, bucket)
	if err != nil {
		return err
	}
	p, err := e.proposalOf(s, set, bucket, images)
	if err != nil || p == nil {
		return err
	}
	p.level = true
	return e.change(ctx, p, func() error { return e.onlyLevels(p.review.Plan) })
}

// backDigests are the images to be put back after rollbacks. What another service was released with in the same run stays.
func (e *Engine) backDigests(record store.Record) (images map[string]string, clear bool) {
	images = map[string]string{}
	shifted := map[string]bool{}
	for _, r := range record.Releases {
		for name := range r.Images {
			shifted[name] = shifted[name] || r.Result == report.Shifted
		}
	}
	for _, r := range record.Releases {
		if r.Result == report.NeedsPerson || r.Result == report.Running {
			return nil, false
		}
		if r.Result != report.RolledBack {
			continue
		}
		for _, name := range sortedKeys(r.Images) {
			if shifted[name] {
				e.Reporter.Report(report.Note{Level: report.Warning, Text: "image " + name + " stays as it is registered: another service runs it; " + r.Service + " runs the one before"})
				continue
			}
			images[name] = r.Images[name]
		}
	}
	return images, true
}

// onlyLevels refuses a change set that would do more than bring the stack level.
func (e *Engine) onlyLevels(plan report.Plan) error {
	for _, c := range plan.Changes() {
		switch {
		case c.Hidden, c.Certainty == report.Spurious, c.Type == "AWS::CloudFormation::Stack", c.Type == "AWS::ElasticLoadBalancingV2::ListenerRule" && c.Action == report.Modify, c.Type == "AWS::ECS::TaskDefinition":
		default:
			return &fault.Error{Code: fault.NeedsPerson, What: "bringing the stack level would also change " + report.Place(c.Path, c.LogicalID), Found: string(c.Action), Do: "look at it: deploy plan -e " + e.environment.suffix}
		}
	}
	return nil
}

// proposalOf is one of the templates that are deployed, with other digests and the live colours; nil when nothing would change. All other
// parameters keep their values.
func (e *Engine) proposalOf(s situation, set *source.Set, bucket *store.Bucket, digests map[string]string) (*proposal, error) {
	p := &proposal{request: Request{Images: digests}, verb: "release", situation: s, templates: set, tags: s.platform.tags, role: s.platform.role, bucket: bucket, previous: true, given: map[string]source.Given{}}
	for name, parameter := range set.Root.Parameters {
		p.given[name] = source.Given{Previous: true, Secret: parameter.NoEcho}
	}
	put := func(name, value string) {
		if _, declared := set.Root.Parameters[name]; declared {
			p.given[name] = source.Given{Value: value}
		}
	}
	colors, err := s.colors()
	for name, color := range colors {
		put(name, color)
	}
	if err == nil {
		err = images(set.Root, digests, put)
	}
	if err != nil || p.unchanged(set.Root) {
		return nil, err
	}
	return p, nil
}

// deployedTemplates are those of a stack: the root from CloudFormation, nested ones by their content addresses.
func (e *Engine) deployedTemplates(ctx context.Context, platform *stack, bucket *store.Bucket) (*source.Set, error) {
	root, err := source.Parse(e.Roots.Platform, []byte(platform.body))
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	add := func(name string, body []byte) {
		w, _ := archive.Create(name) // into memory: cannot fail
		_, _ = w.Write(body)
	}
	add(e.Roots.Platform, []byte(platform.body))
	for _, id := range sortedKeys(root.Resources) {
		n := root.Resources[id].Nested
		if n == nil || n.KeyParameter == "" {
			continue
		}
		body, err := bucket.Template(ctx, platform.parameters[n.KeyParameter])
		if err != nil {
			return nil, err
		}
		add(strings.TrimSuffix(id, "Stack")+".yaml", body)
	}
	_ = archive.Close()
	templates, _ := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len())) // it was just written
	return source.Load(templates, e.Roots.Platform)
}

// change proposes, asks whether that may be, executes and follows. A change set without changes is none.
func (e *Engine) change(ctx context.Context, p *proposal, allowed func() error) error {
	err := e.propose(ctx, p, Request{})
	if err == nil {
		err = allowed()
	}
	if err == nil {
		err = e.holding(ctx)
	}
	if err != nil {
		err = errors.Join(err, e.discard(p))
	}
	if errors.Is(err, changeset.ErrNoChange) {
		return nil
	}
	if err != nil {
		return err
	}
	alive, end := outliving(ctx)
	defer end()
	if err := changeset.Execute(alive, e.Cloud.CloudFormation(), p.set, p.name, false, false); err != nil {
		return err
	}
	outcome, err := e.followThrough(ctx, alive, p.set.StackARN, p.name)
	if err != nil {
		return e.detached(err)
	}
	if codeOf(outcome.Status) != fault.OK {
		return e.explained(alive, outcome, stackName(p.set.StackARN), codeOf(outcome.Status))
	}
	return nil
}
