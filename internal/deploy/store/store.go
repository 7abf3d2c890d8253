// Package store keeps what a deployment needs between runs in the environment's artifact bucket: templates by content address, one lock
// per environment and a record of each deployment. CloudFormation stays the only truth about stacks; nothing is kept on the local disk.
package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// API are the calls of Amazon S3 that the store makes.
type API interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// A Bucket is the artifact bucket of an environment.
type Bucket struct {
	api         API
	clock       clock.Clock
	name        string
	environment string
	owner       string
}

// New is the artifact bucket of an environment in an account. The owner is the account's number: S3 then refuses a bucket of that
// name in another account ("Verifying bucket ownership with bucket owner condition").
func New(api API, now clock.Clock, name, environment, owner string) *Bucket {
	return &Bucket{api: api, clock: now, name: name, environment: environment, owner: owner}
}

// Name is the bucket's.
func (b *Bucket) Name() string { return b.name }

const (
	// mediaType is that of templates.
	mediaType = "application/yaml"
	// parallel calls: a platform's templates go in one wave.
	parallel = 32
	// attempts at what met another writer at the same moment, or whose answer broke off.
	attempts = 5
)

// Uploaded counts what an upload sent.
type Uploaded struct{ Objects, Bytes int }

// Upload stores templates under their content addresses, those only that are not there yet. What is there already is compared, for whoever
// may write templates could have put other bytes under the address, and is written again only to be young again: a template that has been
// there for a while and that nothing uses could be deleted by a gc that runs at the same time, for a plan takes no lock. used are texts that
// name templates in use, which no gc deletes.
func (b *Bucket) Upload(ctx context.Context, templates []*source.Template, used ...string) (Uploaded, error) {
	inUse := map[string]bool{}
	for _, text := range used {
		for _, key := range address.FindAllString(text, -1) {
			inUse[key] = true
		}
	}
	distinct := map[string]*source.Template{}
	for _, t := range templates {
		distinct[t.Key()] = t
	}
	sent := make(chan int, len(distinct))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for key, t := range distinct {
		group.Go(func() error {
			isNew, err := b.upload(ctx, key, t, inUse[key])
			if isNew {
				sent <- len(t.Body)
			}
			return err
		})
	}
	err := group.Wait()
	close(sent)
	var total Uploaded
	for n := range sent {
		total.Objects, total.Bytes = total.Objects+1, total.Bytes+n
	}
	return total, err
}

// upload stores one template, and tells whether it was not there.
func (b *Bucket) upload(ctx context.Context, key string, t *source.Template, used bool) (bool, error) {
	for attempt := 1; ; attempt++ {
		_, err := b.put(ctx, key, mediaType, t.Body, nil)
		if !cloud.Taken(err) {
			return err == nil, b.explain(err, "upload "+t.Name)
		}
		tag, old, err := b.same(ctx, key, t)
		if err == nil && old && !used {
			_, err = b.put(ctx, key, mediaType, t.Body, tag)
			err = b.explain(err, "renew "+t.Name)
		}
		if !moved(err) || attempt == attempts { // deleted, or renewed by somebody else
			return false, err
		}
	}
}

// moved tells that an object is gone, or is not the version that it was.
func moved(err error) bool {
	return cloud.Taken(err) || cloud.Missing(err) && cloud.ErrorCode(err) != noSuchBucket
}

// Template reads a template by its content address; nil for one that is not there.
func (b *Bucket) Template(ctx context.Context, key string) ([]byte, error) {
	o, err := b.get(ctx, key)
	if err != nil || o == nil {
		return nil, b.explain(err, "read "+key)
	}
	return o.body, nil
}

// put writes an object that must not exist, or, with a tag, replaces the very version that the tag names. It returns the new tag. Two
// writers at the same moment are told a conflict, of which nobody knows the winner: they try again ("How to prevent object overwrites with
// conditional writes").
func (b *Bucket) put(ctx context.Context, key, mediaType string, body []byte, replaces *string, options ...func(*s3.Options)) (*string, error) {
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &key, ContentType: &mediaType, ExpectedBucketOwner: &b.owner, ChecksumAlgorithm: types.ChecksumAlgorithmSha256, IfMatch: replaces}
	if replaces == nil {
		in.IfNoneMatch = aws.String("*")
	}
	for attempt := 1; ; attempt++ {
		in.Body = bytes.NewReader(body)
		out, err := b.api.PutObject(ctx, in, options...)
		if err == nil {
			return out.ETag, nil
		}
		if !cloud.Conflicting(err) || attempt == attempts {
			return nil, err
		}
		if err := b.clock.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// An object is one as it was read.
type object struct {
	body []byte
	tag  *string
	// written is when, told by S3 or zero; now S3's present where it tells it, so that machines whose clocks differ agree, else ours.
	written, now time.Time
}

// get reads an object; nil for one that does not exist.
func (b *Bucket) get(ctx context.Context, key string, options ...func(*s3.Options)) (*object, error) {
	for attempt := 1; ; attempt++ {
		out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, ExpectedBucketOwner: &b.owner}, options...)
		if cloud.Missing(err) && cloud.ErrorCode(err) != noSuchBucket {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(out.Body)
		_ = out.Body.Close()
		if err == nil {
			now, told := middleware.GetServerTime(out.ResultMetadata)
			if !told {
				now = b.clock.Now()
			}
			return &object{body, out.ETag, aws.ToTime(out.LastModified), now}, nil
		}
		if attempt == attempts || ctx.Err() != nil {
			return nil, fmt.Errorf("read %s: %w", key, err)
		}
	}
}

const noSuchBucket = "NoSuchBucket"

// explain says in which bucket something failed, and what to do when the bucket or a permission is missing.
func (b *Bucket) explain(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case cloud.ErrorCode(err) == noSuchBucket:
		return &fault.Error{Code: fault.Usage, What: doing + ": there is no artifact bucket", Found: b.name, Do: "deploy bootstrap -e " + b.environment, Err: err}
	case cloud.Denied(err):
		return &fault.Error{Code: fault.Usage, What: doing + ": the artifact bucket cannot be used; a permission is missing, or the bucket is not of account " + b.owner, Found: b.name, Do: "deploy doctor -e " + b.environment, Err: err}
	}
	return fmt.Errorf("%s in bucket %s: %w", doing, b.name, err)
}
