package operation

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/report"
)

// Pace of asking a nested stack: soon after it began, then as long as it was silent, at most so rarely that a failure is on the screen
// ten seconds after it.
const (
	nestedAtFirst = 3 * time.Second
	nestedAtMost  = 9 * time.Second
)

// A feed is what one stack says.
type feed struct {
	stack string   // name or ARN
	name  string   // as the events call it
	path  []string // of the stack below the root
	// status, reason and at are the stack's own, as told last.
	status, reason string
	at             time.Time
	// doing is the operation in one word.
	doing string
	// operations are CloudFormation's identifiers of those seen.
	operations []string
	seen       map[string]bool
	began      map[string]time.Time // by logical ID
	fresh      []types.StackEvent   // oldest first
	untold     []report.Resource    // as the stack said it

	// told is the parent's last word on a nested stack, toldAt when the parent began to work on it.
	told   string
	toldAt time.Time
	// owed is set when the parent said something that the stack has to be asked about; urgent when that was a failure.
	owed, urgent bool
	// owedSince is when the parent said that the stack ended.
	owedSince time.Time
	// next is when to ask again, after pausing for so long.
	next  time.Time
	pause time.Duration
	// unreadable stacks are not asked any more.
	unreadable bool
	trouble    int
}

func newFeed(stack string, path []string) *feed {
	return &feed{stack: stack, path: path, pause: nestedAtFirst, seen: map[string]bool{}, began: map[string]time.Time{}}
}

// take keeps new events, given oldest first.
func (d *feed) take(events []types.StackEvent) {
	d.owed, d.urgent, d.trouble = false, false, 0
	d.pause = min(d.pause+nestedAtFirst, nestedAtMost)
	if len(events) > 0 {
		d.pause = nestedAtFirst
	}
	for _, e := range events {
		if d.path == nil && d.final() && aws.ToTime(e.Timestamp).After(d.at) { // what comes after the end is another operation's
			return
		}
		d.seen[aws.ToString(e.EventId)] = true
		d.fresh = append(d.fresh, e)
		d.note(e)
	}
}

// rest decides when a nested stack is asked again.
func (d *feed) rest(now time.Time) { d.next = now.Add(d.pause) }

// note remembers what a stack says of itself. Events may come late: an older one, or one of the same moment, takes nothing back.
func (d *feed) note(e types.StackEvent) {
	at := aws.ToTime(e.Timestamp)
	if !own(e) || at.Before(d.at) || at.Equal(d.at) && d.final() && !ended(string(e.ResourceStatus)) {
		return
	}
	d.name, d.status, d.at = aws.ToString(e.StackName), string(e.ResourceStatus), at
	if reason := aws.ToString(e.ResourceStatusReason); reason != "" || ended(d.status) {
		d.reason = reason
	}
	if id := aws.ToString(e.OperationId); id != "" && !slices.Contains(d.operations, id) {
		d.operations = append(d.operations, id)
	}
}

// operation is CloudFormation's identifier of the first operation seen.
func (d *feed) operation() string {
	if len(d.operations) == 0 {
		return ""
	}
	return d.operations[0]
}

// doing is what an operation that begins with a status does, in one word.
func doing(status string) string {
	switch {
	case strings.Contains(status, "ROLLBACK"):
		return "rollback"
	case strings.HasPrefix(status, "UPDATE"):
		return "update"
	}
	word, _, _ := strings.Cut(status, "_")
	return strings.ToLower(word)
}

// hear takes the parent's word on a nested stack and decides when the stack is asked: at once about what failed or ended.
func (d *feed) hear(e types.StackEvent, now time.Time) {
	d.told = string(e.ResourceStatus)
	switch {
	case !ended(d.told):
		if d.toldAt.IsZero() || ended(d.status) {
			d.toldAt = aws.ToTime(e.Timestamp)
		}
		d.owed, d.pause = true, nestedAtFirst
		if !d.urgent { // its rollback may begin before anybody asked why it failed
			d.next = now.Add(nestedAtFirst)
		}
	case d.at.After(d.toldAt) && (ended(d.status) || cleaning(d.status)): // it said so itself
	default:
		d.owed, d.next, d.owedSince = true, now, now
		d.urgent = strings.HasSuffix(d.told, "_FAILED")
	}
}

// final tells whether the stack's operation has ended. The clean-up after an update is part of it.
func (d *feed) final() bool { return d.status != "" && ended(d.status) }

// cleaning tells a stack that waits for its root, or deletes what an update replaced.
func cleaning(status string) bool { return strings.HasSuffix(status, "_CLEANUP_IN_PROGRESS") }

// settled tells whether a nested stack has nothing more to say.
func (d *feed) settled() bool { return !d.owed && (d.status == "" || ended(d.status)) }

// due tells whether a nested stack is at work, or owes an answer, and has not been asked for a while.
func (d *feed) due(now time.Time, root string) bool {
	working := d.told != "" && !ended(d.told) || d.status != "" && !ended(d.status) && (!cleaning(d.status) || cleaning(root))
	return !d.unreadable && (d.owed || working) && !now.Before(d.next)
}

// resource is the report of an event.
func (d *feed) resource(e types.StackEvent) report.Resource {
	r := report.Resource{Path: d.path, LogicalID: aws.ToString(e.LogicalResourceId), PhysicalID: aws.ToString(e.PhysicalResourceId), Type: aws.ToString(e.ResourceType),
		Status: string(e.ResourceStatus), Detailed: string(e.DetailedStatus), Reason: aws.ToString(e.ResourceStatusReason), Time: aws.ToTime(e.Timestamp), EventID: aws.ToString(e.EventId)}
	began, working := d.began[r.LogicalID]
	switch {
	case !working || !ended(r.Status) && r.Detailed == "" && r.Reason == "":
		d.began[r.LogicalID] = r.Time
	default:
		r.Seconds = r.Time.Sub(began).Seconds()
	}
	return r
}
