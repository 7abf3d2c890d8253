// Package verify asks a live account, after a deployment, whether what the templates promise holds there: of each resource what is
// promised, what AWS says, and whether the two agree. What could not be read is unknown, never well. The answers make an evidence file
// that an auditor can keep.
package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/signed"
)

// A Result is what became of a promise.
type Result string

// The results, worst first.
const (
	// Fail: AWS says otherwise than promised.
	Fail Result = "fail"
	// Unknown: nobody could tell: the call was denied or throttled, or the promise cannot be read from the template.
	Unknown Result = "unknown"
	// Pass: AWS says what is promised.
	Pass Result = "pass"
	// NotApplicable: nothing is promised here, with the reason.
	NotApplicable Result = "not applicable"
)

// A Check is one promise and how AWS is asked about it.
type Check struct {
	// ID names the check for people and for --allow-unknown; Title is the promise.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Requirements are the platform's own, R13; PCI the numbers of PCI DSS v4.0.1: those of the Rules that promise the same of the templates.
	Requirements []string `json:"requirements"`
	PCI          []string `json:"pci_dss"`
	Rules        []string `json:"rules"`
	// Actions are the calls made, as IAM names the permissions for them.
	Actions []string `json:"asks"`

	run func(context.Context, *look)
}

// A Finding is what AWS says of one resource.
type Finding struct {
	// Resource is the ARN, or the name where there is none; Place is where the templates declare it.
	Resource string `json:"resource"`
	Place    string `json:"place"`
	Type     string `json:"resource_type"`
	Expected string `json:"expected"`
	Observed string `json:"observed"`
	Result   Result `json:"result"`
	// Why is the reason of what is unknown or not applicable.
	Why string `json:"why"`
	// Accepted is the reason for which somebody accepted that it is unknown.
	Accepted string    `json:"accepted"`
	Time     time.Time `json:"time"`
}

// An Outcome is a check with what it found.
type Outcome struct {
	Check
	// Result is the worst of the findings.
	Result   Result    `json:"result"`
	Findings []Finding `json:"findings"`
}

// Input is what a verification works with.
type Input struct {
	Cloud  *cloud.Cloud
	Signed signed.Client
	Clock  clock.Clock
	Estate *Estate
	// Environment is the suffix that names carry.
	Environment string
	// AllowUnknown are reasons, by the IDs of checks, for which unknown findings are accepted.
	AllowUnknown map[string]string
	// Progress is told after each check how many are done, one at a time; it may be nil.
	Progress func(done, of int)
}

// atOnce is how many checks ask at the same time.
const atOnce = 6

// Accepted refuses reasons for checks that do not exist, and missing reasons.
func Accepted(reasons map[string]string) error {
	var known []string
	for _, c := range Catalog() {
		known = append(known, c.ID)
	}
	for _, id := range sortedKeys(reasons) {
		switch {
		case !slices.Contains(known, id):
			return &fault.Error{Code: fault.Usage, What: "--allow-unknown names no check", Found: id, Allowed: fmt.Sprint(known)}
		case reasons[id] == "":
			return &fault.Error{Code: fault.Usage, What: "--allow-unknown gives no reason", Found: id, Allowed: "CHECK=REASON; the evidence holds the reason"}
		}
	}
	return nil
}

// Run makes all checks. It fails only where no answer could be had at all: of an interrupted run, and with credentials that ended.
func Run(ctx context.Context, in Input) ([]Outcome, error) {
	checks := Catalog()
	outcomes := make([]Outcome, len(checks))
	a := newAccount(ctx, in)
	group, parallel := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	var lock sync.Mutex
	done := 0
	for i, check := range checks {
		group.Go(func() error {
			l := &look{account: a, estate: in.Estate}
			check.run(parallel, l)
			outcomes[i] = l.outcome(check, in.AllowUnknown[check.ID])
			lock.Lock()
			defer lock.Unlock()
			if done++; in.Progress != nil {
				in.Progress(done, len(checks))
			}
			return l.broken
		})
	}
	err := group.Wait()
	if interrupted := ctx.Err(); interrupted != nil {
		return nil, errors.Join(interrupted, err)
	}
	return outcomes, err
}

// outcome sums a check up: its findings in the order of their places.
func (l *look) outcome(c Check, accepted string) Outcome {
	if len(l.found) == 0 {
		l.nothing("nothing of the kind in the stacks")
	}
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Expected, b.Expected))
	})
	o := Outcome{Check: c, Result: NotApplicable, Findings: l.found}
	for i := range o.Findings {
		f := &o.Findings[i]
		if f.Result == Unknown {
			f.Accepted = accepted
		}
		if severity(f.Result) < severity(o.Result) {
			o.Result = f.Result
		}
	}
	return o
}

func severity(r Result) int { return slices.Index([]Result{Fail, Unknown, Pass, NotApplicable}, r) }

// A Summary counts findings.
type Summary struct {
	Checks        int `json:"checks"`
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Unknown       int `json:"unknown"`
	Accepted      int `json:"accepted_unknown"`
	NotApplicable int `json:"not_applicable"`
}

// Sum counts the findings of all checks.
func Sum(outcomes []Outcome) Summary {
	s := Summary{Checks: len(outcomes)}
	for _, o := range outcomes {
		for _, f := range o.Findings {
			switch {
			case f.Result == Pass:
				s.Pass++
			case f.Result == Fail:
				s.Fail++
			case f.Result == Unknown && f.Accepted != "":
				s.Accepted++
			case f.Result == Unknown:
				s.Unknown++
			default:
				s.NotApplicable++
			}
		}
	}
	return s
}

// Holds tells whether every promise holds, but for what somebody accepted as unknown.
func (s Summary) Holds() bool { return s.Fail == 0 && s.Unknown == 0 }
