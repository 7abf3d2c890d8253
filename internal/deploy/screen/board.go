package screen

import (
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

const stackType = "AWS::CloudFormation::Stack"

// A board is what is known of an operation: what its stacks and their resources do.
type board struct {
	name, doing string
	// now is the latest time told, latest when CloudFormation last said something.
	began, now, latest time.Time
	root               *stack
	// back is set when the operation is being rolled back.
	back bool
	// caused are the paths of what failed for a reason of its own.
	caused [][]string
	// interrupt is what an interruption does: report.Operation.Interrupt.
	interrupt string
	// planned is what the next operation is expected to do.
	planned *report.Stack
	// usual is Options.Usual.
	usual func(typ, action string) time.Duration
}

// A stack on the board, by its logical ID. Its parent's events tell how it does, its own which resources it works on.
type stack struct {
	name, arn, status    string
	began, ended, latest time.Time
	expected             int
	items                []*item
	nested               []*stack
}

// An item is a resource that the operation touches.
type item struct {
	id, typ, status, detailed string
	began, at                 time.Time
	// tasks are those of a service that run, of how many: "2/4 tasks".
	tasks string
}

func newBoard(usual func(typ, action string) time.Duration) *board {
	return &board{root: &stack{}, usual: usual}
}

// expect remembers what a plan would do, for the totals of the operation that may follow.
func (b *board) expect(p report.Plan) { b.planned = &p.Root }

// begin clears the board for an operation.
func (b *board) begin(o report.Operation, now time.Time) {
	*b = board{name: o.Stack, doing: o.Doing, began: o.Started, now: now, latest: o.Started, root: &stack{name: o.Stack}, interrupt: o.Interrupt, planned: b.planned, usual: b.usual}
	if b.planned != nil {
		b.root.plan(*b.planned)
		b.planned = nil
	}
	b.root.name, b.root.expected = o.Stack, max(b.root.expected, o.Resources-b.root.planned())
}

// plan takes over how many resources are to change, stack by stack.
func (s *stack) plan(p report.Stack) {
	s.name = p.Name
	for _, c := range p.Changes {
		if effective(c) {
			s.expected++
		}
	}
	for _, nested := range p.Nested {
		child := &stack{}
		child.plan(nested)
		s.nested = append(s.nested, child)
	}
}

// planned counts the expected changes of all stacks below.
func (s *stack) planned() int {
	sum := 0
	for _, nested := range s.nested {
		sum += nested.expected + nested.planned()
	}
	return sum
}

// stack finds a stack by its path.
func (b *board) stack(path []string) *stack {
	at := b.root
	for _, id := range path {
		at = at.child(id)
	}
	return at
}

func (s *stack) child(name string) *stack {
	for _, nested := range s.nested {
		if nested.name == name {
			return nested
		}
	}
	child := &stack{name: name}
	s.nested = append(s.nested, child)
	return child
}

// own tells the events of a stack about itself: they have its name for a logical ID. They may come before the parent tells its ARN.
func (b *board) own(r report.Resource) bool {
	if len(r.Path) == 0 {
		return r.Type == stackType && r.LogicalID == b.name
	}
	return r.Type == stackType && r.PhysicalID != "" && (r.PhysicalID == b.stack(r.Path).arn || strings.Contains(r.PhysicalID, ":stack/"+r.LogicalID+"/"))
}

// take keeps an event. It tells whether the resource failed for a reason of its own, not because something else did.
func (b *board) take(r report.Resource) (cause bool) {
	at := b.stack(r.Path)
	at.latest, b.latest = later(at.latest, r.Time), later(b.latest, r.Time)
	switch {
	case b.own(r):
		at.turn(r)
		if at == b.root && strings.Contains(r.Status, "ROLLBACK_IN_PROGRESS") && b.doing != "rollback" && !b.back {
			b.back = true
			b.root.restart()
		}
		if at == b.root && !at.busy() { // the last word, after the last tick
			b.now = later(b.now, r.Time)
		}
	case r.Type == stackType:
		child := at.child(r.LogicalID)
		child.arn = r.PhysicalID
		child.turn(r)
	default:
		at.item(r)
	}
	return b.cause(r)
}

// turn is a new status of a stack.
func (s *stack) turn(r report.Resource) {
	s.status, s.ended = r.Status, r.Time
	if s.began.IsZero() {
		s.began = r.Time
	}
}

// item is a new status of a resource.
func (s *stack) item(r report.Resource) {
	at := slices.IndexFunc(s.items, func(i *item) bool { return i.id == r.LogicalID })
	if at < 0 {
		at = len(s.items)
		s.items = append(s.items, &item{id: r.LogicalID, typ: r.Type})
	}
	i := s.items[at]
	i.status, i.detailed, i.at, i.began = r.Status, r.Detailed, r.Time, r.Time.Add(-seconds(r.Seconds))
}

// restart counts from zero: a rollback goes over all that was touched. Stacks that were done wait for their turn.
func (s *stack) restart() {
	s.expected = len(s.items)
	for _, i := range s.items {
		i.status = ""
	}
	for _, nested := range s.nested {
		nested.restart()
		if !nested.busy() {
			nested.status, nested.began = "", time.Time{}
		}
	}
}

// cause tells a failure that did not only follow from another one, told or not.
func (b *board) cause(r report.Resource) bool {
	if !strings.HasSuffix(r.Status, "_FAILED") || strings.HasSuffix(strings.TrimSuffix(r.Reason, "."), " cancelled") || follows(r.Type, r.Reason) != nil {
		return false
	}
	path := append(r.Path[:len(r.Path):len(r.Path)], r.LogicalID)
	inside := path
	if b.own(r) {
		inside = r.Path
	}
	if r.Type == stackType && slices.ContainsFunc(b.caused, func(other []string) bool {
		return len(other) >= len(inside) && slices.Equal(other[:len(inside)], inside)
	}) {
		return false
	}
	b.caused = append(b.caused, path)
	return true
}

// tally counts the resources of a stack and of those nested in it.
type tally struct{ done, total, running, failed int }

func (s *stack) tally() tally {
	t := tally{total: max(s.expected, len(s.items))}
	for _, i := range s.items {
		switch {
		case i.running():
			t.running++
		case strings.HasSuffix(i.status, "_COMPLETE"):
			t.done++
		case strings.HasSuffix(i.status, "_FAILED"):
			t.failed++
		}
	}
	for _, nested := range s.nested {
		more := nested.tally()
		t.done, t.total, t.running, t.failed = t.done+more.done, t.total+more.total, t.running+more.running, t.failed+more.failed
	}
	return t
}

func (i *item) running() bool { return strings.HasSuffix(i.status, "_IN_PROGRESS") }

// busy tells a stack that works.
func (s *stack) busy() bool { return strings.HasSuffix(s.status, "_IN_PROGRESS") }

// longest is the resource that runs longest, with its place.
func (s *stack) longest(path []string) (where string, found *item) {
	for _, i := range s.items {
		if i.running() && (found == nil || i.began.Before(found.began)) {
			where, found = report.Place(path, i.id), i
		}
	}
	for _, nested := range s.nested {
		if there, i := nested.longest(append(path[:len(path):len(path)], nested.name)); i != nil && (found == nil || i.began.Before(found.began)) {
			where, found = there, i
		}
	}
	return where, found
}

// shortWait is too short to say how long it usually is.
const shortWait = time.Minute

// wait says how long a resource's work usually takes, where that is long: "(usually 6m25s)".
func (b *board) wait(i *item) string {
	action, _, _ := strings.Cut(i.status, "_")
	if d := b.usual(i.typ, action); d >= shortWait {
		return "(usually " + elapsed(d) + ")"
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
