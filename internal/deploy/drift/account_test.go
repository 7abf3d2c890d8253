package drift_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// An account is one of stacks with what CloudFormation says of their drift.
type account struct {
	lock sync.Mutex
	// resources are by stack; "id type status".
	resources map[string][]string
	drifts    map[string][]types.StackResourceDrift
	// busy counts how often a detection is refused because one runs; looks how often it is still in progress.
	busy, looks int
	status      types.StackDriftDetectionStatus
	// fails names the call that fails, the after-th time.
	fails string
	after int
	asked []string
	// slept is how long was waited in all; limit ends the waiting.
	slept, limit time.Duration
	// running and most count detections at the same time.
	running, most int
}

var errBroken = errors.New("broken")

func (a *account) call(name, stack string) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.asked = append(a.asked, name+" "+stack)
	if a.fails == name {
		if a.after--; a.after < 0 {
			return errBroken
		}
	}
	return nil
}

func (a *account) ListStackResources(_ context.Context, in *cloudformation.ListStackResourcesInput, _ ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error) {
	out := &cloudformation.ListStackResourcesOutput{}
	list := a.resources[*in.StackName]
	if in.NextToken == nil && len(list) > 2 {
		list, out.NextToken = list[:2], aws.String("more")
	} else if in.NextToken != nil {
		list = list[2:]
	}
	for _, one := range list {
		f := strings.Fields(one)
		r := types.StackResourceSummary{LogicalResourceId: &f[0], PhysicalResourceId: &f[1], ResourceType: &f[2]}
		if len(f) > 3 {
			r.DriftInformation = &types.StackResourceDriftInformationSummary{StackResourceDriftStatus: types.StackResourceDriftStatus(f[3])}
		}
		out.StackResourceSummaries = append(out.StackResourceSummaries, r)
	}
	return out, a.call("list", *in.StackName)
}

func (a *account) DetectStackDrift(_ context.Context, in *cloudformation.DetectStackDriftInput, _ ...func(*cloudformation.Options)) (*cloudformation.DetectStackDriftOutput, error) {
	if err := a.call("detect", *in.StackName); err != nil {
		return nil, err
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.busy > 0 {
		a.busy--
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Drift detection is already in progress for stack"}
	}
	a.running++
	a.most = max(a.most, a.running)
	return &cloudformation.DetectStackDriftOutput{StackDriftDetectionId: in.StackName}, nil
}

func (a *account) DescribeStackDriftDetectionStatus(_ context.Context, in *cloudformation.DescribeStackDriftDetectionStatusInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackDriftDetectionStatusOutput, error) {
	if err := a.call("status", *in.StackDriftDetectionId); err != nil {
		return nil, err
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.looks > 0 {
		a.looks--
		return &cloudformation.DescribeStackDriftDetectionStatusOutput{DetectionStatus: types.StackDriftDetectionStatusDetectionInProgress}, nil
	}
	a.running--
	return &cloudformation.DescribeStackDriftDetectionStatusOutput{DetectionStatus: a.status, DetectionStatusReason: aws.String("Failed to detect drift on resource [X]")}, nil
}

func (a *account) DescribeStackResourceDrifts(_ context.Context, in *cloudformation.DescribeStackResourceDriftsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackResourceDriftsOutput, error) {
	out := &cloudformation.DescribeStackResourceDriftsOutput{StackResourceDrifts: a.drifts[*in.StackName]}
	if in.NextToken == nil && len(out.StackResourceDrifts) > 1 {
		out.StackResourceDrifts, out.NextToken = out.StackResourceDrifts[:1], aws.String("more")
	} else if in.NextToken != nil {
		out.StackResourceDrifts = out.StackResourceDrifts[1:]
	}
	return out, a.call("drifts", *in.StackName)
}

func (a *account) Now() time.Time {
	a.lock.Lock()
	defer a.lock.Unlock()
	return time.Unix(0, 0).Add(a.slept)
}

func (a *account) Sleep(ctx context.Context, d time.Duration) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.slept += d; a.limit > 0 && a.slept > a.limit {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

const root = "arn:aws:cloudformation:us-east-1:1:stack/platform-dev/1"

func difference(path, kind, expected, actual string) types.PropertyDifference {
	return types.PropertyDifference{PropertyPath: &path, DifferenceType: types.DifferenceType(kind), ExpectedValue: &expected, ActualValue: &actual}
}

func modified(id, typ string, differences ...types.PropertyDifference) types.StackResourceDrift {
	return types.StackResourceDrift{LogicalResourceId: &id, ResourceType: &typ, PhysicalResourceId: aws.String("p-" + id), StackResourceDriftStatus: types.StackResourceDriftStatusModified, PropertyDifferences: differences}
}

func state(id, typ string, status types.StackResourceDriftStatus) types.StackResourceDrift {
	return types.StackResourceDrift{LogicalResourceId: &id, ResourceType: &typ, PhysicalResourceId: aws.String("p-" + id), StackResourceDriftStatus: status}
}
