package store

import "context"

// Executed counts the change sets of the stack that the deployments on record executed, as far as matters to tell whether it is enough of
// them. Each executed one, and a run that released two: it registers revisions, and brings the stack level.
func (b *Bucket) Executed(ctx context.Context, enough int) (int, error) {
	ids, err := b.records(ctx)
	count := len(ids)
	if err != nil || count >= enough || 2*count < enough {
		return count, err
	}
	history, err := b.History(ctx, count)
	for _, r := range history {
		if len(r.Releases) > 0 {
			count++
		}
	}
	return count, err
}
