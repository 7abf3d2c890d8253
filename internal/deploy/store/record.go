package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A Record says what a deployment did, for `history`, `rollback --to` and auditors. It holds no secret.
type Record struct {
	// ID sorts by time: 20261122-150312-7f3c.
	ID string `json:"id"`
	// Command is apply, destroy, …; Caller the ARN of who ran it; Approved who or what approved.
	Command  string    `json:"command"`
	Caller   string    `json:"caller"`
	Approved string    `json:"approved,omitempty"`
	Commit   string    `json:"git_commit,omitempty"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`
	// ChangeSet is its ARN; Operations are CloudFormation's identifiers of what was executed.
	ChangeSet  string   `json:"change_set,omitempty"`
	Operations []string `json:"operations,omitempty"`
	// Root is the content address of the root template, Templates those of the nested ones by file name.
	Root      string            `json:"root,omitempty"`
	Templates map[string]string `json:"templates,omitempty"`
	// Parameters are the root stack's; secret ones are masked.
	Parameters map[string]string `json:"parameters,omitempty"`
	Changes    *report.Counts    `json:"changes,omitempty"`
	// NoAdministration is the flag that left out the administration task, which follows a change; empty for none.
	NoAdministration string `json:"no_administration,omitempty"`
	// Exceptions are those without which the scan gate would have refused an image.
	Exceptions []report.Exception `json:"exceptions,omitempty"`
	// Releases are those of a run that releases services, Suspended the scalable targets whose scaling it suspends meanwhile.
	Releases  []Release `json:"releases,omitempty"`
	Suspended []string  `json:"suspended,omitempty"`
	// Result is a status of report.Result, empty while it runs, and Unreadable when the record cannot be read.
	Result string `json:"result,omitempty"`
}

// A Release is one of a service.
type Release struct {
	// Service is its name as people say it; Deployment the release's identifier, empty before it began.
	Service    string `json:"service"`
	Deployment string `json:"deployment,omitempty"`
	// From and To are the ARNs of the revisions; Images the digests that ran before, by the images' names.
	From   string            `json:"from"`
	To     string            `json:"to"`
	Images map[string]string `json:"images_before,omitempty"`
	// Back tells that `release rollback` asked for it.
	Back bool `json:"back,omitempty"`
	// Result is one of report.Released, empty while it runs.
	Result string `json:"result,omitempty"`
}

// Unreadable is the result of a record that is no record.
const Unreadable = "unreadable"

func (b *Bucket) recordPrefix() string { return "env/" + b.environment + "/deployments/" }

func (b *Bucket) recordKey(id string) string { return b.recordPrefix() + id + ".json" }

// Begin writes the record of a deployment that starts.
func (b *Bucket) Begin(ctx context.Context, r Record) (tag *string, err error) {
	tag, err = b.writeRecord(ctx, r, nil)
	if cloud.Taken(err) { // our own first answer was lost: identifiers are unique
		_, tag, err = b.read(ctx, r.ID)
		return tag, err
	}
	return tag, b.explain(err, "write the deployment's record")
}

// Update writes what is known so far, and returns the tag for the next time.
func (b *Bucket) Update(ctx context.Context, r Record, tag *string) (*string, error) {
	now, err := b.writeRecord(ctx, r, tag)
	if cloud.Taken(err) { // our own first answer may have been lost
		if _, now, unread := b.read(ctx, r.ID); unread == nil {
			return b.writeRecord(ctx, r, now)
		}
	}
	return now, b.explain(err, "write the deployment's record")
}

// End completes it. A record that is complete already is left alone: by our own first try, whose answer was lost, or by a `watch` that saw
// the end as well.
func (b *Bucket) End(ctx context.Context, r Record, tag *string) error {
	_, err := b.writeRecord(ctx, r, tag)
	if cloud.Taken(err) {
		if now, _, unread := b.read(ctx, r.ID); unread == nil && now.Result != "" {
			return nil
		}
	}
	return b.explain(err, "complete the deployment's record")
}

// Unfinished is the latest deployment's record with its tag, if that deployment never told how it ended: it runs, or was broken off.
func (b *Bucket) Unfinished(ctx context.Context) (Record, *string, error) {
	ids, err := b.records(ctx)
	if err != nil || len(ids) == 0 {
		return Record{}, nil, err
	}
	r, tag, err := b.read(ctx, ids[0])
	if err != nil || r.Result != "" {
		return Record{}, nil, err
	}
	return r, tag, nil
}

func (b *Bucket) writeRecord(ctx context.Context, r Record, replaces *string) (*string, error) {
	body, _ := json.MarshalIndent(r, "", "  ") // of texts, times and numbers: cannot fail
	return b.put(ctx, b.recordKey(r.ID), "application/json", body, replaces)
}

// records are the identifiers of all records, newest first.
func (b *Bucket) records(ctx context.Context) ([]string, error) {
	objects, err := b.list(ctx, b.recordPrefix())
	var ids []string
	for _, o := range slices.Backward(objects) {
		if id, is := strings.CutSuffix(strings.TrimPrefix(aws.ToString(o.Key), b.recordPrefix()), ".json"); is {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// History are the latest records, newest first, at most limit. What cannot be read is a record with nothing but its ID.
func (b *Bucket) History(ctx context.Context, limit int) ([]Record, error) {
	ids, err := b.records(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]Record, min(max(limit, 0), len(ids)))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range records {
		group.Go(func() (err error) {
			records[i], _, err = b.read(ctx, ids[i])
			if errors.Is(err, ErrNoRecord) { // deleted since it was listed
				records[i], err = Record{ID: ids[i], Result: Unreadable}, nil
			}
			return err
		})
	}
	return records, group.Wait()
}

// ErrNoRecord says that there is no record of that ID.
var ErrNoRecord = errors.New("no such deployment")

// Record reads one.
func (b *Bucket) Record(ctx context.Context, id string) (Record, error) {
	r, _, err := b.read(ctx, id)
	return r, err
}

func (b *Bucket) read(ctx context.Context, id string) (Record, *string, error) {
	o, err := b.get(ctx, b.recordKey(id))
	if err != nil {
		return Record{}, nil, b.explain(err, "read the deployment's record")
	}
	if o == nil {
		return Record{}, nil, ErrNoRecord
	}
	var r Record
	if json.Unmarshal(o.body, &r) != nil || r.ID != id {
		r = Record{ID: id, Result: Unreadable}
	}
	return r, o.tag, nil
}

// list are the objects below a prefix, sorted by key.
func (b *Bucket) list(ctx context.Context, prefix string) ([]types.Object, error) {
	objects, _, err := b.listed(ctx, prefix)
	return objects, err
}

// listed is list with what is said of the last answer.
func (b *Bucket) listed(ctx context.Context, prefix string) (objects []types.Object, answer middleware.Metadata, err error) {
	in := &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix, ExpectedBucketOwner: &b.owner}
	for {
		out, err := b.api.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, answer, b.explain(err, "list "+prefix)
		}
		objects = append(objects, out.Contents...)
		if !aws.ToBool(out.IsTruncated) {
			return objects, out.ResultMetadata, nil
		}
		in.ContinuationToken = out.NextContinuationToken
	}
}
