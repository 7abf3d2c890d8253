package simulator

import (
	"slices"
	"strings"
)

// listStacks lists stacks by status, deleted ones among them (ListStacks, API reference: for 90 days).
func (s *Simulator) listStacks(c *call) (any, error) {
	var found []*stack
	filter := c.texts("StackStatusFilter")
	for _, arn := range sortedKeys(s.stacks.all) {
		if st := s.stacks.all[arn]; len(filter) == 0 || slices.Contains(filter, st.status) {
			found = append(found, st)
		}
	}
	found, next := page(s, c, found)
	var list []any
	for _, st := range found {
		e := []element{{"StackName", st.name}, {"StackId", st.arn}, {"StackStatus", st.status}, {"StackStatusReason", st.reason}, {"CreationTime", st.created}}
		if st.parent != nil {
			e = append(e, element{"ParentId", st.parent.arn}, element{"RootId", st.root.arn})
		}
		if !st.deleted.IsZero() {
			e = append(e, element{"DeletionTime", st.deleted})
		}
		if st.template != nil {
			e = append(e, element{"TemplateDescription", st.template.Description})
		}
		list = append(list, e)
	}
	return []element{{"StackSummaries", list}, {"NextToken", next}}, nil
}

// templateSummary tells parameters, types and capabilities of a template (GetTemplateSummary, API reference).
func (s *Simulator) templateSummary(c *call) (any, error) {
	st := s.named(c.form.Get("StackName"))
	t, err := s.givenTemplate(c, nil)
	if st != nil && st.template != nil {
		t, err = st.template, nil
	}
	if err != nil {
		return nil, err
	}
	var parameters, types, capabilities []any
	for _, name := range sortedKeys(t.Parameters) {
		p := t.Parameters[name]
		e := []element{{"ParameterKey", name}, {"ParameterType", p.Type}, {"NoEcho", p.NoEcho}, {"Description", p.Description}}
		if p.Default != nil {
			e = append(e, element{"DefaultValue", *p.Default})
		}
		parameters = append(parameters, e)
	}
	seen := map[string]bool{}
	for _, id := range sortedKeys(t.Resources) {
		if typ := t.Resources[id].Type; !seen[typ] {
			seen[typ] = true
			types = append(types, typ)
			if strings.HasPrefix(typ, "AWS::IAM::") && len(capabilities) == 0 {
				capabilities = append(capabilities, "CAPABILITY_NAMED_IAM")
			}
		}
	}
	return []element{{"Description", t.Description}, {"Parameters", parameters}, {"ResourceTypes", types}, {"Capabilities", capabilities}}, nil
}

func (s *Simulator) describeStackResource(c *call) (any, error) {
	st, err := s.find(c.form.Get("StackName"))
	if err != nil {
		return nil, err
	}
	r := st.resources[c.form.Get("LogicalResourceId")]
	if r == nil {
		return nil, invalid("Resource %s does not exist for stack %s", c.form.Get("LogicalResourceId"), st.name)
	}
	return []element{{"StackResourceDetail", append(r.elements(), element{"StackName", st.name}, element{"StackId", st.arn})}}, nil
}

func (r *resource) elements() []element {
	return []element{{"LogicalResourceId", r.id}, {"PhysicalResourceId", r.physical}, {"ResourceType", r.typ}, {"ResourceStatus", r.status},
		{"ResourceStatusReason", r.reason}, {"LastUpdatedTimestamp", r.changed}, {"Timestamp", r.changed}}
}
