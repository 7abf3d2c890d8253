package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// A stack holds mostChangeSets (CloudFormation quotas). Each change that is executed leaves one in each nested stack that it leaves alone, and
// nobody can delete those: from manyChangeSets on, change sets are made without nested ones.
const (
	mostChangeSets = 1000
	manyChangeSets = 900
)

// crowded says why nested change sets are left out, when a stack has nearly as many change sets as it can hold. Stacks are asked only once
// so many were executed, by the records.
func (e *Engine) crowded(ctx context.Context, p *proposal) (string, error) {
	if p.first {
		return "", nil
	}
	executed, err := p.bucket.Executed(ctx, manyChangeSets)
	if err != nil || executed < manyChangeSets {
		return "", err
	}
	where, most, err := e.fullest(ctx)
	if err != nil || most < manyChangeSets {
		return "", err
	}
	return fmt.Sprintf("%s has %d of at most 1,000 change sets, so that nested stacks get none", where, most), nil
}

// fullest is the nested stack with the most change sets, or the first one found with too many for another: one is reason enough.
func (e *Engine) fullest(ctx context.Context) (where string, most int, err error) {
	resources, err := teardown.Inventory(ctx, e.Cloud.CloudFormation(), e.environment.platform())
	for i := 0; i < len(resources) && err == nil && most < manyChangeSets; i++ {
		if r := resources[i]; r.Type == "AWS::CloudFormation::Stack" {
			var count int
			if _, count, err = changeset.Litter(ctx, e.Cloud.CloudFormation(), r.ID, ""); count > most {
				most, where = count, r.LogicalID
			}
		}
	}
	return where, most, err
}

// unpreviewed says why a change set that was refused may be made without those of nested stacks; empty where that would not help.
func unpreviewed(err error) string {
	var failed *changeset.Failed
	switch {
	case errors.As(err, &failed) && failed.Placeholder:
		return "CloudFormation cannot preview the nested stacks: " + failed.Findings[0].Text
	case errors.As(err, &failed) && failed.Crowded:
		return "a nested stack holds no more change sets: " + failed.Findings[0].Text
	case strings.HasPrefix(cloud.ErrorCode(err), "LimitExceeded"):
		return "a stack holds no more change sets"
	}
	return ""
}
