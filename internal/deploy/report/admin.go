package report

import "time"

// AdminTask begins a run of the administration task.
type AdminTask struct {
	// Task is the word that the image is given: migrate, rotate or reconcile.
	Task string `json:"task"`
	// ARN is the task's, Definition its revision as family:number.
	ARN        string `json:"arn"`
	Definition string `json:"definition"`
	Cluster    string `json:"cluster"`
	Container  string `json:"container"`
	// LogGroup and LogStream have its lines; both are empty for a task without such a log.
	LogGroup  string    `json:"log_group,omitempty"`
	LogStream string    `json:"log_stream,omitempty"`
	Time      time.Time `json:"time"`
}

// Kind is "admin_task".
func (AdminTask) Kind() string { return "admin_task" }

// AdminLine is a line that the administration task wrote to its log.
type AdminLine struct {
	Task string `json:"task"`
	Text string `json:"text"`
	// Time is when the task wrote it.
	Time time.Time `json:"time"`
}

// Kind is "admin_line".
func (AdminLine) Kind() string { return "admin_line" }

// AdminEnded ends a run of the administration task.
type AdminEnded struct {
	Task string `json:"task"`
	ARN  string `json:"arn"`
	// Result is one of AdminSucceeded, AdminFailed, AdminUnstarted and AdminRunning.
	Result string `json:"result"`
	// ExitCode is that of Container; there is none where it never ran.
	Container string `json:"container,omitempty"`
	ExitCode  *int32 `json:"exit_code,omitempty"`
	// StopCode and Reason are those of Amazon ECS.
	StopCode string `json:"stop_code,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Last are the last lines of the log of a task that failed.
	Last    []string `json:"last_lines,omitempty"`
	Seconds float64  `json:"seconds"`
}

// Kind is "admin_ended".
func (AdminEnded) Kind() string { return "admin_ended" }

// Results of the administration task.
const (
	AdminSucceeded = "succeeded"
	AdminFailed    = "failed"
	// AdminUnstarted never ran: nothing was changed.
	AdminUnstarted = "unstarted"
	// AdminRunning goes on in AWS without this run.
	AdminRunning = "running"
)
