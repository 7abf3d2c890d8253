package deploy

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
)

// Restore applies the templates and values of an earlier deployment again, through the same plan, guards and approval as any other change.
// What the command decides itself stays as it is now: digests and live colours, so that no release is undone, and secrets, which no record
// holds.
func (e *Engine) Restore(ctx context.Context, id string, r Request) error {
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	record, err := e.recorded(ctx, bucket, id)
	if err != nil {
		return err
	}
	earlier := *e
	earlier.Check = nil // they are not what the code renders today
	earlier.Roots = Roots{Platform: e.Roots.Platform}
	if earlier.Templates, err = e.kept(ctx, bucket, record); err != nil {
		return err
	}
	set, err := source.Load(earlier.Templates, earlier.Roots.Platform)
	if err != nil {
		return err
	}
	values := source.Values{Origin: "deployment " + id, ByName: map[string]string{}}
	for name, value := range record.Parameters {
		owned := slices.Contains(set.Root.Owned, name) || strings.HasSuffix(name, imageSuffix) || strings.HasSuffix(name, colorSuffix)
		if !owned && value != report.Masked {
			values.ByName[name] = value
		}
	}
	r.Values, r.restores = []source.Values{values}, id
	return earlier.Apply(ctx, r)
}

// recorded is the record of a deployment, or an error that says which there are.
func (e *Engine) recorded(ctx context.Context, bucket *store.Bucket, id string) (store.Record, error) {
	record, err := bucket.Record(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNoRecord) {
		return record, err
	}
	if err == nil && record.Root != "" {
		return record, nil
	}
	known, err := bucket.History(ctx, 10)
	if err != nil {
		return record, err
	}
	var ids []string
	for _, k := range known {
		if k.Root != "" {
			ids = append(ids, k.ID)
		}
	}
	return record, &fault.Error{Code: fault.Usage, What: "no deployment of " + e.environment.suffix + " has this ID", Found: id, Allowed: strings.Join(ids, ", "), Do: "deploy history -e " + e.environment.suffix}
}

// otherwise is the way to a deployment's templates without the artifact bucket.
func otherwise(record store.Record) string {
	sha, modified := strings.CutSuffix(record.Commit, "-modified")
	switch {
	case sha == "":
		return "its record names no commit: look in your repository for the templates of " + record.Started.UTC().Format("2006-01-02 15:04 UTC") + ", and apply them"
	case modified:
		return "its templates had changes beyond commit " + sha + ": check that out, make the changes again and apply it"
	}
	return "check out the commit of that deployment and apply it: " + sha
}

// kept are a deployment's templates, from the artifact bucket. An archive in memory is the smallest directory that the standard library
// makes of bytes.
func (e *Engine) kept(ctx context.Context, bucket *store.Bucket, record store.Record) (fs.FS, error) {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	add := func(name, key string) error {
		body, err := bucket.Template(ctx, key)
		if err != nil {
			return err
		}
		if t, err := source.Parse(name, body); err != nil || t.Key() != key {
			return &fault.Error{Code: fault.Usage, What: "template " + name + " of deployment " + record.ID + " is not in the artifact bucket any more, or is not what its name says", Found: key, Do: otherwise(record)}
		}
		w, _ := archive.Create(name) // into memory: cannot fail
		_, _ = w.Write(body)
		return nil
	}
	err := add(e.Roots.Platform, record.Root)
	for _, name := range sortedKeys(record.Templates) {
		err = errors.Join(err, add(name, record.Templates[name]))
	}
	if err != nil {
		return nil, err
	}
	_ = archive.Close()
	return zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
}
