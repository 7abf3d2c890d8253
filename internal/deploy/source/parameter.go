package source

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// A Parameter is one of a template's (CloudFormation User Guide, "Parameters").
type Parameter struct {
	Name, Type, Description string
	// Default is nil when a value must be given.
	Default *string
	// NoEcho parameters hold secrets: their values are shown nowhere.
	NoEcho                bool
	AllowedValues         []string
	AllowedPattern        string
	ConstraintDescription string
	// MinLength, MaxLength, MinValue and MaxValue are as written, empty when they are not.
	MinLength, MaxLength, MinValue, MaxValue string
}

// maxValue is the length of a parameter's value in bytes (CloudFormation quotas).
const maxValue = 4096

func newParameter(name string, v map[string]any) Parameter {
	p := Parameter{Name: name, Type: text(v["Type"]), Description: text(v["Description"]), NoEcho: !slices.Contains([]string{"", "false", "no", "off"}, strings.ToLower(text(v["NoEcho"]))),
		AllowedPattern: text(v["AllowedPattern"]), ConstraintDescription: text(v["ConstraintDescription"]),
		MinLength: text(v["MinLength"]), MaxLength: text(v["MaxLength"]), MinValue: text(v["MinValue"]), MaxValue: text(v["MaxValue"])}
	if d, given := v["Default"]; given {
		p.Default = new(text(d))
	}
	list, _ := v["AllowedValues"].([]any)
	for _, item := range list {
		p.AllowedValues = append(p.AllowedValues, text(item))
	}
	return p
}

// Check refuses a value that CloudFormation would refuse, in our words and before anything is touched. A NoEcho value is never quoted.
func (p Parameter) Check(value string) error {
	allowed := p.violated(value)
	if allowed == "" {
		return nil
	}
	if p.ConstraintDescription != "" {
		allowed = p.ConstraintDescription
	}
	e := &fault.Error{Code: fault.Usage, What: "parameter " + p.Name + " does not take this value", Found: value, Allowed: allowed}
	if p.NoEcho {
		e.Found = ""
	}
	return e
}

// list tells whether the parameter takes several values, separated by commas.
func (p Parameter) list() bool {
	return strings.HasPrefix(p.Type, "List<") || p.Type == "CommaDelimitedList"
}

// violated says what a value would have to be; empty when it is that. The constraints of a list are those of its items, without the spaces
// around them; a Systems Manager parameter's are those of its name.
func (p Parameter) violated(value string) string {
	if len(value) > maxValue {
		return fmt.Sprintf("at most %d bytes", maxValue)
	}
	if !p.list() {
		return p.violatedBy(value)
	}
	for item := range strings.SplitSeq(value, ",") {
		if allowed := p.violatedBy(strings.TrimSpace(item)); allowed != "" {
			return allowed
		}
	}
	return ""
}

func (p Parameter) violatedBy(value string) string {
	if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value) {
		return strings.Join(p.AllowedValues, ", ")
	}
	if p.AllowedPattern != "" {
		// Patterns are Java's; those that Go does not know are left to CloudFormation.
		if pattern, err := regexp.Compile(`^(?:` + p.AllowedPattern + `)$`); err == nil && !pattern.MatchString(value) {
			return "values that match " + p.AllowedPattern
		}
	}
	if n, limit := utf8.RuneCountInString(value), number(p.MinLength, 0); float64(n) < limit {
		return fmt.Sprintf("at least %s characters", p.MinLength)
	}
	if n, limit := utf8.RuneCountInString(value), number(p.MaxLength, maxValue); float64(n) > limit {
		return fmt.Sprintf("at most %s characters", p.MaxLength)
	}
	if p.Type != "Number" && p.Type != "List<Number>" {
		return ""
	}
	v := number(value, 0)
	switch {
	case !numeral.MatchString(value):
		return "a number"
	case v < number(p.MinValue, v):
		return "at least " + p.MinValue
	case v > number(p.MaxValue, v):
		return "at most " + p.MaxValue
	}
	return ""
}

// numeral is an integer or a float, as CloudFormation takes them.
var numeral = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// number reads a bound; what is not there or no number bounds nothing.
func number(s string, otherwise float64) float64 {
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return v
	}
	return otherwise
}
