package checks

// input is the expression that feeds a parameter, with the stack it stands in; nil for a root's, or where nothing does.
func (s *Stack) input(parameter string) (*Stack, *expression) {
	if s.as == nil {
		return nil, nil
	}
	return s.as.Stack, s.as.Stack.written(s.as.source.field("Properties"), "Parameters."+parameter)
}

// fedByResource tells whether a parameter takes what only exists after some resource of a stack above: an output of another
// nested stack, or a reference. Nested change sets show a placeholder there.
func (s *Stack) fedByResource(parameter string) bool {
	parent, feed := s.input(parameter)
	if feed == nil {
		return false
	}
	for _, m := range feed.mentions() {
		if parent.Template.section("Resources").field(m.name) != nil || parent.fedByResource(m.name) {
			return true
		}
	}
	return false
}

// rootParameters are the parameters of the root that an expression depends on, by way of conditions as well.
func (s *Stack) rootParameters(e *expression) []string {
	var found []string
	seen := map[string]bool{}
	var follow func(at *Stack, e *expression)
	follow = func(at *Stack, e *expression) {
		for _, m := range e.mentions() {
			if at.Template.section("Parameters").field(m.name) == nil {
				continue
			}
			if at.as == nil {
				found = append(found, m.name)
				continue
			}
			follow(at.input(m.name))
		}
		e.walk(func(inside *expression) {
			name := conditionName(inside)
			if key := at.Path + " " + name; name != "" && !seen[key] {
				seen[key] = true
				follow(at, at.Template.section("Conditions").field(name))
			}
		})
	}
	follow(s, e)
	return found
}

// conditionName is the condition that Fn::If or Condition decides by.
func conditionName(e *expression) string {
	if e.kind != functionExpression {
		return ""
	}
	switch argument := e.items[0]; {
	case e.text == "If" && len(argument.items) > 0:
		return argument.items[0].scalar()
	case e.text == "Condition":
		return argument.scalar()
	}
	return ""
}
