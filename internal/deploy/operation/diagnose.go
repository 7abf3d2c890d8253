package operation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// Diagnose finds the causes among an operation's events: resources that failed for a reason of their own, not because something else had
// failed, in the order in which they failed. stack is the root stack's name.
func Diagnose(stack string, o Outcome) report.Diagnosis {
	t := newTree(stack, o)
	d := report.Diagnosis{Stack: stack, Status: o.Status, Console: console(o.Stack)}
	if !o.Ended.IsZero() {
		d.Seconds = o.Ended.Sub(o.Begun).Seconds()
	}
	var nested []report.Resource
	for i, r := range o.Events {
		switch {
		case !strings.HasSuffix(r.Status, "_FAILED") || t.own(r):
		case cancelled(r.Reason):
			d.Cancelled++
		case mended(r, o.Events[i+1:]):
		case r.Type == stackType:
			nested = append(nested, r)
		default:
			t.add(&d, r, r.Reason)
		}
	}
	// Deepest first: a nested stack that is itself a cause explains those around it.
	slices.SortStableFunc(nested, func(a, b report.Resource) int { return len(b.Path) - len(a.Path) })
	for _, r := range nested {
		if inside := append(slices.Clone(r.Path), r.LogicalID); !explained(d, inside) {
			t.add(&d, r, cmp.Or(t.reasons[strings.Join(inside, "/")], r.Reason))
		}
	}
	if len(d.Causes) == 0 {
		t.addRoot(&d, o)
	}
	slices.SortStableFunc(d.Causes, func(a, b report.Cause) int { return a.Time.Compare(b.Time) })
	return d
}

// A tree is what the stacks of an operation say of themselves.
type tree struct {
	stack, arn string
	// nested are the ARNs of nested stacks by place.
	nested map[string][]string
	// reasons are those of stacks that failed for a reason of their own, a timeout for instance, by place.
	reasons map[string]string
	remarks map[string][]string
}

func newTree(stack string, o Outcome) *tree {
	t := &tree{stack: stack, arn: o.Stack, nested: map[string][]string{}, reasons: map[string]string{}, remarks: o.remarks}
	for _, r := range o.Events {
		if r.Type == stackType && r.PhysicalID != "" {
			at := place(r.Path, r.LogicalID)
			t.nested[at] = append(t.nested[at], r.PhysicalID)
		}
	}
	for _, r := range o.Events {
		at := strings.Join(r.Path, "/")
		failing := strings.HasSuffix(r.Status, "_FAILED") || strings.HasSuffix(r.Status, "ROLLBACK_IN_PROGRESS")
		if failing && t.own(r) && t.reasons[at] == "" && r.Reason != "" && !strings.HasPrefix(r.Reason, "The following resource(s) failed") && !cancelled(r.Reason) {
			t.reasons[at] = r.Reason
		}
	}
	return t
}

// own tells the events of a stack about itself.
func (t *tree) own(r report.Resource) bool {
	if len(r.Path) == 0 {
		return r.Type == stackType && (r.PhysicalID == t.arn || r.LogicalID == t.stack)
	}
	return r.Type == stackType && slices.Contains(t.nested[strings.Join(r.Path, "/")], r.PhysicalID)
}

// add lists a cause, once for each reason.
func (t *tree) add(d *report.Diagnosis, r report.Resource, reason string) {
	c := report.Cause{Path: r.Path, LogicalID: r.LogicalID, Type: r.Type, Status: r.Status, Reason: cmp.Or(reason, "CloudFormation gives no reason"), Time: r.Time,
		Details: t.remarks[place(r.Path, r.LogicalID)]}
	if !slices.ContainsFunc(d.Causes, func(other report.Cause) bool {
		return other.LogicalID == c.LogicalID && slices.Equal(other.Path, c.Path) && other.Reason == c.Reason
	}) {
		d.Causes = append(d.Causes, c)
	}
}

// addRoot lists why the root stack itself failed: it was cancelled, took too long, or does not say more.
func (t *tree) addRoot(d *report.Diagnosis, o Outcome) {
	for _, r := range o.Events {
		failing := strings.HasSuffix(r.Status, "_FAILED") || strings.HasSuffix(r.Status, "ROLLBACK_IN_PROGRESS")
		if len(r.Path) == 0 && t.own(r) && failing {
			t.add(d, r, cmp.Or(t.reasons[""], r.Reason))
			return
		}
	}
}

// explained tells whether a cause lies in a stack.
func explained(d report.Diagnosis, inside []string) bool {
	return slices.ContainsFunc(d.Causes, func(c report.Cause) bool {
		whole := append(slices.Clone(c.Path), c.LogicalID)
		return len(whole) > len(inside) && slices.Equal(whole[:len(inside)], inside)
	})
}

// cancelled tells CloudFormation's words for work that ended because something else had failed.
func cancelled(reason string) bool {
	return strings.HasSuffix(strings.TrimRight(reason, ". "), " cancelled")
}

// mended tells a deletion that failed and was repeated with success, as CloudFormation does with what other resources still use.
func mended(r report.Resource, later []report.Resource) bool {
	return r.Status == "DELETE_FAILED" && slices.ContainsFunc(later, func(other report.Resource) bool {
		return other.Status == "DELETE_COMPLETE" && other.PhysicalID == r.PhysicalID && other.LogicalID == r.LogicalID && slices.Equal(other.Path, r.Path)
	})
}

// DiagnoseChangeSet tells why a change set failed that never became an operation: what CloudFormation's validation, hooks and checks found
// against it. Warnings are no causes.
func DiagnoseChangeSet(stack string, findings []report.Validation) report.Diagnosis {
	d := report.Diagnosis{Stack: stack}
	for _, v := range findings {
		if v.Severity != "error" {
			continue
		}
		c := report.Cause{Path: v.Path, LogicalID: cmp.Or(v.LogicalID, stack), Status: "VALIDATION_FAILED", Reason: v.Text}
		if v.Check != "" {
			c.Reason = v.Check + ": " + v.Text
		}
		if v.Mend != "" {
			c.Details = []string{v.Mend}
		}
		d.Causes = append(d.Causes, c)
	}
	return d
}
