package store

import (
	"context"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

// address finds content addresses in texts: parameter values, template bodies, change sets' parameters.
var address = regexp.MustCompile(`templates/[0-9a-f]{64}\.yaml`)

// youngerThan keeps templates of runs that have uploaded them and not yet told anybody: a plan takes no lock. One that finds its templates
// there makes them young again when half of the time is over, see Upload. All by S3's clock, so that the machines' need not agree.
const youngerThan = time.Hour

// Collect deletes templates that nothing uses, and tells their keys: none of the latest keep records, and none of the texts in use, those
// of the deployed stack and of kept plans, names them, neither do templates named there; and they are older than an hour. dry deletes
// nothing.
func (b *Bucket) Collect(ctx context.Context, keep int, inUse []string, dry bool) ([]string, error) {
	records, err := b.History(ctx, max(keep, 1)) // the latest may be running
	if err != nil {
		return nil, err
	}
	used, err := b.reach(ctx, inUse)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		used[r.Root] = true
		for _, key := range r.Templates {
			used[key] = true
		}
	}
	objects, answer, err := b.listed(ctx, "templates/")
	if err != nil {
		return nil, err
	}
	var unused []string
	for _, o := range objects {
		if key := aws.ToString(o.Key); !used[key] && b.age(o.LastModified, answer) >= youngerThan {
			unused = append(unused, key)
		}
	}
	if dry {
		return unused, nil
	}
	return b.deleteAll(ctx, unused)
}

// deleteAll deletes objects and tells which, also when one of them fails.
func (b *Bucket) deleteAll(ctx context.Context, keys []string) ([]string, error) {
	done := make([]bool, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, key := range keys {
		group.Go(func() error {
			var err error
			done[i], err = b.deleteOld(ctx, key)
			return b.explain(err, "delete "+key)
		})
	}
	err := group.Wait()
	var gone []string
	for i, key := range keys {
		if done[i] {
			gone = append(gone, key)
		}
	}
	return gone, err
}

// deleteOld deletes an object, unless it is young again since it was listed: the condition on its tag notices that between the look and the
// deletion too, where the bucket is encrypted with a key of AWS KMS, with which each version has a tag of its own ("Checking object
// integrity", ETags of SSE-KMS).
func (b *Bucket) deleteOld(ctx context.Context, key string) (bool, error) {
	head, err := b.head(ctx, key)
	if err == nil && b.age(head.LastModified, head.ResultMetadata) >= youngerThan {
		_, err = b.api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key, ExpectedBucketOwner: &b.owner, IfMatch: head.ETag})
		if err == nil {
			return true, nil
		}
	}
	if moved(err) {
		return false, nil
	}
	return false, err
}

// reach are the templates that texts name, and those that these name in turn.
func (b *Bucket) reach(ctx context.Context, texts []string) (map[string]bool, error) {
	reached := map[string]bool{}
	var next []string
	name := func(text string) {
		for _, key := range address.FindAllString(text, -1) {
			if !reached[key] {
				reached[key] = true
				next = append(next, key)
			}
		}
	}
	for _, text := range texts {
		name(text)
	}
	for len(next) > 0 {
		key := next[0]
		next = next[1:]
		body, err := b.Template(ctx, key)
		if err != nil {
			return nil, err
		}
		name(string(body))
	}
	return reached, nil
}
