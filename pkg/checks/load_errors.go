package checks

import "fmt"

// Limits of what Load reads, so that hostile input ends in an error and not in a hang.
const (
	// maxFileBytes and maxResources are what CloudFormation takes: 1 MB from S3, and 500 resources (User Guide,
	// "Understand CloudFormation quotas").
	maxFileBytes = 1 << 20
	maxResources = 500
	// maxDepth is deeper than any property is.
	maxDepth = 200
	// maxNodes is more than a file of maxFileBytes can hold, unless its aliases multiply.
	maxNodes = 600_000
	// maxTemplates is as many as stacks are followed.
	maxTemplates = maxNestedStacks
)

// LoadError says which file cannot be read as a template, and why.
type LoadError struct {
	Name string
	Err  error
}

// Error names file and cause.
func (e *LoadError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }

// Unwrap gives the cause.
func (e *LoadError) Unwrap() error { return e.Err }

// LimitError says which limit a template goes beyond.
type LimitError struct {
	// What is counted, such as resources.
	What string
	// Line is where the count went beyond the limit; 0 for that of the whole file.
	Line int
	// Found is how many there are, as far as was counted, and Most how many there may be.
	Found, Most int
}

// Error says line, count and limit.
func (e *LimitError) Error() string {
	place := ""
	if e.Line > 0 {
		place = fmt.Sprintf("line %d: ", e.Line)
	}
	return fmt.Sprintf("%s%d %s; at most %d are read", place, e.Found, e.What, e.Most)
}
