// Package operation follows what CloudFormation does to a stack and the stacks nested in it, finds why something failed, and knows the
// one safe way out of each state.
package operation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Events are the calls by which an operation is followed.
type Events interface {
	DescribeStackEvents(context.Context, *cloudformation.DescribeStackEventsInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error)
}

// Pace of asking: the root every two seconds, so that its end is noticed in time; nested stacks as purse and feed say.
const (
	rootEvery = 2 * time.Second
	tickEvery = time.Second
	// startsWithin is how long an expected operation may take to appear among the events.
	startsWithin = time.Minute
)

const stackType = "AWS::CloudFormation::Stack"

// A Follower follows one operation of a root stack.
type Follower struct {
	api      Events
	clock    clock.Clock
	reporter report.Reporter
	// token marks the operation expected; empty takes the one that runs, or ran last.
	token string

	root    *feed
	nested  []*feed // in the order in which they were first named
	purse   purse
	begun   time.Time
	started time.Time // when following began, by our clock
	history []report.Resource
	remarks map[string][]string // of hooks, by place
	latest  time.Time
	ticked  time.Time // when a tick was last told
	// trouble counts looks in a row that failed.
	trouble   int
	announced bool
	// services is nil where nobody counts; starting are those that CloudFormation waits for, by ARN.
	services Services
	starting map[string]*starting
	counted  time.Time
	turns    int
}

// An Outcome is how an operation ended.
type Outcome struct {
	// Stack is the root stack's ARN.
	Stack string
	// Status and Reason are the root stack's: UPDATE_ROLLBACK_COMPLETE, say.
	Status, Reason string
	// Begun and Ended are by CloudFormation's clock.
	Begun, Ended time.Time
	// OperationIDs are CloudFormation's, where it told any.
	OperationIDs []string
	// Events are all transitions seen, in order of time.
	Events []report.Resource

	remarks map[string][]string
}

// Follow makes a follower of the operation that runs, or ran last, on a stack, given by name or ARN. A deleted stack needs its ARN.
func Follow(api Events, now clock.Clock, reporter report.Reporter, stack string) *Follower {
	return &Follower{api: api, clock: now, reporter: reporter, root: newFeed(stack, nil), remarks: map[string][]string{}}
}

// Expect makes the follower wait for the operation that was started with a client request token: events may come later than the answer
// to the call that started it, and the ones before are of another operation.
func (f *Follower) Expect(token string) *Follower {
	f.token = token
	return f
}

// Run reports each transition as it comes and returns when the operation has ended. What keeps it from following while CloudFormation
// goes on is an error of code StillRunning, or the context's.
func (f *Follower) Run(ctx context.Context) (Outcome, error) {
	f.started = f.clock.Now()
	for {
		next := f.clock.Now().Add(rootEvery)
		wait, err := f.endure(ctx, f.look(ctx))
		if err == nil && f.root.final() {
			f.drain(ctx)
		}
		f.tell(err != nil || f.root.final())
		f.count(ctx)
		if err != nil || f.root.final() {
			return f.outcome(), err
		}
		if err := f.rest(ctx, next.Add(wait)); err != nil {
			return f.outcome(), err
		}
	}
}

// rest waits until a time, with a tick each second.
func (f *Follower) rest(ctx context.Context, until time.Time) error {
	for {
		f.tick()
		left := until.Sub(f.clock.Now())
		if left <= 0 {
			return ctx.Err()
		}
		if err := f.clock.Sleep(ctx, min(left, tickEvery)); err != nil {
			return err
		}
		if !f.clock.Now().Before(until) {
			return nil
		}
	}
}

// tick tells that the run lives.
func (f *Follower) tick() {
	f.ticked = f.clock.Now()
	f.reporter.Report(report.Tick{Time: f.ticked, LastEvent: f.latest})
}

// look asks the root, and those nested stacks whose turn it is.
func (f *Follower) look(ctx context.Context) error {
	if err := f.read(ctx, f.root); err != nil {
		return err
	}
	if f.begun.IsZero() {
		return f.late()
	}
	if !f.announced {
		f.announced = true
		f.reporter.Report(report.Operation{Stack: f.root.name, ID: f.root.operation(), Doing: f.root.doing, Started: f.begun})
	}
	f.keep(f.root)
	for asked := 0; ; asked++ {
		n := f.turn(asked)
		if n == nil {
			return nil
		}
		if err := f.visit(ctx, n); err != nil {
			return err
		}
	}
}

// visit reads a nested stack and keeps what is new.
func (f *Follower) visit(ctx context.Context, n *feed) error {
	if err := f.read(ctx, n); err != nil {
		return f.pardon(n, err)
	}
	n.rest(f.clock.Now())
	f.keep(n)
	return nil
}

// drain reads what nested stacks said last: the operation's end is seen at the root first. What cannot be read now does not change how
// the operation ended.
func (f *Follower) drain(ctx context.Context) {
	for i := 0; i < len(f.nested); i++ { // reading may find more
		n := f.nested[i]
		if n.unreadable || n.settled() {
			continue
		}
		if err := f.read(ctx, n); err != nil {
			f.unread(n, err)
			continue
		}
		f.keep(n)
	}
}

// keep takes the fresh events of a stack, oldest first, to be told, and begins to follow nested stacks that they name.
func (f *Follower) keep(d *feed) {
	for _, e := range d.fresh {
		r := d.resource(e)
		f.history = append(f.history, r)
		if r.Time.After(f.latest) {
			f.latest = r.Time
		}
		if strings.HasSuffix(string(e.HookStatus), "_FAILED") && aws.ToString(e.HookStatusReason) != "" {
			f.remarks[place(r.Path, r.LogicalID)] = append(f.remarks[place(r.Path, r.LogicalID)], aws.ToString(e.HookType)+": "+aws.ToString(e.HookStatusReason))
		}
		d.untold = append(d.untold, r)
		f.start(r)
		if r.Type == stackType && !own(e) && r.PhysicalID != "" {
			f.nest(d, e)
		}
	}
	d.fresh = nil
}

// nest follows a nested stack from when its parent says that it works on it.
func (f *Follower) nest(parent *feed, e types.StackEvent) {
	arn := aws.ToString(e.PhysicalResourceId)
	at := slices.IndexFunc(f.nested, func(n *feed) bool { return n.stack == arn })
	if at < 0 {
		at = len(f.nested)
		path := append(slices.Clone(parent.path), aws.ToString(e.LogicalResourceId))
		f.nested = append(f.nested, newFeed(arn, path))
	}
	f.nested[at].hear(e, f.clock.Now())
}

func (f *Follower) outcome() Outcome {
	events := slices.Clone(f.history)
	slices.SortStableFunc(events, func(a, b report.Resource) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return slices.Compare(a.Path, b.Path)
	})
	return Outcome{Stack: f.root.stack, Status: f.root.status, Reason: f.root.reason, Begun: f.begun, Ended: f.root.at, OperationIDs: f.root.operations,
		Events: events, remarks: f.remarks}
}

// Read reads what was told of the operation that runs, or ran last, without waiting for its end.
func Read(ctx context.Context, api Events, now clock.Clock, stack string) (Outcome, error) {
	f := Follow(api, now, report.Func(func(report.Event) {}), stack)
	if err := f.read(ctx, f.root); cloud.Missing(err) {
		return Outcome{}, f.lost(err)
	} else if err != nil {
		return Outcome{}, fmt.Errorf("read the events of %s: %w", stack, err)
	}
	f.keep(f.root)
	f.drain(ctx)
	return f.outcome(), nil
}
