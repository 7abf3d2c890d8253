package changeset

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A Blocked change must not be executed: it would undo or break what CodeDeploy owns.
type Blocked struct {
	// Path names the nested stacks, LogicalID the resource.
	Path      []string
	LogicalID string
	Reason    string
	Do        string
}

// Live tells what CodeDeploy has set and is doing.
type Live interface {
	// Weights are those of a listener rule by its ARN; DefaultWeights those of a listener's default actions. One that is not there has none.
	Weights(rule string) (Weights, error)
	DefaultWeights(listener string) (Weights, error)
	// Releasing tells whether a release of a service, by its ARN or name, is under way.
	Releasing(service string) bool
}

const (
	ruleType     = "AWS::ElasticLoadBalancingV2::ListenerRule"
	listenerType = "AWS::ElasticLoadBalancingV2::Listener"
	serviceType  = "AWS::ECS::Service"
	taskType     = "AWS::ECS::TaskDefinition"
)

// Guard finds the changes that must not be executed because CodeDeploy owns what they touch: a task definition and the service that runs
// it in one change set, a service while it is released, and listeners and rules whose weights would differ from the live ones, for any
// change of one applies the weights that its template has.
func Guard(root *Set, review Review, live Live) ([]Blocked, error) {
	levels := review.root
	if levels == nil { // nothing was proved: everything counts
		levels = newTree(root, &source.Set{Root: &source.Template{}}, nil, Before{}).root
	}
	g := &guard{live: live}
	levels.eachLevel(func(l *level) {
		if l.set != nil {
			g.stack(l)
		}
	})
	return g.blocked, errors.Join(g.failures...)
}

// A guard collects what is blocked.
type guard struct {
	live     Live
	blocked  []Blocked
	failures []error
}

func (g *guard) block(l *level, id, reason, do string) {
	g.blocked = append(g.blocked, Blocked{slices.Clone(l.path), id, reason, do})
}

// stack looks at the changes of one stack that were not disproved.
func (g *guard) stack(l *level) {
	var tasks []*types.ResourceChange
	changes := map[string]*types.ResourceChange{}
	for _, change := range l.set.Changes {
		c := change.ResourceChange
		if c == nil || l.judge(c).spurious() {
			continue
		}
		// Changed in place, as its tags are, a task definition gets no new revision.
		if aws.ToString(c.ResourceType) == taskType && (c.Action == types.ChangeActionAdd || c.Action != types.ChangeActionRemove && l.judge(c).replaces) {
			tasks = append(tasks, c)
		}
		if c.Action != types.ChangeActionAdd && c.Action != types.ChangeActionImport {
			changes[aws.ToString(c.LogicalResourceId)] = c
		}
	}
	for _, id := range sorted(changes) {
		switch c := changes[id]; aws.ToString(c.ResourceType) {
		case serviceType:
			g.service(l, c, tasks)
		case ruleType, listenerType:
			if c.Action != types.ChangeActionRemove {
				g.weights(l, c)
			}
		}
	}
}

// service blocks a service that changes together with its task definition: ECS lets nobody but CodeDeploy change the revision of a service
// that CodeDeploy deploys, and CloudFormation sends more than what changed, the family's newest revision among it (aws-facts 1b,
// cloudformation-coverage-roadmap#1529). It blocks all changes of one that is being released.
func (g *guard) service(l *level, c *types.ResourceChange, tasks []*types.ResourceChange) {
	id := aws.ToString(c.LogicalResourceId)
	if g.live.Releasing(aws.ToString(c.PhysicalResourceId)) {
		g.block(l, id, "a release of this service is under way; CodeDeploy owns it until the release ends", "wait for the release, or roll it back: deploy release status")
	}
	if c.Action == types.ChangeActionRemove {
		return
	}
	for _, task := range tasks {
		if taskID := aws.ToString(task.LogicalResourceId); l.runs(id, taskID) {
			g.block(l, id, "the service and its task definition "+taskID+" change together; ECS takes a new task definition from nobody but CodeDeploy",
				"deploy the change of the task definition first and release it (deploy release), then change the service")
			return
		}
	}
}

// runs tells whether a service runs a task definition, as far as the template tells: by reference, by its family, or because the service
// has no other.
func (l *level) runs(service, task string) bool {
	s, declared := resources(l.now)[service]
	if !declared || slices.Contains(s.DependsOn, task) || mentions(s.Properties["TaskDefinition"])[task] {
		return true
	}
	family := resources(l.now)[task].Properties["Family"]
	if same(family, s.Properties["TaskDefinition"]) {
		return true
	}
	for id, other := range resources(l.now) {
		if id != task && other.Type == taskType && (slices.Contains(s.DependsOn, id) || same(other.Properties["Family"], s.Properties["TaskDefinition"])) {
			return false
		}
	}
	return true
}

// weights blocks a listener or rule that would get other weights than the live ones.
func (g *guard) weights(l *level, c *types.ResourceChange) {
	id, property, read := aws.ToString(c.LogicalResourceId), "Actions", g.live.Weights
	if aws.ToString(c.ResourceType) == listenerType {
		property, read = "DefaultActions", g.live.DefaultWeights
	}
	want, known := l.wanted(c, property)
	if known && len(want) == 0 && property == "DefaultActions" {
		return // it forwards to nothing that CodeDeploy could shift
	}
	have, err := read(aws.ToString(c.PhysicalResourceId))
	switch {
	case err != nil:
		g.failures = append(g.failures, fmt.Errorf("read the live weights of %s: %w", id, err))
	case !known:
		g.block(l, id, "the weights that it would get cannot be told before the execution", "deploy it apart from changes of target groups and other stacks")
	case !same(have.Shares(), want.Shares()):
		g.block(l, id, fmt.Sprintf("it would get the weights %s, and %s are live", inWords(want), inWords(have)),
			"finish the release or roll it back; the command passes the live colour by itself")
	}
}
