package cfn

import "strconv"

// Pseudo parameters. They may be concatenated like any other reference.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
const (
	// AccountID is the account the stack is deployed to, 12 digits.
	AccountID = tokenOpen + "R" + tokenSeparator + "AWS::AccountId" + tokenClose
	// Partition is the partition, such as aws.
	Partition = tokenOpen + "R" + tokenSeparator + "AWS::Partition" + tokenClose
	// Region is the region, such as us-east-1.
	Region = tokenOpen + "R" + tokenSeparator + "AWS::Region" + tokenClose
	// StackID is the ARN of the stack itself.
	StackID = tokenOpen + "R" + tokenSeparator + "AWS::StackId" + tokenClose
	// StackName is the name of the stack itself.
	StackName = tokenOpen + "R" + tokenSeparator + "AWS::StackName" + tokenClose
	// URLSuffix is the domain of the partition, such as amazonaws.com.
	URLSuffix = tokenOpen + "R" + tokenSeparator + "AWS::URLSuffix" + tokenClose
	// NoValue removes the property it is given to.
	NoValue = tokenOpen + "R" + tokenSeparator + "AWS::NoValue" + tokenClose
)

// function builds a token for Fn::<name>.
func function(name string, arguments ...string) string {
	return token(tokenFunction, append([]string{"Fn::" + name}, arguments...)...)
}

// Join is Fn::Join of parts. Plain concatenation is shorter where the delimiter is empty.
func Join(delimiter string, parts ...string) string {
	return function("Join", append([]string{delimiter}, parts...)...)
}

// Select is Fn::Select: the item at index, from 0, of a list (a list token such as AZs, Split or SubnetCIDRs, or of
// several values). A nested stack's output must not be selected from: creating the change set would fail.
func Select(index int, list ...string) string {
	return function("Select", append([]string{strconv.Itoa(index)}, list...)...)
}

// Split is Fn::Split: the list of the parts of value between delimiters. Use it in Select or List.
func Split(delimiter, value string) string { return function("Split", delimiter, value) }

// AZs is Fn::GetAZs of the stack's region, a list to Select from.
func AZs() string { return function("GetAZs", "") }

// SubnetCIDRs is Fn::Cidr: a list of count blocks, each with hostBits bits for hosts, cut from block.
func SubnetCIDRs(block string, count, hostBits int) string {
	return function("Cidr", block, strconv.Itoa(count), strconv.Itoa(hostBits))
}

// Base64 is Fn::Base64.
func Base64(value string) string { return function("Base64", value) }

// FindInMap is Fn::FindInMap over a mapping declared with [Template.Section].
func FindInMap(mapping, first, second string) string {
	return function("FindInMap", mapping, first, second)
}

// List puts an intrinsic that gives a list (a list parameter, Split, AZs) into a list field: it is the field's only item
// and replaces the list.
func List(intrinsic string) []string { return []string{token(tokenList, intrinsic)} }

// Invalid stands for a value that a constructor could not make of its input: wherever it is put, compiling reports a
// problem of kind [InvalidInput] with the message, the bad value and what is allowed. So constructors need no error
// result, and all faults are reported together with their place.
func Invalid(message, value, allowed string) string {
	return token(tokenInvalid, message, value, allowed)
}

// Expression is a condition expression, from Equals, And, Or, Not or a Condition.
type Expression string

// Equals compares two strings, either of which may be a reference to a parameter.
func Equals(a, b string) Expression { return Expression(function("Equals", a, b)) }

// Not negates.
func Not(e Expression) Expression { return Expression(function("Not", string(e))) }

// And is true when all of 2 to 10 expressions are.
func And(all ...Expression) Expression { return Expression(function("And", texts(all)...)) }

// Or is true when one of 2 to 10 expressions is.
func Or(any ...Expression) Expression { return Expression(function("Or", texts(any)...)) }

func texts(expressions []Expression) []string {
	list := make([]string, len(expressions))
	for i, e := range expressions {
		list[i] = string(e)
	}
	return list
}

// Condition is a named condition of a template, made by [Template.Condition].
type Condition struct{ owner, name string }

// Holds is the expression that is true when the condition is.
func (c Condition) Holds() Expression { return Expression(token(tokenCondition, c.owner, c.name)) }

// If is Fn::If over two strings or references of one kind.
func If[T ~string](c Condition, then, otherwise T) T {
	return T(token(tokenIf, c.owner, c.name, string(then), string(otherwise)))
}

// IfValue is Fn::If over two values of any shape, for fields of type any and for [Resource.Patch].
func IfValue(c Condition, then, otherwise any) any {
	return conditional{condition: c, then: then, otherwise: otherwise}
}

// conditional is what IfValue returns; the builder makes Fn::If of it.
type conditional struct {
	condition       Condition
	then, otherwise any
}
