package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/live"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// review classifies the change set, reports the plan and refuses what must not be executed.
func (e *Engine) review(ctx context.Context, p *proposal, began time.Time) error {
	p.review = changeset.ReviewSet(p.set, p.templates, p.given, e.before(ctx, p))
	plan := &p.review.Plan
	plan.First, plan.Level, plan.Seconds = p.first, p.level, e.Clock.Now().Sub(began).Seconds()
	if !p.first {
		plan.Adopts = p.situation.adopts()
	}
	e.Reporter.Report(*plan)
	if err := e.validate(ctx, p.review); err != nil {
		return err
	}
	blocked, err := changeset.Guard(p.set, p.review, weights{ctx, e, p.situation.services})
	if err != nil {
		return err
	}
	for _, b := range blocked {
		e.Reporter.Report(report.Validation{Severity: "error", Source: "deploy", Check: "CodeDeploy owns it", Path: b.Path, LogicalID: b.LogicalID, Text: b.Reason, Mend: b.Do})
	}
	if len(blocked) > 0 {
		return &fault.Error{Code: fault.Refused, What: report.Plural(len(blocked), "change", "") + " would break what CodeDeploy owns", Do: blocked[0].Do}
	}
	return nil
}

// validate reports what CloudFormation found against the change set. Where that cannot be read, nobody must take it for nothing.
func (e *Engine) validate(ctx context.Context, review changeset.Review) error {
	findings, unread, err := review.Findings(ctx, e.Cloud.CloudFormation())
	if err != nil {
		return err
	}
	for _, v := range findings {
		e.Reporter.Report(v)
	}
	if unread != nil {
		level := report.Detail // an endpoint that is not AWS
		if cloud.Denied(unread) {
			level = report.Warning
		}
		e.Reporter.Report(report.Note{Level: level, Text: "what CloudFormation's own validation found cannot be read: " + unread.Error()})
	}
	return nil
}

// before is what is deployed, for the proofs: root template, values, and nested templates by their content addresses.
func (e *Engine) before(ctx context.Context, p *proposal) changeset.Before {
	if p.first {
		return changeset.Before{}
	}
	b := changeset.Before{Parameters: p.situation.platform.parameters, Tags: p.situation.platform.tags, Template: func(key string) *source.Template {
		body, err := p.bucket.Template(ctx, key)
		t, invalid := source.Parse(key, body)
		if err != nil || invalid != nil {
			return nil // what is not known is not proved
		}
		return t
	}}
	if root, err := source.Parse("deployed template", []byte(p.situation.platform.body)); err == nil {
		b.Root = root
	}
	return b
}

// weights asks Elastic Load Balancing what is live.
type weights struct {
	ctx      context.Context
	engine   *Engine
	services []live.Service
}

// Weights are the live ones of a rule.
func (w weights) Weights(rule string) (changeset.Weights, error) {
	out, err := w.engine.Cloud.ELB().DescribeRules(w.ctx, &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{rule}})
	if err != nil {
		return nil, err
	}
	var actions []types.Action
	for _, r := range out.Rules {
		actions = append(actions, r.Actions...)
	}
	return live.WeightsOf(actions), nil
}

// DefaultWeights are the live ones of a listener's default actions.
func (w weights) DefaultWeights(listener string) (changeset.Weights, error) {
	out, err := w.engine.Cloud.ELB().DescribeListeners(w.ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{listener}})
	if err != nil {
		return nil, err
	}
	var actions []types.Action
	for _, l := range out.Listeners {
		actions = append(actions, l.DefaultActions...)
	}
	return live.WeightsOf(actions), nil
}

// Releasing tells whether a service, by its ARN or name, has a second task set.
func (w weights) Releasing(service string) bool {
	return slices.ContainsFunc(w.services, func(s live.Service) bool {
		return s.Releasing && (s.Name == service || strings.HasSuffix(service, "/"+s.Name))
	})
}

// approve gets the approvals that a plan needs: from the command line, or from a person. Without a person, what is missing is an error
// of code Unapproved that names the flags.
func (e *Engine) approve(ctx context.Context, p *proposal, consent changeset.Consent) (by string, err error) {
	plan := p.review.Plan
	if err := consent.Check(plan); err != nil {
		return "", err
	}
	ask, named := consent.Missing(plan)
	a := report.Approval{Required: plan.Needs, Missing: append(append([]string{}, ask...), named...)}
	if len(named) > 0 {
		e.Reporter.Report(a)
		return "", &fault.Error{Code: fault.Unapproved, What: "what holds data would be lost: " + strings.Join(named, ", "), Do: "if that is meant, name it: " + e.again(p.verb, p.request, p.templates.Root, changeset.Command(named))}
	}
	by = "nothing to approve"
	switch {
	case consent.Yes:
		by = "--yes"
	case len(ask) > 0:
		if e.Approve == nil {
			e.Reporter.Report(a)
			return "", &fault.Error{Code: fault.Unapproved, What: "nobody is there to approve: " + strings.Join(ask, ", "), Do: "look at the plan, then: " + e.again(p.verb, p.request, p.templates.Root, "--yes")}
		}
		yes, err := e.Approve(ctx, "Execute this change set?")
		if err != nil {
			return "", err
		}
		if !yes {
			e.Reporter.Report(a)
			return "", &fault.Error{Code: fault.Unapproved, What: "not approved", Do: "nothing was changed"}
		}
		by = "typed"
	}
	a.Missing, a.Granted, a.By = nil, true, by
	e.Reporter.Report(a)
	return by, nil
}
