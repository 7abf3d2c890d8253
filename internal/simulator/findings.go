package simulator

import (
	"slices"
	"strings"
)

// A Finding is one of the checks before a deployment: of CloudFormation's own validation, or of a hook (CloudFormation User Guide,
// "Validate stack deployments"; API reference, OperationEvent).
type Finding struct {
	// Stack is the logical ID of the nested stack whose change set has the finding, or a path to it; empty for the root.
	Stack string
	// LogicalID is the resource's; Path the property's: "/Resources/AccessLogs".
	LogicalID, Path string
	// Name is the check's, NAME_CONFLICT_VALIDATION for instance, or the hook's type, "Private::Guard::Hook".
	Name string
	// Fails tells mode FAIL, which makes the change set fail; else the mode is WARN.
	Fails bool
	// Hook tells a hook's finding.
	Hook bool
	// Reason is the text.
	Reason string
}

// Find makes the checks of each change set computed from now on come to a finding, while the change set touches the resource, or without
// one.
func (s *Simulator) Find(findings ...Finding) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.findings = append(s.findings, findings...)
}

// check collects the findings about a change set; the error is CloudFormation's when one of them fails it.
func (s *Simulator) check(c *changeSet) error {
	var failing []string
	for _, f := range s.findings {
		touched := slices.ContainsFunc(c.changes, func(ch change) bool { return ch.logical == f.LogicalID })
		if f.Stack != c.path() || f.LogicalID != "" && !touched {
			continue
		}
		c.findings = append(c.findings, f)
		if name := "AWS::EarlyValidation::" + f.Name; f.Fails {
			if f.Hook {
				name = f.Name
			}
			failing = append(failing, name)
		}
	}
	if len(failing) == 0 {
		return nil
	}
	return invalid("The following hook(s)/validation failed: [%s]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.", strings.Join(failing, ", "))
}

// path names the nested stacks from the root to a change set's.
func (c *changeSet) path() string {
	var steps []string
	for ; c.parent != nil; c = c.parent {
		steps = append(steps, c.logicalID)
	}
	slices.Reverse(steps)
	return strings.Join(steps, "/")
}

// events are the findings as DescribeEvents tells them.
func (c *changeSet) events() []any {
	var list []any
	for _, f := range c.findings {
		mode := map[bool]string{true: "FAIL", false: "WARN"}[f.Fails]
		e := []element{{"EventId", c.arn + "/" + f.Name + "/" + f.LogicalID}, {"StackId", c.stack.arn}, {"LogicalResourceId", f.LogicalID}, {"Timestamp", c.ready}}
		if declared, is := c.template.Resources[f.LogicalID]; is {
			e = append(e, element{"ResourceType", declared.Type})
		}
		if f.Hook {
			status := map[bool]string{true: "HOOK_COMPLETE_FAILED", false: "HOOK_COMPLETE_SUCCEEDED"}[f.Fails]
			e = append(e, element{"EventType", "HOOK_INVOCATION_ERROR"}, element{"HookType", f.Name}, element{"HookStatus", status}, element{"HookStatusReason", f.Reason},
				element{"HookFailureMode", mode}, element{"HookInvocationPoint", "PRE_PROVISION"})
		} else {
			e = append(e, element{"EventType", "VALIDATION_ERROR"}, element{"ValidationName", f.Name}, element{"ValidationStatus", "FAILED"}, element{"ValidationStatusReason", f.Reason},
				element{"ValidationPath", f.Path}, element{"ValidationFailureMode", mode})
		}
		list = append(list, e)
	}
	return list
}

// Delivery is how events reach a reader (CloudFormation promises neither order nor single delivery between calls).
type Delivery struct {
	// Twice delivers each event twice, Shuffled each pair of neighbours in the wrong order.
	Twice, Shuffled bool
	// PageSize is that of all lists of CloudFormation; 0 leaves it.
	PageSize int
}

// Deliver changes how events are delivered.
func (s *Simulator) Deliver(d Delivery) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.delivery = d
}

// delivered are a stack's events, newest first, as they are delivered.
func (s *Simulator) delivered(st *stack) []event {
	newest := slices.Clone(st.events)
	slices.Reverse(newest)
	if s.delivery.Shuffled {
		for i := 1; i < len(newest); i += 2 {
			newest[i-1], newest[i] = newest[i], newest[i-1]
		}
	}
	if !s.delivery.Twice {
		return newest
	}
	var twice []event
	for _, e := range newest {
		twice = append(twice, e, e)
	}
	return twice
}
