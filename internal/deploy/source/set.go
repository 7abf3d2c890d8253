// Package source reads what is to be deployed: a directory of templates, of this project or not, and the values of their parameters.
package source

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// A Set is a root template and the templates nested in it.
type Set struct {
	// Root is the template of the root stack.
	Root *Template
	// Nested are all others that the root reaches, by file name.
	Nested map[string]*Template
}

// A Template is one file.
type Template struct {
	// Name is the file's, such as network.yaml, with its path below the directory of templates.
	Name string
	// Body is what is deployed, to the byte.
	Body []byte
	// Hash is the SHA-256 of Body in hexadecimal.
	Hash string
	// Description is the template's.
	Description string
	// Parameters, Resources and Outputs are by name.
	Parameters map[string]Parameter
	Resources  map[string]Resource
	Outputs    map[string]any
	// Conditions are by name.
	Conditions map[string]any
	// Rules are by name: see Holds.
	Rules map[string]any
	// Owned are the parameters in the group "Set by the deploy command", which no file and no flag may give.
	Owned []string

	// places are those of local paths in Body, by the logical ID of the nested stack.
	places map[string]span
}

// A Resource is one of a template's.
type Resource struct {
	Type string
	// Description is the sentence in the resource's Metadata.
	Description string
	// Stateful tells that data is lost with the resource: said in its Metadata, or known of its type.
	Stateful bool
	// Nested is set for a nested stack.
	Nested *Nested
	// Properties, DependsOn and Condition are as written, intrinsic functions in their long form.
	Properties map[string]any
	DependsOn  []string
	Condition  string
	// DeletionPolicy and UpdateReplacePolicy are as written, or empty.
	DeletionPolicy, UpdateReplacePolicy string
}

// Nested says how a nested stack gets its template.
type Nested struct {
	// Template is its file's name; empty when the set does not hold it.
	Template string
	// KeyParameter is the parent's parameter that takes the content address, BucketParameter the one that takes the bucket's name.
	// Both are empty for templates that name a local file instead, as `aws cloudformation package` wants it.
	KeyParameter, BucketParameter string
	// Path is the local file named, relative to the parent's; empty otherwise. Package puts the content address there.
	Path string
	// Parameters are the values passed, as written.
	Parameters map[string]any
}

// ownedGroup is the title under which our root template lists what the deploy command alone sets.
const ownedGroup = "Set by the deploy command"

// Key is a template's content address in the artifact bucket.
func (t *Template) Key() string { return "templates/" + t.Hash + ".yaml" }

// stacks are the logical IDs of nested stacks, sorted.
func (t *Template) stacks() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.Resources)), func(id string) bool { return t.Resources[id].Nested == nil })
}

// All are the root and all nested templates, sorted by name.
func (s *Set) All() []*Template {
	all := []*Template{s.Root}
	for _, t := range s.Nested {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *Template) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
