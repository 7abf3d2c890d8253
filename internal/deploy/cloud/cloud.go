// Package cloud is the deploy command's way to AWS: clients made when first used, one budget of requests for all of them, retries that
// outlast throttling, and errors sorted by what a caller has to do about them.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// Options say how AWS is reached.
type Options struct {
	// Region and Profile override those of the AWS configuration files and environment variables.
	Region, Profile string
	// Endpoint is an address for all services, an emulator or simulator. It wins over AWS_ENDPOINT_URL and the variables for one service,
	// as --endpoint-url of the AWS command line does.
	Endpoint string
	// RequestsPerSecond is the budget for CloudFormation's calls, 1.5 when zero: the account's limit is shared by all pipelines.
	RequestsPerSecond float64
	// Clock is the machine's when nil.
	Clock clock.Clock
	// Client sends requests; the SDK's own when nil.
	Client aws.HTTPClient
	// AnswerTimeout is how long an answer may take to begin, a minute when zero: then the call is tried again.
	AnswerTimeout time.Duration
	// Credentials override those of the AWS configuration; rehearsals have their own.
	Credentials aws.CredentialsProvider
	// Silent is told, from any goroutine, when an address does not answer and the call is tried again, and until when at the latest: once until
	// it answers again. Nil when nobody wants to know.
	Silent func(host string, until time.Time)
}

// A Cloud holds the clients of a run. It is safe for concurrent use.
type Cloud struct {
	config aws.Config
	meter  *meter
	clients
}

// Caller is who runs the command.
type Caller struct {
	// Account is the twelve digits of the account; ARN the caller's role or user.
	Account, ARN string
}

// regionPattern is the form of a region's name: us-east-1, us-gov-west-1.
var regionPattern = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// Open reads the AWS configuration. It sends nothing. Errors name the profile, region or endpoint that is wrong.
func Open(ctx context.Context, o Options) (*Cloud, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if u, err := url.Parse(o.Endpoint); o.Endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, &fault.Error{Code: fault.Usage, What: "--endpoint-url is no address", Found: o.Endpoint, Allowed: "such as http://127.0.0.1:4566"}
	}
	loaded, err := config.LoadDefaultConfig(ctx, func(l *config.LoadOptions) error {
		l.Region, l.SharedConfigProfile, l.BaseEndpoint, l.Credentials = o.Region, o.Profile, o.Endpoint, o.Credentials
		l.Logger = logging.Nop{} // what matters of the SDK's remarks comes as errors
		l.Retryer = func() aws.Retryer { return retryer(o.Clock) }
		return nil
	})
	if err != nil {
		return nil, unreadable(err)
	}
	switch {
	case loaded.Region == "":
		return nil, &fault.Error{Code: fault.Usage, What: "no AWS region is set", Allowed: "us-east-1", Do: "give --region or set AWS_REGION"}
	case !regionPattern.MatchString(loaded.Region):
		return nil, &fault.Error{Code: fault.Usage, What: "the AWS region is none", Found: loaded.Region, Allowed: "names such as us-east-1", Do: "look at --region, AWS_REGION and the profile's region"}
	}
	// Wrapped only now: the SDK adds the certificates of AWS_CA_BUNDLE to a client of its own, and to no other.
	meter := newMeter(o, loaded.HTTPClient)
	loaded.HTTPClient = meter
	return &Cloud{config: loaded, meter: meter}, nil
}

// unreadable says what of the AWS configuration is wrong.
func unreadable(err error) error {
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return &fault.Error{Code: fault.Usage, What: "there is no such AWS profile", Found: profile.Profile, Do: "look at --profile, AWS_PROFILE and ~/.aws/config (aws configure list-profiles)"}
	}
	if bundle := os.Getenv("AWS_CA_BUNDLE"); bundle != "" {
		if _, missing := os.Stat(bundle); missing != nil {
			return &fault.Error{Code: fault.Usage, What: "AWS_CA_BUNDLE names no readable file", Found: bundle, Err: missing}
		}
	}
	return &fault.Error{Code: fault.Usage, What: "the AWS configuration cannot be read", Err: err, Do: "look at --profile, ~/.aws/config and the AWS_… environment variables"}
}

// Region is where all calls go.
func (c *Cloud) Region() string { return c.config.Region }

// Caller asks who runs the command: the first call of all, at which nothing runs yet. What AWS does not take is an error of code Usage.
func (c *Cloud) Caller(ctx context.Context) (Caller, error) {
	out, err := c.identify(ctx, firstAttempts)
	if Throttled(err) { // it does answer
		out, err = c.identify(ctx, maxAttempts)
	}
	switch {
	case err == nil:
		return Caller{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}, nil
	case ctx.Err() != nil:
		return Caller{}, &fault.Error{Code: fault.Interrupted, What: "interrupted before anything was touched", Err: ctx.Err()}
	case Skewed(err):
		return Caller{}, &fault.Error{Code: fault.Usage, What: "AWS refuses the request because this machine's clock is wrong", Err: err, Do: "set the clock and try again"}
	case untrusted(err):
		return Caller{}, &fault.Error{Code: fault.Usage, What: "the certificate of AWS's endpoint is not trusted", Err: err, Do: "behind a proxy that opens TLS, let AWS_CA_BUNDLE name its certificate"}
	case Transient(err), ErrorCode(err) == "" && !Expired(err):
		return Caller{}, &fault.Error{Code: fault.Unexpected, What: "AWS does not answer at " + c.meter.lastHost() + " (region " + c.Region() + ")", Err: err,
			Do: "look at the network, the proxy (HTTPS_PROXY), --region and --endpoint-url"}
	}
	return Caller{}, &fault.Error{Code: fault.Usage, What: "AWS does not take the credentials", Err: err, Do: "sign in (aws sso login, or the pipeline's OIDC step) and try again"}
}

func (c *Cloud) identify(ctx context.Context, attempts int) (*sts.GetCallerIdentityOutput, error) {
	return c.STS().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) { o.RetryMaxAttempts = attempts })
}

// Expect refuses another account than the one wanted; no account wanted is any.
func (c Caller) Expect(account string) error {
	if account == "" || account == c.Account {
		return nil
	}
	return &fault.Error{Code: fault.Usage, What: "the credentials are of another account", Found: c.Account, Allowed: account,
		Do: fmt.Sprintf("sign in to %s, or change --account", account)}
}

// Calls counts the requests sent so far, retries among them, by service and operation: "cloudformation:DescribeStacks".
func (c *Cloud) Calls() map[string]int { return c.meter.calls() }
