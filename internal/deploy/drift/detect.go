package drift

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
)

// Pace of asking for the end of a detection, which takes seconds to minutes.
const (
	pauseAtFirst = 2 * time.Second
	pauseAtMost  = 10 * time.Second
	// patience is how long somebody else's detection of the same stack is waited for.
	patience = 10 * time.Minute
)

// detect starts a detection and waits for its end. A stack takes one at a time: one that somebody else started, or the first try of ours
// whose answer was lost, is waited for.
func detect(ctx context.Context, api API, now clock.Clock, s Stack) (*cloudformation.DescribeStackDriftDetectionStatusOutput, error) {
	var id *string
	for deadline := now.Now().Add(patience); id == nil; {
		out, err := api.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: &s.ARN})
		switch {
		case err == nil:
			id = out.StackDriftDetectionId
		case !busy(err) || !now.Now().Before(deadline):
			return nil, fmt.Errorf("detect the drift of %s: %w", s.name(), err)
		default:
			if err := now.Sleep(ctx, pauseAtMost); err != nil {
				return nil, err
			}
		}
	}
	for pause := pauseAtFirst; ; pause = min(pause*3/2, pauseAtMost) {
		if err := now.Sleep(ctx, pause); err != nil {
			return nil, err
		}
		out, err := api.DescribeStackDriftDetectionStatus(ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: id})
		if err != nil {
			return nil, fmt.Errorf("detect the drift of %s: %w", s.name(), err)
		}
		if out.DetectionStatus != types.StackDriftDetectionStatusDetectionInProgress {
			return out, nil
		}
	}
}

// busy tells that a detection of the stack runs already.
func busy(err error) bool {
	return cloud.ErrorCode(err) == "ValidationError" && strings.Contains(strings.ToLower(err.Error()), "drift detection") && strings.Contains(err.Error(), "in progress")
}
