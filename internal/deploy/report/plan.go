package report

// Plan is what a change set would do, as a tree of stacks.
type Plan struct {
	ChangeSet string `json:"change_set"`
	Name      string `json:"name"`
	Root      Stack  `json:"root"`
	Counts    Counts `json:"counts"`
	// First tells that the environment does not exist yet.
	First bool `json:"first"`
	// Incomplete says why the preview cannot show everything; empty when it does.
	Incomplete string `json:"incomplete,omitempty"`
	// Needs are the kinds of approval: see Approval.Required.
	Needs []string `json:"needs"`
	// Adopts lists services whose live colour the stack takes over, without an effect.
	Adopts  []string `json:"adopts,omitempty"`
	Seconds float64  `json:"seconds"`
	// Level marks a change set that brings the stack level with what serves after a release: nothing that runs changes.
	Level bool `json:"level,omitempty"`
}

// Kind is "plan".
func (Plan) Kind() string { return "plan" }

// Stack is one stack of a plan with its changes and nested stacks.
type Stack struct {
	// Name is the root stack's, or the logical ID of a nested stack.
	Name    string   `json:"name"`
	Changes []Change `json:"changes,omitempty"`
	Nested  []Stack  `json:"nested,omitempty"`
	// Unknown says why the stack's changes cannot be known; empty when they are.
	Unknown string `json:"unknown,omitempty"`
}

// Action of a change, in CloudFormation's sense.
type Action string

// What can be done to a resource.
const (
	Add     Action = "add"
	Modify  Action = "change"
	Replace Action = "replace"
	Delete  Action = "delete"
	Import  Action = "import"
)

// Change is what would be done to one resource.
type Change struct {
	LogicalID  string `json:"logical_id"`
	PhysicalID string `json:"physical_id,omitempty"`
	Type       string `json:"resource_type"`
	// Description is the resource's sentence in its Metadata.
	Description string `json:"description,omitempty"`
	Action      Action `json:"action"`
	// Certainty of a replacement: "certain", "unknown until apply", "spurious". Empty for others.
	Certainty string `json:"certainty,omitempty"`
	// Why says how a spurious replacement was disproved, or why one is not certain.
	Why string `json:"why,omitempty"`
	// Hidden is set for what was disproved, but for replacements of what holds data; text output folds it.
	Hidden bool `json:"hidden,omitempty"`
	// Stateful is set when data would be lost with the resource.
	Stateful bool `json:"stateful,omitempty"`
	// PolicyAction is what becomes of the old resource, in CloudFormation's words: "Delete", "Retain", "Snapshot", "ReplaceAndDelete",
	// "ReplaceAndRetain", "ReplaceAndSnapshot"; empty where the change set does not say. API reference: ResourceChange.
	PolicyAction string `json:"policy_action,omitempty"`
	// Area is "identity" for IAM and resource policies, "network" for security groups, routes and listeners; else empty.
	Area string `json:"area,omitempty"`
	// Broadens is set when a policy or rule would let more in than before.
	Broadens   bool       `json:"broadens,omitempty"`
	Properties []Property `json:"properties,omitempty"`
}

// PlannedChange is one change of a plan by itself. The JSON lines have one after the plan for each change in its tree, so that a consumer
// can select changes without walking it.
type PlannedChange struct {
	// Path are the logical IDs of the nested stacks from below the root to the change's stack.
	Path []string `json:"path"`
	Change
}

// Kind is "change".
func (PlannedChange) Kind() string { return "change" }

// Changes are all changes of the plan, stack by stack, those of a stack before those of the stacks nested in it.
func (p Plan) Changes() []PlannedChange { return p.Root.changes(nil) }

func (s Stack) changes(path []string) []PlannedChange {
	var all []PlannedChange
	for _, c := range s.Changes {
		all = append(all, PlannedChange{Path: path, Change: c})
	}
	for _, nested := range s.Nested {
		all = append(all, nested.changes(append(path[:len(path):len(path)], nested.Name))...)
	}
	return all
}

// Certainties of a replacement.
const (
	Certain  = "certain"
	Unknown  = "unknown until apply"
	Spurious = "spurious"
)

// Property is one property of a change with the values before and after; masked where they may be secret.
type Property struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Forces a replacement: "always", "maybe", or empty.
	Forces string `json:"forces,omitempty"`
	// Cause is the parameter or resource attribute the change comes from.
	Cause string `json:"cause,omitempty"`
}

// Masked stands where a secret would.
const Masked = "****"

// Validation is a finding before the execution: of CloudFormation's own validation, a hook, or our checks.
type Validation struct {
	// Severity is "error" or "warning".
	Severity string `json:"severity"`
	// Source is "cloudformation", "hook" or "checks"; Check is its name or rule ID.
	Source string `json:"source"`
	Check  string `json:"check"`
	// Path are the logical IDs of the nested stacks from below the root; LogicalID is the resource's.
	Path      []string `json:"path,omitempty"`
	LogicalID string   `json:"logical_id,omitempty"`
	Text      string   `json:"text"`
	Mend      string   `json:"mend,omitempty"`
}

// Kind is "validation".
func (Validation) Kind() string { return "validation" }
