// Package cfn compiles CloudFormation templates from Go values.
//
// A [Template] holds parameters, conditions, rules, resources and outputs in the order they are declared. Resources
// are goformation's per-service structs (never its root packages, which cost ten times the build time and resolve
// intrinsics silently) or a [Raw] resource for what goformation does not know. [Add] registers one under a logical ID
// with a sentence saying what it is and returns a [Resource], whose Ref and Att give references to it.
//
// # References
//
// A reference is a named string type ([VPCID], [KeyARN], …) that holds a token. It can be stored in any string field
// and concatenated: "arn:aws:s3:::" + string(bucket) is rendered as !Sub. Numbers and lists use [Template.Int],
// [Template.Float] and [List]. What has no field in goformation is set with [Resource.Patch]. A token survives
// encoding/json, so a JSON document inside a string may refer to resources as well.
//
// # Tiers
//
// A tier is a function from a struct of references and plain values to a struct of references. [Nest] runs it as a
// nested stack and derives the wiring from the two structs: a reference field of the inputs becomes a parameter of the
// child, a reference field of the outputs becomes an output of the child, and the parent gets GetAtt references to
// those. A wrong kind or a cycle between tiers does not compile; an empty, literal or foreign reference is an error of
// the render that names tier and field.
//
// # Compiling
//
// [Compiler.Compile] checks a template with all templates nested in it and returns their YAML. All faults are
// collected in [Problems]: each names template, logical ID, property path, the value found and what is allowed. The
// checks run on the finished document, after patches, against the CloudFormation resource schema embedded in the
// package (tools/schema regenerates it).
//
// Exports, transforms and macros cannot be expressed: a change set that includes nested stacks refuses them.
//
// A Template must not be used by two goroutines at once; a Compiler may be.
package cfn
