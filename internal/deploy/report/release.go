package report

import "time"

// Release begins the release of one service.
type Release struct {
	// Service is the service's name as people say it: payment-api. Number counts from 1 in the Of services of this run.
	Service string `json:"service"`
	Number  int    `json:"number"`
	Of      int    `json:"of"`
	// Deployment is the release's identifier in AWS: d-ABCDEF123.
	Deployment string `json:"deployment"`
	// From and To are the revisions, as family:number; Images what differs between them.
	From   string        `json:"from"`
	To     string        `json:"to"`
	Images []ImageChange `json:"images,omitempty"`
	// Shift says how traffic moves: CodeDeployDefault.ECSLinear10PercentEvery1Minutes.
	Shift string `json:"shift"`
}

// Kind is "release".
func (Release) Kind() string { return "release" }

// ImageChange is a container whose image differs between two revisions.
type ImageChange struct {
	Container string `json:"container"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
}

// Shift is how a release stands. It is told when something has changed since it was told last.
type Shift struct {
	Service    string `json:"service"`
	Deployment string `json:"deployment"`
	// Status is the release's: "running", "succeeded", "failed", "stopped". Returning marks the rollback of another one.
	Status    string `json:"status"`
	Returning bool   `json:"returning,omitempty"`
	// Step is the lifecycle event that runs, or ran last: Install, AllowTraffic, …; Steps are all of them.
	Step  string         `json:"step,omitempty"`
	Steps []ShiftedEvent `json:"steps,omitempty"`
	// Old and New are the two task sets, each with its share of the traffic in percent.
	Old TaskSet `json:"old"`
	New TaskSet `json:"new"`
	// Alarms are those that bring traffic back when they fire.
	Alarms []Alarm `json:"alarms,omitempty"`
	// Left is an estimate of the seconds until the end, 0 where nobody can tell.
	Left float64   `json:"seconds_left,omitempty"`
	Time time.Time `json:"time"`
	// Seconds since the release began.
	Seconds float64 `json:"seconds"`
	Reason  string  `json:"reason,omitempty"`
}

// Kind is "shift".
func (Shift) Kind() string { return "shift" }

// ShiftedEvent is a lifecycle event of CodeDeploy (AWS CodeDeploy User Guide, "AppSpec 'hooks' section", Amazon ECS).
type ShiftedEvent struct {
	Name    string    `json:"name"`
	Status  string    `json:"status"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
}

// TaskSet is one of the two that a release has.
type TaskSet struct {
	// Color is that of its target group, Weight its share of the traffic in percent.
	Color  string  `json:"color,omitempty"`
	Weight float64 `json:"weight"`
	// Desired, Running and Pending count tasks.
	Desired int `json:"desired"`
	Running int `json:"running"`
	Pending int `json:"pending"`
}

// Alarm is a CloudWatch alarm with its state: "OK", "ALARM", "INSUFFICIENT_DATA".
type Alarm struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// Released ends the release of one service with what serves now.
type Released struct {
	Service    string `json:"service"`
	Deployment string `json:"deployment,omitempty"`
	// Result is "shifted", "rolled_back", "needs_person", "running" for one that goes on in AWS, or "unbegun".
	Result string `json:"result"`
	// Serving is the revision that has the traffic, as family:number; Color that of its target group. Both are empty where that is not
	// plain.
	Serving string  `json:"serving,omitempty"`
	Color   string  `json:"color,omitempty"`
	Reason  string  `json:"reason,omitempty"`
	Seconds float64 `json:"seconds"`
}

// Kind is "released".
func (Released) Kind() string { return "released" }

// Results of a release.
const (
	Shifted     = "shifted"
	RolledBack  = "rolled_back"
	NeedsPerson = "needs_person"
	Running     = "running"
	Unbegun     = "unbegun"
)
