package store

import "context"

// Deployments counts the records of the environment.
func (b *Bucket) Deployments(ctx context.Context) (int, error) {
	keys, err := b.list(ctx, b.recordPrefix())
	return len(keys), err
}
