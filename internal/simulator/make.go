package simulator

import (
	"time"
)

// make creates, updates, replaces or leaves alone one resource.
func (s *Simulator) make(r *run, id string) {
	st, declared := r.stack, r.template.Resources[id]
	if r.rolling {
		s.restore(r, id)
		return
	}
	properties, _ := s.scope(st, r.template, r.parameters).value(declared.Properties).(map[string]any)
	old := st.resources[id]
	if declared.Nested != nil {
		s.makeNested(r, id, old, properties)
		return
	}
	now := &resource{id: id, typ: declared.Type, properties: properties, tags: st.tags, deletion: declared.DeletionPolicy, replacing: declared.UpdateReplacePolicy,
		needs: r.all(id), generation: s.generation()}
	if old != nil {
		now.began, now.ended = old.began, old.ended
	}
	doing := "CREATE"
	switch {
	case old != nil && old.typ == now.typ && old.intact() && equalValues(old.properties, properties) && equalValues(old.tags, st.tags):
		old.deletion, old.replacing = now.deletion, now.replacing
		return
	case old != nil && old.typ == now.typ && old.physical != "" && !s.replacing.replaces(declared.Type, old.properties, properties):
		doing, now.physical, now.made = "UPDATE", old.physical, old.made
	}
	if was := st.stable.resources[id]; doing == "CREATE" && old != nil && old.made && (was == nil || was.physical != old.physical) {
		st.garbage = append(st.garbage, old) // of an update that failed before and was not rolled back
	}
	st.resources[id] = now
	w := &work{}
	r.working[id] = w
	s.tell(st, now, doing+"_IN_PROGRESS", replacement(old, doing), "")
	s.carryOut(r, w, now, doing, s.took(r, old, now, doing))
}

// intact tells a resource whose last work went well.
func (r *resource) intact() bool {
	return r.status == "CREATE_COMPLETE" || r.status == "UPDATE_COMPLETE"
}

// replacement is the reason that CloudFormation gives for the creation of a resource's successor.
func replacement(old *resource, doing string) string {
	if doing == "CREATE" && old != nil && old.physical != "" {
		return "Requested update requires the creation of a new physical resource; hence creating one."
	}
	return ""
}

// A course is how work on a resource goes.
type course struct {
	initiated, configured, took time.Duration
	reason                      string // of its failure
	stuck                       bool
}

// took plans the work on a resource: by the table, and by what breaks it.
func (s *Simulator) took(r *run, old, now *resource, doing string) course {
	d := s.durations.of(now.typ, doing)
	c := course{initiated: min(time.Second, d.Took/2), configured: d.Configured, took: d.Took}
	if b := s.breakageOf(r.stack, now, map[bool]string{false: Forward, true: Back}[r.rolling]); b != nil {
		c.reason, c.stuck = b.Reason, b.Stuck
		if b.After > 0 {
			c.took = b.After
			c.initiated = min(c.initiated, b.After)
		}
	}
	if c.configured >= c.took || c.reason != "" {
		c.configured = 0
	}
	if c.reason == "" && !r.rolling {
		c.reason = s.refusal(r.stack, old, now, doing)
	}
	return c
}

// carryOut plans what happens to a resource until its work ends.
func (s *Simulator) carryOut(r *run, w *work, now *resource, doing string, c course) {
	later := func(after time.Duration, do func()) {
		s.schedule.at(s.present().Add(after), func() {
			if !w.off {
				do()
			}
		})
	}
	if doing == "CREATE" {
		later(c.initiated, func() {
			now.physical = s.physicalID(r.stack, now.id, now.typ, now.properties)
			if c.reason == "" {
				s.tell(r.stack, now, "CREATE_IN_PROGRESS", "Resource creation Initiated", "")
				now.made = true
				s.appear(r.stack, now)
			}
		})
	}
	if c.configured > 0 {
		later(c.configured, func() {
			s.tell(r.stack, now, doing+"_IN_PROGRESS", consistency, configured)
			r.configured[now.id] = true
			s.step(r)
		})
	}
	if !c.stuck {
		later(c.took, func() { s.finish(r, w, now, doing, c.reason) })
	}
}

// finish ends the work on a resource, well or not.
func (s *Simulator) finish(r *run, w *work, now *resource, doing, reason string) {
	w.off = true
	delete(r.working, now.id)
	delete(r.configured, now.id)
	if reason != "" {
		s.broke(r, now, doing, reason)
		return
	}
	if doing == "UPDATE" {
		s.adjust(r.stack, now)
	}
	s.tell(r.stack, now, doing+"_COMPLETE", "", "")
	s.step(r)
}

// broke tells that a resource failed and stops the run.
func (s *Simulator) broke(r *run, now *resource, doing, reason string) {
	now.generation = 0 // a rollback has to put it right
	s.tell(r.stack, now, doing+"_FAILED", reason, "")
	r.failed = append(r.failed, now.id)
	s.halt(r, reason)
}
