package operation

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// overlap is how many events known already are read again before older pages are left alone: events may be delivered in another order
// than that of their times.
const overlap = 5

// attempts of one call: the follower itself is patient, and must go on ticking meanwhile.
const attempts = 5

// read fetches the events that are new, back to those known or to the operation's beginning.
func (f *Follower) read(ctx context.Context, d *feed) error {
	var fresh []types.StackEvent
	in := &cloudformation.DescribeStackEventsInput{StackName: &d.stack}
	known := map[string]bool{}
	for {
		out, err := f.api.DescribeStackEvents(ctx, in, func(o *cloudformation.Options) { o.RetryMaxAttempts = attempts })
		if err != nil {
			return err
		}
		if f.announced && f.clock.Now().Sub(f.ticked) >= tickEvery { // calls wait for each other: many of them take seconds
			f.tick()
		}
		for _, e := range out.StackEvents {
			if d.seen[aws.ToString(e.EventId)] || f.earlier(e) {
				known[aws.ToString(e.EventId)] = true
				continue
			}
			fresh = append(fresh, e)
		}
		in.NextToken = out.NextToken
		if in.NextToken == nil || len(known) >= overlap {
			break
		}
		if d == f.root && f.begun.IsZero() {
			if i, sure := beginning(ordered(fresh), f.token); sure && i >= overlap {
				break
			}
		}
	}
	fresh = ordered(fresh)
	if d == f.root && f.begun.IsZero() {
		fresh = f.begin(fresh)
	}
	d.take(fresh)
	return nil
}

// begin finds the operation among the root's events and gives those that belong to it.
func (f *Follower) begin(events []types.StackEvent) []types.StackEvent {
	if len(events) > 0 { // a deleted stack is found by its ARN only
		f.root.stack = aws.ToString(events[0].StackId)
	}
	first, _ := beginning(events, f.token)
	if first == len(events) {
		return nil
	}
	f.begun = aws.ToTime(events[first].Timestamp)
	f.root.doing = doing(string(events[first].ResourceStatus))
	return events[first:]
}

// earlier tells the events of operations before. Nothing ends at the very moment at which its operation begins.
func (f *Follower) earlier(e types.StackEvent) bool {
	at := aws.ToTime(e.Timestamp)
	return !f.begun.IsZero() && (at.Before(f.begun) || at.Equal(f.begun) && !strings.HasSuffix(string(e.ResourceStatus), "_IN_PROGRESS"))
}

// ordered are events without duplicates, oldest first: by time, then as CloudFormation delivers them, which is newest first.
func ordered(events []types.StackEvent) []types.StackEvent {
	seen := map[string]bool{}
	var all []types.StackEvent
	for _, e := range slices.Backward(events) {
		if id := aws.ToString(e.EventId); !seen[id] {
			seen[id] = true
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b types.StackEvent) int { return aws.ToTime(a.Timestamp).Compare(aws.ToTime(b.Timestamp)) })
	return all
}

// beginning is the index of the event with which the latest operation on a stack begins, or the one with a token; their number when there
// is none. sure is false when older events could show that it began before.
func beginning(events []types.StackEvent, token string) (index int, sure bool) {
	index = len(events)
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		if !own(e) || token != "" && aws.ToString(e.ClientRequestToken) != token {
			if own(e) && index < len(events) { // of an operation before the expected one
				return index, true
			}
			continue
		}
		status := string(e.ResourceStatus)
		if index < len(events) && ended(status) {
			return index, true
		}
		if status == string(types.StackStatusReviewInProgress) {
			return index, true
		}
		index = i
		if starts(e) {
			return index, true
		}
	}
	return index, false
}

// ended tells whether an operation ends with a stack's status.
func ended(status string) bool { return !strings.HasSuffix(status, "_IN_PROGRESS") }

// starts tells the events with which an operation begins whatever was before. A rollback belongs to the operation that failed or was
// cancelled, unless that has ended already; the deletion of what could not be created belongs to the creation.
func starts(e types.StackEvent) bool {
	if e.DetailedStatus != "" {
		return false
	}
	switch types.StackStatus(e.ResourceStatus) {
	case types.StackStatusCreateInProgress, types.StackStatusUpdateInProgress, types.StackStatusImportInProgress:
		return true
	case types.StackStatusDeleteInProgress:
		return strings.HasPrefix(aws.ToString(e.ResourceStatusReason), "User Initiated")
	}
	return false
}

// own tells the events of a stack about itself.
func own(e types.StackEvent) bool {
	return aws.ToString(e.PhysicalResourceId) == aws.ToString(e.StackId)
}

// place names a resource within the root stack.
func place(path []string, id string) string { return strings.Join(append(slices.Clone(path), id), "/") }
