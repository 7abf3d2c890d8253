package operation_test

import (
	"fmt"
	"testing"
)

func TestManyBusyStacksShareTheBudget(t *testing.T) {
	s := newScript()
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "")
	for i := range 12 {
		tier := fmt.Sprint("tier", i)
		s.tell(0, "root", tier, stackType, "UPDATE_IN_PROGRESS", "")
		for second := range 600 {
			s.tell(float64(second), tier, fmt.Sprint("Resource", second), "AWS::SNS::Topic", "UPDATE_COMPLETE", "")
		}
		s.tell(600, tier, "", "", "UPDATE_COMPLETE", "")
	}
	s.tell(600, "root", "", "", "UPDATE_COMPLETE", "")
	if _, _, err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if len(s.calls) > 600 {
		t.Errorf("%d calls, want at most 600", len(s.calls))
	}
	asked := map[string]int{}
	for _, stack := range s.calls {
		asked[stack]++
	}
	for i := range 12 {
		if n := asked[fmt.Sprint("arn:tier", i)]; n < 15 {
			t.Errorf("tier%d is asked %d times: not its share", i, n)
		}
	}
}

func TestStacksThatDoNotChangeAreAskedOnce(t *testing.T) {
	s := newScript()
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "")
	s.tell(0, "root", "network", stackType, "UPDATE_IN_PROGRESS", "")
	s.tell(2, "root", "network", stackType, "UPDATE_COMPLETE", "")
	s.tell(300, "root", "", "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.tell(301, "root", "", "", "UPDATE_COMPLETE", "")
	if _, _, err := s.run(t); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, stack := range s.calls {
		if stack == "arn:network" {
			n++
		}
	}
	if n != 1 { // when its parent was done with it
		t.Errorf("asked %d times", n)
	}
}
