package verify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Formation are the calls of CloudFormation that tell what is deployed.
type Formation interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
	ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error)
}

// An Estate is all that some root stacks and the stacks nested in them hold, with the templates that are deployed.
type Estate struct {
	Region, Account string
	// Stacks are those that exist, a stack before those nested in it.
	Stacks []*Stack
	// Missing are root stacks that do not exist.
	Missing []string
}

// A Stack is one that is deployed.
type Stack struct {
	Name, ARN, Status string
	// Path names the nested stacks on the way, from below the root; empty for a root.
	Path []string
	// Hash is the SHA-256 of the deployed template.
	Hash string

	estate              *Estate
	template            *source.Template
	parameters, outputs map[string]string
	resources           map[string]*Resource
}

// A Resource is one that exists.
type Resource struct {
	LogicalID, ID, Type string

	stack *Stack
}

// Place is where the templates declare the resource, as people write it: Data/Cluster.
func (r *Resource) Place() string { return report.Place(r.stack.Path, r.LogicalID) }

// Survey reads root stacks and all that is nested in them, one call after the other: they go to CloudFormation's budget in any case. read
// is told of each stack.
func Survey(ctx context.Context, api Formation, region, account string, read func(name string), roots ...string) (*Estate, error) {
	e := &Estate{Region: region, Account: account}
	for _, root := range roots {
		if err := e.survey(ctx, api, root, nil, read); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *Estate) survey(ctx context.Context, api Formation, name string, path []string, read func(string)) error {
	out, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if cloud.Missing(err) && path == nil {
		e.Missing = append(e.Missing, name)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read stack %s: %w", name, err)
	}
	s := &Stack{estate: e, Path: path, resources: map[string]*Resource{}}
	s.take(out.Stacks[0])
	if s.Status == string(types.StackStatusReviewInProgress) {
		e.Missing = append(e.Missing, name)
		return nil
	}
	read(s.Name)
	if err := s.readTemplate(ctx, api); err != nil {
		return err
	}
	if err := s.list(ctx, api); err != nil {
		return err
	}
	e.Stacks = append(e.Stacks, s)
	for _, id := range sortedKeys(s.resources) {
		if r := s.resources[id]; r.Type == stackType && strings.HasPrefix(r.ID, "arn:") {
			if err := e.survey(ctx, api, r.ID, append(path[:len(path):len(path)], id), read); err != nil {
				return err
			}
		}
	}
	return nil
}

const stackType = "AWS::CloudFormation::Stack"

func (s *Stack) take(d types.Stack) {
	s.Name, s.ARN, s.Status = aws.ToString(d.StackName), aws.ToString(d.StackId), string(d.StackStatus)
	s.parameters, s.outputs = map[string]string{}, map[string]string{}
	for _, p := range d.Parameters {
		s.parameters[aws.ToString(p.ParameterKey)] = cmp.Or(aws.ToString(p.ResolvedValue), aws.ToString(p.ParameterValue))
	}
	for _, o := range d.Outputs {
		s.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
}

func (s *Stack) readTemplate(ctx context.Context, api Formation) error {
	out, err := api.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &s.ARN, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return fmt.Errorf("read the template of %s: %w", s.Name, err)
	}
	body := []byte(aws.ToString(out.TemplateBody))
	sum := sha256.Sum256(body)
	s.Hash = hex.EncodeToString(sum[:])
	s.template, err = source.Parse("the template of "+s.Name, body)
	return err
}

func (s *Stack) list(ctx context.Context, api Formation) error {
	in := &cloudformation.ListStackResourcesInput{StackName: &s.ARN}
	for {
		out, err := api.ListStackResources(ctx, in)
		if err != nil {
			return fmt.Errorf("list the resources of %s: %w", s.Name, err)
		}
		for _, r := range out.StackResourceSummaries {
			one := &Resource{stack: s, LogicalID: aws.ToString(r.LogicalResourceId), ID: aws.ToString(r.PhysicalResourceId), Type: aws.ToString(r.ResourceType)}
			if _, declared := s.template.Resources[one.LogicalID]; declared && one.ID != "" && r.ResourceStatus != types.ResourceStatusDeleteComplete {
				s.resources[one.LogicalID] = one
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil
		}
	}
}

// Of are the resources of some types, by their places.
func (e *Estate) Of(types ...string) []*Resource {
	var found []*Resource
	for _, s := range e.Stacks {
		for _, r := range s.resources {
			if slices.Contains(types, r.Type) {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, func(a, b *Resource) int { return cmp.Or(cmp.Compare(a.Place(), b.Place()), cmp.Compare(a.ID, b.ID)) })
	return found
}

// Resources counts all resources that exist.
func (e *Estate) Resources() int {
	n := 0
	for _, s := range e.Stacks {
		n += len(s.resources)
	}
	return n
}

// by finds a resource of a type by its physical ID; nil for none.
func (e *Estate) by(typ, id string) *Resource {
	for _, r := range e.Of(typ) {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
