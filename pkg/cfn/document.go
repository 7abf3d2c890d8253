package cfn

import "cmp"

// document builds the whole template as one tree: the sections in the order that AWS documents them.
func (b *builder) document() (root int32) {
	t := b.template
	root = b.add(noNode, node{kind: mapNode})
	b.add(root, node{kind: stringNode, key: "AWSTemplateFormatVersion", text: "2010-09-09"})
	b.plain(root, "Description", t.description)
	b.section(root, "Metadata")
	if len(t.parameters) > 0 {
		m := b.add(root, node{kind: mapNode, key: "Parameters"})
		for _, p := range t.parameters {
			b.parameter(m, p)
		}
	}
	b.rules(root)
	b.section(root, "Mappings")
	if len(t.conditions) > 0 {
		m := b.add(root, node{kind: mapNode, key: "Conditions"})
		for _, c := range t.conditions {
			b.text(m, c.name, string(c.expression))
		}
	}
	m := b.add(root, node{kind: mapNode, key: "Resources"})
	for _, e := range t.resources {
		b.resource(m, e)
	}
	b.outputs(root)
	return root
}

// plain writes text in which CloudFormation resolves nothing.
func (b *builder) plain(parent int32, key, text string) {
	if hasMark(text) {
		b.fault(parent, key, LeftoverToken, text, "a reference has no effect here")
		return
	}
	b.literal(parent, key, text)
}

func (b *builder) section(root int32, name string) {
	for _, s := range b.template.sections {
		if s.name == name {
			b.value(root, name, s.content)
		}
	}
}

func (b *builder) parameter(parent int32, p *parameter) {
	m := b.add(parent, node{kind: mapNode, key: p.name})
	b.plain(m, "Type", cmp.Or(p.Type, "String"))
	b.optional(m, "Description", p.Description)
	if p.Default != nil {
		b.plain(m, "Default", *p.Default)
	}
	b.optional(m, "AllowedPattern", p.AllowedPattern)
	if len(p.AllowedValues) > 0 {
		list := b.add(m, node{kind: seqNode, key: "AllowedValues"})
		for _, value := range p.AllowedValues {
			b.plain(list, "", value)
		}
	}
	b.optional(m, "ConstraintDescription", p.ConstraintDescription)
	for _, bound := range []pair{{"MinLength", p.MinLength}, {"MaxLength", p.MaxLength}} {
		if bound.value != 0 {
			b.value(m, bound.key, bound.value)
		}
	}
	for _, bound := range []struct {
		key   string
		value *float64
	}{{"MinValue", p.MinValue}, {"MaxValue", p.MaxValue}} {
		if bound.value != nil {
			b.float(m, bound.key, *bound.value, 64)
		}
	}
	if p.NoEcho {
		b.value(m, "NoEcho", true)
	}
}

func (b *builder) optional(parent int32, key, text string) {
	if text != "" {
		b.plain(parent, key, text)
	}
}

func (b *builder) rules(root int32) {
	if len(b.template.rules) == 0 {
		return
	}
	all := b.add(root, node{kind: mapNode, key: "Rules"})
	for _, r := range b.template.rules {
		m := b.add(all, node{kind: mapNode, key: r.name})
		if r.when != "" {
			b.text(m, "RuleCondition", string(r.when))
		}
		list := b.add(m, node{kind: seqNode, key: "Assertions"})
		for _, a := range r.assertions {
			item := b.add(list, node{kind: mapNode})
			b.text(item, "Assert", string(a.Assert))
			b.plain(item, "AssertDescription", a.Description)
		}
	}
}

// resource writes a resource: attributes first, then the properties in their declared order.
func (b *builder) resource(parent int32, e *entry) {
	m := b.add(parent, node{kind: mapNode, key: e.logicalID})
	b.plain(m, "Type", e.properties.AWSCloudFormationType())
	have := b.attributesOf(structOf(e.properties))
	b.condition(m, e, have.condition)
	b.dependsOn(m, e, have.dependsOn)
	b.optional(m, "DeletionPolicy", have.deletionPolicy)
	b.optional(m, "UpdateReplacePolicy", have.updateReplacePolicy)
	for _, p := range have.other {
		b.value(m, p.key, p.value)
	}
	meta := b.add(m, node{kind: mapNode, key: "Metadata"})
	b.plain(meta, "Description", e.is)
	b.metadata(meta, have.metadata)

	properties := b.add(m, node{kind: mapNode, key: "Properties"})
	if raw, ok := e.properties.(*Raw); ok {
		b.rawProperties(properties, raw)
	} else {
		v := structOf(e.properties)
		b.fields(properties, v, b.plans.of(v.Type()))
	}
	for _, p := range e.patches {
		b.applyPatch(properties, p)
	}
}

func (b *builder) condition(m int32, e *entry, have string) {
	switch {
	case e.condition != nil && e.condition.owner != b.template.name:
		b.fault(m, "Condition", ForeignReference, e.condition.name, "condition of another template")
	case e.condition != nil && have != "":
		b.fault(m, "Condition", LostAttribute, have, "When replaces the condition that the properties carry")
	case e.condition != nil:
		b.plain(m, "Condition", e.condition.name)
	default:
		b.optional(m, "Condition", have)
	}
}

func (b *builder) dependsOn(m int32, e *entry, have []string) {
	if len(have)+len(e.dependsOn) == 0 {
		return
	}
	list := b.add(m, node{kind: seqNode, key: "DependsOn"})
	for _, id := range have {
		b.plain(list, "", id)
	}
	for _, other := range e.dependsOn {
		switch {
		case other == nil:
			b.fault(list, "", EmptyReference, "", "waits for a stack or resource that was never declared")
		case other.template != e.template:
			b.fault(list, "", ForeignReference, other.logicalID, "waits for a resource of template "+other.template.name)
		default:
			b.plain(list, "", other.logicalID)
		}
	}
}

func (b *builder) outputs(root int32) {
	if len(b.template.outputs) == 0 {
		return
	}
	m := b.add(root, node{kind: mapNode, key: "Outputs"})
	for _, o := range b.template.outputs {
		item := b.add(m, node{kind: mapNode, key: o.name})
		b.optional(item, "Description", o.description)
		b.text(item, "Value", o.value)
	}
}
