package verify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/signed"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// A world is a simulated account with one stack of somebody else.
type world struct {
	*testing.T
	sim   *simulator.Simulator
	cloud *cloud.Cloud
}

func newWorld(t *testing.T, template string) *world {
	t.Helper()
	sim := simulator.New(simulator.Options{PageSize: 2})
	way, err := cloud.Open(t.Context(), cloud.Options{Region: simulator.Region, Client: sim.Client(), Clock: sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t, sim, way}
	api := way.CloudFormation()
	_, err = api.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("other-qa"), ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: &template})
	w.must(err)
	w.pass(time.Minute)
	_, err = api.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{StackName: aws.String("other-qa"), ChangeSetName: aws.String("first")})
	w.must(err)
	w.pass(time.Hour)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.Helper()
	w.must(w.sim.Clock().Sleep(w.Context(), d))
	_, err := w.cloud.Caller(w.Context()) // what was due happens with the next call
	w.must(err)
}

func (w *world) survey() *Estate {
	w.Helper()
	e, err := Survey(w.Context(), w.cloud.CloudFormation(), simulator.Region, w.sim.Account(), func(string) {}, "other-qa", "nowhere")
	w.must(err)
	return e
}

func (w *world) input(e *Estate) Input {
	o := w.cloud.CloudFormation().Options()
	return Input{Cloud: w.cloud, Clock: w.sim.Clock(), Estate: e, Environment: "qa", Signed: signed.Client{HTTP: o.HTTPClient, Credentials: o.Credentials, Region: o.Region, Clock: w.sim.Clock()}}
}

// found are the findings of a run as "check place: result, observed or why".
func (w *world) found(e *Estate) (all []string) {
	w.Helper()
	outcomes, err := Run(w.Context(), w.input(e))
	w.must(err)
	for _, o := range outcomes {
		for _, f := range o.Findings {
			text := f.Observed
			if f.Why != "" {
				text = strings.TrimPrefix(text+"; "+f.Why, "; ")
			}
			all = append(all, o.ID+" "+f.Place+": "+string(f.Result)+", "+text)
		}
	}
	return all
}

// estateOf is one stack as a template with parameters would make it, without asking anybody.
func estateOf(t *testing.T, body string, parameters map[string]string) *Stack {
	t.Helper()
	template, err := source.Parse("t.yaml", []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	s := &Stack{Name: "other-qa", ARN: "arn:aws:cloudformation:us-east-1:111122223333:stack/other-qa/1", template: template, parameters: parameters, outputs: map[string]string{"Key": "of the nested"}, resources: map[string]*Resource{}}
	s.estate = &Estate{Region: "us-east-1", Account: "111122223333", Stacks: []*Stack{s}}
	for id, r := range template.Resources {
		s.resources[id] = &Resource{LogicalID: id, ID: "id-of-" + id, Type: r.Type, stack: s}
		if r.Type == stackType {
			s.resources[id].ID = s.ARN
		}
		if r.Type == serviceType {
			s.resources[id].ID = "arn:aws:ecs:us-east-1:111122223333:service/c/svc"
		}
	}
	return s
}

// refusing answers calls of CloudFormation with an error once so many went well.
type refusing struct {
	Formation
	after int
}

var errRefused = errors.New("refused")

func (r *refusing) spent() error {
	if r.after--; r.after < 0 {
		return errRefused
	}
	return nil
}

func (r *refusing) DescribeStacks(ctx context.Context, in *cloudformation.DescribeStacksInput, o ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if err := r.spent(); err != nil {
		return nil, err
	}
	return r.Formation.DescribeStacks(ctx, in, o...)
}

func (r *refusing) GetTemplate(ctx context.Context, in *cloudformation.GetTemplateInput, o ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error) {
	if err := r.spent(); err != nil {
		return nil, err
	}
	return r.Formation.GetTemplate(ctx, in, o...)
}

func (r *refusing) ListStackResources(ctx context.Context, in *cloudformation.ListStackResourcesInput, o ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error) {
	if err := r.spent(); err != nil {
		return nil, err
	}
	return r.Formation.ListStackResources(ctx, in, o...)
}

// apiError is one of AWS.
func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "m"} }
