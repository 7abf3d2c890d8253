package simulator

import (
	"time"

	"github.com/tierform/tierform/internal/deploy/source"
)

const stackType = "AWS::CloudFormation::Stack"

// stacks are those of the account.
type stacks struct {
	live map[string]*stack // by name
	all  map[string]*stack // by ARN, deleted ones among them
}

// A stack is one as CloudFormation keeps it.
type stack struct {
	name, arn    string
	parent, root *stack
	created      time.Time
	updated      time.Time
	status       string
	reason       string
	template     *source.Template
	parameters   map[string]string
	tags         map[string]string
	role         string
	outputs      map[string]string
	resources    map[string]*resource
	changeSets   []*changeSet
	events       []event // newest last
	token        string  // of the operation
	operation    string
	protected    bool
	begun        time.Time // the creation
	deleted      time.Time
	operations   [][2]string // type and ID, newest first
	// logicalID is that in the parent.
	logicalID string
	run       *run
	removal   *removal
	// stable is what a failed update goes back to; round counts the root's operations.
	stable *snapshot
	round  int
	// garbage is what an update replaced or removed and has not deleted yet.
	garbage []*resource
	// gone are resources that the stack's deletion or the rollback of its creation deleted: CloudFormation goes on listing them.
	gone map[string]*resource
	// awaited is told when a rollback that began by itself has ended.
	awaited func(ok bool)
	// prepared are nested stacks in review, by logical ID, that the run is to create.
	prepared map[string]*stack
	drift    *detection
	// disabled tells that the last operation was not to roll back.
	disabled bool
}

// A resource is one of a stack.
type resource struct {
	id, typ, physical string
	status, reason    string
	properties        map[string]any
	changed           time.Time
	// began and ended are of the creation.
	began, ended time.Time
	nested       *stack
	tags         map[string]string
	// deletion and replacing are the policies; needs are the logical IDs that it depends on.
	deletion, replacing string
	needs               []string
	// made tells that it exists in its service. Each state that an operation gives a resource has a generation of its own; 0 is broken.
	made       bool
	generation int
}

// newOperation gives a stack's next events an operation ID of their own (API reference, OperationEntry): nested stacks have their own.
func (s *Simulator) newOperation(st *stack, typ string) {
	st.operation = s.nextID()
	st.operations = append([][2]string{{typ, st.operation}}, st.operations...)
}

func (s *Simulator) generation() int {
	s.generations++
	return s.generations
}

// An event is one of a stack's.
type event struct {
	id, stackName, stackARN, logical, physical, typ, status, detailed, reason, token, operation string
	at                                                                                          time.Time
}

// newStack makes a stack in review.
func (s *Simulator) newStack(name string, parent *stack) *stack {
	st := &stack{name: name, arn: s.arn("cloudformation", "stack/"+name+"/"+s.nextID()), parent: parent, created: s.present(), status: "REVIEW_IN_PROGRESS",
		resources: map[string]*resource{}, gone: map[string]*resource{}, outputs: map[string]string{}, parameters: map[string]string{}}
	st.root = st
	if parent != nil {
		st.root = parent.root
	}
	s.stacks.live[name], s.stacks.all[st.arn] = st, st
	return st
}

// present is the time of what happens right now: that of an appointment, or the clock's.
func (s *Simulator) present() time.Time {
	if s.schedule.present.IsZero() {
		return s.clock.Now()
	}
	return s.schedule.present
}

func (s *Simulator) arn(service, rest string) string {
	return "arn:aws:" + service + ":" + Region + ":" + s.options.Account + ":" + rest
}

// find is a stack by name or ARN; a deleted one by ARN only (DescribeStacks, API Reference).
func (s *Simulator) find(name string) (*stack, error) {
	if st := s.stacks.all[name]; st != nil {
		return st, nil
	}
	if st := s.stacks.live[name]; st != nil {
		return st, nil
	}
	return nil, invalid("Stack with id %s does not exist", name)
}

// set gives a stack a status and tells so in an event.
func (s *Simulator) set(st *stack, status, reason string) {
	st.status, st.reason = status, reason
	st.updated = s.present()
	s.event(st, event{logical: st.name, physical: st.arn, typ: stackType, status: status, reason: reason})
}

// tell gives a resource a status.
func (s *Simulator) tell(st *stack, r *resource, status, reason, detailed string) {
	if detailed == "" {
		r.status, r.reason, r.changed = status, reason, s.present()
		switch {
		case status == "CREATE_IN_PROGRESS" && r.began.IsZero():
			r.began = r.changed
		case status == "CREATE_COMPLETE":
			r.ended = r.changed
		}
	}
	s.event(st, event{logical: r.id, physical: r.physical, typ: r.typ, status: status, reason: reason, detailed: detailed})
}

func (s *Simulator) event(st *stack, e event) {
	e.id, e.stackName, e.stackARN, e.token, e.operation, e.at = s.nextID(), st.name, st.arn, st.root.token, st.operation, s.present()
	st.events = append(st.events, e)
}

// scope evaluates the expressions of a template in a stack: attributes are those of the stack's resources.
func (s *Simulator) scope(st *stack, t *source.Template, parameters map[string]string) *scope {
	return &scope{simulator: s, stack: st, template: t, parameters: parameters, attribute: func(id, name string) any {
		if r := st.resources[id]; r != nil {
			return s.attribute(r, name)
		}
		return unknownMark + id + "." + name + "}}"
	}}
}
