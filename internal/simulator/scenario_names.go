package simulator

import (
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// Renamed is a scenario whose resources have other names: name makes a logical ID, or a path to one, of what the file says. Its first
// error ends it.
func (s Scenario) Renamed(name func(written string) (string, error)) (Scenario, error) {
	renamed := Scenario{calls: s.calls, resources: slices.Clone(s.resources), findings: slices.Clone(s.findings)}
	for i, b := range renamed.resources {
		id, err := name(b.Resource)
		if err != nil {
			return Scenario{}, err
		}
		renamed.resources[i].Resource = id
	}
	for i, f := range renamed.findings {
		written := strings.TrimPrefix(f.Stack+"/"+f.LogicalID, "/")
		id, err := name(written)
		if err != nil {
			return Scenario{}, err
		}
		if cut := strings.LastIndexByte(id, '/'); cut >= 0 {
			renamed.findings[i].Stack, renamed.findings[i].LogicalID = id[:cut], id[cut+1:]
		}
	}
	return renamed, nil
}

// Knows refuses a scenario with an operation that its service does not have here: nothing would go wrong.
func (s *Simulator) Knows(scenario Scenario) error {
	for _, f := range scenario.calls {
		known := s.operations(f.Service)
		if f.Operation == "" || slices.Contains(known, f.Operation) {
			continue
		}
		allowed := "operations that the deploy command calls, such as DescribeStacks"
		if f.Service != "" {
			allowed = strings.Join(known, ", ")
		}
		return &fault.Error{Code: fault.Usage, What: "the scenario names an operation that the simulator does not answer", Found: strings.TrimPrefix(f.Service+":"+f.Operation, ":"), Allowed: allowed}
	}
	return nil
}

// operations are those of a service; of any when it is empty.
func (s *Simulator) operations(service string) (names []string) {
	if service == "" || service == "s3" {
		names = append(names, slices.Collect(maps.Keys(s.storageActions()))...)
	}
	for name, actions := range s.services {
		if service == "" || service == name {
			names = append(names, slices.Collect(maps.Keys(actions))...)
		}
	}
	slices.Sort(names)
	return names
}
