package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/drift"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A DriftRequest is what drift is asked for.
type DriftRequest struct {
	// DetailedExitCode makes drift end with fault.Differences.
	DetailedExitCode bool
}

// Drift tells how what runs differs from the templates, in the platform stack and all stacks nested in it, without what CodeDeploy and
// scaling own. It reverts nothing: drift is mended in the templates, or by hand where somebody changed it by hand.
func (e *Engine) Drift(ctx context.Context, r DriftRequest) error {
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return err
	}
	p, err := (situation{platform: s}).need(e.environment)
	if err != nil {
		return err
	}
	if !slices.Contains(driftable(), p.status) {
		return &fault.Error{Code: fault.Busy, What: "CloudFormation compares no stack in this state", Found: p.name + " is " + p.status, Allowed: strings.Join(driftable(), ", "), Do: operation.WayOut(p.status).Command(e.environment.suffix)}
	}
	e.concealStack(ctx, p)
	found, err := drift.Detect(ctx, e.Cloud.CloudFormation(), e.Clock, p.arn)
	if err != nil {
		return err
	}
	return e.reportDrift(found, r)
}

// comparable are the states in which CloudFormation detects drift (User Guide, "Detect drift on an entire CloudFormation stack").
func driftable() []string {
	return []string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"}
}

// reportDrift tells what was found.
func (e *Engine) reportDrift(found drift.Result, r DriftRequest) error {
	t := report.Table{Title: "Drift", Columns: []string{"Resource", "Type", "Property", "Template", "Actual"}}
	drifted := 0
	for _, one := range found.Resources {
		place := report.Place(one.Path, one.LogicalID)
		if one.Real() {
			drifted++
		}
		if one.Deleted {
			t.Rows = append(t.Rows, []string{place, one.Type, "", one.ID, "deleted"})
		}
		for _, d := range one.Differences {
			if d.Owner != "" {
				e.Reporter.Report(report.Note{Level: report.Detail, Text: fmt.Sprintf("%s %s is owned by %s: %s (template %s, actual %s)", place, d.Path, d.Owner, d.Reason, shown(one, d, d.Expected), shown(one, d, d.Actual))})
				continue
			}
			t.Rows = append(t.Rows, []string{place, one.Type, d.Path, shown(one, d, d.Expected), shown(one, d, d.Actual)})
		}
	}
	if len(t.Rows) > 0 {
		e.Reporter.Report(t)
	}
	for _, line := range found.Incomplete {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "not compared: " + line})
	}
	e.Reporter.Report(report.Note{Level: report.Info, Text: report.Plural(found.Checked, "resource", "") + " compared; " + unchecked(found.Unchecked)})
	text := e.environment.platform() + " is as its templates say"
	if drifted > 0 {
		text = report.Plural(drifted, "resource", "") + " of " + e.environment.platform() + report.Choose(drifted, " differs from its template", " differ from their templates")
	}
	if drifted > 0 && r.DetailedExitCode {
		return &fault.Error{Code: fault.Differences, What: text}
	}
	e.result(report.Result{Status: "done", Text: text})
	return nil
}

// shown is a value as it may be shown: what is near a secret is masked, for CloudFormation masks only what it knows to be one.
func shown(r drift.Resource, d drift.Difference, value string) string {
	path := strings.ToLower(d.Path)
	if strings.HasPrefix(r.Type, "AWS::SecretsManager::") || strings.Contains(path, "password") || strings.Contains(path, "secretstring") || strings.Contains(path, "token") {
		return report.Masked
	}
	return value
}

// unchecked names the types that CloudFormation does not compare, with how many there are of each.
func unchecked(types map[string]int) string {
	total, names := 0, []string{}
	for _, typ := range sortedKeys(types) {
		total += types[typ]
		names = append(names, fmt.Sprintf("%s (%d)", typ, types[typ]))
	}
	if total == 0 {
		return "CloudFormation compares all types"
	}
	return fmt.Sprintf("%d cannot be compared by CloudFormation: %s", total, strings.Join(names, ", "))
}
