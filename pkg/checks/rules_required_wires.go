package checks

import "slices"

// checkGiven compares what nested stacks are given with what their templates declare. CloudFormation refuses a stack that
// lacks a parameter without default, and one that gets a parameter it does not know (AWS::CloudFormation::Stack).
func checkGiven(w *World, l *Looking) {
	for _, s := range w.Stacks {
		if s.as == nil {
			continue
		}
		l.Look()
		given, declared := s.as.At("Parameters"), s.Template.section("Parameters")
		if why := given.Unknown(); why != "" {
			l.Unsure(s.as, "Parameters", "parameters that are known", why)
			continue
		}
		for i, name := range declared.keysOrNone() {
			if declared.items[i].field("Default") == nil && !given.Field(name).Exists() {
				l.FailUnlessExcused(s.as, "Parameters."+name, Value{}, "a value for "+name+", which "+s.Template.Name+" has no default for", "give it")
			}
		}
		for _, name := range given.Keys() {
			if declared.field(name) == nil {
				l.FailUnlessExcused(s.as, "Parameters."+name, given.Field(name), "parameters that "+s.Template.Name+" declares", "declare it there, or take it away")
			}
		}
	}
}

// checkOptional looks at required properties that are a parameter of the root, handed through, whose default is empty.
func checkOptional(w *World, l *Looking) {
	table := w.requiredProperties()
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			for _, row := range table[r.Type] {
				for _, name := range row.names {
					if len(row.parent) == 0 {
						l.optional(s, r, name)
					}
				}
			}
		}
	}
}

func (l *Looking) optional(s *Stack, r *Resource, name string) {
	parameter := s.optionalParameter(r.source.field("Properties").field(name))
	if parameter == "" {
		return
	}
	l.Look()
	if r.source.field("Condition") == nil {
		l.FailUnlessExcused(r, name, Text("parameter "+parameter+", which may be left empty"), "a condition of the resource", "let a condition decide whether it exists")
	}
}

// optionalParameter is the root's parameter that an expression is, if its default is empty and no Fn::If on the way depends
// on it.
func (s *Stack) optionalParameter(e *expression) string {
	var guards []string
	for e != nil && e.kind == functionExpression {
		if chosen := s.branch(e); chosen != e {
			guards = append(guards, s.rootParameters(&expression{kind: functionExpression, text: "Condition", items: e.items[0].items[:1]})...)
			e = chosen
			continue
		}
		name := e.items[0].scalar()
		declared := s.Template.section("Parameters").field(name)
		if e.text != "Ref" || declared == nil {
			return ""
		}
		if s.as == nil {
			fallback := declared.field("Default")
			if fallback == nil || fallback.kind != scalarExpression || fallback.text != "" || slices.Contains(guards, name) {
				return ""
			}
			return name
		}
		s, e = s.input(name)
	}
	return ""
}
