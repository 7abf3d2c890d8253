// Package release shifts the traffic of ECS services to new revisions of their task definitions, and back. What shifts is behind an
// interface: AWS CodeDeploy today. A shift is judged by what serves in the end, never by the word of the one who shifted.
package release

import (
	"context"
	"errors"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// A Shifter moves the traffic of services.
type Shifter interface {
	// Start begins to shift a service to a revision. It is safe to be repeated with the same order: one that runs already is not begun
	// twice. ErrBusy tells that another release of the service runs.
	Start(context.Context, Order) (id string, err error)
	// Look tells how a release stands. A look that is not full may miss how it ended, and costs less.
	Look(ctx context.Context, of Service, id string, full bool) (State, error)
	// Latest is the release of a service that runs, or ran last; one without an ID when there was none.
	Latest(context.Context, Service) (State, error)
	// Stop ends a release that runs and brings the traffic back. One that has ended is no error.
	Stop(ctx context.Context, id string) error
}

// ErrBusy tells that another release of the service runs.
var ErrBusy = errors.New("another release of this service runs")

// A Service is one that can be released.
type Service struct {
	// Title is its name as people say it: payment-api. Stem is the one in the root template's words: PaymentApi.
	Title, Stem string
	// Name and Cluster are the physical names.
	Name, Cluster string
	// Plan is how its traffic shifts.
	Plan Plan
}

// A Plan is how the traffic of a service shifts, as its deployment group says.
type Plan struct {
	// Application and Group name the deployment group, Config its deployment configuration.
	Application, Group, Config string
	// Listeners are those whose rules are rewritten; Groups the names of the two target groups.
	Listeners, Groups []string
	// Alarms are those that bring traffic back.
	Alarms []string
	// Shifts is how long the traffic takes, Waits how long the old tasks are kept afterwards. Shifts is 0 where nobody can tell.
	Shifts, Waits time.Duration
	// RollsBack tells that failures and alarms bring the traffic back without anybody's help.
	RollsBack bool
}

// An Order is what to release.
type Order struct {
	Service Service
	// Token is unique among all orders: it tells our own release from another's.
	Token string
	// Revision is the ARN of the task definition's revision.
	Revision string
	// AppSpec is what the service shall keep beside its task definition.
	AppSpec AppSpec
	// Config overrides the deployment configuration; empty takes the group's.
	Config string
}

// Statuses of a release.
const (
	Running   = "running"
	Succeeded = "succeeded"
	Failed    = "failed"
	Stopped   = "stopped"
)

// A State is how a release stands.
type State struct {
	ID string
	// Token is that of the order, empty for releases that somebody else began.
	Token  string
	Status string
	// Returning marks the rollback of another release, Of.
	Returning bool
	Of        string
	// Rollback is the release that brings the traffic back, once there is one; RollsBack tells that there will be.
	Rollback  string
	RollsBack bool
	// Reason is why it failed, in AWS's words.
	Reason string
	Steps  []report.ShiftedEvent
	// Old and New are the task sets.
	Old, New       report.TaskSet
	Created, Ended time.Time
	// Settled tells that nothing more is done to the tasks: the release has ended, or is about to.
	Settled bool
}

// Over tells whether a release has ended.
func (s State) Over() bool { return s.Status != Running && s.Status != "" }

// Running tells whether there is a release and it has not ended.
func (s State) Running() bool { return s.ID != "" && !s.Over() }

// Step is the lifecycle event that runs, or ran last.
func (s State) Step() string {
	step := ""
	for _, e := range s.Steps {
		if e.Status != "Pending" && e.Status != "Skipped" || step == "" {
			step = e.Name
		}
	}
	return step
}

// Passed tells whether a lifecycle event has succeeded.
func (s State) Passed(event string) bool {
	for _, e := range s.Steps {
		if e.Name == event {
			return e.Status == "Succeeded"
		}
	}
	return false
}

// Shifted tells whether all traffic is at the new task set.
func (s State) Shifted() bool { return s.New.Weight == 100 && s.Old.Weight == 0 }

// after fills in what a look that was not full does not tell, from one that was.
func (s State) after(earlier State) State {
	if s.Created.IsZero() {
		s.Token, s.Created, s.Returning = earlier.Token, earlier.Created, earlier.Returning
	}
	return s
}
