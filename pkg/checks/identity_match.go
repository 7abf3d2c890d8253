package checks

import (
	"slices"
	"strings"
)

// Tri is the answer to a question that may have none: No, Maybe or Yes.
type Tri uint8

// The answers, in rising order.
const (
	No Tri = iota
	Maybe
	Yes
)

// String is the answer as a word.
func (t Tri) String() string { return [...]string{"no", "maybe", "yes"}[t] }

// verdict is an answer with the reason why it is no clear one.
type verdict struct {
	tri Tri
	why string
	// unknown tells that a value is missing; otherwise the answer depends on the request.
	unknown bool
}

func certain() verdict { return verdict{tri: Yes} }

func impossible() verdict { return verdict{} }

func yesIf(b bool) verdict {
	if b {
		return certain()
	}
	return impossible()
}

func unknownVerdict(why string) verdict { return verdict{tri: Maybe, why: why, unknown: true} }

// both is the answer to "a and b".
func both(a, b verdict) verdict {
	if a.tri < b.tri || a.tri == b.tri && a.unknown {
		return a
	}
	return b
}

// either is the answer to "a or b".
func either(a, b verdict) verdict {
	if a.tri > b.tri || a.tri == b.tri && !a.unknown {
		return a
	}
	return b
}

// Patterns are the texts of an element of a policy, with * and ? standing for any characters and any one.
type Patterns struct {
	Texts []string
	// Unknown is why not all of them are known.
	Unknown string

	place place
}

func patternsOf(p place) Patterns {
	list := Patterns{place: p}
	for _, item := range p.value.List() {
		if text := item.String(); text != "" {
			list.Texts = append(list.Texts, text)
		} else if why := item.anyUnknown(); why != "" {
			list.Unknown = why
		}
	}
	return list
}

// given tells whether the element is written at all.
func (p Patterns) given() bool { return len(p.Texts) > 0 || p.Unknown != "" }

// path is the property path of the nth text.
func (p Patterns) path(n int) string {
	items := p.place.items()
	if len(items) != len(p.Texts) {
		return p.place.path
	}
	return items[n].path
}

// match tells whether one of the patterns covers a subject. Policy variables, such as ${aws:username}, are decided by the
// request.
func (p Patterns) match(subject string, fold bool) verdict {
	answer := impossible()
	if p.Unknown != "" {
		answer = unknownVerdict(p.Unknown)
	}
	for _, text := range p.Texts {
		if !coversVariable(text, subject, fold) {
			continue
		}
		if !strings.Contains(text, "${") {
			return certain()
		}
		answer = either(verdict{tri: Maybe, why: "it depends on the policy variable in " + text}, answer)
	}
	return answer
}

// coversVariable is covers with policy variables standing for anything.
func coversVariable(pattern, subject string, fold bool) bool {
	if fold && !strings.ContainsAny(pattern, "*?$") {
		return strings.EqualFold(pattern, subject)
	}
	if fold {
		pattern, subject = strings.ToLower(pattern), strings.ToLower(subject)
	}
	for {
		start := strings.Index(pattern, "${")
		if start < 0 {
			return covers(pattern, subject)
		}
		end := strings.IndexByte(pattern[start:], '}')
		if end < 0 {
			return covers(pattern, subject)
		}
		pattern = pattern[:start] + "*" + pattern[start+end+1:]
	}
}

// covers tells whether a pattern with * and ? matches a whole text.
func covers(pattern, text string) bool {
	first := strings.IndexAny(pattern, "*?")
	if first < 0 {
		return pattern == text
	}
	if len(text) < first || pattern[:first] != text[:first] {
		return false
	}
	p, t := first, first
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// coversARN compares each of the six parts of an ARN by itself, as ArnLike and ArnEquals do; what is no ARN is compared as
// a whole. (IAM User Guide, condition operators for ARNs.)
func coversARN(pattern, text string) bool {
	want, have := strings.SplitN(pattern, ":", 6), strings.SplitN(text, ":", 6)
	if len(want) != 6 || len(have) != 6 {
		return covers(pattern, text) && (len(want) == len(have) || !strings.HasPrefix(pattern, "arn:"))
	}
	for i := range want {
		if !covers(want[i], have[i]) {
			return false
		}
	}
	return true
}

// Principal is who asks, or who a policy names.
type Principal struct {
	// Kind is AWS, Service, Federated or CanonicalUser, as policies call it.
	Kind string
	// ID is an ARN, an account, a service's name such as logs.amazonaws.com, or * for anybody.
	ID string
}

// The kinds of principals that have a meaning here.
const (
	awsPrincipal     = "AWS"
	servicePrincipal = "Service"
)

// anybody is how policies name everybody; asking, it is somebody of another account.
func anybody() Principal { return Principal{awsPrincipal, "*"} }

// String is the principal's name: of a role without the ARN's front.
func (p Principal) String() string {
	if p == anybody() {
		return "anybody"
	}
	if _, name, ok := strings.Cut(p.ID, ":role/"); ok {
		return name
	}
	return p.ID
}

// account is the principal's account; empty for services.
func (p Principal) account() string {
	switch {
	case p.Kind != awsPrincipal:
		return ""
	case len(p.ID) == 12:
		return p.ID
	}
	return accountIn(p.ID)
}

// accountIn is the account in an ARN, its fifth part.
func accountIn(arn string) string {
	rest := arn
	for range 4 {
		_, rest, _ = strings.Cut(rest, ":")
	}
	account, _, _ := strings.Cut(rest, ":")
	return account
}

// isAccount tells whether the principal is an account as a whole.
func (p Principal) isAccount() bool {
	return p.Kind == awsPrincipal && (p.ID == p.account() && p.ID != "" || strings.HasSuffix(p.ID, ":root"))
}

// namedIn tells whether a list of principals names p itself, and whether it names p's account.
func (p Principal) namedIn(list []Principal) (itself, account bool) {
	itself = slices.Contains(list, p) || slices.Contains(list, anybody())
	account = slices.ContainsFunc(list, func(q Principal) bool { return q.isAccount() && q.account() == p.account() })
	return itself, account
}
