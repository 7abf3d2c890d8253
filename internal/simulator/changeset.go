package simulator

import (
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A changeSet is one as CloudFormation keeps it.
type changeSet struct {
	arn, name, typ, status, execution, reason, description string
	stack                                                  *stack
	template                                               *source.Template
	given                                                  map[string]string // as shown
	parameters                                             map[string]string
	tags                                                   map[string]string
	role                                                   string
	changes                                                []change
	parent, root                                           *changeSet
	nested                                                 map[string]*changeSet
	includesNested                                         bool
	onFailure                                              string
	// logicalID is that of the nested stack in its parent; made and ready are when the set was asked for and computed.
	logicalID   string
	made, ready time.Time
	findings    []Finding
	err         error
	// published tells that the set shows what was computed.
	published, executed bool
}

// A change is one of a change set.
type change struct {
	action, logical, physical, typ, replacement, policy string
	scope                                               []string
	details                                             []detail
	before, after                                       map[string]any
	nested                                              *changeSet
}

// A detail is a reason for a change.
type detail struct {
	property, recreation, source, evaluation, cause, before, after string
}

// How long CloudFormation takes to compute change sets (assumed; a few seconds for a dozen nested stacks).
const (
	computing = time.Second
	perNested = 200 * time.Millisecond
	laggard   = 2 * time.Second
)

// propose computes a change set and those of its nested stacks, and plans when each shows it: nested ones one after the other, the root last.
// One that fails makes its root fail at once, while its siblings are still in progress.
func (s *Simulator) propose(root *changeSet) {
	root.status = "CREATE_IN_PROGRESS"
	s.conclude(root)
	all := root.below()
	failed := map[*changeSet]bool{}
	for _, c := range all {
		for up := c; c.err != nil && up != nil; up = up.parent {
			failed[up] = true
		}
	}
	after, last := time.Duration(0), time.Duration(0)
	for _, c := range all {
		wait := time.Duration(0)
		if after += perNested; !failed[c] {
			wait = after
			if len(failed) > 0 {
				wait += laggard
			}
		}
		last = max(last, wait)
		s.schedule.at(s.present().Add(wait), c.publish)
	}
	if root.err != nil {
		last = 0
	}
	s.schedule.at(s.present().Add(last), root.publish)
}

// below are the change sets of all nested stacks, in the order of their dependencies.
func (c *changeSet) below() []*changeSet {
	var all []*changeSet
	for _, id := range c.order() {
		if n := c.nested[id]; n != nil {
			all = append(append(all, n), n.below()...)
		}
	}
	return all
}

// conclude computes a change set and checks it.
func (s *Simulator) conclude(c *changeSet) {
	c.ready = s.present()
	if c.err == nil {
		c.err = s.compute(c)
	}
	if c.err == nil {
		c.err = s.check(c)
	}
}

// noChanges is what CloudFormation says of a change set without changes.
const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

// publish gives a computed change set its status.
func (c *changeSet) publish() {
	c.published = true
	c.status, c.execution, c.reason = "CREATE_COMPLETE", "AVAILABLE", ""
	switch {
	case c.err != nil:
		c.status, c.execution, c.reason = "FAILED", "UNAVAILABLE", c.err.(*Error).Message
	case len(c.changes) == 0 && c.typ == "UPDATE" && equalValues(c.stack.template.Outputs, c.template.Outputs):
		c.status, c.execution, c.reason = "FAILED", "UNAVAILABLE", noChanges
	case c.parent != nil:
		c.execution, c.reason = "UNAVAILABLE", "Only executable from the root change set."
	}
}

// visible are the changes that the set shows already.
func (c *changeSet) visible() []change {
	if !c.published {
		return nil
	}
	return c.changes
}

// computeNested makes the change set of a nested stack, which exists for all of them, changed or not.
func (s *Simulator) computeNested(c *changeSet, id string, properties map[string]any) error {
	child := &changeSet{logicalID: id, made: s.present(), name: c.name + "-" + id, typ: "CREATE", parent: c, root: c.root, includesNested: true, tags: c.tags, nested: map[string]*changeSet{},
		status: "CREATE_IN_PROGRESS", execution: "UNAVAILABLE", template: &source.Template{}}
	if old := c.stack.resources[id]; old != nil && old.nested != nil {
		child.typ, child.stack = "UPDATE", old.nested
	} else {
		child.stack = s.newStack(nestedName(c.stack.name, id, s.nextID()), c.stack)
		child.stack.logicalID = id
	}
	if len(child.stack.changeSets) >= s.options.ChangeSets {
		return limitExceeded(child.stack)
	}
	child.arn = s.arn("cloudformation", "changeSet/"+child.name+"/"+s.nextID())
	child.stack.changeSets = append(child.stack.changeSets, child)
	c.nested[id] = child
	given := map[string]string{}
	values, _ := properties["Parameters"].(map[string]any)
	for name, v := range values {
		given[name] = textOf(v)
	}
	t, err := s.templateAt(textOf(properties["TemplateURL"]))
	if err == nil {
		child.template = t
		child.parameters, err = complete(t, given)
		child.given = child.parameters
	}
	if err == nil {
		err = unfetched(t, child.parameters)
	}
	child.err = err
	s.conclude(child)
	if child.err != nil {
		return invalid("Nested change set %s was not successfully created: Currently in FAILED.", child.arn)
	}
	return nil
}

// unfetched is the failure of parameters that CloudFormation would have to read from the Parameter Store under the name of a placeholder
// (coverage roadmap #759; aws-cdk integration tests).
func unfetched(t *source.Template, parameters map[string]string) error {
	for _, name := range sortedKeys(parameters) {
		if strings.HasPrefix(t.Parameters[name].Type, "AWS::SSM::Parameter::Value<") && isUnknown(parameters[name]) {
			return invalid("Unable to fetch parameters [%s] from parameter store for this account.", parameters[name])
		}
	}
	return nil
}

// limitExceeded is what CloudFormation says when a stack has too many change sets (CloudFormation quotas).
func limitExceeded(st *stack) error {
	return &Error{400, "LimitExceededException", "ChangeSet limit exceeded for Stack: " + st.arn}
}

// drop removes a change set, those of its nested stacks, and nested stacks that exist for their sake only (DeleteChangeSet, API
// reference). Of an executed one the failed sets of unchanged nested stacks remain; nothing deletes them (aws/copilot-cli#4426).
func (s *Simulator) drop(c *changeSet) {
	if c.parent == nil || !c.root.executed || c.status != "FAILED" {
		c.stack.forget(c)
	}
	for _, id := range sortedKeys(c.nested) {
		child := c.nested[id]
		s.drop(child)
		if child.stack.status == "REVIEW_IN_PROGRESS" {
			s.dropStack(child.stack)
		}
	}
}

// dropStack removes a stack that never was more than reviewed.
func (s *Simulator) dropStack(st *stack) {
	delete(s.stacks.live, st.name)
	delete(s.stacks.all, st.arn)
}

// LeaveChangeSets gives a nested stack, by logical ID, a number of failed change sets that nothing deletes, as earlier deployments do.
func (s *Simulator) LeaveChangeSets(logicalID string, n int) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	r := s.resource(logicalID)
	if r == nil || r.nested == nil {
		return errAbsent("nested stack", logicalID)
	}
	gone := &changeSet{stack: r.nested.parent, executed: true}
	gone.root = gone
	for range n {
		id := s.nextID()
		r.nested.changeSets = append(r.nested.changeSets, &changeSet{arn: s.arn("cloudformation", "changeSet/left/"+id), name: "left-" + id, typ: "UPDATE", stack: r.nested, template: r.nested.template,
			status: "FAILED", execution: "UNAVAILABLE", reason: noChanges, parent: gone, root: gone, published: true, includesNested: true})
	}
	return nil
}
