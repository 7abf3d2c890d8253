package release

import (
	"context"
	"reflect"
	"time"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Pace of asking: 180 looks in a quarter of an hour, one of four a full one, are 225 of the 240 calls that CodeDeploy shall get at most.
const (
	lookEvery   = 5 * time.Second
	fullEvery   = 4
	alarmsEvery = 6
	// rollbackWithin is how long the release that brings the traffic back may take to appear.
	rollbackWithin = 2 * time.Minute
	// patience is how long CodeDeploy may not answer before nobody waits on; warnAfter when it is told.
	patience  = 10 * time.Minute
	warnAfter = time.Minute
)

// Until says when following ends: at the end of the old tasks, when all traffic is shifted, or after a lifecycle event.
type Until string

// What can be waited for, beside the names of lifecycle events.
const (
	UntilTerminated Until = "terminated"
	UntilShifted    Until = "shifted"
)

// Events are the lifecycle events that can be waited for (AWS CodeDeploy User Guide, "AppSpec 'hooks' section for an Amazon ECS deployment").
func Events() []string {
	return []string{"BeforeInstall", "Install", "AfterInstall", "AllowTestTraffic", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"}
}

// reached tells whether a release has come as far as wanted.
func (u Until) reached(s State) bool {
	switch u {
	case UntilTerminated, "":
		return false
	case UntilShifted:
		return s.Shifted()
	}
	return s.Passed(string(u))
}

// A Follower follows a release to its end, and its rollback to that one's.
type Follower struct {
	Shifter  Shifter
	Clock    clock.Clock
	Reporter report.Reporter
	// Alarms reads the states of alarms; nil shows none.
	Alarms func(ctx context.Context, names []string) ([]report.Alarm, error)

	looks  int
	silent time.Time // since when CodeDeploy does not answer
	warned bool
	alarms []report.Alarm
	// blind tells that the alarms cannot be read.
	blind bool
	told  report.Shift
}

// An Outcome is how following ended.
type Outcome struct {
	// Release is the one followed, Back the one that brought its traffic back, if any.
	Release State
	Back    *State
	// Early tells that the release goes on: it came as far as wanted.
	Early bool
}

// Run follows a release. What keeps it from following while AWS goes on is an error of code StillRunning, or the context's.
func (f *Follower) Run(ctx context.Context, s Service, id string, until Until) (Outcome, error) {
	state, early, err := f.follow(ctx, s, id, until)
	o := Outcome{Release: state, Early: early}
	if err != nil || early || state.Status == Succeeded {
		return o, err
	}
	if state, err = f.rollback(ctx, s, state); err != nil || state.Rollback == "" {
		o.Release = state
		return o, err
	}
	o.Release = state
	back, _, err := f.follow(ctx, s, state.Rollback, UntilTerminated)
	o.Back = &back
	return o, err
}

// follow looks until a release is over, or as far as wanted.
func (f *Follower) follow(ctx context.Context, s Service, id string, until Until) (State, bool, error) {
	limit := f.Clock.Now().Add(s.Plan.Limit())
	var state State
	for f.looks = 0; ; f.looks++ {
		now, err := f.look(ctx, s, id, state)
		if err = f.endure(ctx, err); err != nil {
			return state, false, err
		}
		if f.silent.IsZero() {
			state = now.after(state)
			f.tell(ctx, s, state)
			switch {
			case state.Over():
				return state, false, nil
			case until.reached(state):
				return state, true, nil
			}
		}
		if f.Clock.Now().After(limit) {
			return state, false, &fault.Error{Code: fault.StillRunning, What: "release " + id + " takes longer than " + s.Plan.Limit().String() + " and goes on in AWS"}
		}
		if err := f.rest(ctx); err != nil {
			return state, false, err
		}
	}
}

// look is a full one now and then, and as soon as nothing more is done to the tasks: that is the end, or near it.
func (f *Follower) look(ctx context.Context, s Service, id string, before State) (State, error) {
	full := f.looks%fullEvery == 0
	now, err := f.Shifter.Look(ctx, s, id, full)
	if err != nil || full || !now.Settled || before.Settled {
		return now, err
	}
	return f.Shifter.Look(ctx, s, id, true)
}

// rest waits until the next look, with a tick before.
func (f *Follower) rest(ctx context.Context) error {
	f.Reporter.Report(report.Tick{Time: f.Clock.Now(), LastEvent: f.told.Time})
	return f.Clock.Sleep(ctx, lookEvery)
}

// rollback waits for the release that brings the traffic back, where there will be one.
func (f *Follower) rollback(ctx context.Context, s Service, state State) (State, error) {
	until := f.Clock.Now().Add(rollbackWithin)
	for state.Rollback == "" && state.RollsBack && f.Clock.Now().Before(until) {
		if err := f.rest(ctx); err != nil {
			return state, err
		}
		now, err := f.Shifter.Look(ctx, s, state.ID, true)
		if err = f.endure(ctx, err); err != nil {
			return state, err
		}
		if f.silent.IsZero() {
			state = now
		}
	}
	return state, nil
}

// endure takes what keeps a look from an answer for a while: AWS goes on whether it answers or not.
func (f *Follower) endure(ctx context.Context, err error) error {
	now := f.Clock.Now()
	switch {
	case err == nil:
		f.silent, f.warned = time.Time{}, false
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case cloud.Expired(err):
		return &fault.Error{Code: fault.StillRunning, What: "the credentials expired; the release goes on in AWS", Err: err}
	case !cloud.Transient(err):
		return &fault.Error{Code: fault.StillRunning, What: "the release cannot be followed any more; it goes on in AWS", Err: err}
	}
	if f.silent.IsZero() {
		f.silent = now
	}
	if now.Sub(f.silent) >= patience {
		return &fault.Error{Code: fault.StillRunning, What: "CodeDeploy has not answered for " + patience.String() + "; the release goes on in AWS", Err: err}
	}
	if !f.warned && now.Sub(f.silent) >= warnAfter {
		f.warned = true
		f.Reporter.Report(report.Note{Level: report.Warning, Text: "CodeDeploy does not answer; the release goes on meanwhile: " + err.Error()})
	}
	return nil
}

// tell reports how a release stands, if anything has changed.
func (f *Follower) tell(ctx context.Context, s Service, state State) {
	f.watchAlarms(ctx, s)
	now := report.Shift{Service: s.Title, Deployment: state.ID, Status: state.Status, Returning: state.Returning, Step: state.Step(), Steps: state.Steps, Old: state.Old, New: state.New,
		Alarms: f.alarms, Reason: state.Reason}
	was := f.told
	was.Time, was.Left, was.Seconds = now.Time, 0, 0
	if reflect.DeepEqual(was, now) {
		return
	}
	at := f.Clock.Now()
	now.Time, now.Left = at, s.Plan.left(state, at).Seconds()
	if !state.Created.IsZero() {
		now.Seconds = at.Sub(state.Created).Seconds()
	}
	f.told = now
	f.Reporter.Report(now)
}

// watchAlarms reads the alarms' states now and then. That they cannot be read changes nothing: CodeDeploy reads them itself.
func (f *Follower) watchAlarms(ctx context.Context, s Service) {
	if f.Alarms == nil || f.looks%alarmsEvery != 0 || f.blind {
		return
	}
	alarms, err := f.Alarms(ctx, s.Plan.Alarms)
	if err != nil {
		f.blind = true
		f.Reporter.Report(report.Note{Level: report.Detail, Text: "the alarms' states are not shown: " + err.Error()})
		return
	}
	f.alarms = alarms
}
