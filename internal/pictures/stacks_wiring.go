package pictures

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// stack is a nested stack with what it takes from others.
type stack struct {
	name       string              // such as DataStack
	takes      map[string][]string // outputs by stack
	parameters int                 // taken from the root
	waits      []string            // DependsOn
}

// wiring is the root with its nested stacks, in template order.
type wiring struct {
	stacks     []stack
	parameters int
}

// errNoStacks says that a template is no root.
var errNoStacks = errors.New("no nested stacks")

// readWiring reads from a root template which output of which nested stack goes into which: the references as written,
// which a resolved value no longer shows.
func readWiring(template []byte) (wiring, error) {
	var root struct {
		Parameters map[string]yaml.Node `yaml:"Parameters"`
		Resources  yaml.Node            `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(template, &root); err != nil {
		return wiring{}, err
	}
	w := wiring{parameters: len(root.Parameters)}
	for i := 0; i+1 < len(root.Resources.Content); i += 2 {
		var resource struct {
			Type       string   `yaml:"Type"`
			DependsOn  []string `yaml:"DependsOn"`
			Properties struct {
				Parameters map[string]yaml.Node `yaml:"Parameters"`
			} `yaml:"Properties"`
		}
		if err := root.Resources.Content[i+1].Decode(&resource); err != nil {
			return wiring{}, err
		}
		if resource.Type != "AWS::CloudFormation::Stack" {
			continue
		}
		s := stack{name: root.Resources.Content[i].Value, takes: map[string][]string{}, waits: resource.DependsOn}
		for _, name := range sortedKeys(resource.Properties.Parameters) {
			value := resource.Properties.Parameters[name]
			if from, output, ok := strings.Cut(value.Value, ".Outputs."); ok && value.Tag == "!GetAtt" {
				s.takes[from] = append(s.takes[from], output)
			} else {
				s.parameters++
			}
		}
		w.stacks = append(w.stacks, s)
	}
	if len(w.stacks) == 0 {
		return wiring{}, errNoStacks
	}
	return w, nil
}

// waitsFor tells whether a stack is complete before another starts: the other takes something of it, or says so.
func (s stack) waitsFor(other stack) bool {
	return len(s.takes[other.name]) > 0 || slices.Contains(s.waits, other.name)
}

// around tells whether to waits for something else that waits for from.
func (w wiring) around(from, to stack) bool {
	seen := map[string]bool{}
	var leads func(at stack) bool
	leads = func(at stack) bool {
		if seen[at.name] {
			return false
		}
		seen[at.name] = true
		return slices.ContainsFunc(w.stacks, func(s stack) bool {
			return at.waitsFor(s) && (s.name == from.name && at.name != to.name || leads(s))
		})
	}
	return leads(to)
}
