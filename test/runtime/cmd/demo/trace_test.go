//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tierform/tierform/test/runtime/collector"
	"github.com/tierform/tierform/test/runtime/world"
)

func TestTreeHangsSegmentsBelowTheirCallers(t *testing.T) {
	t.Parallel()
	got, whole, err := tree([]collector.Segment{
		{Document: `{"id":"c","parent_id":"b","name":"transaction-processor","start_time":100.010,"end_time":100.030,"http":{"request":{"method":"POST"},"response":{"status":503}},"fault":true}`},
		{Document: `{"id":"a","name":"payment-api","start_time":100.000,"end_time":100.005,"http":{"request":{"method":"POST"},"response":{"status":202}},
			"subsegments":[{"id":"b","name":"HTTP POST","start_time":100.004,"end_time":100.031}]}`},
	})
	if err != nil || whole {
		t.Fatalf("whole: %t, %v; want not whole, as the notification-service's part is missing", whole, err)
	}
	want := strings.Join([]string{
		"    begins     takes",
		"     0.0 ms    5.0 ms  payment-api POST 202",
		"     4.0 ms   27.0 ms    HTTP POST",
		"    10.0 ms   20.0 ms      transaction-processor POST 503 failed",
		""}, "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, _, err := tree([]collector.Segment{{Document: "{"}}); err == nil {
		t.Error("a segment that is no JSON is shown")
	}
}

func TestCircuitSaysWhetherCallsGoThrough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		known, healthy int
		want           string
	}{
		{2, 2, "closed: calls go through"},
		{2, 1, "closed for the tasks that answer"},
		{2, 0, "open: all tasks are ejected"},
		{0, 0, "open: no task is registered"},
	} {
		got := circuit("a", world.Upstream{Name: "b"}, map[string]int{"membership_total": c.known, "membership_healthy": c.healthy})
		if !strings.Contains(got, "a -> b  "+c.want) {
			t.Errorf("%d of %d: %q, want %q", c.healthy, c.known, got, c.want)
		}
	}
}
