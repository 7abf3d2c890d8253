package simulator_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// An account drives a simulator through the SDK.
type account struct {
	*testing.T
	sim    *simulator.Simulator
	config aws.Config
	api    *cloudformation.Client
	store  *s3.Client
	names  int
}

func open(t *testing.T, o simulator.Options) *account {
	t.Helper()
	sim := simulator.New(o)
	a := &account{T: t, sim: sim, config: aws.Config{Region: simulator.Region, HTTPClient: sim.Client(), Credentials: credentials.NewStaticCredentialsProvider("AKID", "x", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}}
	a.api = cloudformation.NewFromConfig(a.config)
	a.store = s3.NewFromConfig(a.config, func(o *s3.Options) { o.UsePathStyle = true })
	sim.CreateBucket("artifacts")
	return a
}

// must is the value of a call that has to go well.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// code is that of an error of AWS, or the error's text; empty for none.
func code(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return err.Error()
}

// upload puts a template where a nested stack finds it.
func (a *account) upload(name, body string) string {
	a.Helper()
	_, err := a.store.PutObject(a.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: &name, Body: strings.NewReader(body)})
	if err != nil {
		a.Fatal(err)
	}
	return "https://s3.us-east-1.amazonaws.com/artifacts/" + name
}

// A proposal is a change set to create.
type proposal struct {
	stack, body, url, onFailure string
	update, flat, keep          bool
	parameters                  map[string]string
	tags                        map[string]string
}

func (a *account) propose(p proposal) (*cloudformation.DescribeChangeSetOutput, error) {
	a.Helper()
	a.names++
	name := "set-" + string(rune('a'+a.names%26)) + strings.Repeat("x", a.names/26)
	in := &cloudformation.CreateChangeSetInput{StackName: &p.stack, ChangeSetName: &name, ChangeSetType: types.ChangeSetTypeCreate, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		IncludeNestedStacks: aws.Bool(!p.flat), OnStackFailure: types.OnStackFailure(p.onFailure)}
	if p.update {
		in.ChangeSetType = types.ChangeSetTypeUpdate
	}
	if in.TemplateURL = &p.url; p.url == "" {
		in.TemplateURL, in.TemplateBody = nil, &p.body
	}
	for k, v := range p.parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: aws.String(k), ParameterValue: aws.String(v)})
	}
	for k, v := range p.tags {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	if _, err := a.api.CreateChangeSet(a.Context(), in); err != nil {
		return nil, err
	}
	for {
		a.wait(time.Second)
		out, err := a.api.DescribeChangeSet(a.Context(), &cloudformation.DescribeChangeSetInput{StackName: &p.stack, ChangeSetName: &name, IncludePropertyValues: aws.Bool(true)})
		if err != nil || !strings.HasSuffix(string(out.Status), "_PENDING") && !strings.HasSuffix(string(out.Status), "_IN_PROGRESS") {
			return out, err
		}
	}
}

func (a *account) wait(d time.Duration) { _ = a.sim.Clock().Sleep(context.Background(), d) }

// deploy proposes, executes and waits for the end.
func (a *account) deploy(p proposal) string {
	a.Helper()
	a.execute(p)
	return a.settle(p.stack)
}

// execute begins a deployment.
func (a *account) execute(p proposal) {
	a.Helper()
	set, err := a.propose(p)
	if err != nil || set.Status != types.ChangeSetStatusCreateComplete {
		a.Fatalf("change set: %v: %+v", err, set)
	}
	in := &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId, DisableRollback: aws.Bool(p.keep)}
	if p.onFailure != "" {
		in.DisableRollback = nil
	}
	if _, err := a.api.ExecuteChangeSet(a.Context(), in); err != nil {
		a.Fatal(err)
	}
}

// settle waits until a stack is at rest.
func (a *account) settle(stack string) string {
	a.Helper()
	arn := aws.ToString(a.stack(stack).StackId)
	for range 10_000 {
		if st := a.stack(arn); !strings.HasSuffix(string(st.StackStatus), "_IN_PROGRESS") {
			return string(st.StackStatus)
		}
		a.wait(2 * time.Second)
	}
	a.Fatalf("%s never ends: %s", stack, a.log(arn))
	return ""
}

func (a *account) stack(name string) types.Stack {
	a.Helper()
	out, err := a.api.DescribeStacks(a.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		a.Fatal(err)
	}
	return out.Stacks[0]
}

// events are a stack's, oldest first.
func (a *account) events(stack string) []types.StackEvent {
	a.Helper()
	var all []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(a.api, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(a.Context())
		if err != nil {
			a.Fatal(err)
		}
		all = append(all, page.StackEvents...)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// log is the events in lines: logical ID, status, reason.
func (a *account) log(stack string) string {
	a.Helper()
	var lines strings.Builder
	for _, e := range a.events(stack) {
		lines.WriteString(aws.ToString(e.LogicalResourceId) + " " + string(e.ResourceStatus))
		if extra := cmp.Or(string(e.DetailedStatus), aws.ToString(e.ResourceStatusReason)); extra != "" {
			lines.WriteString(" " + extra)
		}
		lines.WriteString("\n")
	}
	return lines.String()
}

// platform uploads golden/ and says what the root takes.
func (a *account) platform(changed map[string]string) proposal {
	a.Helper()
	set := must(source.Load(os.DirFS("../../golden"), "platform.yaml"))
	values := must(source.ReadValues("dev", must(os.ReadFile("../../environments/dev.yaml"))))
	p := proposal{stack: "platform-dev", parameters: map[string]string{"EnvironmentSuffix": "dev", "ArtifactBucket": "artifacts"}, tags: map[string]string{"environment": "dev"}}
	for name, v := range values.ByName {
		p.parameters[name] = v
	}
	for _, name := range set.Root.Owned {
		switch parameter := set.Root.Parameters[name]; {
		case len(parameter.AllowedValues) == 2:
			p.parameters[name] = "blue"
		case parameter.AllowedPattern == `^sha256:[0-9a-f]{64}$`:
			p.parameters[name] = "sha256:" + set.Root.Hash
		}
	}
	for _, r := range set.Root.Resources {
		if n := r.Nested; n != nil {
			t := set.Nested[n.Template]
			a.upload(t.Key(), string(t.Body))
			p.parameters[n.KeyParameter] = t.Key()
		}
	}
	for name, v := range changed {
		p.parameters[name] = v
	}
	p.url = a.upload(set.Root.Key(), string(set.Root.Body))
	return p
}
