package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
)

// prepare reads the templates and then what is there. Tags of images in the request become digests.
func (e *Engine) prepare(ctx context.Context, r *Request) (*proposal, bool, error) {
	if e.Check != nil {
		if err := e.Check(); err != nil {
			return nil, false, &fault.Error{Code: fault.Refused, What: "the templates are not what the code renders", Err: err, Do: "go run ./cmd/render, review the difference and commit it"}
		}
	}
	set, err := source.Load(e.Templates, e.Roots.Platform)
	if err != nil {
		return nil, false, err
	}
	if err := e.rules(set.Root, nil, nil); err != nil {
		return nil, false, err
	}
	if err := e.pin(ctx, set.Root, r); err != nil {
		return nil, false, err
	}
	p, unchanged, err := e.compare(ctx, set, *r)
	if err == nil {
		e.warnOfScaling(p.situation)
	}
	return p, unchanged, err
}

// warnOfScaling says that nobody knows whether scaling was left suspended, where that may not be read: a deployment does not depend on it,
// but must not look as if all were well.
func (e *Engine) warnOfScaling(s situation) {
	for _, service := range s.services {
		if service.ScalingUnread != nil {
			e.Reporter.Report(report.Note{Level: report.Warning, Text: "whether the services' scaling is suspended cannot be read: " + e.words(service.ScalingUnread)})
			return
		}
	}
}

// compare reads what is there, decides the values of all parameters and tells whether anything would change. It touches nothing.
func (e *Engine) compare(ctx context.Context, set *source.Set, r Request) (*proposal, bool, error) {
	s, err := e.look(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := e.hasty(s, r); err != nil {
		return nil, false, err
	}
	p := &proposal{request: r, verb: "apply", situation: s, templates: set, first: !s.platform.exists(), tags: e.environment.tags()}
	for key, value := range r.Tags {
		p.tags[key] = value
	}
	if err := e.foundationOf(ctx, p, r); err != nil {
		return nil, false, err
	}
	e.mask(set.Root, r.Values)
	if p.templates, err = set.Package(p.bucket.Name(), e.Cloud.Region()); err == nil {
		p.given, err = e.values(p, r)
	}
	if err == nil {
		err = e.rules(p.templates.Root, p.given, p.situation.parameters())
	}
	if err != nil {
		return nil, false, err
	}
	if !p.first && !r.Force && p.unchanged(p.templates.Root) {
		return p, true, nil
	}
	if !p.first {
		e.keep(p.templates)
		e.concealStack(ctx, s.platform)
	}
	return p, false, nil
}

// foundationOf finds the artifact bucket and the role: those that the stack uses, or, before there is a stack, those of the foundation.
func (e *Engine) foundationOf(ctx context.Context, p *proposal, r Request) error {
	bucket := ""
	if p.situation.platform != nil {
		bucket, p.role = p.situation.platform.parameters[bucketParameter], p.situation.platform.role
	}
	if bucket == "" {
		foundation, err := e.describe(ctx, e.environment.foundation())
		if err != nil {
			return err
		}
		if foundation == nil || foundation.outputs[bucketOutput] == "" {
			return e.noBucket()
		}
		bucket = foundation.outputs[bucketOutput]
	}
	if p.first && r.Role == "" {
		role, err := e.describe(ctx, e.environment.role())
		if err != nil {
			return err
		}
		if role != nil {
			p.role = role.outputs[roleOutput]
		}
	}
	if r.Role != "" {
		p.role = r.Role
	}
	p.bucket = store.New(e.Cloud.S3(), e.Clock, bucket, e.environment.suffix, e.caller.Account)
	return nil
}

// noBucket says where there is none: often it is another account or region that is at fault.
func (e *Engine) noBucket() error {
	return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("there is no artifact bucket in account %s, region %s: stack %s does not exist there or does not name one", e.caller.Account, e.Cloud.Region(), e.environment.foundation()),
		Do: "if account and region are those that you mean: deploy bootstrap -e " + e.environment.suffix}
}

// rules refuses values that break the rules of a root template. Without values it judges region and account alone, before AWS is asked for
// anything.
func (e *Engine) rules(root *source.Template, given map[string]source.Given, deployed map[string]string) error {
	known := root.Known(given, deployed)
	known["AWS::Region"], known["AWS::AccountId"] = source.Known{Value: e.Cloud.Region()}, source.Known{Value: e.caller.Account}
	return root.Holds(known)
}

// parameters are the stack's; none where there is no stack.
func (s situation) parameters() map[string]string {
	if s.platform == nil {
		return nil
	}
	return s.platform.parameters
}

// unchanged tells whether deploying would change nothing, without asking CloudFormation: the same root template, which names the nested
// ones by content, the same values and the same tags. Values that are resolved at each deployment make that impossible to tell.
func (p *proposal) unchanged(root *source.Template) bool {
	deployed := p.situation.platform
	if deployed.body != string(root.Body) || strings.Contains(deployed.body, "{{resolve:") || len(p.given) != len(deployed.parameters) {
		return false
	}
	for name, given := range p.given {
		if given.Previous {
			continue
		}
		if strings.HasPrefix(root.Parameters[name].Type, "AWS::SSM::Parameter::Value") || given.Secret || given.Value != deployed.parameters[name] {
			return false
		}
	}
	for key, value := range p.tags {
		if deployed.tags[key] != value {
			return false
		}
	}
	healthy := deployed.status == "CREATE_COMPLETE" || deployed.status == "UPDATE_COMPLETE" || deployed.status == "UPDATE_ROLLBACK_COMPLETE"
	return healthy && len(p.tags) == len(deployed.tags)
}
