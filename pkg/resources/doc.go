// Package resources constructs CloudFormation resources that are secure by default: encrypted, private, least
// privileged, deletable. A constructor takes a struct whose zero value is the safe choice and returns goformation's
// struct for the resource; whoever wants less safety fills a field that asks for the reason, so that a search finds it.
//
// A constructor exists only where it adds a default, a rule or a type. Everything else uses goformation's structs as
// they are. There is a file for each AWS service; references.go says what Ref and GetAtt of a resource give.
//
// Inputs that cannot be right become [cfn.Invalid] values: compiling the template reports them with their place.
package resources
