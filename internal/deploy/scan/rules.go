package scan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Rules are what the gate lets pass. The zero value is strict.
type Rules struct {
	// MaxSeverity is the highest severity of findings that is tolerated, DefaultMaxSeverity when empty.
	MaxSeverity string
	// Exceptions let pass what would be refused.
	Exceptions []report.Exception
	// Wait is how long to wait for scans that are not done, DefaultWait when 0. A negative one waits for nothing.
	Wait time.Duration
}

const (
	// DefaultMaxSeverity tolerates what is less than HIGH.
	DefaultMaxSeverity = "MEDIUM"
	// DefaultWait outlasts the first scan of an image. AWS names no duration.
	DefaultWait = 10 * time.Minute
)

// Flags of exceptions.
const (
	AllowCVE       = "allow-cve"
	AllowUnscanned = "allow-unscanned"
)

// farthest is how far ahead an exception may end: what is to last for longer is no exception.
const farthest = 366 * 24 * time.Hour

const day = "2006-01-02"

// Severities are those that may be tolerated, from none at all to everything (ECR API reference, ImageScanFinding; Amazon Inspector API
// reference, Finding).
func Severities() []string {
	return []string{"NONE", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"}
}

// rank orders severities. UNDEFINED and UNTRIAGED, which nobody has judged yet, and those not known here count as CRITICAL.
func rank(severity string) int {
	if at := slices.Index(Severities(), severity); at > 0 {
		return at
	}
	return len(Severities()) - 1
}

func (r Rules) max() string { return cmp.Or(r.MaxSeverity, DefaultMaxSeverity) }

// above tells whether a severity is not tolerated. NONE tolerates nothing, CRITICAL everything.
func (r Rules) above(severity string) bool {
	return r.max() == "NONE" || rank(severity) > rank(r.max())
}

func (r Rules) wait() time.Duration { return max(0, cmp.Or(r.Wait, DefaultWait)) }

// Check tells what is wrong with the rules at a time. It sends nothing. An exception that expired is refused, and never just left out: who
// gave it relies on it.
func (r Rules) Check(now time.Time) error {
	if !slices.Contains(Severities(), r.max()) {
		return &fault.Error{Code: fault.Usage, What: "--max-severity does not take this", Found: r.MaxSeverity, Allowed: strings.Join(Severities(), ", ")}
	}
	seen := map[string]bool{}
	for _, x := range r.Exceptions {
		last, err := time.Parse(day, x.Until)
		switch {
		case err != nil:
			return wrong(x.Flag, "has no date until when it counts", x.Until)
		case !now.Before(last.AddDate(0, 0, 1)):
			return &fault.Error{Code: fault.Refused, What: fmt.Sprintf("the exception --%s %s, for %q, has expired", x.Flag, x.ID, x.Reason), Found: x.Until,
				Allowed: "dates from " + now.UTC().Format(day) + " on", Do: "mend what it was for, or have it accepted anew with a later date"}
		case last.Sub(now) > farthest:
			return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("the exception --%s %s lasts too long", x.Flag, x.ID), Found: x.Until, Allowed: "a date within a year"}
		case seen[x.Flag+strings.ToUpper(x.ID)]:
			return &fault.Error{Code: fault.Usage, What: "--" + x.Flag + " names the same twice", Found: x.ID, Allowed: "one exception for each"}
		}
		seen[x.Flag+strings.ToUpper(x.ID)] = true
	}
	return nil
}

// forms are what the flags' exceptions are for.
var (
	vulnerability = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9.:]+)+$`)
	digestForm    = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// ParseException reads what a flag says: ID=reason@2026-12-31. The reason may hold any character.
func ParseException(flag, text string) (report.Exception, error) {
	id, rest, _ := strings.Cut(text, "=")
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return report.Exception{}, wrong(flag, "takes ID, reason and date", text)
	}
	x := report.Exception{Flag: flag, ID: strings.TrimSpace(id), Reason: strings.TrimSpace(rest[:at]), Until: strings.TrimSpace(rest[at+1:])}
	form, what := vulnerability, "names no vulnerability"
	if flag == AllowUnscanned {
		form, what = digestForm, "names no digest"
	}
	switch _, err := time.Parse(day, x.Until); {
	case !form.MatchString(x.ID):
		return x, wrong(flag, what, x.ID)
	case x.Reason == "":
		return x, wrong(flag, "has no reason", text)
	case err != nil:
		return x, wrong(flag, "has no date until when it counts", x.Until)
	}
	return x, nil
}

func wrong(flag, what, found string) error {
	example := "CVE-2026-1=the function is not called@2026-12-31"
	if flag == AllowUnscanned {
		example = "sha256:<64 digits>=built from nothing@2026-12-31"
	}
	return &fault.Error{Code: fault.Usage, What: "--" + flag + " " + what, Found: found, Allowed: "ID=REASON@DATE such as " + example}
}

// except is the exception of a flag for one of some IDs.
func (r Rules) except(flag string, ids ...string) (report.Exception, bool) {
	for _, x := range r.Exceptions {
		if x.Flag == flag && slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, x.ID) }) {
			return x, true
		}
	}
	return report.Exception{}, false
}

// Unused are the exceptions without which the verdicts would be the same.
func (r Rules) Unused(verdicts []Verdict) (unused []report.Exception) {
	for _, x := range r.Exceptions {
		if !slices.ContainsFunc(verdicts, func(v Verdict) bool { return slices.Contains(v.Exceptions, x) }) {
			unused = append(unused, x)
		}
	}
	return unused
}
