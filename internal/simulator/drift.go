package simulator

import (
	"fmt"
	"slices"
	"time"
)

// A detection is one of drift in a stack (CloudFormation User Guide, "Detect unmanaged configuration changes").
type detection struct {
	id     string
	stack  *stack
	begun  time.Time
	over   bool
	status string
	drifts []drift
}

// A drift is what a detection says of one resource.
type drift struct {
	resource    *resource
	status      string
	differences []difference
}

type difference struct{ path, kind, expected, actual string }

// Drifted is something that somebody changed behind CloudFormation's back.
type Drifted struct {
	// LogicalID is the resource's.
	LogicalID string
	// Path is the property's, "/Properties"-less as CloudFormation has it: "/RetentionInDays". Empty for a resource that was deleted.
	Path string
	// Actual is the value that it has; empty for one that was removed.
	Actual string
}

// Drift plants drift.
func (s *Simulator) Drift(d ...Drifted) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.drifted = append(s.drifted, d...)
}

// perResource is how long drift detection takes for each resource (assumed).
const perResource = 500 * time.Millisecond

// detectDrift begins a detection. It does not go into nested stacks.
func (s *Simulator) detectDrift(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"}, st.status) {
		return nil, invalid("Stack [%s] is in %s state and drift detection cannot be performed", st.name, st.status)
	}
	if st.drift != nil && !st.drift.over {
		return nil, invalid("Drift detection is already in progress for stack [%s]", st.arn)
	}
	d := &detection{id: s.nextID(), stack: st, begun: s.present()}
	st.drift = d
	s.schedule.at(s.present().Add(time.Duration(len(st.resources))*perResource), func() { s.compareLive(d) })
	return []element{{"StackDriftDetectionId", d.id}}, nil
}

// compareLive ends a detection.
func (s *Simulator) compareLive(d *detection) {
	d.over, d.status, d.drifts = true, "IN_SYNC", nil
	for _, r := range s.all(d.stack) {
		found := drift{resource: r, status: "IN_SYNC", differences: s.differences(r)}
		switch {
		case r.nested != nil || untaggable(r.typ):
			found.status = "NOT_CHECKED"
		case slices.ContainsFunc(found.differences, func(x difference) bool { return x.path == "" }):
			found.status, found.differences, d.status = "DELETED", nil, "DRIFTED"
		case len(found.differences) > 0:
			found.status, d.status = "MODIFIED", "DRIFTED"
		}
		d.drifts = append(d.drifts, found)
	}
}

// differences are what was planted and what CodeDeploy changed: the weights of a listener rule, the task definition of a service.
func (s *Simulator) differences(r *resource) []difference {
	var found []difference
	for _, d := range s.drifted {
		if d.LogicalID != r.id {
			continue
		}
		kind := "NOT_EQUAL"
		if d.Actual == "" {
			kind = "REMOVE"
		}
		found = append(found, difference{d.Path, kind, propertyText(r, pathOf(d.Path)...), d.Actual})
	}
	for _, known := range s.balancing.rules {
		if expected := (&rule{arn: known.arn}); known.arn == r.physical {
			expected.take(r)
			for i, t := range known.targets {
				if i >= len(expected.targets) { // CodeDeploy added it
					found = append(found, difference{fmt.Sprintf("/Actions/0/ForwardConfig/TargetGroups/%d", i), "ADD", "", fmt.Sprintf(`{"TargetGroupArn":%q,"Weight":%d}`, t.arn, t.weight)})
				} else if t.weight != expected.targets[i].weight {
					found = append(found, difference{fmt.Sprintf("/Actions/0/ForwardConfig/TargetGroups/%d/Weight", i), "NOT_EQUAL", fmt.Sprint(expected.targets[i].weight), fmt.Sprint(t.weight)})
				}
			}
		}
	}
	return append(found, s.serviceDifferences(r)...)
}

// serviceDifferences are those of an ECS service: its number of tasks, and the capacity provider strategy that a release left out.
func (s *Simulator) serviceDifferences(r *resource) []difference {
	var found []difference
	for _, cs := range s.containers.services {
		if cs.arn != r.physical {
			continue
		}
		if wanted := integer(property(r, "DesiredCount"), cs.desired); cs.desired != wanted {
			found = append(found, difference{"/DesiredCount", "NOT_EQUAL", fmt.Sprint(wanted), fmt.Sprint(cs.desired)})
		}
		if strategy := property(r, "CapacityProviderStrategy"); strategy != nil && len(cs.strategy) == 0 {
			found = append(found, difference{"/CapacityProviderStrategy", "REMOVE", encoded(strategy), ""})
		}
	}
	return found
}

func (s *Simulator) driftStatus(c *call) (any, error) {
	for _, arn := range sortedKeys(s.stacks.all) {
		d := s.stacks.all[arn].drift
		if d == nil || d.id != c.form.Get("StackDriftDetectionId") {
			continue
		}
		e := []element{{"StackId", arn}, {"StackDriftDetectionId", d.id}, {"Timestamp", d.begun}}
		if !d.over {
			return append(e, element{"DetectionStatus", "DETECTION_IN_PROGRESS"}), nil
		}
		count := 0
		for _, one := range d.drifts {
			if one.status == "MODIFIED" || one.status == "DELETED" {
				count++
			}
		}
		return append(e, element{"DetectionStatus", "DETECTION_COMPLETE"}, element{"StackDriftStatus", d.status}, element{"DriftedStackResourceCount", count}), nil
	}
	return nil, invalid("Drift detection %s does not exist", c.form.Get("StackDriftDetectionId"))
}

func (s *Simulator) resourceDrifts(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	var found []drift
	if st.drift != nil {
		filter := c.texts("StackResourceDriftStatusFilters")
		for _, d := range st.drift.drifts {
			if len(filter) == 0 || slices.Contains(filter, d.status) {
				found = append(found, d)
			}
		}
	}
	found, next := page(s, c, found)
	var list []any
	for _, d := range found {
		var differences []any
		for _, x := range d.differences {
			differences = append(differences, []element{{"PropertyPath", x.path}, {"DifferenceType", x.kind}, {"ExpectedValue", s.masked(st, x.expected)}, {"ActualValue", s.masked(st, x.actual)}})
		}
		list = append(list, []element{{"StackId", st.arn}, {"LogicalResourceId", d.resource.id}, {"PhysicalResourceId", d.resource.physical}, {"ResourceType", d.resource.typ},
			{"StackResourceDriftStatus", d.status}, {"PropertyDifferences", differences}, {"Timestamp", st.drift.begun}})
	}
	return []element{{"StackResourceDrifts", list}, {"NextToken", next}}, nil
}
