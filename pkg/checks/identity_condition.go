package checks

import (
	"slices"
	"strconv"
	"strings"
)

// Condition is one operator on one key of a statement's Condition.
type Condition struct {
	Operator, Key string
	Values        Patterns

	key      string // in lower case: keys are compared so
	base     string // the operator without set prefix and IfExists
	negated  bool
	forAll   bool
	forAny   bool
	ifExists bool
}

func newCondition(operator, key string, values place) Condition {
	c := Condition{Operator: operator, Key: key, Values: patternsOf(values), key: strings.ToLower(key)}
	c.base, c.forAll = strings.CutPrefix(operator, "ForAllValues:")
	c.base, c.forAny = strings.CutPrefix(c.base, "ForAnyValue:")
	c.base, c.ifExists = strings.CutSuffix(c.base, "IfExists")
	if strings.Contains(c.base, "Not") {
		c.negated, c.base = true, strings.Replace(c.base, "Not", "", 1)
	}
	return c
}

// holds decides the condition for a request. A key that the context maps to nothing is absent from the request; a key that
// is not in the context may have any value. (IAM User Guide, condition operators and multivalued context keys.)
func (c Condition) holds(context map[string][]string) verdict {
	have, known := context[c.key]
	switch {
	case c.key == "":
		return unknownVerdict(c.Values.Unknown)
	case !known:
		return verdict{tri: Maybe, why: "it depends on " + c.Key}
	case c.base == "Null":
		return both(c.allKnown(), yesIf(slices.Contains(c.Values.Texts, strconv.FormatBool(len(have) == 0))))
	case len(have) == 0:
		return yesIf(c.ifExists || c.forAll || c.negated && !c.forAny)
	case comparison(c.base) == nil:
		return verdict{tri: Maybe, why: "operator " + c.Operator + " is not evaluated"}
	case c.forAll:
		return c.all(have)
	}
	if c.negated && !c.forAny {
		return c.all(have)
	}
	answer := impossible()
	for _, value := range have {
		answer = either(answer, c.accepts(value))
	}
	return answer
}

func (c Condition) all(have []string) verdict {
	answer := certain()
	for _, value := range have {
		answer = both(answer, c.accepts(value))
	}
	return answer
}

func (c Condition) allKnown() verdict {
	if c.Values.Unknown != "" {
		return unknownVerdict(c.Values.Unknown)
	}
	return certain()
}

// accepts compares one value of the request with the values of the condition.
func (c Condition) accepts(value string) verdict {
	answer := opposite(c.allKnown())
	for _, want := range c.Values.Texts {
		switch {
		case strings.Contains(want, "${"):
			answer = either(answer, verdict{tri: Maybe, why: "it depends on the policy variable in " + want})
		case comparison(c.base)(want, value):
			answer = certain()
		}
	}
	if c.negated {
		return opposite(answer)
	}
	return answer
}

// comparison is an operator, without Not, as a function of the policy's value and the request's; nil for others.
func comparison(operator string) func(want, have string) bool {
	switch operator {
	case "StringEquals":
		return func(want, have string) bool { return want == have }
	case "StringEqualsIgnoreCase", "Bool":
		return strings.EqualFold
	case "StringLike":
		return covers
	case "ArnEquals", "ArnLike":
		return coversARN
	case "NumericEquals":
		return numeric(func(want, have float64) bool { return have == want })
	case "NumericLessThan":
		return numeric(func(want, have float64) bool { return have < want })
	case "NumericLessThanEquals":
		return numeric(func(want, have float64) bool { return have <= want })
	case "NumericGreaterThan":
		return numeric(func(want, have float64) bool { return have > want })
	case "NumericGreaterThanEquals":
		return numeric(func(want, have float64) bool { return have >= want })
	}
	return nil
}

func numeric(compare func(want, have float64) bool) func(want, have string) bool {
	return func(want, have string) bool {
		w, errWant := strconv.ParseFloat(want, 64)
		h, errHave := strconv.ParseFloat(have, 64)
		return errWant == nil && errHave == nil && compare(w, h)
	}
}

// narrows tells whether the condition holds requests to certain values of one of the keys; a key ending in * stands for all
// that begin so. What also lets requests without the key pass, or any value, does not narrow.
func (c Condition) narrows(keys ...string) bool {
	matches := slices.ContainsFunc(keys, func(key string) bool { return covers(strings.ToLower(key), c.key) })
	if !matches || c.negated || c.forAll || c.ifExists || comparison(c.base) == nil {
		return false
	}
	if c.base == "Bool" && slices.Contains(c.Values.Texts, "false") {
		return false
	}
	return c.Values.given() && !slices.ContainsFunc(c.Values.Texts, saysNothing)
}

// saysNothing tells whether a value of a condition is so wide that it holds nobody off: no letter or digit but those of an
// ARN's front, or any account and any resource.
func saysNothing(value string) bool {
	parts := strings.SplitN(value, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" {
		account, name := parts[4], parts[5]
		for _, kind := range []string{"role/", "user/", "assumed-role/"} {
			if rest, ok := strings.CutPrefix(name, kind); ok {
				return strings.ContainsAny(account, "*?") || rest == "" || strings.ContainsAny(rest[:1], "*?")
			}
		}
		return strings.Trim(account, "*?") == "" && strings.Trim(name, "*?/:") == ""
	}
	return strings.Trim(value, "*?") == "" || strings.HasPrefix(value, "arn:") && strings.Contains(value, "*")
}
