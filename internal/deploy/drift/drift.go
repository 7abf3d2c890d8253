// Package drift asks CloudFormation how the resources of a root stack and of all stacks nested in it differ from their templates, and tells
// what of that is as it should be because another service owns it. It never changes anything.
package drift

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/report"
)

// API are the calls made.
type API interface {
	DetectStackDrift(context.Context, *cloudformation.DetectStackDriftInput, ...func(*cloudformation.Options)) (*cloudformation.DetectStackDriftOutput, error)
	DescribeStackDriftDetectionStatus(context.Context, *cloudformation.DescribeStackDriftDetectionStatusInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackDriftDetectionStatusOutput, error)
	DescribeStackResourceDrifts(context.Context, *cloudformation.DescribeStackResourceDriftsInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackResourceDriftsOutput, error)
	ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error)
}

const stackType = "AWS::CloudFormation::Stack"

// parallel is how many stacks are asked about at the same time.
const parallel = 4

// A Stack is one to be asked about: a root, or one nested in it.
type Stack struct {
	ARN string
	// Path are the logical IDs of the nested stacks from below the root to it.
	Path []string
}

// A Result is what CloudFormation found in all stacks.
type Result struct {
	// Resources differ from their templates, sorted by place.
	Resources []Resource
	// Checked counts the resources that were compared, Unchecked by type those that CloudFormation does not compare.
	Checked   int
	Unchecked map[string]int
	// Incomplete says why something could not be compared: one line a stack or resource.
	Incomplete []string
}

// A Resource is one that differs.
type Resource struct {
	Path                []string
	LogicalID, ID, Type string
	// Deleted tells that it is not there any more; else Differences says what differs.
	Deleted     bool
	Differences []Difference
}

// A Difference is that of one property, values as JSON where they are no texts.
type Difference struct {
	// Path is a JSON pointer.
	Path             string
	Kind             string
	Expected, Actual string
	// Owner is who changes the property in the ordinary course of things, for the Reason; empty for real drift.
	Owner, Reason string
}

// Real tells whether a resource differs in something that nobody owns.
func (r Resource) Real() bool {
	return r.Deleted || slices.ContainsFunc(r.Differences, func(d Difference) bool { return d.Owner == "" })
}

// Detect asks about a root stack and all nested in it: detection is not recursive (API reference, DetectStackDrift).
func Detect(ctx context.Context, api API, now clock.Clock, root string) (Result, error) {
	stacks, err := nested(ctx, api, Stack{ARN: root})
	if err != nil {
		return Result{}, err
	}
	found := make([]Result, len(stacks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, s := range stacks {
		group.Go(func() (err error) {
			found[i], err = one(ctx, api, now, s)
			return err
		})
	}
	err = group.Wait()
	return join(found), err
}

// join is one result of all stacks'.
func join(found []Result) Result {
	all := Result{Unchecked: map[string]int{}}
	for _, r := range found {
		all.Resources = append(all.Resources, r.Resources...)
		all.Incomplete = append(all.Incomplete, r.Incomplete...)
		all.Checked += r.Checked
		for typ, count := range r.Unchecked {
			all.Unchecked[typ] += count
		}
	}
	slices.SortFunc(all.Resources, func(a, b Resource) int {
		return cmp.Or(slices.Compare(a.Path, b.Path), cmp.Compare(a.LogicalID, b.LogicalID))
	})
	slices.Sort(all.Incomplete)
	return all
}

// nested finds the stacks below one, itself first.
func nested(ctx context.Context, api API, s Stack) ([]Stack, error) {
	all := []Stack{s}
	resources, err := list(ctx, api, s)
	if err != nil {
		return nil, err
	}
	for _, r := range resources {
		if id := aws.ToString(r.PhysicalResourceId); aws.ToString(r.ResourceType) == stackType && strings.HasPrefix(id, "arn:") {
			below, err := nested(ctx, api, Stack{id, append(s.Path[:len(s.Path):len(s.Path)], aws.ToString(r.LogicalResourceId))})
			if err != nil {
				return nil, err
			}
			all = append(all, below...)
		}
	}
	return all, nil
}

func list(ctx context.Context, api API, s Stack) ([]types.StackResourceSummary, error) {
	var all []types.StackResourceSummary
	in := &cloudformation.ListStackResourcesInput{StackName: &s.ARN}
	for {
		out, err := api.ListStackResources(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the resources of %s: %w", s.name(), err)
		}
		all = append(all, out.StackResourceSummaries...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return all, nil
		}
	}
}

// name is what people call the stack.
func (s Stack) name() string {
	if len(s.Path) > 0 {
		return report.Place(s.Path, "")
	}
	_, name, _ := strings.Cut(s.ARN, ":stack/")
	name, _, _ = strings.Cut(name, "/")
	return cmp.Or(name, s.ARN)
}

// one detects the drift of one stack.
func one(ctx context.Context, api API, now clock.Clock, s Stack) (Result, error) {
	r := Result{Unchecked: map[string]int{}}
	status, err := detect(ctx, api, now, s)
	if err != nil {
		return r, err
	}
	if status.DetectionStatus == types.StackDriftDetectionStatusDetectionFailed {
		r.Incomplete = append(r.Incomplete, s.name()+": "+aws.ToString(status.DetectionStatusReason))
	}
	resources, err := list(ctx, api, s)
	if err != nil {
		return r, err
	}
	for _, one := range resources {
		if info := one.DriftInformation; info == nil || info.StackResourceDriftStatus == types.StackResourceDriftStatusNotChecked {
			r.Unchecked[aws.ToString(one.ResourceType)]++
			continue
		}
		r.Checked++
	}
	return r, r.differences(ctx, api, s)
}

// differences reads how resources differ.
func (r *Result) differences(ctx context.Context, api API, s Stack) error {
	in := &cloudformation.DescribeStackResourceDriftsInput{StackName: &s.ARN, StackResourceDriftStatusFilters: []types.StackResourceDriftStatus{
		types.StackResourceDriftStatusModified, types.StackResourceDriftStatusDeleted, types.StackResourceDriftStatusUnknown}}
	for {
		out, err := api.DescribeStackResourceDrifts(ctx, in)
		if err != nil {
			return fmt.Errorf("read the drift of %s: %w", s.name(), err)
		}
		for _, d := range out.StackResourceDrifts {
			if d.StackResourceDriftStatus == types.StackResourceDriftStatusUnknown {
				r.Incomplete = append(r.Incomplete, fmt.Sprintf("%s/%s: %s", s.name(), aws.ToString(d.LogicalResourceId), cmp.Or(aws.ToString(d.DriftStatusReason), "CloudFormation could not compare it")))
				continue
			}
			r.Resources = append(r.Resources, s.resource(d))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil
		}
	}
}

func (s Stack) resource(d types.StackResourceDrift) Resource {
	r := Resource{Path: s.Path, LogicalID: aws.ToString(d.LogicalResourceId), ID: aws.ToString(d.PhysicalResourceId), Type: aws.ToString(d.ResourceType),
		Deleted: d.StackResourceDriftStatus == types.StackResourceDriftStatusDeleted}
	for _, p := range d.PropertyDifferences {
		one := Difference{Path: aws.ToString(p.PropertyPath), Kind: string(p.DifferenceType), Expected: aws.ToString(p.ExpectedValue), Actual: aws.ToString(p.ActualValue)}
		one.Owner, one.Reason = owner(r.Type, one)
		r.Differences = append(r.Differences, one)
	}
	slices.SortFunc(r.Differences, func(a, b Difference) int { return cmp.Compare(a.Path, b.Path) })
	return r
}
