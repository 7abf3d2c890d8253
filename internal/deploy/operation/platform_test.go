package operation_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

const stackName = "platform-dev"

// A platform is the real one of golden/, on the simulator.
type platform struct {
	*testing.T
	sim    *simulator.Simulator
	cloud  *cloud.Cloud
	set    *source.Set
	values map[string]string
	sets   int
	// sent are the times of the calls to CloudFormation.
	sent []time.Time
}

// Do counts the calls to CloudFormation and hands them to the simulator.
func (p *platform) Do(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.Header.Get("Authorization"), "/cloudformation/") {
		p.sent = append(p.sent, p.sim.Clock().Now())
	}
	return p.sim.Client().Do(r)
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{T: t, sim: simulator.New(simulator.Options{})}
	p.sim.Deliver(simulator.Delivery{PageSize: 12}) // small pages, soon read
	var err error
	p.cloud, err = cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Client: p, Clock: p.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")})
	p.fatal(err)
	p.set, err = source.Load(os.DirFS("../../../golden"), "platform.yaml")
	p.fatal(err)
	p.sim.CreateBucket("artifacts")
	file, err := os.ReadFile("../../../environments/dev.yaml")
	p.fatal(err)
	values, err := source.ReadValues("dev.yaml", file)
	p.fatal(err)
	p.values = values.ByName
	p.values["EnvironmentSuffix"], p.values["ArtifactBucket"] = "dev", "artifacts"
	for _, name := range p.set.Root.Owned {
		switch {
		case strings.HasSuffix(name, "ActiveColor"):
			p.values[name] = "blue"
		case strings.HasSuffix(name, "ImageDigest"):
			p.values[name] = "sha256:" + p.set.Root.Hash
		}
	}
	for _, r := range p.set.Root.Resources {
		if r.Nested != nil {
			p.values[r.Nested.KeyParameter] = p.upload(p.set.Nested[r.Nested.Template].Body, p.set.Nested[r.Nested.Template].Key())
		}
	}
	p.upload(p.set.Root.Body, p.set.Root.Key())
	return p
}

func (p *platform) fatal(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *platform) upload(body []byte, key string) string {
	p.Helper()
	_, err := p.cloud.S3().PutObject(p.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: &key, Body: bytes.NewReader(body)})
	p.fatal(err)
	return key
}

// change makes a tier's template differ from the deployed one: old becomes new in it.
func (p *platform) change(file, parameter, old, new string) {
	p.Helper()
	body := bytes.Replace(p.set.Nested[file].Body, []byte(old), []byte(new), 1)
	if bytes.Equal(body, p.set.Nested[file].Body) {
		p.Fatalf("%s does not hold %q", file, old)
	}
	t, err := source.Parse(file, body)
	p.fatal(err)
	p.values[parameter] = p.upload(body, t.Key())
}

// execute makes a change set of what the platform is to be, and executes it.
func (p *platform) execute(first, keep bool) (token string) {
	p.Helper()
	api, ctx := p.cloud.CloudFormation(), p.Context()
	p.sets++
	token = "d-" + string(rune('0'+p.sets))
	in := &cloudformation.CreateChangeSetInput{StackName: aws.String(stackName), ChangeSetName: &token, ChangeSetType: types.ChangeSetTypeUpdate, IncludeNestedStacks: aws.Bool(true),
		TemplateURL: aws.String("https://s3.us-east-1.amazonaws.com/artifacts/" + p.set.Root.Key()), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}}
	if first {
		in.ChangeSetType = types.ChangeSetTypeCreate
	}
	for name, value := range p.values {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: &name, ParameterValue: &value})
	}
	_, err := api.CreateChangeSet(ctx, in)
	p.fatal(err)
	for {
		p.fatal(p.sim.Clock().Sleep(ctx, time.Second))
		out, err := api.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: aws.String(stackName), ChangeSetName: &token})
		p.fatal(err)
		if out.Status == types.ChangeSetStatusFailed {
			p.Fatal(aws.ToString(out.StatusReason))
		}
		if out.Status == types.ChangeSetStatusCreateComplete {
			break
		}
	}
	execution := &cloudformation.ExecuteChangeSetInput{StackName: aws.String(stackName), ChangeSetName: &token, ClientRequestToken: &token}
	if keep {
		execution.DisableRollback = aws.Bool(true)
	}
	_, err = api.ExecuteChangeSet(ctx, execution)
	p.fatal(err)
	return token
}

// A screen keeps what is reported, and when.
type screen struct {
	clock  *simulator.Clock
	events []report.Event
	at     []time.Time
}

func (s *screen) Report(e report.Event) {
	s.events, s.at = append(s.events, e), append(s.at, s.clock.Now())
}

func of[T report.Event](s *screen) []T {
	var found []T
	for _, e := range s.events {
		if t, is := e.(T); is {
			found = append(found, t)
		}
	}
	return found
}

func (p *platform) screen() *screen { return &screen{clock: p.sim.Clock()} }

// follow follows the operation with a token to its end.
func (p *platform) follow(token string) (operation.Outcome, *screen) {
	p.Helper()
	s := p.screen()
	o, err := operation.Follow(p.cloud.CloudFormation(), p.sim.Clock(), s, stackName).Expect(token).Run(p.Context())
	p.fatal(err)
	return o, s
}

// deployed is a platform after its first deployment.
func deployed(t *testing.T) *platform {
	t.Helper()
	p := newPlatform(t)
	if o, _ := p.follow(p.execute(true, false)); o.Status != "CREATE_COMPLETE" {
		t.Fatalf("first deployment: %s, %s", o.Status, o.Reason)
	}
	return p
}

// arn is that of the stack.
func (p *platform) arn() string {
	out, err := p.cloud.CloudFormation().DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)})
	p.fatal(err)
	return aws.ToString(out.Stacks[0].StackId)
}
