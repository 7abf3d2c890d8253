package release

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A course is how releases stand by the time since noon. Looks that are not full tell neither end nor rollback.
type course struct {
	Shifter
	sleeper
	stands func(id string, since time.Duration) (State, error)
	full   []bool
	lines  []string
}

func (c *course) Look(_ context.Context, _ Service, id string, full bool) (State, error) {
	c.full = append(c.full, full)
	s, err := c.stands(id, c.now.Sub(noon))
	if s.ID, s.Created = id, noon; !full {
		s.Created, s.Rollback, s.RollsBack = time.Time{}, "", false
		if s.Over() {
			s.Status = Running
		}
	}
	return s, err
}

// Report keeps what a reader sees: what changed, when, and how long it may still take.
func (c *course) Report(e report.Event) {
	switch e := e.(type) {
	case report.Shift:
		alarms := ""
		for _, a := range e.Alarms {
			alarms += " " + a.State
		}
		c.lines = append(c.lines, fmt.Sprintf("%v: %s %s %s %v%%, %v s left%s", e.Seconds, e.Deployment, e.Status, e.Step, e.New.Weight, e.Left, alarms))
	case report.Note:
		c.lines = append(c.lines, fmt.Sprintf("%v: %s %s", c.now.Sub(noon).Seconds(), e.Level, e.Text))
	case report.Tick:
		if !e.Time.Equal(c.now) || e.LastEvent.After(c.now) {
			c.lines = append(c.lines, fmt.Sprintf("a tick of %s at %s", e.Time, c.now))
		}
	}
}

// follow follows d-1 of a service that shifts for ten minutes, and waits for ten.
func (c *course) follow(t *testing.T, until Until, alarms func(context.Context, []string) ([]report.Alarm, error)) (Outcome, error) {
	t.Helper()
	c.now = noon
	f := Follower{Shifter: c, Clock: &c.sleeper, Reporter: c, Alarms: alarms}
	return f.Run(t.Context(), Service{Plan: Plan{Shifts: 10 * time.Minute, Waits: 10 * time.Minute, Alarms: []string{"errors"}}}, "d-1", until)
}

// shifting is a release that shifts from second 10, half at 20 and all at 30, and has ended at 60.
func shifting(_ string, since time.Duration) (State, error) {
	s := State{Status: Running, Steps: []report.ShiftedEvent{{Name: "AllowTraffic", Status: "InProgress", Started: noon.Add(10 * time.Second)}}, Old: report.TaskSet{Weight: 100}}
	switch since := since.Seconds(); {
	case since < 10:
		s.Steps = []report.ShiftedEvent{{Name: "Install", Status: "InProgress", Started: noon}}
	case since >= 60:
		s.Status, s.Settled = Succeeded, true
		fallthrough
	case since >= 30:
		s.Old, s.New = report.TaskSet{}, report.TaskSet{Weight: 100}
	case since >= 20:
		s.Old, s.New = report.TaskSet{Weight: 50}, report.TaskSet{Weight: 50}
	}
	return s, nil
}

// Every change is told once, with the time that is left; one look of four is full, and so is the one that sees the end come.
func TestFollowingTells(t *testing.T) {
	c := &course{stands: shifting}
	o, err := c.follow(t, UntilTerminated, nil)
	want := []string{"0: d-1 running Install 0%, 0 s left", "10: d-1 running AllowTraffic 0%, 1200 s left", "20: d-1 running AllowTraffic 50%, 1190 s left", "30: d-1 running AllowTraffic 100%, 1180 s left", "60: d-1 succeeded AllowTraffic 100%, 1150 s left"}
	if diff := cmp.Diff(want, c.lines); diff != "" || err != nil || o.Release.Status != Succeeded || o.Back != nil || o.Early {
		t.Errorf("%+v, %v (-want +got):\n%s", o, err, diff)
	}
	if got, want := fmt.Sprint(c.full), "[true false false false true false false false true false false false true]"; got != want {
		t.Errorf("full looks %s", got)
	}
	c = &course{stands: func(id string, since time.Duration) (State, error) { return shifting(id, since+10*time.Second) }}
	if _, err := c.follow(t, UntilTerminated, nil); err != nil || fmt.Sprint(c.full[8:]) != "[true false false true]" || c.now != noon.Add(50*time.Second) {
		t.Errorf("%v, %v, ended at %s", err, c.full, c.now)
	}
	c = &course{stands: shifting}
	if o, err := c.follow(t, UntilShifted, nil); err != nil || !o.Early || o.Release.New.Weight != 100 || c.now != noon.Add(30*time.Second) {
		t.Errorf("until shifted: %+v, %v at %s", o, err, c.now)
	}
}

// A release that fails is followed into the one that brings the traffic back, which may take a while to appear.
func TestFollowingBack(t *testing.T) {
	c := &course{stands: func(id string, since time.Duration) (State, error) {
		switch {
		case id == "d-2" && since < 2*time.Minute:
			return State{Status: Running}, nil
		case id == "d-2":
			return State{Status: Succeeded}, nil
		case since < time.Minute:
			return State{Status: Failed, RollsBack: true}, nil
		}
		return State{Status: Failed, RollsBack: true, Rollback: "d-2"}, nil
	}}
	o, err := c.follow(t, UntilTerminated, nil)
	if err != nil || o.Release.ID != "d-1" || o.Release.Rollback != "d-2" || o.Back == nil || o.Back.ID != "d-2" || o.Back.Status != Succeeded || c.now != noon.Add(2*time.Minute) {
		t.Errorf("%+v, %v at %s", o, err, c.now)
	}
	c = &course{stands: func(string, time.Duration) (State, error) { return State{Status: Failed}, nil }}
	if o, err := c.follow(t, UntilTerminated, nil); err != nil || o.Back != nil || c.now != noon {
		t.Errorf("nothing brings it back: %+v, %v at %s", o, err, c.now)
	}
}

// A CodeDeploy that does not answer is waited for, told of after a minute, and left after ten; a second silence begins anew.
func TestFollowingInSilence(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
	within := func(since time.Duration, from, to int) bool {
		return since >= time.Duration(from)*time.Minute && since < time.Duration(to)*time.Minute
	}
	c := &course{stands: func(_ string, since time.Duration) (State, error) {
		switch {
		case within(since, 1, 10), within(since, 11, 20):
			return State{}, throttled
		case within(since, 20, 30):
			return State{Status: Succeeded}, nil
		}
		return State{Status: Running}, nil
	}}
	o, err := c.follow(t, UntilTerminated, nil)
	if err != nil || o.Release.Status != Succeeded || c.now.Sub(noon) < 20*time.Minute || c.now.Sub(noon) > 21*time.Minute {
		t.Errorf("%+v, %v at %s", o, err, c.now)
	}
	warned := ""
	for _, line := range c.lines {
		if strings.Contains(line, "does not answer") {
			warned += line[:strings.Index(line, " warning")]
		}
	}
	if warned != "120:720:" {
		t.Errorf("%q", c.lines)
	}
	c = &course{stands: func(_ string, since time.Duration) (State, error) {
		if since > 0 {
			return State{}, throttled
		}
		return State{Status: Running}, nil
	}}
	if o, err := c.follow(t, UntilTerminated, nil); fault.CodeOf(err) != fault.StillRunning || !strings.Contains(err.Error(), "has not answered for 10m0s") || o.Early || o.Release.ID != "d-1" || c.now.Sub(noon) != 10*time.Minute+lookEvery {
		t.Errorf("%+v, %v at %s", o, err, c.now)
	}
}

// Alarms are read at the beginning and every half minute; where they cannot be read that is told once.
func TestFollowingAlarms(t *testing.T) {
	read := 0
	c := &course{stands: shifting}
	if _, err := c.follow(t, UntilTerminated, func(_ context.Context, names []string) ([]report.Alarm, error) {
		read++
		return []report.Alarm{{Name: names[0], State: map[bool]string{true: "ALARM", false: "OK"}[read == 3]}}, nil
	}); err != nil || read != 3 || !strings.HasSuffix(c.lines[0], "OK") || !strings.HasSuffix(c.lines[4], "ALARM") {
		t.Errorf("%v, read %d times: %q", err, read, c.lines)
	}
	read = 0
	c = &course{stands: shifting}
	if _, err := c.follow(t, UntilTerminated, func(context.Context, []string) ([]report.Alarm, error) { read++; return nil, errors.New("denied") }); err != nil || read != 1 || c.lines[0] != "0: detail the alarms' states are not shown: denied" {
		t.Errorf("%v, read %d times: %q", err, read, c.lines)
	}
}
