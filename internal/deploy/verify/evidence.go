package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Schema is the version of the evidence. Readers ignore fields that they do not know; breaking changes raise the major number.
const Schema = "deploy-evidence/1.0"

// Evidence is what an auditor keeps. It holds names and states, never a secret.
type Evidence struct {
	Schema      string `json:"schema"`
	Environment string `json:"environment"`
	Account     string `json:"account"`
	Region      string `json:"region"`
	// Caller is the ARN of who asked; Command and Version what was called.
	Caller  string `json:"caller"`
	Command string `json:"command"`
	Version string `json:"version"`
	// Simulated tells that no AWS account was asked.
	Simulated bool      `json:"simulated"`
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended"`
	// Holds tells whether every promise holds, but for what was accepted as unknown.
	Holds      bool         `json:"holds"`
	Summary    Summary      `json:"summary"`
	Deployment Deployment   `json:"deployment"`
	Stacks     []StackState `json:"stacks"`
	Checks     []Outcome    `json:"checks"`
}

// A Deployment is the latest one that ended well, by the record in the artifact bucket.
type Deployment struct {
	ID        string    `json:"id"`
	Command   string    `json:"command"`
	Caller    string    `json:"caller"`
	Approved  string    `json:"approved_by"`
	Commit    string    `json:"git_commit"`
	ChangeSet string    `json:"change_set"`
	Ended     time.Time `json:"ended"`
	// Unknown is the reason when there is no such record, or nobody could read it.
	Unknown string `json:"unknown"`
}

// A StackState is a stack with the SHA-256 of the template that is deployed.
type StackState struct {
	Name     string   `json:"name"`
	ARN      string   `json:"arn"`
	Path     []string `json:"path"`
	Status   string   `json:"status"`
	Template string   `json:"template_sha256"`
}

// States are the stacks of an estate.
func (e *Estate) States() []StackState {
	states := []StackState{}
	for _, s := range e.Stacks {
		states = append(states, StackState{Name: s.Name, ARN: s.ARN, Path: append([]string{}, s.Path...), Status: s.Status, Template: s.Hash})
	}
	return states
}

// JSON is the evidence as it is kept, and the SHA-256 by which it can be shown to be unchanged: sha256sum FILE.
func (e Evidence) JSON() (data []byte, sum string) {
	data, _ = json.MarshalIndent(e, "", "  ") // of texts, times and numbers: cannot fail
	data = append(data, '\n')
	hash := sha256.Sum256(data)
	return data, hex.EncodeToString(hash[:])
}
