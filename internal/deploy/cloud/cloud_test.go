package cloud_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/simulator"
)

// answers is a client that answers each request by a function.
type answers func(*http.Request) (*http.Response, error)

func (a answers) Do(r *http.Request) (*http.Response, error) { return a(r) }

// answer is a response.
func answer(status int, mediaType, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {mediaType}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// alone hides the machine's own AWS configuration.
func alone(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func open(t *testing.T, o cloud.Options) *cloud.Cloud {
	t.Helper()
	alone(t)
	o.Region, o.Credentials = "us-east-1", credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")
	c, err := cloud.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// simulated opens the simulator.
func simulated(t *testing.T, faults ...simulator.Fault) (*cloud.Cloud, *simulator.Simulator) {
	t.Helper()
	s := simulator.New(simulator.Options{})
	s.Inject(faults...)
	return open(t, cloud.Options{Client: s.Client(), Clock: s.Clock()}), s
}

func TestCallsAreCountedByServiceAndOperationInEachProtocol(t *testing.T) {
	silent := answers(func(*http.Request) (*http.Response, error) { return answer(http.StatusForbidden, "", ""), nil })
	c, ctx := open(t, cloud.Options{Client: silent}), context.Background()
	_, _ = c.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	_, _ = c.S3().GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	_, _ = c.S3().HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("b")})
	_, _ = c.Caller(ctx)
	_, _ = c.ECR().DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String("r")})
	_, _ = c.ECS().DescribeServices(ctx, &ecs.DescribeServicesInput{Services: []string{"s"}})
	_, _ = c.ELB().DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{})
	_, _ = c.Scaling().DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: "ecs"})
	_, _ = c.Logs().DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	_, _ = c.Tagging().GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{})
	_, _ = c.Secrets().ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	want := map[string]int{"cloudformation:DescribeStacks": 1, "s3:GetObject": 1, "s3:HeadBucket": 1, "sts:GetCallerIdentity": 1, "ecr:DescribeImages": 1,
		"ecs:DescribeServices": 1, "elasticloadbalancing:DescribeRules": 1, "application-autoscaling:DescribeScalableTargets": 1, "logs:DescribeLogGroups": 1,
		"tagging:GetResources": 1, "secretsmanager:ListSecrets": 1}
	if diff := cmp.Diff(want, c.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsWithoutSignatureAreCountedToo(t *testing.T) {
	alone(t)
	c, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Credentials: aws.AnonymousCredentials{},
		Client: answers(func(*http.Request) (*http.Response, error) { return answer(http.StatusForbidden, "", ""), nil })})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.S3().HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("b")})
	if diff := cmp.Diff(map[string]int{"aws:HeadBucket": 1}, c.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestClientsAreMadeOnce(t *testing.T) {
	c, _ := simulated(t)
	formation, storage := c.CloudFormation(), c.S3()
	if formation != c.CloudFormation() || storage != c.S3() || c.Region() != "us-east-1" {
		t.Error("a client is made anew")
	}
}

func TestCloudFormationIsHeldToItsBudget(t *testing.T) {
	c, s := simulated(t)
	began := s.Clock().Now()
	for range 162 {
		if _, err := c.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
			t.Fatal(err)
		}
	}
	// A burst of 12, then 1.5 a second.
	if took := s.Clock().Now().Sub(began); took < 100*time.Second || took > 101*time.Second {
		t.Errorf("162 calls took %v, want 150 / 1.5 s", took)
	}
	began = s.Clock().Now()
	for range 100 {
		if _, err := c.Caller(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if took := s.Clock().Now().Sub(began); took != 0 {
		t.Errorf("other services waited %v for CloudFormation's budget", took)
	}
}

func TestAnInterruptedWaitForTheBudgetSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	c := open(t, cloud.Options{RequestsPerSecond: 0.001, Client: answers(func(*http.Request) (*http.Response, error) {
		if sent++; sent == 12 {
			cancel()
		}
		return answer(http.StatusOK, "text/xml", "<DescribeStacksResponse><DescribeStacksResult/></DescribeStacksResponse>"), nil
	})})
	for range 13 {
		_, _ = c.CloudFormation().DescribeStacks(context.WithoutCancel(ctx), &cloudformation.DescribeStacksInput{})
		if sent == 12 {
			break
		}
	}
	if _, err := c.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{}); !errors.Is(err, context.Canceled) || sent != 12 {
		t.Errorf("%v after %d requests, want an interruption after 12", err, sent)
	}
}

func TestAWaitThatIsBrokenOffSendsNothing(t *testing.T) {
	s := simulator.New(simulator.Options{})
	c := open(t, cloud.Options{Client: s.Client(), Clock: broken{s.Clock()}})
	for range 12 {
		if _, err := c.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); !errors.Is(err, errAsleep) {
		t.Errorf("%v, want the clock's error", err)
	}
	if n := c.Calls()["cloudformation:DescribeStacks"]; n != 12 {
		t.Errorf("%d calls, want 12", n)
	}
}

var errAsleep = errors.New("no sleep")

// broken is a clock on which nobody can sleep.
type broken struct{ *simulator.Clock }

func (broken) Sleep(context.Context, time.Duration) error { return errAsleep }

func TestThrottlingIsOutlastedButNotForEver(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    simulator.Kind
		times   int
		success bool
	}{
		{"throttled for a while", simulator.Throttled, 25, true},
		{"throttled for ever", simulator.Throttled, 0, false},
		{"errors of the service", simulator.Internal, 5, true},
		{"no connection", simulator.Refused, 5, true},
		{"lost answers", simulator.Lost, 5, true},
		{"half answers", simulator.Half, 5, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			aws, s := simulated(t, simulator.Fault{Kind: c.kind, Times: c.times})
			began := s.Clock().Now()
			_, err := aws.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
			if (err == nil) != c.success {
				t.Errorf("%v", err)
			}
			if c.success {
				return
			}
			if !cloud.Throttled(err) || !cloud.Transient(err) {
				t.Errorf("%v is not told as throttling", err)
			}
			if took := s.Clock().Now().Sub(began); took < time.Minute || took > 15*time.Minute {
				t.Errorf("gave up after %v", took)
			}
			if n := aws.Calls()["cloudformation:DescribeStacks"]; n != 30 {
				t.Errorf("%d attempts, want 30", n)
			}
		})
	}
}

func TestAnAnswerThatBrokeOffIsAskedForAgain(t *testing.T) {
	c, s := simulated(t, simulator.Fault{Kind: simulator.Half, Times: 5})
	s.CreateBucket("artifacts")
	if _, err := c.S3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("artifacts")}); err != nil || c.Calls()["s3:ListObjectsV2"] != 6 {
		t.Errorf("%v after %v", err, c.Calls())
	}
}

func TestAQuotaIsNotRetried(t *testing.T) {
	c, _ := simulated(t, simulator.Fault{Kind: simulator.Failing, Code: "LimitExceededException", Message: "ChangeSet limit exceeded"})
	_, err := c.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	if n := c.Calls()["cloudformation:DescribeStacks"]; n != 1 || cloud.Throttled(err) {
		t.Errorf("asked %d times, throttled %v: %v", n, cloud.Throttled(err), err)
	}
}

func TestAnInterruptedRetryEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	c := open(t, cloud.Options{Client: answers(func(*http.Request) (*http.Response, error) {
		sent++
		cancel()
		return answer(http.StatusInternalServerError, "text/xml", ""), nil
	})})
	if _, err := c.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{}); err == nil || sent != 1 {
		t.Errorf("%v after %d requests, want an end after one", err, sent)
	}
}
