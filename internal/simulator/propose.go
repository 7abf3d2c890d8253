package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tierform/tierform/internal/deploy/source"
)

// createChangeSet begins to compute a change set (CreateChangeSet, API reference). A first one makes a stack in REVIEW_IN_PROGRESS.
func (s *Simulator) createChangeSet(c *call) (any, error) {
	name, typ := c.form.Get("StackName"), c.form.Get("ChangeSetType")
	st := s.named(name)
	if err := s.changeable(c, st, typ); err != nil {
		return nil, err
	}
	t, err := s.givenTemplate(c, st)
	if err != nil {
		return nil, err
	}
	if err := s.capable(c, t); err != nil {
		return nil, err
	}
	if st != nil {
		if err := s.roomFor(c.form.Get("ChangeSetName"), st); err != nil {
			return nil, err
		}
	}
	previous := map[string]string{}
	if st != nil {
		previous = st.parameters
	}
	parameters, err := s.givenParameters(c, t, previous)
	if err != nil {
		return nil, err
	}
	if err := s.assert(t, parameters); err != nil {
		return nil, err
	}
	if st == nil {
		st = s.newStack(name, nil)
		s.newOperation(st, "CREATE_CHANGESET")
		s.set(st, "REVIEW_IN_PROGRESS", "User Initiated")
	}
	set := s.newChangeSet(c, st, t)
	set.parameters, set.given = parameters, parameters
	s.schedule.at(s.present().Add(computing), func() { s.propose(set) })
	return []element{{"Id", set.arn}, {"StackId", st.arn}}, nil
}

// named is the live stack of a name or ARN; nil for none.
func (s *Simulator) named(name string) *stack {
	if st := s.stacks.all[name]; st != nil && st.status != "DELETE_COMPLETE" {
		return st
	}
	return s.stacks.live[name]
}

// changeable refuses change sets for stacks whose state does not take them (CloudFormation User Guide, "Stack status codes"). After a
// failure that was not rolled back an update may try again.
func (s *Simulator) changeable(c *call, st *stack, typ string) error {
	exists := st != nil && st.status != "REVIEW_IN_PROGRESS"
	again := exists && (st.status == "UPDATE_FAILED" || st.status == "CREATE_FAILED")
	switch {
	case typ == "CREATE" && exists && st.status != "ROLLBACK_COMPLETE" && !strings.HasSuffix(st.status, "_IN_PROGRESS"):
		return invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", st.name, c.form.Get("ChangeSetName"))
	case typ != "CREATE" && !exists:
		return invalid("Stack [%s] does not exist", c.form.Get("StackName"))
	case exists && !again && (st.status == "ROLLBACK_COMPLETE" || strings.HasSuffix(st.status, "_IN_PROGRESS") || strings.HasSuffix(st.status, "_FAILED")):
		return invalid("Stack:%s is in %s state and can not be updated.", st.arn, st.status)
	}
	return nil
}

// roomFor refuses a name that is taken, and one set more than a stack may have.
func (s *Simulator) roomFor(name string, st *stack) error {
	if slices.ContainsFunc(st.changeSets, func(other *changeSet) bool { return other.name == name }) {
		return &Error{http.StatusBadRequest, "AlreadyExistsException", "ChangeSet " + name + " already exists"}
	}
	if len(st.changeSets) >= s.options.ChangeSets {
		return limitExceeded(st)
	}
	return nil
}

func (s *Simulator) newChangeSet(c *call, st *stack, t *source.Template) *changeSet {
	set := &changeSet{name: c.form.Get("ChangeSetName"), typ: c.form.Get("ChangeSetType"), stack: st, template: t, status: "CREATE_PENDING", execution: "UNAVAILABLE", description: c.form.Get("Description"),
		includesNested: c.form.Get("IncludeNestedStacks") == "true", role: c.form.Get("RoleARN"), onFailure: c.form.Get("OnStackFailure"), tags: map[string]string{}, nested: map[string]*changeSet{}, made: s.present()}
	set.arn, set.root = s.arn("cloudformation", "changeSet/"+set.name+"/"+s.nextID()), set
	for i := 1; c.form.Has(member("Tags", i, "Key")); i++ {
		set.tags[c.form.Get(member("Tags", i, "Key"))] = c.form.Get(member("Tags", i, "Value"))
	}
	st.changeSets = append(st.changeSets, set)
	return set
}

func member(list string, i int, field string) string {
	return list + ".member." + strconv.Itoa(i) + "." + field
}

// givenTemplate is that in the request, at its address, or the stack's own.
func (s *Simulator) givenTemplate(c *call, st *stack) (*source.Template, error) {
	body, url := c.form.Get("TemplateBody"), c.form.Get("TemplateURL")
	switch {
	case len(body) > source.MaxInline:
		return nil, invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200")
	case c.form.Get("UsePreviousTemplate") == "true" && st != nil && st.template != nil:
		return st.template, nil
	case body != "":
		return s.parse("template", []byte(body))
	}
	return s.templateAt(url)
}

// capable wants CAPABILITY_NAMED_IAM for templates with IAM resources or nested stacks (CreateChangeSet, API reference).
func (s *Simulator) capable(c *call, t *source.Template) error {
	if slices.Contains(c.texts("Capabilities"), "CAPABILITY_NAMED_IAM") {
		return nil
	}
	for _, r := range t.Resources {
		if strings.HasPrefix(r.Type, "AWS::IAM::") || r.Nested != nil {
			return &Error{http.StatusBadRequest, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"}
		}
	}
	return nil
}

func (s *Simulator) givenParameters(c *call, t *source.Template, previous map[string]string) (map[string]string, error) {
	given := map[string]string{}
	for i := 1; c.form.Has(member("Parameters", i, "ParameterKey")); i++ {
		key := c.form.Get(member("Parameters", i, "ParameterKey"))
		if c.form.Get(member("Parameters", i, "UsePreviousValue")) != "true" {
			given[key] = c.form.Get(member("Parameters", i, "ParameterValue"))
			continue
		}
		value, had := previous[key]
		if !had {
			return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", key)
		}
		given[key] = value
	}
	return complete(t, given)
}

// changeSet finds one by ARN, or by name in a stack.
func (s *Simulator) changeSet(c *call) (*changeSet, error) {
	name := c.form.Get("ChangeSetName")
	in := s.named(c.form.Get("StackName"))
	for _, arn := range sortedKeys(s.stacks.all) {
		for _, set := range s.stacks.all[arn].changeSets {
			if set.arn == name || set.name == name && in == set.stack {
				return set, nil
			}
		}
	}
	return nil, &Error{http.StatusNotFound, "ChangeSetNotFound", "ChangeSet [" + name + "] does not exist"}
}
