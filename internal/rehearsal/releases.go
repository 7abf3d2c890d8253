package rehearsal

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A Release names the service whose new images are released, and the alarm, without the environment's suffix, that brings the traffic back.
type Release struct{ Service, Alarm string }

// DefaultRelease is of the service that customers reach.
var DefaultRelease = Release{Service: "payment-api", Alarm: "alarm-payment-api-errors"}

// releases are a release that goes well, the plan after it, and a release that an alarm rolls back. Templates of others, which have no such
// service, are rehearsed without. same is a request that changes nothing.
func (o Options) releases(set *source.Set, same deploy.Request) []step {
	same.DetailedExitCode = true
	release := o.Release
	if release == (Release{}) {
		release = DefaultRelease
	}
	if _, known := images(set.Root)[release.Service]; !known || set.Root.Outputs["CodeDeployApplication"] == nil {
		return nil
	}
	alarm := release.Alarm + "-" + o.Environment
	run := func(version string) call {
		return call{"release", deploy.ReleaseRequest{Images: map[string]string{release.Service: built(release.Service, version)}, Yes: true}}
	}
	push := func(version string) { o.push(map[string]string{release.Service: built(release.Service, version)}) }
	return []step{
		{title: "A release: a new image gets the traffic, 10 % a minute", call: run("2"), before: func() { push("2") }},
		{title: "After the release a plan shows nothing", call: call{"plan", same}},
		{title: "A release that an alarm rolls back", call: run("3"), want: fault.RolledBack,
			before: func() {
				push("3")
				_ = o.Simulator.SetAlarmAfter(alarm, "ALARM", releaseAlarm) // templates without it are released all the way, which the exit code tells
			}},
		{title: "What each service runs now", call: call{"release status", nil}, before: func() { _ = o.Simulator.SetAlarm(alarm, "OK") }},
	}
}

// releaseAlarm is when the alarm fires: while the traffic shifts.
const releaseAlarm = 8 * time.Minute

// built is the digest of a version of an image, the same in each rehearsal.
func built(name, version string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(name+" "+version)))
}
