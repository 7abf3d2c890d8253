package cloud

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/tierform/tierform/internal/deploy/clock"
)

const (
	// maxAttempts outlasts some five minutes of throttling, and ends.
	maxAttempts = 30
	maxBackoff  = 20 * time.Second
	// firstAttempts is for the first call of all: nothing runs yet that would be worth waiting for, and a person looks at an empty screen.
	firstAttempts = 3
	// dialTimeout is what a connection takes at most: the SDK's 30 s would be half an hour of a call that is dropped.
	dialTimeout = 5 * time.Second
	// answerTimeout is that of the AWS command line: a server that takes a request and is silent would be waited for without end.
	answerTimeout = time.Minute
	// patience is the most that all attempts of a call take when no connection comes about.
	patience = maxAttempts * (maxBackoff + dialTimeout)
)

// retryer repeats what may succeed later. It waits on the run's own clock, so that a rehearsal retries without waiting.
func retryer(now clock.Clock) aws.Retryer {
	backoff := retry.NewExponentialJitterBackoff(maxBackoff)
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(retryable)}, o.Retryables...)
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
			delay, failed := backoff.BackoffDelay(attempt, err)
			if _, real := now.(clock.System); real || failed != nil {
				return delay, failed
			}
			return 0, now.Sleep(context.Background(), delay)
		})
	})
}

// retryable corrects the SDK where it gives up on a broken answer, and where it repeats what a quota refuses.
func retryable(err error) aws.Ternary {
	switch {
	case is(err, limitExceeded), untrusted(err):
		return aws.FalseTernary
	case broken(err):
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
