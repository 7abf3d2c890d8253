//go:build linux

package main

import (
	"fmt"
	"strings"

	"github.com/tierform/tierform/test/runtime/world"
)

// circuit says in words how the way to an upstream is, from Envoy's counters.
func circuit(caller string, u world.Upstream, stats map[string]int) string {
	var b strings.Builder
	healthy, known := stats["membership_healthy"], stats["membership_total"]
	state := "closed: calls go through"
	switch {
	case known == 0:
		state = "open: no task is registered, calls are refused at once"
	case healthy == 0:
		state = "open: all tasks are ejected, calls are refused at once"
	case healthy < known:
		state = "closed for the tasks that answer"
	}
	fmt.Fprintf(&b, "  %s -> %s  %s\n", caller, u.Name, state)
	fmt.Fprintf(&b, "    tasks       %d known, %d ejected now (%d times so far), after %d failures in a row, for %v at first\n", known,
		stats["outlier_detection.ejections_active"], stats["outlier_detection.ejections_enforced_total"], u.Failures, u.Ejection)
	fmt.Fprintf(&b, "    calls       %d sent to tasks; %d answers to the caller, %d of these 5xx; %d under way of at most %d\n", stats["upstream_rq_total"],
		stats["upstream_rq_completed"], stats["upstream_rq_5xx"], stats["upstream_rq_active"], u.Requests)
	fmt.Fprintf(&b, "    connecting  %d failed, %d of these without any answer\n", stats["upstream_cx_connect_fail"], stats["upstream_cx_connect_timeout"])
	fmt.Fprintf(&b, "    refused     %d beyond the limits (overflow), %d with nobody to call\n", stats["upstream_rq_pending_overflow"],
		stats["upstream_cx_none_healthy"])
	fmt.Fprintf(&b, "    retries     %d, %d of these successful, %d not made (overflow)\n", stats["upstream_rq_retry"],
		stats["upstream_rq_retry_success"], stats["upstream_rq_retry_overflow"])
	return b.String()
}
