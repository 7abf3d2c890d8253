// Package report holds what a run of the deploy command tells: one stream of events, from which every output is made (terminal,
// plain lines, GitHub groups, JSON lines, Markdown). Events hold facts, never layout.
package report

import (
	"github.com/tierform/tierform/internal/deploy/fault"
)

// Schema is the version of the JSON lines. Consumers ignore fields they do not know; breaking changes raise the major number.
const Schema = "deploy/1.0"

// An Event is one thing that a run tells.
type Event interface {
	// Kind is the event's "type" in JSON.
	Kind() string
}

// A Reporter takes the events of a run in order. It is called from one goroutine at a time.
type Reporter interface {
	Report(Event)
}

// A Func is a function that takes events.
type Func func(Event)

// Report calls the function.
func (f Func) Report(e Event) { f(e) }

// Started is the first event: which command does what to which environment, as whom.
type Started struct {
	Command     string `json:"command"`
	Version     string `json:"version"`
	Schema      string `json:"schema"`
	Environment string `json:"environment,omitempty"`
	Account     string `json:"account,omitempty"`
	Alias       string `json:"alias,omitempty"`
	Caller      string `json:"caller,omitempty"`
	Region      string `json:"region,omitempty"`
	Stack       string `json:"stack,omitempty"`
	// Simulated is set in a rehearsal.
	Simulated bool `json:"simulated,omitempty"`
}

// Kind is "version", by which consumers recognise the stream.
func (Started) Kind() string { return "version" }

// Note is a remark about what is being done: "info", "warning" or, for -v only, "detail".
type Note struct {
	Level string `json:"level"`
	Text  string `json:"text"`
}

// Kind is "note".
func (Note) Kind() string { return "note" }

// Levels of a Note.
const (
	Info    = "info"
	Warning = "warning"
	Detail  = "detail"
)

// Templates tells what was found and uploaded.
type Templates struct {
	Count    int     `json:"count"`
	Changed  int     `json:"changed"`
	Uploaded int     `json:"uploaded"`
	Bytes    int     `json:"bytes"`
	Seconds  float64 `json:"seconds"`
}

// Kind is "templates".
func (Templates) Kind() string { return "templates" }

// Approval tells what a plan needs to be approved and what was given.
type Approval struct {
	// Required names what needs approval: "any change", "broadening", "replace Cluster", "delete Bucket", "incomplete preview".
	Required []string `json:"required"`
	// Missing are those not yet given.
	Missing []string `json:"missing"`
	// Granted tells whether all were given, and By whom or what: "--yes", "typed".
	Granted bool   `json:"granted"`
	By      string `json:"by,omitempty"`
}

// Kind is "approval".
func (Approval) Kind() string { return "approval" }

// Counts are the numbers of a plan.
type Counts struct {
	Add     int `json:"add"`
	Change  int `json:"change"`
	Replace int `json:"replace"`
	Delete  int `json:"delete"`
	// Suppressed were reported by CloudFormation and disproved here.
	Suppressed int `json:"suppressed"`
}

// Outputs are those of the root stack.
type Outputs struct {
	Stack  string            `json:"stack"`
	Values map[string]string `json:"values"`
}

// Kind is "outputs".
func (Outputs) Kind() string { return "outputs" }

// Result is the last event.
type Result struct {
	// Status in one word: "done", "unchanged", "differences", "unapproved", "rolled_back", "needs_person", "refused", "busy",
	// "running", "interrupted", "usage", "error".
	Status string     `json:"status"`
	Code   fault.Code `json:"exit_code"`
	// Text says it in a sentence; Next is what to do now, commands where there are any.
	Text        string   `json:"text"`
	Next        []string `json:"next,omitempty"`
	OperationID string   `json:"operation_id,omitempty"`
	ChangeSet   string   `json:"change_set,omitempty"`
	Changes     *Counts  `json:"changes,omitempty"`
	Seconds     float64  `json:"seconds"`
	// Calls counts requests by service and operation: "cloudformation:DescribeStacks".
	Calls map[string]int `json:"calls,omitempty"`
}

// Kind is "result".
func (Result) Kind() string { return "result" }

// Statuses are the words of Result.Status by exit code.
func Statuses() map[fault.Code]string {
	return map[fault.Code]string{
		fault.OK: "done", fault.Unexpected: "error", fault.Differences: "differences", fault.Unapproved: "unapproved",
		fault.RolledBack: "rolled_back", fault.NeedsPerson: "needs_person", fault.Refused: "refused", fault.Busy: "busy",
		fault.StillRunning: "running", fault.Usage: "usage", fault.Interrupted: "interrupted", fault.Terminated: "interrupted",
	}
}

// A Table is an answer in rows: environments, history, outputs of a check.
type Table struct {
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Kind is "table".
func (Table) Kind() string { return "table" }
