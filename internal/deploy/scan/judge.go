package scan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// An imageCase is what is known about an image so far.
type imageCase struct {
	gate    *Gate
	verdict Verdict
	// subjects are the manifests to be judged, once they are known; pushed is when the image was.
	subjects []*subject
	pushed   time.Time
	// waitsFor says what is waited for.
	waitsFor      string
	decided, told bool
}

// A subject is a manifest with what its scan says.
type subject struct {
	digest string
	status types.ScanStatus
	// started is set when this run has started its scan, reads counts answers that contradicted themselves.
	started  bool
	reads    int
	scanned  time.Time
	findings []report.Finding
	done     bool
}

func newCase(g *Gate, i Image) *imageCase {
	return &imageCase{gate: g, verdict: Verdict{Name: i.Name, Repository: i.Repository, Digest: i.Digest, MaxSeverity: g.max(), Counts: map[string]int{}, Findings: []report.Finding{}}}
}

// step goes on as far as it can without waiting. What may pass is tried again in the next round, what cannot be read is refused.
func (c *imageCase) step(ctx context.Context, r *round) error {
	err := c.advance(ctx, r)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case cloud.Expired(err), cloud.Skewed(err):
		return &fault.Error{Code: fault.Usage, What: "Amazon ECR does not take the credentials (any more)", Err: err, Do: "sign in and try again: nothing was deployed"}
	case cloud.Transient(err):
		c.waitsFor = "Amazon ECR does not answer: " + err.Error()
		return nil
	}
	c.explain(err)
	return nil
}

// advance resolves the image to manifests, and reads the scans of those that are not done.
func (c *imageCase) advance(ctx context.Context, r *round) error {
	if c.subjects == nil {
		if err := c.resolve(ctx); err != nil || c.decided {
			return err
		}
	}
	for _, s := range c.subjects {
		if s.done {
			continue
		}
		err := c.read(ctx, r, s)
		if cloud.ErrorCode(err) == imageNotFound {
			c.missing(s.digest)
			return nil
		}
		if err != nil || c.decided {
			return err
		}
	}
	if !slices.ContainsFunc(c.subjects, func(s *subject) bool { return !s.done }) {
		c.decide()
	}
	return nil
}

// explain refuses because of an error that will not pass.
func (c *imageCase) explain(err error) {
	switch code := cloud.ErrorCode(err); {
	case code == imageNotFound:
		c.missing(c.verdict.Digest)
	case code == "RepositoryNotFoundException":
		c.refuse("there is no repository "+c.verdict.Repository, "deploy bootstrap makes the repositories; then push the image")
	case cloud.Denied(err):
		c.unscanned("Amazon ECR may not be asked: "+err.Error(), "give the caller the permission that is named")
	default:
		c.unscanned("Amazon ECR refuses the question: "+err.Error(), "look at the image in the console of Amazon ECR")
	}
}

// imageNotFound is ECR's code for an image that is not there.
const imageNotFound = "ImageNotFoundException"

func (c *imageCase) missing(digest string) {
	c.refuse("repository "+c.verdict.Repository+" holds no image "+digest, "push the image, and give the digest that the push prints")
}

// refuse decides against the image.
func (c *imageCase) refuse(reason, do string) {
	c.decided, c.verdict.Passed, c.verdict.Reason, c.verdict.Do = true, false, reason, do
}

// unscanned refuses an image of which nobody knows what is in it, unless an exception lets it pass.
func (c *imageCase) unscanned(reason, do string) {
	ids := []string{c.verdict.Digest}
	for _, s := range c.subjects {
		ids = append(ids, s.digest)
	}
	x, excepted := c.gate.except(AllowUnscanned, ids...)
	if !excepted {
		c.refuse(reason, do)
		return
	}
	c.decided, c.verdict.Passed, c.verdict.Reason, c.verdict.Exceptions = true, true, reason, []report.Exception{x}
}

// late refuses an image whose scan was waited for in vain.
func (c *imageCase) late(waited, most time.Duration) {
	reason := "its scan is not done: " + c.waitsFor
	if most > 0 {
		reason = fmt.Sprintf("its scan is not done after %s: %s", waited.Round(time.Second), c.waitsFor)
	}
	c.unscanned(reason, "try again, or wait for longer: --wait "+cmp.Or(2*most, DefaultWait).String())
}

// decide judges the findings of all manifests.
func (c *imageCase) decide() {
	v, g := &c.verdict, c.gate
	for _, s := range c.subjects {
		if s.scanned.Before(v.Scanned) || v.Scanned.IsZero() { // the oldest
			v.Scanned = s.scanned
		}
		v.Findings = append(v.Findings, s.findings...)
	}
	blocking := map[string]int{}
	for i := range v.Findings {
		f := &v.Findings[i]
		v.Counts[f.Severity]++
		if f.Above = g.above(f.Severity); !f.Above {
			continue
		}
		x, excepted := g.except(AllowCVE, f.ID)
		if f.Excepted = excepted; !excepted {
			blocking[f.Severity]++
		} else if !slices.Contains(v.Exceptions, x) {
			v.Exceptions = append(v.Exceptions, x)
		}
	}
	slices.SortStableFunc(v.Findings, worstFirst)
	slices.SortFunc(v.Exceptions, func(a, b report.Exception) int { return strings.Compare(a.ID, b.ID) })
	c.decided, v.Passed = true, len(blocking) == 0
	if v.Passed {
		return
	}
	c.refuse(fmt.Sprintf("findings above %s: %s", v.MaxSeverity, counted(blocking)), "update what is named and push the image anew, or accept one for a while: --allow-cve ID=REASON@DATE")
}

// worstFirst orders findings.
func worstFirst(a, b report.Finding) int {
	return cmp.Or(rank(b.Severity)-rank(a.Severity), strings.Compare(a.Severity, b.Severity), strings.Compare(a.ID, b.ID), strings.Compare(a.Package, b.Package))
}

// counted are numbers by severity in words: 1 CRITICAL, 2 HIGH.
func counted(bySeverity map[string]int) string {
	var parts []string
	for _, severity := range SortedSeverities(bySeverity) {
		parts = append(parts, fmt.Sprintf("%d %s", bySeverity[severity], severity))
	}
	return strings.Join(parts, ", ")
}

// SortedSeverities are the keys of a map by severity, the worst first.
func SortedSeverities(bySeverity map[string]int) (sorted []string) {
	for severity := range bySeverity {
		sorted = append(sorted, severity)
	}
	slices.SortFunc(sorted, func(a, b string) int { return cmp.Or(rank(b)-rank(a), strings.Compare(a, b)) })
	return sorted
}
