package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// A Request is what plan and apply are asked for.
type Request struct {
	// Files and Flags are parameter values: later ones win.
	Values []source.Values
	// Images are digests of images by name: payment-api=sha256:….
	Images map[string]string
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
	// Force makes a change set even where nothing changes.
	Force bool
	// Flat makes no change sets of nested stacks.
	Flat bool
}

// A proposal is a change set that was made and reviewed.
type proposal struct {
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
}

// prepare reads the templates and then what is there.
func (e *Engine) prepare(ctx context.Context, r Request) (*proposal, bool, error) {
	if e.Check != nil {
		if err := e.Check(); err != nil {
			return nil, false, &fault.Error{Code: fault.Refused, What: "the templates are not what the code renders", Err: err, Do: "go run ./cmd/render, review the difference and commit it"}
		}
	}
	set, err := source.Load(e.Templates, e.Roots.Platform)
	if err != nil {
		return nil, false, err
	}
	return e.compare(ctx, set, r)
}

// compare reads what is there, decides the values of all parameters and tells whether anything would change. It touches nothing.
func (e *Engine) compare(ctx context.Context, set *source.Set, r Request) (*proposal, bool, error) {
	s, err := e.look(ctx)
	if err != nil {
		return nil, false, err
	}
	p := &proposal{situation: s, templates: set, first: !s.platform.exists(), tags: e.environment.tags()}
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
	if err != nil {
		return nil, false, err
	}
	if !p.first && !r.Force && p.unchanged(p.templates.Root) {
		return p, true, nil
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
			return &fault.Error{Code: fault.Usage, What: "there is no artifact bucket: stack " + e.environment.foundation() + " does not exist or does not name one", Do: "deploy bootstrap -e " + e.environment.suffix}
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

// Parameters and outputs by which our roots say what the command needs.
const (
	bucketParameter = "ArtifactBucket"
	bucketOutput    = "ArtifactBucket"
	roleOutput      = "RoleArn"
	imageSuffix     = "ImageDigest"
)

// values decides all parameter values: files and flags, then what is the command's own.
func (e *Engine) values(p *proposal, r Request) (map[string]source.Given, error) {
	colors, err := p.situation.colors()
	if err != nil {
		return nil, err
	}
	own := source.Values{Origin: "the deploy command", MayOwn: true, ByName: map[string]string{}}
	root := p.templates.Root
	put := func(name, value string) {
		if _, declared := root.Parameters[name]; declared {
			own.ByName[name] = value
		}
	}
	put(suffixParameter, e.environment.suffix)
	put(bucketParameter, p.bucket.Name())
	for _, resource := range root.Resources {
		if n := resource.Nested; n != nil && n.KeyParameter != "" && p.templates.Nested[n.Template] != nil {
			put(n.KeyParameter, p.templates.Nested[n.Template].Key())
		}
	}
	for name := range root.Parameters {
		if p.first && strings.HasSuffix(name, "ActiveColor") {
			put(name, "blue") // the colour that the services are created with
		}
	}
	for name, color := range colors {
		put(name, color)
	}
	if err := images(root, r.Images, put); err != nil {
		return nil, err
	}
	var deployed []string
	if !p.first {
		deployed = sortedKeys(p.situation.platform.parameters)
	}
	return source.Resolve(root, deployed, append(e.without(r.Values, root), own)...)
}

// without leaves out the values of the other roots: one file holds those of all. What no root has is left for an error.
func (e *Engine) without(layers []source.Values, root *source.Template) []source.Values {
	others := map[string]bool{}
	for _, file := range []string{e.Roots.Foundation, e.Roots.Role} {
		if set, err := source.Load(e.Templates, file); err == nil { // bootstrap tells what is wrong with them
			for name := range set.Root.Parameters {
				_, ours := root.Parameters[name]
				others[name] = !ours
			}
		}
	}
	var kept []source.Values
	for _, layer := range layers {
		layer.ByName = maps.Clone(layer.ByName)
		maps.DeleteFunc(layer.ByName, func(name, _ string) bool { return others[name] })
		kept = append(kept, layer)
	}
	return kept
}

// mask tells which values are secret: those given for NoEcho parameters.
func (e *Engine) mask(root *source.Template, layers []source.Values) {
	if e.Mask == nil {
		return
	}
	for _, layer := range layers {
		for name, value := range layer.ByName {
			if root.Parameters[name].NoEcho {
				e.Mask(value)
			}
		}
	}
}

// images takes digests by the images' names: payment-api is the parameter PaymentApiImageDigest.
func images(root *source.Template, given map[string]string, put func(name, value string)) error {
	known := map[string]string{}
	for name := range root.Parameters {
		if stem, is := strings.CutSuffix(name, imageSuffix); is {
			known[ImageName(stem)] = name
		}
	}
	for _, name := range sortedKeys(given) {
		parameter := known[name]
		if parameter == "" {
			return &fault.Error{Code: fault.Usage, What: "--image names an image that " + root.Name + " does not have", Found: name, Allowed: strings.Join(sortedKeys(known), ", ")}
		}
		digest := given[name]
		if _, after, at := strings.Cut(digest, "@"); at {
			digest = after
		}
		put(parameter, digest)
	}
	return nil
}

// ImageName is an image as people name it: PaymentApi, of the parameter PaymentApiImageDigest, is payment-api.
func ImageName(stem string) string {
	var b strings.Builder
	for i, c := range stem {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
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

// propose uploads the templates, makes the change set and reviews it. What it makes is left for the caller to discard.
func (e *Engine) propose(ctx context.Context, p *proposal, r Request) error {
	if err := e.gate(p); err != nil {
		return err
	}
	began := e.Clock.Now()
	all := p.templates.All()
	uploaded, err := p.bucket.Upload(ctx, all)
	if err != nil {
		return err
	}
	e.Reporter.Report(report.Templates{Count: len(all), Changed: p.changedTemplates(), Uploaded: uploaded.Objects, Bytes: uploaded.Bytes, Seconds: e.Clock.Now().Sub(began).Seconds()})
	prefix := changeset.Transient
	if r.Keep {
		prefix = changeset.Kept
	}
	p.name = prefix + e.NewID()
	request := changeset.Request{Stack: e.environment.platform(), First: p.first, Name: p.name, Description: "by " + e.caller.ARN, URL: e.address(p), Parameters: p.given, Tags: p.tags, Role: p.role, Nested: !r.Flat}
	incomplete := ""
	if !r.Flat {
		if incomplete, err = e.crowded(ctx, p); err != nil {
			return err
		}
		request.Nested = incomplete == ""
	}
	p.set, err = changeset.Propose(ctx, e.Cloud.CloudFormation(), e.Clock, request)
	var failed *changeset.Failed
	if errors.As(err, &failed) && failed.Placeholder && request.Nested {
		incomplete, request.Nested = "CloudFormation cannot preview the nested stacks: "+failed.Findings[0].Text, false
		if err = changeset.Discard(ctx, e.Cloud.CloudFormation(), e.Clock, request.Stack, p.name, false); err == nil {
			p.name += "-flat"
			request.Name = p.name
			p.set, err = changeset.Propose(ctx, e.Cloud.CloudFormation(), e.Clock, request)
		}
	}
	if err != nil {
		return e.proposalError(err)
	}
	p.set.Partial = firstOf(incomplete, p.set.Partial)
	return e.review(ctx, p, began)
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

// manyChangeSets is when plans go without nested change sets: each deployment leaves one in each nested stack that it does not change,
// nobody can delete those, and a stack holds 1,000.
const manyChangeSets = 900

// crowded says why nested change sets are left out, when a stack has nearly as many change sets as it can hold. Stacks are asked only once
// there were as many deployments.
func (e *Engine) crowded(ctx context.Context, p *proposal) (string, error) {
	deployments, err := p.bucket.Deployments(ctx)
	if err != nil || deployments < manyChangeSets || p.first {
		return "", err
	}
	resources, err := teardown.Inventory(ctx, e.Cloud.CloudFormation(), e.environment.platform())
	most, where := 0, ""
	for i := 0; i < len(resources) && err == nil; i++ {
		if r := resources[i]; r.Type == "AWS::CloudFormation::Stack" {
			var count int
			if _, count, err = changeset.Litter(ctx, e.Cloud.CloudFormation(), r.ID, ""); count > most {
				most, where = count, r.LogicalID
			}
		}
	}
	if err != nil || most < manyChangeSets {
		return "", err
	}
	return fmt.Sprintf("%s has %d of at most 1,000 change sets, so that nested stacks get none", where, most), nil
}

// proposalError reports what CloudFormation found against a change set.
func (e *Engine) proposalError(err error) error {
	var failed *changeset.Failed
	if !errors.As(err, &failed) {
		return err
	}
	for _, v := range failed.Findings {
		e.Reporter.Report(v)
	}
	return &fault.Error{Code: fault.Refused, What: fmt.Sprintf("CloudFormation refuses the change set for %d reasons", len(failed.Findings)), Err: failed, Do: "mend the templates or values named, and plan again"}
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
	return &fault.Error{Code: fault.Refused, What: fmt.Sprintf("the templates break %d promises", errorsFound), Do: "mend what is named above; go run ./cmd/render verify shows all of it"}
}
