package teardown

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Storage are the calls of Amazon S3 that empty a bucket and tell whether it exists.
type Storage interface {
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
	ListMultipartUploads(context.Context, *s3.ListMultipartUploadsInput, ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error)
	AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error)
	HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
}

// A Bucket is one to be emptied.
type Bucket struct {
	API  Storage
	Name string
	// Owner is the account that must own it: a name may by now belong to somebody else's bucket.
	Owner string
	// Spare is a key that stays, the environment's lock.
	Spare string
	// Progress is told how many were deleted so far, now and then; nil tells nobody.
	Progress func(deleted int)
}

// deleters is how many calls delete at the same time: an archive of a year holds millions of objects.
const deleters = 4

// Empty deletes all versions, delete markers and unfinished uploads ("You must delete all objects in the bucket for deletion to succeed",
// AWS::S3::Bucket). It tells how many it deleted. A bucket that does not exist is empty.
func (b Bucket) Empty(ctx context.Context) (int, error) {
	for total := 0; ; {
		deleted, err := b.pass(ctx, total)
		total += deleted
		switch {
		case cloud.Missing(err):
			return total, nil
		case err != nil:
			return total, err
		case deleted == 0:
			return total, b.uploads(ctx)
		}
	}
}

// pass goes once through the bucket. What could not be deleted is an error only when nothing could.
func (b Bucket) pass(ctx context.Context, before int) (int, error) {
	var lock sync.Mutex
	deleted, stubborn := 0, error(nil)
	group, parallel := errgroup.WithContext(ctx)
	group.SetLimit(deleters)
	in := &s3.ListObjectVersionsInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Owner}
	var listing error
	for more := true; more; {
		out, err := b.API.ListObjectVersions(parallel, in)
		if err != nil {
			listing = fmt.Errorf("list what is in bucket %s: %w", b.Name, err)
			break
		}
		if batch := b.batch(out); len(batch) > 0 {
			group.Go(func() error {
				stayed, why, err := b.remove(parallel, batch)
				lock.Lock()
				defer lock.Unlock()
				if deleted += len(batch) - stayed; why != nil {
					stubborn = why
				}
				if b.Progress != nil {
					b.Progress(before + deleted)
				}
				return err
			})
		}
		in.KeyMarker, in.VersionIdMarker, more = out.NextKeyMarker, out.NextVersionIdMarker, aws.ToBool(out.IsTruncated)
	}
	err := group.Wait() // a failed deletion ends the listing, so that it comes first
	if err == nil {
		err = listing
	}
	if err == nil && deleted == 0 {
		err = stubborn
	}
	return deleted, err
}

// batch is a page of versions and delete markers, 1,000 at most as DeleteObjects takes.
func (b Bucket) batch(page *s3.ListObjectVersionsOutput) []types.ObjectIdentifier {
	var batch []types.ObjectIdentifier
	add := func(key, version *string) {
		if aws.ToString(key) != b.Spare || b.Spare == "" {
			batch = append(batch, types.ObjectIdentifier{Key: key, VersionId: version})
		}
	}
	for _, v := range page.Versions {
		add(v.Key, v.VersionId)
	}
	for _, m := range page.DeleteMarkers {
		add(m.Key, m.VersionId)
	}
	return batch
}

// remove deletes a batch and tells how many stayed, and why the first did.
func (b Bucket) remove(ctx context.Context, batch []types.ObjectIdentifier) (stayed int, why, err error) {
	out, err := b.API.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Owner, Delete: &types.Delete{Objects: batch, Quiet: new(true)}})
	if err != nil {
		return len(batch), nil, fmt.Errorf("empty bucket %s: %w", b.Name, err)
	}
	if len(out.Errors) > 0 {
		first := out.Errors[0]
		why = fmt.Errorf("empty bucket %s: %s, the first is %s: %w", b.Name, report.Plural(len(out.Errors), "object stays", "objects stay"), aws.ToString(first.Key), errors.New(aws.ToString(first.Message)))
	}
	return len(out.Errors), why, nil
}

// uploads aborts multipart uploads that were never finished.
func (b Bucket) uploads(ctx context.Context) error {
	in := &s3.ListMultipartUploadsInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Owner}
	for {
		out, err := b.API.ListMultipartUploads(ctx, in)
		if cloud.Missing(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list the unfinished uploads of bucket %s: %w", b.Name, err)
		}
		for _, u := range out.Uploads {
			_, err := b.API.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Owner, Key: u.Key, UploadId: u.UploadId})
			if err != nil && !cloud.Missing(err) {
				return fmt.Errorf("abort an unfinished upload of bucket %s: %w", b.Name, err)
			}
		}
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		in.KeyMarker, in.UploadIdMarker = out.NextKeyMarker, out.NextUploadIdMarker
	}
}
