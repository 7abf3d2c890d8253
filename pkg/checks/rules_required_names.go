package checks

import "strings"

// nameUse is a name that a template uses, and where.
type nameUse struct {
	section  string // Parameters (or Resources), Conditions or Mappings
	name     string
	id, path string
	at       *expression
}

// usesOf lists the names that a template uses in functions, DependsOn and Condition.
func (w *World) usesOf(t *Template) []nameUse {
	return w.models.uses.get(func() map[*Template][]nameUse {
		uses := map[*Template][]nameUse{}
		for _, t := range w.set.Templates {
			uses[t] = append(t.functionUses(), t.attributeUses()...)
		}
		return uses
	})[t]
}

func (t *Template) functionUses() []nameUse {
	var found []nameUse
	t.functions(func(id, path string, e *expression) {
		if section, _, _ := strings.Cut(path, "."); section == "Metadata" || section == "Description" {
			return
		}
		argument := e.items[0]
		add := func(section, name string) {
			if name != "" {
				found = append(found, nameUse{section, name, id, path, e})
			}
		}
		switch e.text {
		case "Ref":
			add("Parameters", argument.scalar())
		case "GetAtt":
			name, _ := attArguments(argument)
			add("Parameters", name)
		case "Sub":
			for _, m := range subMentions(argument) {
				add("Parameters", m.name)
			}
		case "FindInMap":
			if len(argument.items) > 0 {
				found = append(found, nameUse{"Mappings", argument.items[0].scalar(), id, path, e})
			}
		default:
			add("Conditions", conditionName(e))
		}
	})
	return found
}

// attributeUses are the names in the attributes Condition and DependsOn. A Condition that is empty counts, as the name of
// none.
func (t *Template) attributeUses() []nameUse {
	var found []nameUse
	for _, section := range []string{"Resources", "Outputs"} {
		entries := t.section(section)
		for i, name := range entries.keysOrNone() {
			id, path, entry := name, "Condition", entries.items[i]
			if section == "Outputs" {
				id, path = "", "Outputs."+name+".Condition"
			}
			if e := entry.field("Condition"); e != nil {
				found = append(found, nameUse{"Conditions", e.scalar(), id, path, e})
			}
			for _, e := range listed(entry.field("DependsOn")) {
				found = append(found, nameUse{"Resources", e.scalar(), id, "DependsOn", e})
			}
		}
	}
	return found
}

// listed are the items of a list, or the only one that stands for it.
func listed(e *expression) []*expression {
	switch {
	case e == nil:
		return nil
	case e.kind == listExpression:
		return e.items
	}
	return []*expression{e}
}

// isComputed tells whether a use names some mapping that only the deployment knows.
func (u nameUse) isComputed() bool { return u.section == "Mappings" && u.name == "" }

// isTransformed tells whether a macro, such as that of AWS SAM, makes resources and names that are not written.
func (t *Template) isTransformed() bool { return t.section("Transform") != nil }

// names are what a template declares, by section. What Ref leads to is a parameter or a resource.
func (t *Template) names() map[[2]string]bool {
	found := map[[2]string]bool{}
	for _, section := range []string{"Conditions", "Mappings", "Parameters", "Resources"} {
		for _, name := range t.section(section).keysOrNone() {
			found[[2]string{section, name}] = true
		}
	}
	return found
}

// checkNamesDeclared wants every name declared. What a macro makes cannot be known.
func checkNamesDeclared(w *World, l *Looking) {
	const needed = "a name that the template declares"
	for _, t := range w.set.Templates {
		l.Look()
		names := t.names()
		for _, use := range w.usesOf(t) {
			switch {
			case names[[2]string{use.section, use.name}] || use.section == "Parameters" && names[[2]string{"Resources", use.name}]:
			case use.isComputed() || strings.HasPrefix(use.name, "AWS::"):
			case t.isTransformed():
				l.UnsureTemplate(t, use.path, needed, "a macro may make "+use.name)
			default:
				l.failAt(t, use.id, use.path, use.at, "no "+use.name+" in "+use.section, needed, "declare it, or take the reference away")
			}
		}
	}
}

// checkNamesUsed wants every declared name used. A parameter that nothing uses is set without effect: the operator's choice
// does not count.
func checkNamesUsed(w *World, l *Looking) {
	for _, t := range w.set.Templates {
		used := map[[2]string]bool{}
		for _, use := range w.usesOf(t) {
			used[[2]string{use.section, use.name}] = true
		}
		for _, section := range []string{"Conditions", "Mappings", "Parameters"} {
			for _, name := range t.section(section).keysOrNone() {
				l.Look()
				path := section + "." + name
				switch {
				case used[[2]string{section, name}]:
				case t.isTransformed() || section == "Mappings" && used[[2]string{"Mappings", ""}]:
					l.UnsureTemplate(t, path, "a use", "what uses it may not be written out")
				default:
					l.FailTemplate(t, path, name+" is not used", "a use", "use it where it was meant, or take it away")
				}
			}
		}
	}
}
