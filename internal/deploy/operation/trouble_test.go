package operation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

func TestTransientErrorsDoNotEndTheFollowing(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{
		{"throttling", api("Throttling", "Rate exceeded")},
		{"connection reset", errors.New("read: connection reset by peer")},
	} {
		for _, stack := range []string{"arn:root", "arn:services"} {
			t.Run(c.name+" of "+stack, func(t *testing.T) {
				s := update()
				s.errs[stack] = []error{nil, c.err, c.err, c.err, c.err, c.err, c.err, nil}
				o, shown, err := s.run(t)
				if err != nil || o.Status != "UPDATE_ROLLBACK_COMPLETE" {
					t.Fatalf("%s, %v", o.Status, err)
				}
				notes := of[report.Note](shown)
				if len(notes) == 0 || notes[0].Level != report.Warning || !strings.Contains(notes[0].Text, c.err.Error()) || len(notes) > 2 {
					t.Errorf("%+v", notes)
				}
				want := []report.Cause{{Path: []string{"services"}, LogicalID: "Api", Type: "AWS::ECS::Service", Status: "UPDATE_FAILED", Reason: "Service did not stabilize", Time: epoch.Add(time.Minute)}}
				if diff := cmp.Diff(want, operation.Diagnose("root", o).Causes); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestTransientErrorsAreAskedAboutEverMoreRarely(t *testing.T) {
	s := update()
	s.errs["arn:root"] = append([]error{nil}, slices.Repeat([]error{api("Throttling", "Rate exceeded")}, 8)...)
	s.errs["arn:root"] = append(s.errs["arn:root"], nil)
	began := s.clock.Now()
	if _, _, err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.DeleteFunc(s.calls, func(stack string) bool { return !strings.HasSuffix(stack, "root") })); n > 15 {
		t.Errorf("the root is asked %d times within %v, although it does not answer", n, s.clock.Now().Sub(began))
	}
}

func TestErrorsThatEndTheFollowing(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		code fault.Code
		want string
	}{
		{"expired credentials", api("ExpiredToken", "The security token included in the request is expired"), fault.StillRunning, "deploy watch"},
		{"a permission", api("AccessDenied", "not authorized"), fault.StillRunning, "deploy watch"},
		{"no such stack", api("ValidationError", "Stack [root] does not exist"), fault.Usage, "deploy list"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := update()
			s.errs["arn:root"] = []error{nil, c.err}
			began := s.clock.Now()
			_, _, err := s.run(t)
			if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) || !errors.Is(err, c.err) {
				t.Errorf("code %d: %v", fault.CodeOf(err), err)
			}
			if took := s.clock.Now().Sub(began); took > 2*time.Second {
				t.Errorf("only after %v", took)
			}
			if _, err := operation.Read(t.Context(), s, s.clock, "root"); !errors.Is(err, c.err) {
				t.Errorf("Read: %v", err)
			}
		})
	}
}

func TestExpiredCredentialsAreNoticedAtANestedStackToo(t *testing.T) {
	s := update()
	s.errs["arn:services"] = []error{api("ExpiredToken", "expired")}
	if _, _, err := s.run(t); fault.CodeOf(err) != fault.StillRunning {
		t.Error(err)
	}
}

func TestInterruption(t *testing.T) {
	t.Run("while waiting", func(t *testing.T) {
		s := update()
		ctx, cancel := context.WithCancel(t.Context())
		ticks := report.Func(func(e report.Event) {
			if _, is := e.(report.Tick); is {
				cancel()
			}
		})
		o, err := operation.Follow(s, s.clock, ticks, "root").Run(ctx)
		if !errors.Is(err, context.Canceled) || o.Status != "UPDATE_IN_PROGRESS" {
			t.Errorf("%s, %v", o.Status, err)
		}
	})
	t.Run("while asking", func(t *testing.T) {
		s := update()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := operation.Follow(s, s.clock, report.Func(func(report.Event) {}), "root").Run(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("while asking a nested stack", func(t *testing.T) {
		s := update()
		s.errs["arn:services"] = []error{context.Canceled}
		if _, _, err := s.run(t); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestANestedStackThatCannotBeReadLeavesItsParentsReason(t *testing.T) {
	s := update()
	s.errs["arn:services"] = []error{api("AccessDenied", "not authorized")}
	o, shown, err := s.run(t)
	if err != nil || o.Status != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("%s, %v", o.Status, err)
	}
	if notes := of[report.Note](shown); len(notes) != 1 || !strings.Contains(notes[0].Text, "services cannot be read") {
		t.Errorf("%+v", notes)
	}
	d := operation.Diagnose("root", o)
	if len(d.Causes) != 1 || d.Causes[0].LogicalID != "services" || !strings.HasPrefix(d.Causes[0].Reason, "Embedded stack") {
		t.Errorf("%+v", d.Causes)
	}
	read, err := operation.Read(t.Context(), s, s.clock, "root")
	if diff := cmp.Diff(d, operation.Diagnose("root", read)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
