package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// skips are the resources that a rollback is to leave as they are, in CloudFormation's form: the logical ID, or in a nested stack
// NestedStackName.LogicalID, where the name is the one that CloudFormation gave the stack (API reference, ContinueUpdateRollback,
// "ResourcesToSkip"). People name them as failures are shown, Data/Cluster, or in
// CloudFormation's form.
func (e *Engine) skips(ctx context.Context, root *stack, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	resources, err := teardown.Inventory(ctx, e.Cloud.CloudFormation(), root.arn)
	if err != nil {
		return nil, err
	}
	var skipped []string
	for _, name := range names {
		one, err := skip(name, resources)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(skipped, one) {
			skipped = append(skipped, one)
		}
	}
	return skipped, nil
}

// skip finds the one resource that a name means, among those whose rollback failed.
func skip(name string, resources []teardown.Resource) (string, error) {
	var meant, shown, allowed []string
	for _, r := range resources {
		if r.Status != "UPDATE_FAILED" { // nothing else can be skipped
			continue
		}
		place, own := report.Place(r.Path, r.LogicalID), r.LogicalID
		if len(r.Path) > 0 {
			own = stackName(r.Stack) + "." + r.LogicalID
		}
		allowed = append(allowed, place)
		if name == place || name == own {
			return own, nil
		}
		if report.SamePlace(strings.ReplaceAll(name, ".", "/"), place) { // logical IDs have no dots
			meant, shown = append(meant, own), append(shown, place)
		}
	}
	switch len(meant) {
	case 0:
		return "", &fault.Error{Code: fault.Usage, What: "--skip names no resource whose rollback failed", Found: name, Allowed: strings.Join(allowed, ", "), Do: "deploy diagnose shows what failed"}
	case 1:
		return meant[0], nil
	}
	return "", &fault.Error{Code: fault.Usage, What: "--skip names more than one resource", Found: name, Allowed: strings.Join(shown, ", "), Do: "name the stack too"}
}
