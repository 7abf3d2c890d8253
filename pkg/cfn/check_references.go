package cfn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reference checks Ref, GetAtt, Sub and Condition.
func (c *checker) reference(n int32, want expectation) {
	at := c.nodes[n]
	switch isCondition := at.kind == conditionNode; {
	case isCondition && want.kind != expressionKind:
		c.problem(WrongKind, at.text, "a condition stands where a value belongs", "If and IfValue, or When for a whole resource")
	case !isCondition && want.kind == expressionKind:
		c.problem(WrongKind, c.sample(n), "a reference stands where a condition belongs", want.words())
	case at.kind == refNode && at.text == "AWS::NoValue":
	case want.shape() != nil, want.isMap(), at.kind == subNode && want.isList():
		c.problem(WrongKind, c.sample(n), "an intrinsic stands where the schema wants something else", want.words())
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
	types := c.schema.of(declared.resourceType)
	name, isOutput := strings.CutPrefix(attribute, outputsPrefix)
	if isOutput = isOutput && declared.resourceType == stackType; isOutput {
		c.output(id, name)
	}
	switch isFree := isOutput || types == nil || declared.resourceType == "AWS::CloudFormation::CustomResource"; {
	case isFree && !isAttributeName(attribute):
		c.problem(UnknownAttribute, id+"."+attribute, "malformed name of an attribute", "letters, digits, dots, hyphens and underscores")
	case !isFree && !types.attributes[attribute]:
		c.problem(UnknownAttribute, id+"."+attribute, declared.resourceType+" has no such attribute",
			orNone(slices.Sorted(maps.Keys(types.attributes))))
	}
}

// isAttributeName tells whether YAML and Fn::Sub can carry the name of a custom resource's attribute.
func isAttributeName(s string) bool {
	return alphanumeric(strings.NewReplacer(".", "", "-", "", "_", "").Replace(s))
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

// signatureOf is what the function name gives and how many arguments it takes. Fn::Length, Fn::ToJsonString and
// Fn::ForEach need a transform.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
func signatureOf(name string) (gives result, least, most int) {
	switch name {
	case "Fn::Base64":
		return text, 1, 1
	case "Fn::Join":
		return text, 2, 2
	case "Fn::Cidr":
		return list, 2, 3
	case "Fn::GetAZs":
		return list, 1, 1
	case "Fn::Split":
		return list, 2, 2
	case "Fn::FindInMap", "Fn::If":
		return anything, 3, 3
	case "Fn::Select":
		return anything, 2, 2
	case "Fn::And", "Fn::Or":
		return truth, 2, 10
	case "Fn::Not", "Fn::RefAll":
		return truth, 1, 1
	case "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals", "Fn::ValueOf", "Fn::ValueOfAll":
		return truth, 2, 2
	case "Fn::ImportValue", "Fn::Transform":
		return refused, 0, 0
	}
	return unknown, 0, 0
}

func (c *checker) walkFunction(n int32, want expectation) {
	name, count := c.nodes[n].text, c.arena.count(n)
	switch gives, least, most := signatureOf(name); {
	case gives == refused:
		c.problem(Forbidden, name, "change sets that include nested stacks refuse exports, imports and macros", "a reference through Nest")
		return
	case gives == unknown:
		c.problem(Forbidden, name, "there is no such function, or it needs a transform", functionNames)
	case gives == truth && !c.inRules:
		c.problem(Forbidden, name, "function of conditions and rules used elsewhere", "Template.Condition and If")
	case gives == text && (want.isList() || want.isMap() || want.shape() != nil),
		gives == list && !want.anything() && !want.isList(),
		gives != truth && want.kind == expressionKind:
		c.problem(WrongKind, name, "the function gives something else than the schema wants", want.words())
	case count < least || count > most:
		c.problem(WrongKind, name, fmt.Sprintf("the function has %d arguments", count), fmt.Sprintf("%d to %d", least, most))
	}
	c.arguments(n, name, want)
}

func (c *checker) arguments(n int32, name string, want expectation) {
	argument := c.nodes[n].first
	inside := expectation{}
	switch name {
	case "Fn::If":
		c.place = append(c.place, step{key: name})
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
	case "Fn::And", "Fn::Not", "Fn::Or":
		inside = want
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
