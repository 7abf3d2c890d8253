package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/live"
	"github.com/tierform/tierform/internal/deploy/release"
)

// applicationOutput is the root's output that names the CodeDeploy application.
const applicationOutput = "CodeDeployApplication"

// A releasable is a service with what it runs and what it would run.
type releasable struct {
	release.Service
	ecs types.Service
	// running is the revision of the primary task set, registered the family's newest active one.
	running, registered *types.TaskDefinition
	serving             serving
}

// A serving tells what has a service's traffic.
type serving struct {
	// revision is the ARN that the primary task set runs, color that of its target group.
	revision, color string
	// sets counts task sets; shares are the percents of the live rules by target group.
	sets   int
	shares map[string]int
	// plain is set when all traffic is at the primary task set.
	plain bool
}

// words say what has the traffic.
func (s serving) words() string {
	var parts []string
	for _, group := range sortedKeys(s.shares) {
		parts = append(parts, fmt.Sprintf("%s %d %%", group, s.shares[group]))
	}
	if len(parts) == 0 {
		parts = []string{"no target group"}
	}
	text := strings.Join(parts, ", ") + "; the primary task set is " + firstOf(s.color, "none")
	if s.sets != 1 {
		text += fmt.Sprintf(" of %d", s.sets)
	}
	return text
}

// differs tells whether the newest revision's content is another than the running one's. Revisions of the same content are the same: their
// numbers only count how often CloudFormation registered one.
func (r releasable) differs() bool { return contentOf(r.running) != contentOf(r.registered) }

// contentOf is what a revision says, without what ECS adds to it.
func contentOf(d *types.TaskDefinition) string {
	bare := *d
	bare.TaskDefinitionArn, bare.Revision, bare.Status, bare.RegisteredAt, bare.RegisteredBy, bare.DeregisteredAt, bare.RequiresAttributes, bare.Compatibilities = nil, 0, "", nil, nil, nil, nil, nil
	text, _ := json.Marshal(bare) // of texts, numbers and lists
	return string(text)
}

// services are those that CodeDeploy releases, with how.
func (e *Engine) releaseServices(ctx context.Context, s situation) ([]release.Service, error) {
	application := s.platform.outputs[applicationOutput]
	if application == "" || len(s.services) == 0 {
		return nil, &fault.Error{Code: fault.Usage, What: s.platform.name + " has no services that CodeDeploy releases: its outputs name none", Allowed: "outputs " + applicationOutput + ", ClusterName and …ServiceName"}
	}
	plans, err := release.NewCodeDeploy(e.Cloud.CodeDeploy()).Plans(ctx, application)
	if err != nil {
		return nil, err
	}
	var services []release.Service
	for _, l := range s.services {
		plan, known := plans[l.Cluster+"/"+l.Name]
		if !known {
			return nil, &fault.Error{Code: fault.NeedsPerson, What: "no deployment group of " + application + " releases service " + l.Name, Do: "deploy apply makes it, if the templates have one"}
		}
		services = append(services, release.Service{Title: ImageName(l.Stem), Stem: l.Stem, Name: l.Name, Cluster: l.Cluster, Plan: plan})
	}
	return services, nil
}

// releasable reads what a service runs, what it would run, and where its traffic goes.
func (e *Engine) releasable(ctx context.Context, s release.Service) (r releasable, err error) {
	r.Service = s
	out, err := e.Cloud.ECS().DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &s.Cluster, Services: []string{s.Name}})
	if err != nil {
		return r, fmt.Errorf("read service %s: %w", s.Name, err)
	}
	if len(out.Services) == 0 || aws.ToString(out.Services[0].Status) != "ACTIVE" {
		return r, &fault.Error{Code: fault.NeedsPerson, What: "service " + s.Name + " does not run", Do: "deploy status"}
	}
	r.ecs = out.Services[0]
	if r.serving, err = e.servingOf(ctx, s, r.ecs); err != nil {
		return r, err
	}
	if r.serving.revision == "" {
		return r, &fault.Error{Code: fault.NeedsPerson, What: "service " + s.Name + " has no primary task set: nothing tells what it should run", Do: "look at the service's task sets in the console; deploy release status"}
	}
	if r.running, err = e.revision(ctx, r.serving.revision); err != nil {
		return r, err
	}
	r.registered, err = e.revision(ctx, aws.ToString(r.running.Family))
	return r, err
}

// revision reads one by ARN, or the newest active one of a family.
func (e *Engine) revision(ctx context.Context, name string) (*types.TaskDefinition, error) {
	out, err := e.Cloud.ECS().DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &name})
	if err != nil {
		return nil, fmt.Errorf("read task definition %s: %w", name, err)
	}
	return out.TaskDefinition, nil
}

// now reads a service anew and tells what has its traffic.
func (e *Engine) servingNow(ctx context.Context, s release.Service) (serving, error) {
	out, err := e.Cloud.ECS().DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &s.Cluster, Services: []string{s.Name}})
	if err != nil || len(out.Services) == 0 {
		return serving{}, fmt.Errorf("read service %s: %w", s.Name, err)
	}
	return e.servingOf(ctx, s, out.Services[0])
}

// servingOf compares the primary task set with the live weights of all rules that forward to the service.
func (e *Engine) servingOf(ctx context.Context, s release.Service, described types.Service) (serving, error) {
	found := serving{sets: live.Sets(described)}
	group := ""
	for _, set := range described.TaskSets {
		if aws.ToString(set.Status) == "PRIMARY" && len(set.LoadBalancers) == 1 {
			group = aws.ToString(set.LoadBalancers[0].TargetGroupArn)
			found.revision, found.color = aws.ToString(set.TaskDefinition), live.ColorOf(group)
		}
	}
	weights, err := e.liveWeights(ctx, s.Plan)
	if err != nil {
		return found, err
	}
	found.shares, found.plain = map[string]int{}, len(weights) > 0 && group != ""
	for _, w := range weights {
		for arn, share := range w.Shares() {
			name := targetGroupName(arn)
			found.shares[name] = max(found.shares[name], share)
		}
		found.plain = found.plain && w.Shares()[group] == 100
	}
	return found, nil
}

// targetGroupName is the name in a target group's ARN, …:targetgroup/NAME/ID.
func targetGroupName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 3 {
		return parts[1]
	}
	return arn
}

// liveWeights are those of the rules, of the service's listeners, that forward to its target groups.
func (e *Engine) liveWeights(ctx context.Context, p release.Plan) ([]live.Weights, error) {
	var found []live.Weights
	for _, listener := range p.Listeners {
		in := &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &listener}
		for {
			out, err := e.Cloud.ELB().DescribeRules(ctx, in)
			if err != nil {
				return nil, fmt.Errorf("read the rules of the listener: %w", err)
			}
			for _, rule := range out.Rules {
				w := live.WeightsOf(rule.Actions)
				if slices.ContainsFunc(sortedKeys(w), func(arn string) bool { return slices.Contains(p.Groups, targetGroupName(arn)) }) {
					found = append(found, w)
				}
			}
			if in.Marker = out.NextMarker; in.Marker == nil {
				break
			}
		}
	}
	return found, nil
}
