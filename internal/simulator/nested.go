package simulator

import (
	"strconv"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/source"
)

// looking is how long CloudFormation takes to see that a nested stack does not change (assumed).
const looking = 2 * time.Second

// makeNested creates or updates a nested stack (AWS::CloudFormation::Stack, Template reference). It looks at one that does not change,
// too, and is soon done with it.
func (s *Simulator) makeNested(r *run, id string, old *resource, properties map[string]any) {
	st, declared := r.stack, r.template.Resources[id]
	now := &resource{id: id, typ: stackType, properties: properties, deletion: declared.DeletionPolicy, needs: r.all(id), generation: s.generation(), tags: st.tags}
	doing := "CREATE"
	if old != nil && old.nested != nil {
		doing, now.physical, now.nested, now.began, now.ended = "UPDATE", old.physical, old.nested, old.began, old.ended
	}
	st.resources[id] = now
	w := &work{}
	r.working[id] = w
	s.tell(st, now, doing+"_IN_PROGRESS", "", "")
	given := map[string]string{}
	values, _ := properties["Parameters"].(map[string]any)
	for name, v := range values {
		given[name] = textOf(v)
	}
	t, err := s.templateAt(textOf(properties["TemplateURL"]))
	if err == nil {
		given, err = complete(t, given)
	}
	switch b := s.breakageOf(st, now, Forward); {
	case b != nil && b.Reason != "":
		s.nestedLater(r, w, now, doing, max(b.After, looking), b.Reason)
	case err != nil:
		s.nestedLater(r, w, now, doing, looking, err.(*Error).Message)
	case doing == "UPDATE" && now.nested.same(t, given, st.tags):
		now.generation = old.generation
		s.nestedLater(r, w, now, doing, looking, "")
	default:
		s.startNested(r, w, now, doing, goal{template: t, parameters: given, tags: st.tags, keep: r.keep})
	}
}

// same tells whether a stack has a template and values already.
func (st *stack) same(t *source.Template, parameters, tags map[string]string) bool {
	return st.template != nil && st.template.Hash == t.Hash && equalValues(st.parameters, parameters) && equalValues(st.tags, tags) && !strings.HasSuffix(st.status, "_FAILED")
}

// nestedLater ends the work on a nested stack that is not started at all.
func (s *Simulator) nestedLater(r *run, w *work, now *resource, doing string, after time.Duration, reason string) {
	s.schedule.at(s.present().Add(after), func() {
		if w.off {
			return
		}
		if reason != "" {
			delete(r.working, now.id)
			s.broke(r, now, doing, reason)
			return
		}
		s.finish(r, w, now, doing, "")
	})
}

// startNested begins the work on the nested stack itself.
func (s *Simulator) startNested(r *run, w *work, now *resource, doing string, g goal) {
	if now.nested == nil {
		if now.nested = r.stack.prepared[now.id]; now.nested == nil {
			now.nested = s.newStack(nestedName(r.stack.name, now.id, s.nextID()), r.stack)
		}
		delete(r.stack.prepared, now.id)
		now.nested.logicalID, now.nested.role = now.id, r.stack.role
		now.physical, now.made = now.nested.arn, true
		s.tell(r.stack, now, "CREATE_IN_PROGRESS", "Resource creation Initiated", "")
		g.minutes, _ = strconv.Atoi(textOf(now.properties["TimeoutInMinutes"]))
	}
	now.made = true
	s.start(now.nested, doing, g, func(ok bool) {
		notice := time.Duration(0)
		if ok { // CloudFormation looks at nested stacks from time to time
			notice = s.durations.of(stackType, doing).Took
		}
		if notice == 0 && !w.off {
			s.nestedEnded(r, w, now, doing, ok)
			return
		}
		s.schedule.at(s.present().Add(notice), func() {
			if !w.off {
				s.nestedEnded(r, w, now, doing, ok)
			}
		})
	})
}

// nestedName is a nested stack's: parent, logical ID and something unique.
func nestedName(parent, id, unique string) string {
	unique = strings.ToUpper(strings.ReplaceAll(unique, "-", ""))
	return parent + "-" + id + "-" + unique[:8] + unique[len(unique)-4:]
}

// nestedEnded takes a nested stack's end into its parent. The texts are CloudFormation's; the cause is in the nested stack's own events.
func (s *Simulator) nestedEnded(r *run, w *work, now *resource, doing string, ok bool) {
	n := now.nested
	if ok {
		s.finish(r, w, now, doing, "")
		return
	}
	w.off = true
	delete(r.working, now.id)
	reason := "Embedded stack " + n.arn + " was not successfully created: " + n.lastFailure()
	if doing == "UPDATE" {
		reason = "Embedded stack " + n.arn + " was not successfully updated. Currently in " + n.status + " with reason: " + n.lastFailure()
	}
	s.broke(r, now, doing, reason)
}

// lastFailure is the reason with which a stack began to go back, or failed.
func (st *stack) lastFailure() string {
	reason := ""
	for _, e := range st.events {
		if e.physical == st.arn && e.reason != "" && (strings.HasSuffix(e.status, "ROLLBACK_IN_PROGRESS") || strings.HasSuffix(e.status, "_FAILED")) {
			reason = e.reason
		}
	}
	return reason
}

// templateAt reads a template from its address in a bucket.
func (s *Simulator) templateAt(url string) (*source.Template, error) {
	body, err := s.objectAt(url)
	if err != nil {
		return nil, err
	}
	return s.parse(lastPart(url), body)
}

// parse reads a template; the same bytes are read once.
func (s *Simulator) parse(name string, body []byte) (*source.Template, error) {
	if t := s.parsed[string(body)]; t != nil {
		return t, nil
	}
	t, err := source.Parse(name, body)
	if err != nil {
		return nil, invalid("Template format error: %v", err)
	}
	if _, circle := orderOf(t); len(circle) > 0 {
		return nil, invalid("Circular dependency between resources: [%s]", strings.Join(circle, ", "))
	}
	s.parsed[string(body)] = t
	return t, nil
}

// complete gives each parameter a value, or says what CloudFormation would.
func complete(t *source.Template, given map[string]string) (map[string]string, error) {
	all, missing := map[string]string{}, []string{}
	for _, name := range sortedKeys(given) {
		if _, known := t.Parameters[name]; !known {
			return nil, invalid("Parameters: [%s] do not exist in the template", name)
		}
	}
	for _, name := range sortedKeys(t.Parameters) {
		p := t.Parameters[name]
		v, is := given[name]
		switch {
		case is:
			all[name] = v
			if p.Check(v) != nil {
				return nil, refused(p, v)
			}
		case p.Default != nil:
			all[name] = *p.Default
		default:
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, invalid("Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	return all, nil
}

// refused is what CloudFormation says of a value that a parameter does not take.
func refused(p source.Parameter, v string) error {
	switch {
	case p.ConstraintDescription != "":
		return invalid("Parameter '%s' failed to satisfy constraint: %s", p.Name, p.ConstraintDescription)
	case len(p.AllowedValues) > 0:
		return invalid("Parameter '%s' must be one of AllowedValues", p.Name)
	case p.AllowedPattern != "":
		return invalid("Parameter '%s' must match pattern %s", p.Name, p.AllowedPattern)
	}
	return invalid("Parameter '%s' does not take the value %q", p.Name, v)
}
