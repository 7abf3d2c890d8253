package checks

import (
	"slices"
	"strings"
)

// nests tells whether any stack of the world is nested.
func (w *World) nests() bool {
	return slices.ContainsFunc(w.Stacks, func(s *Stack) bool { return s.as != nil })
}

// checkPlainTemplates keeps sets with nested stacks clear of what change sets cannot be made of: macros and nested stacks
// exclude each other (CloudFormation API Reference, CreateChangeSet), hooks of CodeDeploy exclude nested stacks (User Guide,
// "Considerations when managing ECS blue/green deployments"), exports tie stacks to each other beside the wires.
func checkPlainTemplates(w *World, l *Looking) {
	if !w.nests() {
		return
	}
	for _, t := range w.set.Templates {
		l.Look()
		for _, section := range []string{"Transform", "Hooks"} {
			if t.section(section) != nil {
				l.FailTemplate(t, section, section, "no section "+section, "write out what it makes")
			}
		}
		outputs := t.section("Outputs")
		for i, name := range outputs.keysOrNone() {
			if outputs.items[i].field("Export") != nil {
				l.FailTemplate(t, "Outputs."+name+".Export", "an export", "no export", "pass the output through the parent stack")
			}
		}
		t.functions(func(id, path string, e *expression) {
			if e.text == "ImportValue" || e.text == "Transform" || strings.HasPrefix(e.text, "ForEach") {
				l.failAt(t, id, path, e, "Fn::"+e.text, "no such function", "pass the value as a parameter")
			}
		})
	}
}

// functions visits all functions of a template, with the logical ID they stand under, or else the path of their section.
func (t *Template) functions(visit func(id, path string, e *expression)) {
	for i, section := range t.document.keys {
		entries := t.document.items[i]
		each := func(id, path string, e *expression) {
			e.walk(func(at *expression) {
				if at.kind == functionExpression {
					visit(id, path, at)
				}
			})
		}
		if entries.kind != mapExpression {
			each("", section, entries)
		}
		for j, name := range entries.keysOrNone() {
			id, path := "", section+"."+name
			if section == "Resources" {
				id, path = name, ""
			}
			each(id, path, entries.items[j])
		}
	}
}

// failAt reports an expression of a template.
func (l *Looking) failAt(t *Template, id, path string, e *expression, found, needed, mend string) {
	l.add(Finding{Rule: l.rule.ID, Outcome: Fail, Template: t.Name, LogicalID: id, Path: path, Line: e.line, Found: found, Needed: needed, Mend: mend})
}

// checkFedParameters holds parameters that take another stack's output to what nested change sets can show: a change set
// puts a placeholder for the output, which no constraint accepts and no function can cut.
func checkFedParameters(w *World, l *Looking) {
	judged := map[*Template]map[string]bool{}
	for _, s := range w.Stacks {
		if judged[s.Template] == nil {
			judged[s.Template] = map[string]bool{}
		}
		parameters := s.Template.section("Parameters")
		for i, name := range parameters.keysOrNone() {
			if judged[s.Template][name] || !s.fedByResource(name) {
				continue
			}
			judged[s.Template][name] = true
			l.Look()
			checkPlainParameter(l, s.Template, name, parameters.items[i])
		}
		s.Template.functions(func(id, path string, e *expression) {
			for _, m := range cutBy(e) {
				if judged[s.Template][m.name] {
					l.failAt(s.Template, id, path, e, "Fn::"+e.text+" of parameter "+m.name, "texts put together at most (Ref, Fn::Sub, Fn::Join)", "let the other stack put out what is needed")
				}
			}
		})
	}
}

// cutBy lists what a function looks into, if it is one of those that do.
func cutBy(e *expression) []mention {
	if slices.Contains([]string{"Select", "Split", "FindInMap", "Cidr", "Equals", "Contains", "GetAZs", "Length"}, e.text) {
		return e.items[0].mentions()
	}
	return nil
}

func checkPlainParameter(l *Looking, t *Template, name string, declared *expression) {
	const mend = "make it a plain String: constraints belong to the parameters of the root"
	if kind := declared.field("Type").scalar(); kind != "String" {
		l.FailTemplate(t, "Parameters."+name+".Type", kind, "String", mend)
	}
	for _, key := range []string{"AllowedPattern", "AllowedValues", "MaxLength", "MaxValue", "MinLength", "MinValue"} {
		if constraint := declared.field(key); constraint != nil {
			l.FailTemplate(t, "Parameters."+name+"."+key, key, "no constraint", mend)
		}
	}
}

// checkRegionAsserted wants a rule in each root that refuses other regions.
func checkRegionAsserted(w *World, l *Looking) {
	for _, s := range w.Stacks {
		if s.as != nil {
			continue
		}
		l.Look()
		here, there := s.asserts(w.env.Region), s.asserts("elsewhere-0")
		const needed = "an assertion on AWS::Region that holds for the region of the deployment alone"
		switch {
		case here.Unknown() != "" || there.Unknown() != "":
			l.UnsureTemplate(s.Template, "Rules", needed, here.Unknown()+there.Unknown())
		case !here.True() || there.True():
			l.FailTemplate(s.Template, "Rules", "none", needed, "add a rule that asserts !Equals [!Ref AWS::Region, …]")
		}
	}
}

// asserts tells whether all assertions on the region would hold in a region. Without any they do.
func (s *Stack) asserts(region string) Value {
	there := *s
	there.Parameters = map[string]Value{}
	for name, v := range s.Parameters {
		there.Parameters[name] = v
	}
	there.Parameters["AWS::Region"] = Text(region)
	there.conditions, there.references, there.resolving = map[string]Value{}, map[mention]Value{}, map[string]bool{}
	all := truth(true)
	s.Template.section("Rules").walk(func(e *expression) {
		assert := e.field("Assert")
		if assert == nil || !slices.Contains(assert.mentions(), mention{"AWS::Region", "Ref"}) {
			return
		}
		if v := there.resolve(assert); !v.True() {
			all = v
		}
	})
	return all
}
