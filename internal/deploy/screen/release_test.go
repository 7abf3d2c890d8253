package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// releasedTwice is a run that releases two services: traffic shifts to the first, and an alarm rolls the second back.
func releasedTwice() []report.Event {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	shift := func(s float64, service, step, status string, weight float64, running int) report.Shift {
		return report.Shift{Service: service, Deployment: "d-" + service, Step: step, Status: status, Old: report.TaskSet{Color: "blue", Weight: 100 - weight, Desired: 3, Running: 3}, New: report.TaskSet{Color: "green", Weight: weight, Desired: 3, Running: running},
			Time: at(s), Seconds: s}
	}
	soon := func(s report.Shift, left time.Duration) report.Shift { s.Left = left.Seconds(); return s }
	firing := func(s report.Shift) report.Shift {
		s.Alarms = []report.Alarm{{Name: "alarm-notification-service-errors-qa7", State: "ALARM"}, {Name: "alarm-notification-service-latency-qa7", State: "OK"}}
		return s
	}
	back := func(s report.Shift) report.Shift { s.Returning, s.Deployment = true, "d-back"; return firing(s) }
	tick := func(s float64) report.Tick { return report.Tick{Time: at(s), LastEvent: at(s)} }
	begins := shift(0, "payment-api", "", "running", 0, 0)
	begins.New = report.TaskSet{}
	return []report.Event{started("deploy release"),
		report.Release{Service: "payment-api", Number: 1, Of: 2, Deployment: "d-payment-api", From: "task-payment-api-qa7:4", To: "task-payment-api-qa7:5", Shift: "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
			Images: []report.ImageChange{{Container: "application", From: digest("a"), To: digest("b")}, {Container: "proxy", From: "proxy:1", To: ""}}},
		begins, tick(1), shift(5, "payment-api", "Install", "running", 0, 0), shift(6, "payment-api", "Install", "running", 0, 0), tick(50), tick(75), shift(80, "payment-api", "Install", "running", 0, 3),
		soon(shift(90, "payment-api", "AllowTraffic", "running", 10, 3), 20*time.Minute), tick(160), tick(1250), soon(shift(1255, "payment-api", "AfterAllowTraffic", "running", 100, 3), 45*time.Second), shift(1300, "payment-api", "AfterAllowTraffic", "succeeded", 100, 3),
		report.Released{Service: "payment-api", Deployment: "d-payment-api", Result: report.Shifted, Serving: "task-payment-api-qa7:5", Color: "green", Seconds: 1300},
		report.Release{Service: "notification-service", Number: 2, Of: 2, Deployment: "d-notification-service", From: "task-notifications-qa7:4", To: "task-notification-service-qa7:5", Shift: "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"},
		shift(1310, "notification-service", "BeforeInstall", "running", 0, 0), shift(1400, "notification-service", "AllowTraffic", "running", 30, 3), firing(shift(1410, "notification-service", "AllowTraffic", "running", 30, 3)), firing(shift(1415, "notification-service", "AllowTraffic", "stopped", 30, 0)),
		back(shift(1420, "notification-service", "AllowTraffic", "running", 0, 0)), back(shift(1440, "notification-service", "AllowTraffic", "succeeded", 0, 0)),
		report.Released{Service: "notification-service", Deployment: "d-notification-service", Result: report.RolledBack, Serving: "task-notification-service-qa7:4", Color: "blue", Seconds: 130, Reason: "ALARM_ACTIVE: One or more alarms have been activated"},
		report.Released{Service: "transaction-processor", Result: report.Unbegun}, report.Released{Service: "a", Result: report.NeedsPerson}, report.Released{Service: "b", Result: report.Running},
		report.Plan{Level: true, Name: "d-1", Root: report.Stack{Name: "platform-qa7"}, Counts: report.Counts{Change: 2}},
		report.Result{Status: "rolled_back", Code: fault.RolledBack, Text: "the release of notification-service was rolled back: task-notification-service-qa7:4 serves", Next: []string{"mend the cause and release again"}}}
}

// Where progress is not wanted, how a release ended is told all the same.
func TestSilentRelease(t *testing.T) {
	out, progress, _ := shownAs(t, setting{Options: Options{Progress: "none"}}, releasedTwice())
	if strings.Contains(progress, "AllowTraffic") || !strings.Contains(out, "payment-api all traffic is shifted after 21m40s") {
		t.Errorf("out %s, progress %s", out, progress)
	}
}

// No line of a release is wider than the terminal, but for names that nobody may break.
func TestWidthOfReleases(t *testing.T) {
	_, progress, _ := shownAs(t, setting{env: map[string]string{"LANG": "C.UTF-8", "COLUMNS": "80"}}, releasedTwice())
	for line := range strings.SplitSeq(progress, "\n") {
		if width(line) > 80 && !strings.HasPrefix(line, "Release") {
			t.Errorf("%d columns: %s", width(line), line)
		}
	}
}
