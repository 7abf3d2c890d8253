package simulator

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tierform/tierform/internal/deploy/source"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// equalValues compares evaluated properties.
func equalValues(a, b any) bool { return encoded(a) == encoded(b) }

func encoded(v any) string {
	data, _ := json.Marshal(v) // of texts, lists and maps
	return string(data)
}

// changed are the top-level properties that differ.
func changed(before, after map[string]any) map[string]bool {
	found := map[string]bool{}
	for _, m := range []map[string]any{before, after} {
		for name := range m {
			if !equalValues(before[name], after[name]) {
				found[name] = true
			}
		}
	}
	return found
}

// compute finds what a change set changes (CloudFormation User Guide, "How change sets work").
func (s *Simulator) compute(c *changeSet) error {
	var failure error
	now := s.scope(c.stack, c.template, c.parameters)
	now.attribute = s.lookahead(c)
	for _, id := range c.order() {
		declared := c.template.Resources[id]
		if !now.declares(declared) {
			continue
		}
		properties, _ := now.value(declared.Properties).(map[string]any)
		if declared.Nested != nil && c.includesNested {
			if err := s.computeNested(c, id, properties); err != nil && failure == nil {
				failure = err
			}
		}
		s.compare(c, id, declared, properties)
	}
	for _, id := range sortedKeys(c.stack.resources) {
		if declared, wanted := c.template.Resources[id]; wanted && now.declares(declared) {
			continue
		}
		old := c.stack.resources[id]
		c.changes = append(c.changes, change{action: "Remove", logical: id, physical: old.physical, typ: old.typ, before: old.properties, policy: policyAction("", old.deletion)})
	}
	if failure == nil && now.err != nil {
		failure = now.err
	}
	return failure
}

// compare lists what changes of one resource.
func (s *Simulator) compare(c *changeSet, id string, declared source.Resource, properties map[string]any) {
	old := c.stack.resources[id]
	switch {
	case old == nil || !old.made && !old.intact(): // an earlier failure left nothing of it
		c.changes = append(c.changes, change{action: "Add", logical: id, typ: declared.Type, after: properties, nested: c.nested[id]})
	case old.typ != declared.Type:
		c.changes = append(c.changes, change{action: "Modify", logical: id, physical: old.physical, typ: declared.Type, replacement: "True", scope: []string{"Properties"},
			policy: policyAction("ReplaceAnd", declared.UpdateReplacePolicy), before: old.properties, after: properties})
	default:
		if m, is := s.modification(c, old, declared, properties); is {
			c.changes = append(c.changes, m)
		}
	}
}

// lookahead gives attributes as a change set sees them: those of resources that it creates or replaces are known only at execution, and so
// are the outputs of nested stacks whose change sets it includes, whether they change or not (coverage roadmap #759).
func (s *Simulator) lookahead(c *changeSet) func(id, name string) any {
	return func(id, name string) any {
		old := c.stack.resources[id]
		unknown := unknownMark + c.stack.arn + "/" + id + "/Fn::GetAtt}}"
		if old == nil || old.nested != nil && c.includesNested {
			return unknown
		}
		for _, planned := range c.changes {
			if planned.logical == id && (planned.replacement == "True" || old.nested != nil) {
				return unknown
			}
		}
		return s.attribute(old, name)
	}
}

// modification compares a resource with what it is to be.
func (s *Simulator) modification(c *changeSet, old *resource, declared source.Resource, properties map[string]any) (change, bool) {
	m := change{action: "Modify", logical: old.id, physical: old.physical, typ: old.typ, replacement: "False", before: old.properties, after: properties, nested: c.nested[old.id]}
	if !equalValues(c.tags, c.stack.tags) && !untaggable(old.typ) {
		m.scope = append(m.scope, "Tags")
		m.details = append(m.details, detail{recreation: "Never", source: "DirectModification", evaluation: "Static"})
	}
	names := sortedKeys(changed(old.properties, properties))
	for _, name := range names {
		m.details = append(m.details, s.reasons(c, old, declared, name, properties[name])...)
	}
	if len(names) > 0 {
		m.scope = append(m.scope, "Properties")
	}
	m.replacement = replacementOf(m.details)
	if m.replacement != "False" {
		m.policy = policyAction("ReplaceAnd", declared.UpdateReplacePolicy)
	}
	if m.nested != nil && len(m.nested.changes) > 0 && len(m.details) == 0 { // its template is the same, what it is given is not
		m.scope, m.details = []string{"Properties"}, []detail{{property: "Parameters", recreation: "Never", source: "DirectModification", evaluation: "Dynamic"}}
	}
	return m, len(m.details) > 0
}

// reasons are why one property makes a resource change: one for each parameter that changes and each attribute not yet known, or the
// template itself (API reference, ResourceChangeDetail).
func (s *Simulator) reasons(c *changeSet, old *resource, declared source.Resource, name string, after any) []detail {
	d := detail{property: name, recreation: s.replacing.recreation(old.typ, name), evaluation: "Static", before: shown(old.properties[name]), after: shown(after), source: "DirectModification"}
	if isUnknown(after) {
		d.evaluation, d.after = "Dynamic", "{{changeSet:KNOWN_AFTER_APPLY}}"
	}
	var all []detail
	for _, cause := range c.causes(declared.Properties[name]) {
		one := d
		one.source, one.cause = cause[0], cause[1]
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return []detail{d}
	}
	return all
}

// causes are the parameters and attributes because of which an expression's value changes, as kind and name.
func (c *changeSet) causes(expression any) [][2]string {
	var found [][2]string
	for _, name := range mentions(expression) {
		if _, is := c.template.Parameters[name]; is && c.parameters[name] != c.stack.parameters[name] {
			found = append(found, [2]string{"ParameterReference", name})
		}
		if old := c.stack.resources[name]; old == nil || old.nested == nil || !c.includesNested {
			if !slices.ContainsFunc(c.changes, func(planned change) bool { return planned.logical == name && planned.replacement != "False" }) {
				continue
			}
		}
		for _, attribute := range attributesIn(expression) {
			if attribute[0] == name {
				found = append(found, [2]string{"ResourceAttribute", name + "." + attribute[1]})
			}
		}
	}
	return found
}

// replacementOf is what the reasons come to (API reference, ResourceChange): a replacement that depends on a value not yet known, or on
// the value itself, is conditional.
func replacementOf(details []detail) string {
	all := "False"
	for _, d := range details {
		switch {
		case d.recreation == "Always" && d.evaluation == "Static":
			return "True"
		case d.recreation != "Never":
			all = "Conditional"
		}
	}
	return all
}

// policyAction is what becomes of the physical resource (API reference, ResourceChange).
func policyAction(prefix, policy string) string {
	switch policy {
	case "Retain", "Snapshot":
		return prefix + policy
	}
	return prefix + "Delete"
}

// shown is a property's value as change sets print it.
func shown(v any) string {
	if v == nil {
		return ""
	}
	if text, is := v.(string); is {
		return text
	}
	return encoded(v)
}
