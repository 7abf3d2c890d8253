package cfn

import (
	"maps"
	"slices"
	"strings"
)

// reference checks Ref, GetAtt, Sub and Condition.
func (c *checker) reference(n int32, want expectation) {
	at := c.nodes[n]
	if want.shape() != nil && at.text != "AWS::NoValue" || at.kind == subNode && want.isList() {
		c.problem(WrongKind, at.text, "an intrinsic stands where the schema wants something else", want.words())
	}
	switch at.kind {
	case refNode:
		c.ref(at.text)
	case attNode:
		c.att(at.text, at.attribute)
	case conditionNode:
		c.declaredCondition(at.text)
	case subNode:
		for part := at.first; part != noNode; part = c.nodes[part].next {
			c.walk(part, expectation{})
		}
	}
}

func (c *checker) ref(name string) {
	if strings.HasPrefix(name, "AWS::") {
		if _, known := pseudoLength(name); !known {
			c.problem(UndeclaredReference, name, "there is no such pseudo parameter", "AWS::AccountId, AWS::NoValue, "+
				"AWS::NotificationARNs, AWS::Partition, AWS::Region, AWS::StackId, AWS::StackName, AWS::URLSuffix")
		}
		return
	}
	declared, ok := c.template.declared[name]
	switch {
	case !ok:
		c.problem(UndeclaredReference, name, "Ref names nothing that is declared", "a parameter or resource of this template")
	case declared.parameter != nil:
		c.usedParameters[name] = true
		if c.inRules && declared.parameter.fromOutput {
			c.problem(ConditionOnOutput, name, "a condition depends on another stack's output, where a change set puts a placeholder",
				"a parameter of the root")
		}
	case c.inRules:
		c.problem(UndeclaredReference, name, "conditions and rules can refer to parameters only", "a parameter of this template")
	default:
		c.dependency(name, "Ref")
	}
}

func (c *checker) att(id, attribute string) {
	declared, ok := c.template.declared[id]
	if !ok || declared.parameter != nil || c.inRules {
		c.problem(UndeclaredReference, id+"."+attribute, "GetAtt names no resource that can be used here", "a resource of this template")
		return
	}
	c.dependency(id, "GetAtt")
	if name, isOutput := strings.CutPrefix(attribute, outputsPrefix); isOutput && declared.resourceType == stackType {
		c.output(id, name)
		return
	}
	types := c.schema.of(declared.resourceType)
	if types == nil || types.attributes[attribute] || declared.resourceType == "AWS::CloudFormation::CustomResource" {
		return
	}
	c.problem(UnknownAttribute, id+"."+attribute, declared.resourceType+" has no such attribute",
		orNone(slices.Sorted(maps.Keys(types.attributes))))
}

// output notes the use of a nested stack's output.
func (c *checker) output(stack, name string) {
	c.usedOutputs[c.template.name+"/"+stack+"/"+name] = true
	for _, nested := range c.template.nested {
		if nested.stack.logicalID == stack && !slices.ContainsFunc(nested.outputs, func(o output) bool { return o.name == name }) {
			c.problem(UndeclaredReference, stack+"."+outputsPrefix+name, "nested stack has no such output", "a field of the tier's outputs")
		}
	}
}

// result is what a function gives.
type result uint8

const (
	unknown result = iota
	refused        // exists, but not where change sets include nested stacks
	text
	list
	anything
	truth // in conditions and rules only
)

const functionNames = "Ref, Fn::GetAtt, Fn::Sub, Fn::Base64, Fn::Cidr, Fn::FindInMap, Fn::GetAZs, Fn::If, Fn::Join, Fn::Select, Fn::Split; " +
	"in conditions and rules Fn::And, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::Equals, Fn::Not, Fn::Or, Fn::RefAll, Fn::ValueOf, Fn::ValueOfAll"

// resultOf is what the function name gives. Fn::Length, Fn::ToJsonString and Fn::ForEach need a transform.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
func resultOf(name string) result {
	switch name {
	case "Fn::Base64", "Fn::Join":
		return text
	case "Fn::Cidr", "Fn::GetAZs", "Fn::Split":
		return list
	case "Fn::FindInMap", "Fn::If", "Fn::Select":
		return anything
	case "Fn::And", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals", "Fn::Not", "Fn::Or",
		"Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll":
		return truth
	case "Fn::ImportValue", "Fn::Transform":
		return refused
	}
	return unknown
}

func (c *checker) walkFunction(n int32, want expectation) {
	name := c.nodes[n].text
	switch gives := resultOf(name); {
	case gives == refused:
		c.problem(Forbidden, name, "change sets that include nested stacks refuse exports, imports and macros", "a reference through Nest")
		return
	case gives == unknown:
		c.problem(Forbidden, name, "there is no such function, or it needs a transform", functionNames)
	case gives == truth && !c.inRules:
		c.problem(Forbidden, name, "function of conditions and rules used elsewhere", "Template.Condition and If")
	case gives == text && (want.isList() || want.shape() != nil), gives == list && !want.anything() && !want.isList():
		c.problem(WrongKind, name, "the function gives something else than the schema wants", want.words())
	}
	c.arguments(n, name, want)
}

func (c *checker) arguments(n int32, name string, want expectation) {
	argument := c.nodes[n].first
	inside := expectation{}
	switch name {
	case "Fn::If":
		c.place = append(c.place, name)
		if argument != noNode {
			c.conditionName(argument)
			argument = c.nodes[argument].next
		}
		c.place = c.place[:len(c.place)-1]
		inside = want
	case "Fn::Select", "Fn::Split":
		if c.overOutput(n) {
			c.problem(SelectFromOutput, name, "selects from another stack's output, where a change set puts a placeholder and fails",
				"one scalar output for each value")
		}
	case "Fn::FindInMap":
		c.mapping(argument)
	}
	for ; argument != noNode; argument = c.nodes[argument].next {
		c.step(argument, name, inside)
	}
}

// overOutput tells whether a nested stack's output, or a parameter fed by one, is below n.
func (c *checker) overOutput(n int32) bool {
	at := c.nodes[n]
	switch at.kind {
	case refNode:
		return c.template.outputFed(at.text)
	case attNode:
		return strings.HasPrefix(at.attribute, outputsPrefix)
	}
	for child := at.first; child != noNode; child = c.nodes[child].next {
		if c.overOutput(child) {
			return true
		}
	}
	return false
}

// mapping checks that the first argument of FindInMap is a declared mapping.
func (c *checker) mapping(first int32) {
	for _, s := range c.template.sections {
		if m, ok := s.content.(map[string]any); ok && s.name == "Mappings" && c.isText(first) {
			if _, declared := m[c.nodes[first].text]; declared {
				return
			}
		}
	}
	c.problem(UndeclaredReference, "Fn::FindInMap", "mapping is not declared", `a key of Section("Mappings", map[string]any{…})`)
}
