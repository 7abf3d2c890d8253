package report

import "time"

// Operation begins the following of an operation.
type Operation struct {
	Stack string `json:"stack"`
	ID    string `json:"operation_id,omitempty"`
	// Doing is "create", "update", "delete" or "rollback".
	Doing   string    `json:"doing"`
	Started time.Time `json:"started"`
	// Resources is how many are to change, 0 for unknown.
	Resources int `json:"resources,omitempty"`
	// Interrupt is what an interruption of the command does: "ask", "cancel", or "detach", which is also what empty means.
	Interrupt string `json:"interrupt,omitempty"`
}

// Kind is "operation".
func (Operation) Kind() string { return "operation" }

// Resource is a transition of one resource, once for each event of CloudFormation.
type Resource struct {
	// Path are the logical IDs of the nested stacks from below the root to the resource's stack; empty for the root's own resources.
	Path       []string `json:"path"`
	LogicalID  string   `json:"logical_id"`
	PhysicalID string   `json:"physical_id,omitempty"`
	Type       string   `json:"resource_type"`
	Status     string   `json:"status"`
	// Detailed is CloudFormation's detailed status, "CONFIGURATION_COMPLETE" among others.
	Detailed string    `json:"detailed_status,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Time     time.Time `json:"time"`
	EventID  string    `json:"event_id"`
	// Seconds since the resource's operation began.
	Seconds float64 `json:"seconds"`
}

// Kind is "event".
func (Resource) Kind() string { return "event" }

// Tasks tells how many tasks run of a service that CloudFormation waits for, each time that it changes.
type Tasks struct {
	Path      []string  `json:"path"`
	LogicalID string    `json:"logical_id"`
	Running   int       `json:"running"`
	Desired   int       `json:"desired"`
	Time      time.Time `json:"time"`
}

// Kind is "tasks".
func (Tasks) Kind() string { return "tasks" }

// Tick is sent about every second while an operation is followed; it lets a terminal repaint and prints a heartbeat elsewhere.
type Tick struct {
	Time time.Time `json:"time"`
	// LastEvent is when CloudFormation last said something.
	LastEvent time.Time `json:"last_event"`
}

// Kind is "tick". It is not written to JSON more than once a minute.
func (Tick) Kind() string { return "tick" }

// Diagnosis is why an operation failed.
type Diagnosis struct {
	Stack  string  `json:"stack"`
	Causes []Cause `json:"causes"`
	// Cancelled counts failures that only followed from the causes.
	Cancelled int `json:"cancelled"`
	// Status is the stack's and Seconds how long the operation took; empty where they are not known.
	Status  string  `json:"status,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	// Do are the next steps.
	Do      []string `json:"do,omitempty"`
	Console string   `json:"console,omitempty"`
}

// Kind is "diagnosis".
func (Diagnosis) Kind() string { return "diagnosis" }

// Cause is a resource that failed for a reason of its own.
type Cause struct {
	Path      []string  `json:"path"`
	LogicalID string    `json:"logical_id"`
	Type      string    `json:"resource_type"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	Time      time.Time `json:"time"`
	// Details are lines below the reason: stopped tasks, remarks of hooks; those of logs are indented.
	Details []string `json:"details,omitempty"`
}

// Sweep is what a destroy found left, and what was kept on purpose.
type Sweep struct {
	Left []Leftover `json:"left"`
	Kept []Leftover `json:"kept"`
}

// Kind is "sweep".
func (Sweep) Kind() string { return "sweep" }

// Leftover is a thing that still exists after a destroy.
type Leftover struct {
	Type string `json:"resource_type"`
	ID   string `json:"id"`
	Why  string `json:"why"`
}

// Phase begins a step of a rehearsal.
type Phase struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	// Command is what a person would call for it.
	Command string `json:"command"`
}

// Kind is "phase".
func (Phase) Kind() string { return "phase" }
