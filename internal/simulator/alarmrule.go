package simulator

import "strings"

// composite evaluates the rule of a composite alarm: ALARM, OK and INSUFFICIENT_DATA of names or ARNs, AND, OR, NOT, TRUE, FALSE and
// parentheses (CloudWatch User Guide, "Rule expressions").
func (s *Simulator) composite(rule string) bool {
	for _, mark := range []string{"(", ")", `"`} {
		rule = strings.ReplaceAll(rule, mark, " "+mark+" ")
	}
	r := &ruleReader{s, strings.Fields(strings.ReplaceAll(rule, `"`, ""))}
	return r.any()
}

// A ruleReader goes through the words of a rule.
type ruleReader struct {
	simulator *Simulator
	words     []string
}

// take is the next word if it is one of these, or any when none is given; empty otherwise.
func (r *ruleReader) take(wanted ...string) string {
	if len(r.words) == 0 {
		return ""
	}
	word := r.words[0]
	for _, w := range wanted {
		if w != word {
			return ""
		}
	}
	r.words = r.words[1:]
	return word
}

// any is an alternative; AND binds more than OR.
func (r *ruleReader) any() bool {
	holds := r.all()
	for r.take("OR") != "" {
		other := r.all()
		holds = holds || other
	}
	return holds
}

func (r *ruleReader) all() bool {
	holds := r.one()
	for r.take("AND") != "" {
		other := r.one()
		holds = holds && other
	}
	return holds
}

func (r *ruleReader) one() bool {
	switch word := r.take(); word {
	case "NOT":
		return !r.one()
	case "TRUE":
		return true
	case "(":
		holds := r.any()
		r.take(")")
		return holds
	case alarmed, fine, noData:
		r.take("(")
		name := nameOf(r.take())
		r.take(")")
		a := r.simulator.alarms[name]
		return a != nil && r.simulator.stateOf(a) == word
	}
	return false
}
