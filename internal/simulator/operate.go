package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// formation are the operations of CloudFormation that the deploy command calls.
func (s *Simulator) formation() map[string]action {
	return map[string]action{
		"CreateChangeSet": s.createChangeSet, "DescribeChangeSet": s.describeChangeSet, "ExecuteChangeSet": s.executeChangeSet, "DeleteChangeSet": s.deleteChangeSet,
		"ListChangeSets": s.listChangeSets, "DescribeStacks": s.describeStacks, "ListStacks": s.listStacks, "DescribeStackEvents": s.describeStackEvents, "DescribeEvents": s.describeEvents,
		"GetTemplate": s.getTemplate, "GetTemplateSummary": s.templateSummary, "ListStackResources": s.listStackResources, "DescribeStackResources": s.listStackResources,
		"DescribeStackResource": s.describeStackResource, "DeleteStack": s.deleteStackCall, "CancelUpdateStack": s.cancelUpdate, "ContinueUpdateRollback": s.continueRollback,
		"RollbackStack": s.rollbackStack, "UpdateTerminationProtection": s.protect, "DetectStackDrift": s.detectDrift, "DescribeStackDriftDetectionStatus": s.driftStatus,
		"DescribeStackResourceDrifts": s.resourceDrifts,
	}
}

// invalidStatus is CloudFormation's answer to a change set in the wrong state.
func invalidStatus(format string, values ...any) error {
	e := invalid(format, values...).(*Error)
	return &Error{http.StatusBadRequest, "InvalidChangeSetStatus", e.Message}
}

// deletingOthers is how long CloudFormation takes to delete the other change sets after an execution (assumed).
const deletingOthers = time.Minute

// executeChangeSet begins what a change set describes (ExecuteChangeSet, API reference): all other change sets are obsolete then, and are
// deleted.
func (s *Simulator) executeChangeSet(c *call) (any, error) {
	set, err := s.changeSet(c)
	if err != nil {
		return nil, err
	}
	st := set.stack
	switch {
	case set.execution != "AVAILABLE":
		return nil, invalidStatus("ChangeSet [%s] cannot be executed in its current execution status of [%s]", set.arn, set.execution)
	case strings.HasSuffix(st.status, "_IN_PROGRESS") && st.status != "REVIEW_IN_PROGRESS":
		return nil, invalid("Stack [%s] is in %s state and can not be updated", st.name, st.status)
	case set.onFailure != "" && c.form.Has("DisableRollback"):
		return nil, invalid("DisableRollback cannot be specified when OnStackFailure was specified for the change set")
	}
	set.execution, set.executed = "EXECUTE_IN_PROGRESS", true
	st.token, st.role = c.form.Get("ClientRequestToken"), set.role
	s.supersede(set)
	s.prepare(set)
	st.round++
	st.disabled = c.form.Get("DisableRollback") == "true"
	g := goal{template: set.template, parameters: set.parameters, tags: set.tags, keep: st.disabled, onFailure: set.onFailure}
	s.start(st, set.typ, g, func(ok bool) {
		set.execution = map[bool]string{true: "EXECUTE_COMPLETE", false: "EXECUTE_FAILED"}[ok]
	})
	return []element{}, nil
}

// supersede makes the stack's other change sets obsolete and deletes them soon.
func (s *Simulator) supersede(set *changeSet) {
	for _, other := range slices.Clone(set.stack.changeSets) {
		if other == set {
			continue
		}
		if other.execution == "AVAILABLE" {
			other.execution = "OBSOLETE"
		}
		s.schedule.at(s.present().Add(deletingOthers), func() { s.drop(other) })
	}
}

// prepare lets the run create nested stacks under the names and ARNs that they have in review.
func (s *Simulator) prepare(set *changeSet) {
	set.stack.prepared = map[string]*stack{}
	for id, child := range set.nested {
		if child.stack.status == "REVIEW_IN_PROGRESS" {
			set.stack.prepared[id] = child.stack
		}
		s.prepare(child)
	}
}

// unprepare removes the nested stacks that a failed creation never came to.
func (s *Simulator) unprepare(st *stack) {
	for _, id := range sortedKeys(st.prepared) {
		child := st.prepared[id]
		s.unprepare(child)
		if child.status == "REVIEW_IN_PROGRESS" {
			s.dropStack(child)
		}
	}
	st.prepared = nil
}

// deleteChangeSet deletes a root's change set with those of nested stacks, which takes a while. Deleting what is not there is no error.
func (s *Simulator) deleteChangeSet(c *call) (any, error) {
	set, err := s.changeSet(c)
	switch {
	case err != nil && s.named(c.form.Get("StackName")) == nil && !strings.HasPrefix(c.form.Get("ChangeSetName"), "arn:"):
		return nil, invalid("Stack [%s] does not exist", c.form.Get("StackName"))
	case err != nil:
		return []element{}, nil
	case set.executed || set.parent != nil || strings.HasSuffix(set.status, "_IN_PROGRESS"):
		return nil, invalidStatus("ChangeSet [%s] cannot be deleted in its current status of [%s]", set.arn, set.status)
	}
	set.status, set.execution = "DELETE_PENDING", "UNAVAILABLE"
	set.stack.forget(set)
	s.schedule.at(s.present().Add(perNested), func() { s.drop(set) })
	return []element{}, nil
}

// forget takes a change set out of its stack's list.
func (st *stack) forget(set *changeSet) {
	st.changeSets = slices.DeleteFunc(st.changeSets, func(other *changeSet) bool { return other == set })
}

// deleteStackCall deletes a stack (DeleteStack, API reference). Of one that does not exist, or is being deleted, there is nothing to do.
func (s *Simulator) deleteStackCall(c *call) (any, error) {
	st, retain := s.named(c.form.Get("StackName")), c.texts("RetainResources")
	switch {
	case st == nil || st.status == "DELETE_IN_PROGRESS":
		return []element{}, nil
	case st.root.protected:
		return nil, invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.name)
	case strings.HasPrefix(st.status, "UPDATE_") && strings.HasSuffix(st.status, "_IN_PROGRESS"):
		return nil, invalid("Stack [%s] cannot be deleted while in status %s", st.name, st.status)
	case len(retain) > 0 && st.status != "DELETE_FAILED":
		return nil, invalid("Invalid operation on stack [%s]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.", st.arn)
	case c.form.Get("DeletionMode") == "FORCE_DELETE_STACK" && st.status != "DELETE_FAILED":
		return nil, invalid("FORCE_DELETE_STACK can only be specified for stacks in DELETE_FAILED state")
	}
	st.token = c.form.Get("ClientRequestToken")
	s.deleteStack(st, deletion{retain: retain, force: c.form.Get("DeletionMode") == "FORCE_DELETE_STACK"}, nil)
	return []element{}, nil
}

// cancelUpdate stops an update; the stack rolls back (CancelUpdateStack, API reference). What is under way ends a moment later.
func (s *Simulator) cancelUpdate(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	if st.status != "UPDATE_IN_PROGRESS" || st.run == nil || st.parent != nil {
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	r := st.run
	st.token = c.form.Get("ClientRequestToken")
	s.schedule.at(s.present().Add(time.Second), func() {
		if st.run == r && r.halted == "" {
			r.keep = false
			s.halt(r, "User Initiated")
		}
	})
	return []element{}, nil
}

// continueRollback tries a failed rollback again, of a root stack only (ContinueUpdateRollback, API reference).
func (s *Simulator) continueRollback(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	skip, forced := c.texts("ResourcesToSkip"), c.form.Get("ForceRollback") == "true"
	switch {
	case st.parent != nil:
		return nil, invalid("RollbackUpdatedStack cannot be invoked on child stacks")
	case st.status != "UPDATE_ROLLBACK_FAILED":
		return nil, invalid("Stack:%s is in %s state and can not continue rollback.", st.arn, st.status)
	case forced && len(skip) > 0:
		return nil, invalid("ForceRollback and ResourcesToSkip are mutually exclusive")
	}
	left := map[string]bool{anyFailed: forced}
	for _, name := range skip {
		if !s.skippable(st, name) {
			return nil, invalid("Resource [%s] does not belong to stack [%s], or is not in the state UPDATE_FAILED", name, st.name)
		}
		left[name] = true
	}
	st.token = c.form.Get("ClientRequestToken")
	s.newOperation(st, "CONTINUE_ROLLBACK")
	s.back(st, "User Initiated", left)
	return []element{}, nil
}

// skippable tells whether a rollback failed for a resource: a logical ID of the root, or NestedStackName.LogicalID, where the name is the
// nested stack's own and not its logical ID.
func (s *Simulator) skippable(st *stack, name string) bool {
	if stackName, id, nested := strings.Cut(name, "."); nested {
		child := s.stacks.live[stackName]
		return child != nil && child.root == st && child.resources[id] != nil && child.resources[id].status == "UPDATE_FAILED"
	}
	return st.resources[name] != nil && st.resources[name].status == "UPDATE_FAILED"
}

// rollbackStack brings a stack that failed without rollback to its last stable state; one that never had any is deleted (RollbackStack, API
// reference).
func (s *Simulator) rollbackStack(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	if st.status != "UPDATE_FAILED" && st.status != "CREATE_FAILED" {
		return nil, invalid("Stack:%s is in %s state and can not be rolled back.", st.arn, st.status)
	}
	st.token = c.form.Get("ClientRequestToken")
	if st.stable.template == nil {
		s.deleteStack(st, deletion{}, nil)
	} else {
		s.newOperation(st, "ROLLBACK")
		s.back(st, "User Initiated", nil)
	}
	return []element{{"StackId", st.arn}, {"OperationId", st.operation}}, nil
}

func (s *Simulator) protect(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	if st.parent != nil {
		return nil, invalid("Cannot update termination protection for nested stack [%s]: set it on its root", st.name)
	}
	st.protected = c.form.Get("EnableTerminationProtection") == "true"
	return []element{{"StackId", st.arn}}, nil
}
