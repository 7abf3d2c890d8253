package simulator

import (
	"cmp"
	"maps"
	"strconv"
	"strings"
)

// page cuts a list at a token and gives the next one. CloudFormation's pages hold up to 100 events, and up to 1 MB.
func page[T any](s *Simulator, c *call, all []T) ([]T, string) {
	return cut(all, c.form.Get("NextToken"), cmp.Or(s.delivery.PageSize, s.options.PageSize))
}

// cut gives the part of a list that a token stands for, and the next token, empty at the end.
func cut[T any](all []T, token string, size int) ([]T, string) {
	from, _ := strconv.Atoi(token)
	from = min(max(from, 0), len(all))
	to := min(from+size, len(all))
	if to == len(all) {
		return all[from:], ""
	}
	return all[from:to], strconv.Itoa(to)
}

func (s *Simulator) describeStacks(c *call) (any, error) {
	var found []*stack
	if name := c.form.Get("StackName"); name != "" {
		st, err := s.find(name)
		if err != nil {
			return nil, err
		}
		found = []*stack{st}
	} else {
		for _, name := range sortedKeys(s.stacks.live) {
			found = append(found, s.stacks.live[name])
		}
	}
	found, next := page(s, c, found)
	var list []any
	for _, st := range found {
		list = append(list, st.elements())
	}
	return []element{{"Stacks", list}, {"NextToken", next}}, nil
}

func (st *stack) elements() []element {
	e := []element{{"StackName", st.name}, {"StackId", st.arn}, {"StackStatus", st.status}, {"StackStatusReason", st.reason}, {"CreationTime", st.created},
		{"LastUpdatedTime", st.updated}, {"RoleARN", st.role}, {"EnableTerminationProtection", st.protected}, {"DisableRollback", st.disabled}}
	if st.parent != nil {
		e = append(e, element{"ParentId", st.parent.arn}, element{"RootId", st.root.arn})
	}
	if st.template != nil {
		e = append(e, element{"Description", st.template.Description})
	}
	var parameters, outputs, tags []any
	for _, name := range sortedKeys(st.parameters) {
		value := st.parameters[name]
		if st.template != nil && st.template.Parameters[name].NoEcho {
			value = mask
		}
		parameters = append(parameters, []element{{"ParameterKey", name}, {"ParameterValue", value}})
	}
	for _, name := range sortedKeys(st.outputs) {
		outputs = append(outputs, []element{{"OutputKey", name}, {"OutputValue", st.outputs[name]}})
	}
	for _, key := range sortedKeys(st.tags) {
		tags = append(tags, []element{{"Key", key}, {"Value", st.tags[key]}})
	}
	var operations []any
	for _, o := range st.operations[:min(len(st.operations), 5)] {
		operations = append(operations, []element{{"OperationId", o[1]}, {"OperationType", o[0]}})
	}
	e = append(e, element{"LastOperations", operations})
	return append(e, element{"Parameters", parameters}, element{"Outputs", outputs}, element{"Tags", tags})
}

func (e event) elements() []element {
	return []element{{"EventId", e.id}, {"StackId", e.stackARN}, {"StackName", e.stackName}, {"LogicalResourceId", e.logical}, {"PhysicalResourceId", e.physical},
		{"ResourceType", e.typ}, {"Timestamp", e.at}, {"ResourceStatus", e.status}, {"ResourceStatusReason", e.reason}, {"DetailedStatus", e.detailed},
		{"ClientRequestToken", e.token}, {"OperationId", e.operation}}
}

func (s *Simulator) describeStackEvents(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	events, next := page(s, c, s.delivered(st))
	var list []any
	for _, e := range events {
		list = append(list, e.elements())
	}
	return []element{{"StackEvents", list}, {"NextToken", next}}, nil
}

// describeEvents tells the events of an operation, or the findings about a change set (CloudFormation User Guide, "View stack events by
// operation").
func (s *Simulator) describeEvents(c *call) (any, error) {
	var list []any
	if c.form.Get("ChangeSetName") != "" {
		set, err := s.changeSet(c)
		if err != nil {
			return nil, err
		}
		list = set.events()
	} else {
		st, err := s.find(c.form.Get("StackName"))
		if err != nil {
			return nil, err
		}
		for _, e := range s.delivered(st) {
			failed := strings.HasSuffix(e.status, "_FAILED")
			if c.form.Get("OperationId") != "" && e.operation != c.form.Get("OperationId") || c.form.Get("Filters.FailedEvents") == "true" && !failed {
				continue
			}
			list = append(list, append(e.elements(), element{"EventType", "STACK_EVENT"}))
		}
	}
	list, next := page(s, c, list)
	return []element{{"OperationEvents", list}, {"NextToken", next}}, nil
}

func (s *Simulator) getTemplate(c *call) (any, error) {
	if c.form.Get("ChangeSetName") != "" {
		set, err := s.changeSet(c)
		if err != nil {
			return nil, err
		}
		return []element{{"TemplateBody", string(set.template.Body)}}, nil
	}
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	if st.template == nil {
		return nil, invalid("Template for stack %s is not available", st.name)
	}
	return []element{{"TemplateBody", string(st.template.Body)}}, nil
}

// listStackResources tells also what a deletion deleted, of deleted stacks for 90 days (ListStackResources, API reference).
func (s *Simulator) listStackResources(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	all := maps.Clone(st.gone)
	maps.Copy(all, st.resources)
	ids, next := page(s, c, sortedKeys(all))
	var list []any
	for _, id := range ids {
		list = append(list, all[id].elements())
	}
	if c.operation == "DescribeStackResources" {
		return []element{{"StackResources", list}}, nil
	}
	return []element{{"StackResourceSummaries", list}, {"NextToken", next}}, nil
}

func (s *Simulator) listChangeSets(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	sets, next := page(s, c, st.changeSets)
	var list []any
	for _, set := range sets {
		list = append(list, []element{{"ChangeSetId", set.arn}, {"ChangeSetName", set.name}, {"StackId", st.arn}, {"StackName", st.name}, {"Status", set.status},
			{"ExecutionStatus", set.execution}, {"StatusReason", set.reason}, {"Description", set.description}, {"IncludeNestedStacks", set.includesNested},
			{"ParentChangeSetId", set.parentARN()}, {"RootChangeSetId", set.root.arn}, {"CreationTime", set.made}})
	}
	return []element{{"Summaries", list}, {"NextToken", next}}, nil
}

func (c *changeSet) parentARN() string {
	if c.parent == nil {
		return ""
	}
	return c.parent.arn
}

func (s *Simulator) describeChangeSet(c *call) (any, error) {
	set, err := s.changeSet(c)
	if err != nil {
		return nil, err
	}
	changes, next := page(s, c, set.visible())
	values := c.form.Get("IncludePropertyValues") == "true"
	var list, parameters, tags []any
	for _, key := range sortedKeys(set.tags) {
		tags = append(tags, []element{{"Key", key}, {"Value", set.tags[key]}})
	}
	for _, change := range changes {
		list = append(list, []element{{"Type", "Resource"}, {"ResourceChange", change.elements(set, s, values)}})
	}
	for _, name := range sortedKeys(set.given) {
		value := set.given[name]
		if set.template.Parameters[name].NoEcho {
			value = mask
		}
		parameters = append(parameters, []element{{"ParameterKey", name}, {"ParameterValue", value}})
	}
	return []element{{"ChangeSetName", set.name}, {"ChangeSetId", set.arn}, {"StackId", set.stack.arn}, {"StackName", set.stack.name}, {"Description", set.description},
		{"Status", set.status}, {"ExecutionStatus", set.execution}, {"StatusReason", set.reason}, {"IncludeNestedStacks", set.includesNested},
		{"ParentChangeSetId", set.parentARN()}, {"RootChangeSetId", set.root.arn}, {"CreationTime", set.made}, {"OnStackFailure", set.onFailure}, {"Parameters", parameters}, {"Tags", tags}, {"Changes", list}, {"NextToken", next}}, nil
}

func (ch change) elements(c *changeSet, s *Simulator, values bool) []element {
	e := []element{{"Action", ch.action}, {"LogicalResourceId", ch.logical}, {"PhysicalResourceId", ch.physical}, {"ResourceType", ch.typ}, {"Replacement", ch.replacement}, {"PolicyAction", ch.policy}}
	if ch.nested != nil {
		e = append(e, element{"ChangeSetId", ch.nested.arn})
	}
	if len(ch.scope) > 0 {
		e = append(e, element{"Scope", anyList(ch.scope)})
	}
	var details []any
	for _, d := range ch.details {
		target := []element{{"Attribute", "Properties"}, {"Name", d.property}, {"RequiresRecreation", d.recreation}}
		if d.property == "" {
			target[0].value = "Tags"
		}
		if values {
			target = append(target, element{"Path", "/Properties/" + d.property}, element{"BeforeValue", c.masked(s, d.before)}, element{"AfterValue", c.masked(s, d.after)})
		}
		details = append(details, []element{{"Target", target}, {"Evaluation", d.evaluation}, {"ChangeSource", d.source}, {"CausingEntity", d.cause}})
	}
	if values && ch.before != nil {
		e = append(e, element{"BeforeContext", c.masked(s, `{"Properties":`+encoded(ch.before)+`}`)})
	}
	if values && ch.after != nil {
		e = append(e, element{"AfterContext", c.masked(s, `{"Properties":`+encoded(ch.after)+`}`)})
	}
	return append(e, element{"Details", details})
}
