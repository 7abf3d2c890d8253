// Package checks proves what CloudFormation templates promise, from the bytes that are deployed.
//
// [Load] decodes a set of templates, in YAML or JSON, short or long form. [Deploy] follows values through it as
// CloudFormation would for given parameters: conditions are decided, nested stacks instantiated, references, parameters
// and outputs resolved across stacks. The result, a [World], holds every resource with its values, and models to ask:
// who reaches whom, who may do what. A [Rule] looks at a World and reports [Finding] values; [Verify] runs rules and
// gathers a [Report].
//
// What cannot be known, such as a parameter without a value, is an unknown value, and a rule that meets one reports
// "unknown", never "pass"; where it leaves a condition open, rules judge both ways. The package knows templates only:
// nothing of the code that rendered them.
package checks
