package cloud_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/simulator"
)

// kinds are those of an error, in a word each.
func kinds(err error) []string {
	var all []string
	for _, k := range []struct {
		name string
		is   func(error) bool
	}{{"expired", cloud.Expired}, {"skewed", cloud.Skewed}, {"throttled", cloud.Throttled}, {"transient", cloud.Transient}, {"denied", cloud.Denied},
		{"missing", cloud.Missing}, {"taken", cloud.Taken}, {"conflicting", cloud.Conflicting}, {"unsupported", cloud.Unsupported}} {
		if k.is(err) {
			all = append(all, k.name)
		}
	}
	return all
}

const (
	query   = `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>`
	storage = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`
	target  = `{"__type":"com.amazonaws.ecs#%s","message":"%s"}`
)

// TestErrorsOfEachProtocol answers as the services do and looks at how the errors are sorted.
func TestErrorsOfEachProtocol(t *testing.T) {
	for _, c := range []struct {
		protocol      string
		status        int
		code, message string
		want          []string
	}{
		{query, 400, "ValidationError", "Stack with id platform-dev does not exist", []string{"missing"}},
		{query, 400, "ValidationError", "Template format error", nil},
		{query, 404, "ChangeSetNotFound", "ChangeSet [d-1] does not exist", []string{"missing"}},
		{query, 403, "AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks", []string{"denied"}},
		{query, 403, "ExpiredToken", "The security token included in the request is expired", []string{"expired"}},
		{query, 403, "InvalidClientTokenId", "The security token included in the request is invalid.", []string{"expired"}},
		{query, 403, "RequestExpired", "Request has expired.", []string{"skewed"}},
		{query, 403, "SignatureDoesNotMatch", "Signature expired: 20261122T150000Z is now earlier than 20261122T160000Z", []string{"skewed"}},
		{query, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match", nil},
		{query, 400, "Throttling", "Rate exceeded", []string{"throttled", "transient"}},
		{query, 400, "InvalidAction", "The action DescribeEvents is not valid for this endpoint.", []string{"unsupported"}},
		{query, 500, "InternalFailure", "", []string{"transient"}},
		{query, 400, "LimitExceededException", "", nil},
		{query, 400, "ValidationError", "Stack:platform-dev is in UPDATE_IN_PROGRESS state", nil},
		{target, 400, "ClusterNotFoundException", "Cluster not found.", []string{"missing"}},
		{target, 400, "AccessDeniedException", "", []string{"denied"}},
		{target, 400, "ExpiredTokenException", "", []string{"expired"}},
		{target, 400, "UnrecognizedClientException", "", []string{"expired"}},
		{target, 400, "ThrottlingException", "Rate exceeded", []string{"throttled", "transient"}},
		{target, 400, "UnknownOperationException", "", []string{"unsupported"}},
		{target, 500, "ServerException", "", []string{"transient"}},
		{storage, 404, "NoSuchKey", "The specified key does not exist.", []string{"missing"}},
		{storage, 404, "NoSuchBucket", "The specified bucket does not exist", []string{"missing"}},
		{storage, 403, "AccessDenied", "Access Denied", []string{"denied"}},
		{storage, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", []string{"taken"}},
		{storage, 409, "ConditionalRequestConflict", "", []string{"taken", "conflicting"}},
		{storage, 503, "SlowDown", "Please reduce your request rate.", []string{"throttled", "transient"}},
		{storage, 400, "ExpiredToken", "The provided token has expired.", []string{"expired"}},
		{storage, 403, "InvalidAccessKeyId", "", []string{"expired"}},
		{storage, 403, "RequestTimeTooSkewed", "", []string{"skewed"}},
		{storage, 400, "RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period.", []string{"transient"}},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.code), func(t *testing.T) {
			client := answers(func(*http.Request) (*http.Response, error) {
				return answer(c.status, "text/xml", fmt.Sprintf(c.protocol, c.code, c.message)), nil
			})
			a, once := open(t, cloud.Options{Client: client, Clock: simulator.NewClock()}), 1
			var err error
			switch c.protocol {
			case query:
				_, err = a.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}, func(o *cloudformation.Options) { o.RetryMaxAttempts = once })
			case target:
				_, err = a.ECS().DescribeServices(t.Context(), &ecs.DescribeServicesInput{Services: []string{"s"}}, func(o *ecs.Options) { o.RetryMaxAttempts = once })
			default:
				_, err = a.S3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")}, func(o *s3.Options) { o.RetryMaxAttempts = once })
			}
			if cloud.ErrorCode(err) != c.code {
				t.Errorf("code %q, want %q: %v", cloud.ErrorCode(err), c.code, err)
			}
			if diff := cmp.Diff(c.want, kinds(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestErrorsWithoutABody are those of HEAD requests: the status is all there is.
func TestErrorsWithoutABody(t *testing.T) {
	for status, want := range map[int][]string{404: {"missing"}, 403: {"denied"}, 503: {"transient"}, 429: {"throttled", "transient"}, 400: nil} {
		client := answers(func(*http.Request) (*http.Response, error) { return answer(status, "", ""), nil })
		a := open(t, cloud.Options{Client: client, Clock: simulator.NewClock()})
		_, err := a.S3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("b"), Key: aws.String("k")}, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
		if diff := cmp.Diff(want, kinds(err)); diff != "" || err == nil {
			t.Errorf("%d %v: %s", status, err, diff)
		}
	}
}

func TestErrorsWithoutAnAnswer(t *testing.T) {
	for _, c := range []struct {
		err  error
		want []string
	}{
		{nil, nil},
		{errors.New("anything"), nil},
		{context.Canceled, nil},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), []string{"transient"}},
		{errors.New("read tcp: connection reset by peer"), []string{"transient"}},
		{fmt.Errorf("get identity: get credentials: failed to refresh cached credentials, the SSO session has expired"), []string{"expired"}},
		{fmt.Errorf("failed to refresh cached credentials, %w", context.Canceled), nil},
		{&url.Error{Op: "Post", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, nil},
	} {
		if diff := cmp.Diff(c.want, kinds(c.err)); diff != "" {
			t.Errorf("%v: %s", c.err, diff)
		}
		if cloud.ErrorCode(c.err) != "" {
			t.Errorf("%v has code %s", c.err, cloud.ErrorCode(c.err))
		}
	}
}

// TestErrorsOfTheSimulator are sorted like those of AWS, whichever service answers.
func TestErrorsOfTheSimulator(t *testing.T) {
	for kind, want := range map[simulator.Kind][]string{simulator.Expired: {"expired"}, simulator.Denied: {"denied"}, simulator.Skewed: {"skewed"},
		simulator.Throttled: {"throttled", "transient"}, simulator.Internal: {"transient"}, simulator.Refused: {"transient"}, simulator.Half: {"transient"}} {
		a, s := simulated(t)
		s.CreateBucket("artifacts")
		if _, err := a.S3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: aws.String("k")}); err != nil {
			t.Fatal(err)
		}
		s.Inject(simulator.Fault{Kind: kind})
		_, query := a.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
		_, head := a.S3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("artifacts")})
		_, target := a.ECS().DescribeServices(t.Context(), &ecs.DescribeServicesInput{Services: []string{"s"}})
		if kind == simulator.Half { // what is read of so short an answer was in its first half
			query = head
		}
		for _, err := range []error{query, head, target} {
			if diff := cmp.Diff(want, kinds(err)); diff != "" {
				t.Errorf("%s, %v: %s", kind, err, diff)
			}
		}
	}
}
