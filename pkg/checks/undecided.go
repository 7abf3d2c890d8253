package checks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxDecided is how many worlds are made of one whose conditions the parameter values leave open.
const maxDecided = 16

// openConditions keeps rules from passing on what they did not see. A condition that cannot be decided may hide a resource
// or choose a value; so every rule that found nothing is asked again for each way the conditions may turn out.
type openConditions struct {
	decided map[string]bool // by stack path and condition, what it is taken to be
	open    []string        // those left, in the order in which they were met
	closed  bool            // no more are noted: the world is deployed
	worlds  onceOf[[]*World]
}

// turnOut is what a condition is taken to be, for one that cannot be decided. The first time, it is noted as open.
func (w *World) turnOut(s *Stack, name string, undecided Value) Value {
	key := s.Path + " " + name
	if holds, ok := w.conditions.decided[key]; ok {
		return truth(holds)
	}
	if !w.conditions.closed {
		w.conditions.open = append(w.conditions.open, key)
	}
	return undecided
}

// decidedWorlds are the worlds that the open conditions may make of this one: both ways of the first one, and for each of
// them both ways of the first that is open then. Where they are too many, some are left with open conditions.
func (w *World) decidedWorlds() []*World {
	return w.conditions.worlds.get(func() []*World {
		worlds, work := []*World{w}, 0
		for {
			at := slices.IndexFunc(worlds, func(w *World) bool { return len(w.conditions.open) > 0 })
			if at < 0 || len(worlds) >= maxDecided || work > maxWork {
				return worlds
			}
			for _, holds := range []bool{true, false} {
				decided := maps.Clone(worlds[at].conditions.decided)
				decided[worlds[at].conditions.open[0]] = holds
				next := deployDecided(w.set, w.env, w.completes, decided)
				work += next.work
				worlds = append(worlds, next)
			}
			worlds = slices.Delete(worlds, at, at+1)
		}
	})
}

// askAgain asks a rule that has found nothing for each way that open conditions may turn out, and notes the first in which
// it finds something.
func (l *Looking) askAgain(w *World) {
	bad := func(f Finding) bool { return f.Outcome == Fail || f.Outcome == Unsure }
	if len(w.conditions.open) == 0 || slices.ContainsFunc(l.findings, bad) {
		return
	}
	for _, decided := range w.decidedWorlds() {
		other := &Looking{rule: l.rule, exemptions: l.exemptions}
		l.rule.Check(decided, other)
		for _, f := range other.findings {
			if !bad(f) {
				continue
			}
			f.Reason = strings.TrimSuffix("where "+decided.conditions.show()+": "+f.Reason, ": ")
			f.Outcome, f.Mend = Unsure, ""
			l.findings = append(l.findings, f)
		}
		if slices.ContainsFunc(l.findings, bad) {
			return
		}
		if open := len(decided.conditions.open); open > 0 && other.subjects > 0 {
			f := l.finding(nil, "", "unknown", "conditions that can be decided", "")
			f.Outcome, f.Reason = Unsure, fmt.Sprintf("conditions can turn out in more than %d ways: give the values of parameters", maxDecided)
			l.findings = append(l.findings, f)
			return
		}
	}
}

// show says what conditions are taken to be.
func (c *openConditions) show() string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(c.decided)) {
		list = append(list, fmt.Sprintf("%s is %v", key, c.decided[key]))
	}
	return strings.Join(list, " and ")
}
