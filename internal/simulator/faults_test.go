package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/tierform/tierform/internal/simulator"
)

// topic is a small template; queue another.
const topic = `{Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}}}`

// TestFaultsOfCalls: each kind in the codes of each protocol.
func TestFaultsOfCalls(t *testing.T) {
	for _, tt := range []struct {
		kind              simulator.Kind
		query, json, rest string
	}{
		{simulator.Throttled, "Throttling", "ThrottlingException", "SlowDown"},
		{simulator.Internal, "InternalFailure", "ServerException", "InternalError"},
		{simulator.Denied, "AccessDenied", "AccessDeniedException", "AccessDenied"},
		{simulator.Expired, "ExpiredToken", "ExpiredTokenException", "ExpiredToken"},
		{simulator.Skewed, "RequestTimeTooSkewed", "RequestTimeTooSkewed", "RequestTimeTooSkewed"},
		{simulator.Failing, "Odd", "Odd", "Odd"},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			a := open(t, simulator.Options{})
			a.sim.Inject(simulator.Fault{Kind: tt.kind, Code: "Odd", Message: "so it is"})
			_, query := a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
			_, json := ecs.NewFromConfig(a.config).DescribeClusters(t.Context(), &ecs.DescribeClustersInput{})
			_, rest := a.store.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("artifacts")})
			if code(query) != tt.query || code(json) != tt.json || code(rest) != tt.rest {
				t.Errorf("%v\n%v\n%v", query, json, rest)
			}
			if tt.kind == simulator.Denied && !strings.Contains(query.Error(), "is not authorized to perform: cloudformation:DescribeStacks") {
				t.Errorf("the denial does not name the action: %v", query)
			}
			a.sim.Heal()
			if _, err := a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
				t.Errorf("healed: %v", err)
			}
		})
	}
	if len(simulator.Kinds()) != 10 {
		t.Errorf("kinds %v", simulator.Kinds())
	}
}

// TestFaultsChoose: a fault hits the calls that it names, some of them, for a while; of two the first acts.
func TestFaultsChoose(t *testing.T) {
	a := open(t, simulator.Options{})
	caller := func() string {
		_, err := sts.NewFromConfig(a.config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		return code(err)
	}
	a.sim.Inject(simulator.Fault{Service: "s3", Kind: simulator.Denied}, simulator.Fault{Operation: "DescribeStacks", Kind: simulator.Denied})
	if got := caller(); got != "" {
		t.Errorf("faults of others hit: %s", got)
	}
	a.sim.Heal()
	a.sim.Inject(simulator.Fault{Service: "sts", Kind: simulator.Throttled, Skip: 1, Times: 2}, simulator.Fault{Service: "sts", Operation: "GetCallerIdentity", Kind: simulator.Internal, Times: 3})
	if got, want := []string{caller(), caller(), caller(), caller()}, "InternalFailure Throttling Throttling "; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a.sim.Inject(simulator.Fault{Kind: simulator.Expired, From: time.Minute, For: time.Minute})
	before := caller()
	a.wait(time.Minute)
	during := caller()
	a.wait(time.Minute)
	if after := caller(); before != "" || during != "ExpiredToken" || after != "" {
		t.Errorf("before %q, during %q, after %q", before, during, after)
	}
}

// TestBrokenConnections: what was performed is, whatever the caller saw of it.
func TestBrokenConnections(t *testing.T) {
	put := func(a *account) error {
		_, err := a.store.PutObject(a.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: aws.String("k"), Body: strings.NewReader("x"), IfNoneMatch: aws.String("*")})
		return err
	}
	for _, tt := range []struct {
		kind       simulator.Kind
		fails      bool
		afterwards string
	}{
		{simulator.Lost, true, "PreconditionFailed"}, {simulator.Refused, true, ""}, {simulator.Twice, false, "PreconditionFailed"},
	} {
		a := open(t, simulator.Options{})
		a.sim.Inject(simulator.Fault{Kind: tt.kind, Times: 1})
		if err := put(a); (err != nil) != tt.fails {
			t.Errorf("%s: %v", tt.kind, err)
		}
		if err := put(a); code(err) != tt.afterwards {
			t.Errorf("%s, and again: %v", tt.kind, err)
		}
	}
	a := open(t, simulator.Options{})
	a.execute(proposal{stack: "s", body: topic})
	a.sim.Inject(simulator.Fault{Kind: simulator.Half})
	if _, err := a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err == nil {
		t.Error("half an answer is taken for a whole one")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	request := must(http.NewRequestWithContext(gone, http.MethodGet, "https://s3.us-east-1.amazonaws.com/artifacts", nil))
	if _, err := a.sim.Client().Do(request); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled request: %v", err)
	}
}

// TestNetwork: the same over a real connection, which breaks where the answer does.
func TestNetwork(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("k", "hello")
	server := httptest.NewServer(a.sim)
	defer server.Close()
	get := func(client *http.Client) (string, error) {
		out, err := client.Get(server.URL + "/artifacts/k")
		if err != nil {
			return "", err
		}
		defer out.Body.Close()
		body, err := io.ReadAll(out.Body)
		return string(body), err
	}
	if body, err := get(server.Client()); body != "hello" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half} {
		a.sim.Inject(simulator.Fault{Kind: kind})
		if _, err := get(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}); err == nil {
			t.Errorf("%s: no error", kind)
		}
		a.sim.Heal()
	}
	a.sim.Inject(simulator.Fault{Kind: simulator.Lost})
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("a connection that cannot be taken over is not aborted")
		}
	}()
	a.sim.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/artifacts/k", nil))
}

// TestNonsense: requests that no SDK sends are refused, not answered.
func TestNonsense(t *testing.T) {
	a := open(t, simulator.Options{})
	signed := func(service, target, body string) *http.Response {
		r := must(http.NewRequest(http.MethodPost, "https://aws", strings.NewReader(body)))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/"+service+"/aws4_request")
		r.Header.Set("X-Amz-Target", target)
		return must(a.sim.Client().Do(r))
	}
	for _, out := range []*http.Response{signed("ecs", "X.DescribeClusters", "{"), signed("ecs", "X.Nothing", "{}"), signed("ecs", "X.DescribeServices", "{}")} {
		if out.StatusCode != http.StatusBadRequest {
			t.Errorf("%s", out.Status)
		}
	}
	broken := must(http.NewRequest(http.MethodPost, "https://aws", io.MultiReader(bytes.NewReader([]byte("x")), failing{})))
	if out := must(a.sim.Client().Do(broken)); out.StatusCode != http.StatusBadRequest {
		t.Errorf("a body that breaks: %s", out.Status)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestErrorText(t *testing.T) {
	if got := (&simulator.Error{Code: "Throttling", Message: "Rate exceeded"}).Error(); got != "Throttling: Rate exceeded" {
		t.Error(got)
	}
}

func TestOtherAccounts(t *testing.T) {
	a := open(t, simulator.Options{Account: "999988887777", Caller: "arn:aws:iam::999988887777:user/me"})
	out := must(sts.NewFromConfig(a.config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))
	if aws.ToString(out.Account) != "999988887777" || aws.ToString(out.Arn) != "arn:aws:iam::999988887777:user/me" || a.sim.Account() != "999988887777" {
		t.Errorf("%+v", out)
	}
	a.sim.CreateForeignBucket("theirs", "111111111111")
	_, foreign := a.store.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("theirs")})
	_, mistaken := a.store.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("artifacts"), ExpectedBucketOwner: aws.String("111111111111")})
	if foreign == nil || code(mistaken) != "AccessDenied" {
		t.Errorf("%v, %v", foreign, mistaken)
	}
}

func TestClock(t *testing.T) {
	c := simulator.NewClock()
	begin := c.Now()
	var paused []time.Duration
	c.Pause(func(_ context.Context, d time.Duration) error {
		paused = append(paused, d)
		if d > time.Minute {
			return context.DeadlineExceeded
		}
		return nil
	})
	if err := c.Sleep(t.Context(), time.Second); err != nil || c.Now().Sub(begin) != time.Second {
		t.Errorf("%v, %s", err, c.Now().Sub(begin))
	}
	if err := c.Sleep(t.Context(), time.Hour); !errors.Is(err, context.DeadlineExceeded) || c.Now().Sub(begin) != time.Second {
		t.Errorf("a pause that ends early: %v, %s", err, c.Now().Sub(begin))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(gone, time.Second); !errors.Is(err, context.Canceled) || len(paused) != 2 {
		t.Errorf("%v, paused %v", err, paused)
	}
}

// TestConcurrentCalls: readers, a writer, faults and sleepers at the same time (for the race detector).
func TestConcurrentCalls(t *testing.T) {
	a := open(t, simulator.Options{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				_, _ = a.api.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("s")})
				_, _ = ecs.NewFromConfig(a.config).ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{})
				_ = a.sim.PutObject("artifacts", "k", "v")
				_ = a.sim.Clock().Sleep(t.Context(), time.Second)
				a.sim.Inject(simulator.Fault{Service: "sts", Kind: simulator.Throttled})
			}
		})
	}
	if got := a.deploy(proposal{stack: "s", body: topic}); got != "CREATE_COMPLETE" {
		t.Error(got)
	}
	group.Wait()
}
