package checks

import (
	"fmt"
	"slices"
	"strings"
)

// checkShownSecrets follows what is shown in clear back to where it comes from. CloudFormation masks the value of a NoEcho parameter, but
// not what a template makes of it: outputs, parameters of nested stacks that are not NoEcho, and variables show it to everybody who may
// describe the stack or the task. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func checkShownSecrets(w *World, l *Looking) {
	const (
		needed = "nothing that is made of a NoEcho parameter or of a secret"
		mend   = "keep the secret in Secrets Manager and give its ARN: who needs it reads it there"
	)
	judge := func(at *Resource, path string, e *expression) {
		l.Look()
		if from := (provenance{}).of(at.Stack, e); from != "" {
			l.FailText(at, path, "made of "+from, needed, mend)
		}
	}
	for _, s := range w.Stacks {
		outputs := s.Template.section("Outputs")
		for i, name := range outputs.keysOrNone() {
			judge(&Resource{Stack: s, LogicalID: name, source: outputs.items[i]}, "", outputs.items[i].field("Value"))
		}
		parameters := s.Template.section("Parameters")
		for i, name := range parameters.keysOrNone() {
			if _, feed := s.input(name); feed != nil && !noEcho(parameters.items[i]) {
				judge(s.as, "Parameters."+name, feed)
			}
		}
	}
	for _, c := range w.containers() {
		for _, path := range expandPath(c.value, "Environment[*]") {
			path = c.path + "." + path + ".Value"
			judge(c.task, path, c.task.Stack.written(c.task.source.field("Properties"), path))
		}
	}
	for _, f := range w.OfType("AWS::Lambda::Function") {
		for _, name := range f.At("Environment.Variables").Keys() {
			path := "Environment.Variables." + name
			judge(f, path, f.Stack.written(f.source.field("Properties"), path))
		}
	}
}

// noEcho tells whether a parameter's value is masked. YAML has other words for true.
func noEcho(declared *expression) bool {
	return !slices.Contains([]string{"", "false", "no", "off"}, strings.ToLower(declared.field("NoEcho").scalar()))
}

// provenance holds what was asked already: references of templates that CloudFormation would refuse may go in circles.
type provenance map[string]bool

// of is the secret that an expression's value is made of, in words; empty for none.
func (p provenance) of(s *Stack, e *expression) string {
	found := ""
	e.walk(func(at *expression) {
		for _, begin := range []string{"{{resolve:secretsmanager:", "{{resolve:ssm-secure:"} {
			if strings.Contains(at.scalar(), begin) {
				found = "a secret that CloudFormation resolves"
			}
		}
	})
	for _, m := range e.mentions() {
		if found == "" {
			found = p.behind(s, m)
		}
	}
	return found
}

// behind is the secret behind a parameter, or a resource's attribute.
func (p provenance) behind(s *Stack, m mention) string {
	asked := s.Path + " " + m.name + "." + m.attribute
	if p[asked] {
		return ""
	}
	p[asked] = true
	if declared := s.Template.section("Parameters").field(m.name); declared != nil {
		switch parent, feed := s.input(m.name); {
		case noEcho(declared):
			return fmt.Sprintf("the NoEcho parameter %s of %s", m.name, s.Template.Name)
		case feed != nil:
			return p.of(parent, feed)
		}
		return p.of(s, &expression{text: s.Parameters[m.name].String()})
	}
	r := s.byID[m.name]
	if r == nil {
		return ""
	}
	output, isOutput := strings.CutPrefix(m.attribute, "Outputs.")
	switch {
	case r.Type == stackType && isOutput:
		if child := s.nest(r); child != nil {
			return p.of(child, child.Template.section("Outputs").field(output).field("Value"))
		}
	case isSecret(m.attribute, Text("a value")):
		return fmt.Sprintf("attribute %s of %s", m.attribute, r.Where())
	}
	return p.repeated(r, m.attribute)
}

// repeated is the secret in the properties of which an attribute is made.
func (p provenance) repeated(r *Resource, attribute string) string {
	form := r.Stack.world.forms[r.Type+" "+attribute]
	properties := r.source.field("Properties")
	for _, name := range slices.Sorted(slices.Values(properties.keysOrNone())) {
		if name == attribute || strings.Contains(form, "{"+name+"}") {
			if from := p.of(r.Stack, properties.field(name)); from != "" {
				return from
			}
		}
	}
	return ""
}
