package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// told are the events of a run in the order in which they were told, with seconds since the first: "1 services/Api UPDATE_FAILED".
func told(s *screen) (lines []string) {
	events := of[report.Resource](s)
	for _, r := range events {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%v %s %s", r.Time.Sub(events[0].Time).Seconds(), report.Place(r.Path, r.LogicalID), r.Status)))
	}
	return lines
}

// deep is an update that fails three levels down; all stacks tell it at the same moment.
func deep() *script {
	s := newScript()
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	s.tell(0, "root", "data", stackType, "UPDATE_IN_PROGRESS", "")
	s.tell(0, "data", "store", stackType, "UPDATE_IN_PROGRESS", "")
	s.tell(0, "store", "Files", "AWS::EFS::FileSystem", "UPDATE_IN_PROGRESS", "")
	s.tell(40, "store", "Files", "AWS::EFS::FileSystem", "UPDATE_FAILED", "too fast")
	s.tell(40, "store", "Files", "AWS::EFS::FileSystem", "UPDATE_IN_PROGRESS", "")
	s.tell(40, "data", "store", stackType, "UPDATE_FAILED", "")
	s.tell(40, "data", "store", stackType, "UPDATE_IN_PROGRESS", "")
	s.tell(40, "root", "data", stackType, "UPDATE_FAILED", "")
	s.tell(40, "root", "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "")
	s.tell(40, "root", "data", stackType, "UPDATE_IN_PROGRESS", "")
	s.tell(50, "store", "Files", "AWS::EFS::FileSystem", "UPDATE_COMPLETE", "")
	s.tell(50, "data", "store", stackType, "UPDATE_COMPLETE", "")
	s.tell(50, "root", "data", stackType, "UPDATE_COMPLETE", "")
	s.tell(50, "root", "", "", "UPDATE_ROLLBACK_COMPLETE", "")
	return s
}

// Whether a run is followed as it goes or watched after its end: what failed is told before what failed because of it, and what ended
// before what waited for it.
func TestACauseIsToldBeforeItsEffect(t *testing.T) {
	want := []string{
		"0 root UPDATE_IN_PROGRESS", "0 data UPDATE_IN_PROGRESS", "0 data/store UPDATE_IN_PROGRESS", "0 data/store/Files UPDATE_IN_PROGRESS",
		"40 data/store/Files UPDATE_FAILED", "40 data/store UPDATE_FAILED", "40 data UPDATE_FAILED", "40 root UPDATE_ROLLBACK_IN_PROGRESS", "40 data UPDATE_IN_PROGRESS",
		"40 data/store UPDATE_IN_PROGRESS", "40 data/store/Files UPDATE_IN_PROGRESS",
		"50 data/store/Files UPDATE_COMPLETE", "50 data/store UPDATE_COMPLETE", "50 data UPDATE_COMPLETE", "50 root UPDATE_ROLLBACK_COMPLETE"}
	for name, s := range map[string]*script{"as it goes": deep(), "after the end": deep().past()} {
		t.Run(name, func(t *testing.T) {
			_, shown, err := s.run(t)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, told(shown)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// ending is a deletion of many nested stacks that end at the same moment: more than one look may ask.
func ending(stacks int) *script {
	s := newScript()
	s.tell(0, "root", "", "", "DELETE_IN_PROGRESS", "User Initiated")
	for i := range stacks {
		tier := fmt.Sprint("tier", i)
		s.tell(0, "root", tier, stackType, "DELETE_IN_PROGRESS", "")
		s.tell(1, tier, "Topic", "AWS::SNS::Topic", "DELETE_COMPLETE", "")
		s.tell(2, "root", tier, stackType, "DELETE_COMPLETE", "")
	}
	s.tell(90, "root", "Last", "AWS::SNS::Topic", "DELETE_COMPLETE", "")
	s.tell(91, "root", "", "", "DELETE_COMPLETE", "")
	return s
}

// A nested stack's end waits for what happened in it, though only some stacks are asked at a time.
func TestTheEndOfAStackComesAfterWhatItDid(t *testing.T) {
	_, shown, err := ending(9).run(t)
	if err != nil {
		t.Fatal(err)
	}
	lines := told(shown)
	for i := range 9 {
		did, end := slices.Index(lines, fmt.Sprintf("1 tier%d/Topic DELETE_COMPLETE", i)), slices.Index(lines, fmt.Sprintf("2 tier%d DELETE_COMPLETE", i))
		if did < 0 || end < did {
			t.Errorf("tier%d: its end is line %d, its topic's line %d", i, end, did)
		}
	}
}

// It does not wait for long, and not at all for a stack that does not answer or when something failed.
func TestNothingIsHeldForLong(t *testing.T) {
	for name, tc := range map[string]struct {
		script *script
		within time.Duration
	}{
		"many stacks": {ending(60), 11 * time.Second},
		"no answer": {func() *script {
			s := ending(1)
			s.errs["arn:tier0"] = []error{api("ThrottlingException", "")}
			return s
		}(), 3 * time.Second},
		"no permission": {func() *script {
			s := ending(1)
			s.errs["arn:tier0"] = []error{api("AccessDenied", "not authorized")}
			return s
		}(), 3 * time.Second},
		"a failure": {func() *script {
			s := ending(20)
			s.tell(2.5, "root", "Queue", "AWS::SQS::Queue", "DELETE_FAILED", "no")
			return s
		}(), 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var late time.Duration
			follower := operation.Follow(tc.script, tc.script.clock, report.Func(func(e report.Event) {
				if r, is := e.(report.Resource); is && len(r.Path) == 0 {
					late = max(late, tc.script.clock.Now().Sub(r.Time))
				}
			}), "root")
			if _, err := follower.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if late > tc.within {
				t.Errorf("an event is told %v after it happened", late)
			}
		})
	}
}
