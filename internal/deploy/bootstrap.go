package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Bootstrap makes or updates what comes before the platform: the foundation stack with the artifact bucket and the registries, then the
// role that CloudFormation deploys the platform as. Their templates go with the request, since no bucket exists yet; the stacks' names are
// unique, which is the lock.
func (e *Engine) Bootstrap(ctx context.Context, r Request) error {
	if len(e.singles()) == 0 {
		names := DefaultRoots()
		return &fault.Error{Code: fault.Usage, What: "the directory of templates has nothing that comes before the platform", Allowed: names.Foundation + ", " + names.Role, Do: "give --templates a directory that holds them"}
	}
	proposals := map[string]*proposal{}
	for _, root := range e.singles() {
		var err error
		if proposals[root.stack], err = e.single(ctx, root.file, root.stack, r); err != nil {
			return err
		}
	}
	changed := false
	for _, root := range e.singles() {
		did, err := e.update(ctx, proposals[root.stack], root.stack, r)
		if err != nil {
			return err
		}
		changed = changed || did
	}
	status, text := "done", "the foundation of "+e.environment.suffix+" is ready"
	if !changed {
		status, text = "unchanged", "the foundation of "+e.environment.suffix+" is up to date"
	}
	e.result(report.Result{Status: status, Text: text, Next: []string{"push the images to the registries, then: deploy apply -e " + e.environment.suffix}})
	return nil
}

// A precursor is a stack that comes before the platform.
type precursor struct{ file, stack string }

// singles are the stacks without nested ones that bootstrap makes, in their order.
func (e *Engine) singles() []precursor {
	all := []precursor{{e.Roots.Foundation, e.environment.foundation()}, {e.Roots.Role, e.environment.role()}}
	return slices.DeleteFunc(all, func(b precursor) bool { return b.file == "" })
}

// single reads a template without nested stacks and what is deployed of it, and decides its values. It touches nothing.
func (e *Engine) single(ctx context.Context, file, name string, r Request) (*proposal, error) {
	set, err := source.Load(e.Templates, file)
	if err != nil {
		return nil, err
	}
	root := set.Root
	if len(root.Body) > source.MaxInline {
		return nil, &fault.Error{Code: fault.Usage, What: file + " is too large to go with the request", Found: fmt.Sprintf("%d bytes", len(root.Body)), Allowed: fmt.Sprintf("%d bytes", source.MaxInline)}
	}
	if err := e.rules(root, nil, nil); err != nil {
		return nil, err
	}
	deployed, err := e.describe(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := e.passable(deployed); err != nil {
		return nil, err
	}
	p := &proposal{request: r, verb: "bootstrap", templates: set, first: !deployed.exists(), tags: e.environment.tags(), situation: situation{platform: deployed}, name: changeset.Transient + e.NewID()}
	if p.given, err = e.singleValues(p, r); err != nil {
		return nil, err
	}
	return p, e.rules(root, p.given, p.situation.parameters())
}

// update makes a stack what its proposal says, and tells whether that changed anything.
func (e *Engine) update(ctx context.Context, p *proposal, name string, r Request) (bool, error) {
	var err error
	switch deployed := p.situation.platform; {
	case !p.first:
		if deployed.body, err = e.deployedTemplate(ctx, name); err != nil || !r.Force && p.unchanged(p.templates.Root) {
			return false, err
		}
		e.concealStack(ctx, deployed)
	case deployed != nil:
		if err := e.clear(ctx, deployed); err != nil {
			return false, err
		}
		p.situation.platform = nil
	}
	return e.singleChange(ctx, p, name, r)
}

// singleValues takes those of the given values that the template has: one file holds the values of all roots.
func (e *Engine) singleValues(p *proposal, r Request) (map[string]source.Given, error) {
	root := p.templates.Root
	layers := []source.Values{{Origin: "the deploy command", MayOwn: true, ByName: map[string]string{suffixParameter: e.environment.suffix}}}
	for _, layer := range r.Values {
		fits := source.Values{Origin: layer.Origin, ByName: map[string]string{}}
		for name, value := range layer.ByName {
			if _, declared := root.Parameters[name]; declared {
				fits.ByName[name] = value
			}
		}
		layers = append(layers, fits)
	}
	if _, declared := root.Parameters[suffixParameter]; !declared {
		layers = layers[1:]
	}
	var deployed []string
	if !p.first {
		deployed = sortedKeys(p.situation.platform.parameters)
	}
	return source.Resolve(root, deployed, layers...)
}

// singleChange proposes, asks, executes and follows.
func (e *Engine) singleChange(ctx context.Context, p *proposal, name string, r Request) (bool, error) {
	api, began := e.Cloud.CloudFormation(), e.Clock.Now()
	var err error
	p.set, err = changeset.Propose(ctx, api, e.Clock, changeset.Request{Stack: name, First: p.first, Name: p.name, Description: "by " + e.caller.ARN, Body: string(p.templates.Root.Body), Parameters: p.given, Tags: p.tags})
	if err == nil {
		err = e.review(ctx, p, began)
	} else {
		err = e.proposalError(p, err)
	}
	if err == nil {
		_, err = e.approve(ctx, p, r.Consent)
	}
	if err != nil {
		cleanup, cancel := context.WithTimeout(context.Background(), cleanupTime)
		defer cancel()
		discarded := changeset.Discard(cleanup, api, e.Clock, name, p.name, p.first)
		if errors.Is(err, changeset.ErrNoChange) {
			return false, discarded
		}
		return false, errors.Join(err, discarded)
	}
	if err := changeset.Execute(ctx, api, p.set, p.name, p.first, r.NoRollback); err != nil {
		return false, err
	}
	outcome, err := e.follow(ctx, p.set.StackARN, p.name)
	if err != nil {
		return true, e.detached(err)
	}
	if codeOf(outcome.Status) != fault.OK {
		return true, e.conclude(ctx, outcome, p.set.StackARN, nil, forward)
	}
	return true, nil
}
