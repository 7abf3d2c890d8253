package cfn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ProblemKind names a check of the compiler, so that a caller can decide on it.
type ProblemKind string

// The checks.
const (
	BadLogicalID        ProblemKind = "bad-logical-id"
	DuplicateLogicalID  ProblemKind = "duplicate-logical-id"
	MissingDescription  ProblemKind = "missing-description"
	UndeclaredReference ProblemKind = "undeclared-reference"
	UnknownAttribute    ProblemKind = "unknown-attribute"
	UnknownType         ProblemKind = "unknown-type"
	UnknownProperty     ProblemKind = "unknown-property"
	WrongKind           ProblemKind = "wrong-kind"
	MissingProperty     ProblemKind = "missing-property"
	NullValue           ProblemKind = "null-value"
	BadPatch            ProblemKind = "bad-patch"
	LeftoverToken       ProblemKind = "leftover-token"
	TokenAsKey          ProblemKind = "token-as-key"
	LostAttribute       ProblemKind = "lost-attribute"
	EmptyReference      ProblemKind = "empty-reference"
	LiteralReference    ProblemKind = "literal-reference"
	ForeignReference    ProblemKind = "foreign-reference"
	UnusedOutput        ProblemKind = "unused-output"
	UnusedParameter     ProblemKind = "unused-parameter"
	UnfedParameter      ProblemKind = "unfed-parameter"
	ConstrainedOutput   ProblemKind = "constraint-on-output"
	SelectFromOutput    ProblemKind = "select-from-output"
	ConditionOnOutput   ProblemKind = "condition-on-output"
	OverLimit           ProblemKind = "over-limit"
	Forbidden           ProblemKind = "forbidden"
	DependencyCycle     ProblemKind = "dependency-cycle"
	NameTooLong         ProblemKind = "name-too-long"
	InvalidInput        ProblemKind = "invalid-input"
)

// remedy says what would be right in place of a fault that was found while building.
func remedy(kind ProblemKind) string {
	switch kind {
	case BadPatch:
		return "Name, Name.Name, Name[0] or Name[Field=value], lists and items being there already"
	case EmptyReference:
		return "the Stack of a tier's outputs, or a Resource"
	case ForeignReference:
		return "something of this template; values of others come in through Nest"
	case LeftoverToken:
		return "whole references, where CloudFormation resolves them"
	case LostAttribute:
		return "one value, on the resource itself"
	case OverLimit:
		return fmt.Sprintf("at most %d bytes", maxKeyBytes)
	case TokenAsKey:
		return "plain text"
	}
	return "UTF-8 text, numbers, booleans, and structs, lists and string-keyed maps of them"
}

// Problem is one fault found while compiling.
type Problem struct {
	// Kind is the check that found it.
	Kind ProblemKind
	// Template is the name of the template, without ".yaml".
	Template string
	// LogicalID is the resource, parameter, output, condition or tier; empty for the template itself.
	LogicalID string
	// Path leads to the value below the logical ID, such as Properties.Tags[0].Key; may be empty.
	Path string
	// Value is what was found, shortened; may be empty.
	Value string
	// Message says what is wrong.
	Message string
	// Allowed says what would be right.
	Allowed string
}

// Error gives the problem in one line: where: what (found …); allowed: ….
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Template)
	for _, part := range []string{p.LogicalID, p.Path} {
		if part != "" {
			b.WriteString("/" + part)
		}
	}
	fmt.Fprintf(&b, ": %s", p.Message)
	if p.Value != "" {
		fmt.Fprintf(&b, " (found %q)", p.Value)
	}
	if p.Allowed != "" {
		fmt.Fprintf(&b, "; allowed: %s", p.Allowed)
	}
	fmt.Fprintf(&b, " [%s]", p.Kind)
	return b.String()
}

// Problems are all faults of one compilation, sorted by template and place.
type Problems []Problem

// Error lists the problems, one a line, under their count.
func (p Problems) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d problem(s) in the templates:", len(p))
	for _, problem := range p {
		b.WriteString("\n  " + problem.Error())
	}
	return b.String()
}

// sorted returns the problems in a stable order without repetitions, as an error; nil when there are none.
func (p Problems) sorted() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.LogicalID, b.LogicalID),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(p)
}

// maxShown is how much of a value an error shows, in bytes.
const maxShown = 120

// shown makes a value readable in an error: tokens in short form, cut to maxShown.
func shown(value string) string {
	value = readable(value)
	if len(value) > maxShown {
		value = strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	return value
}

// readable replaces each token with the short form of its function.
func readable(value string) string {
	start := strings.Index(value, tokenOpen)
	if start < 0 {
		return value
	}
	letter, arguments, rest, ok := cutToken(value[start:])
	if !ok {
		return value
	}
	return value[:start] + readableToken(letter, arguments) + readable(rest)
}

func readableToken(letter byte, arguments string) string {
	var parts []string
	for more := true; more; {
		var argument string
		argument, arguments, more = nextArgument(arguments)
		parts = append(parts, readable(argument))
	}
	first, rest := parts[0], parts[1:]
	switch letter {
	case tokenRef, tokenAtt:
		return "${" + strings.Join(rest, ".") + "}"
	case tokenIf:
		return "If(" + strings.Join(rest, ",") + ")"
	case tokenCondition:
		return "Condition(" + strings.Join(rest, ",") + ")"
	case tokenList, tokenInvalid:
		return first
	}
	return first + "(" + strings.Join(rest, ",") + ")"
}
