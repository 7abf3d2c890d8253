package deploy_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

func restore(id string) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.Restore(ctx, id, request()) }
}

// ids are the identifiers of the environment's deployments, newest first.
func (w *world) ids() []string {
	w.Helper()
	var ids []string
	for _, row := range last[report.Table](w.run(history).ends(fault.OK)).Rows {
		ids = append(ids, row[0])
	}
	return ids
}

// An earlier deployment's templates and values come back, whatever lies in the directory now; nothing differs from then.
func TestRestore(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	first := w.ids()[0]
	w.edit("network.yaml", "CidrBlock: !Ref Cidr}", "CidrBlock: !Ref Cidr, EnableDnsSupport: true}")
	w.run(apply(request("Size", "5", "Password", "canary-2"))).ends(fault.OK)
	r := w.run(restore(first)).ends(fault.OK)
	if got := strings.Join(changes(last[report.Plan](r)), "\n"); !strings.Contains(got, "Database") || !strings.Contains(got, "VPC") && !strings.Contains(got, "Vpc") {
		t.Errorf("changes:\n%s", got)
	}
	if ids := w.ids(); len(ids) != 3 || slices.Index(ids, first) != 2 {
		t.Errorf("history %v", ids)
	}
	if r := w.run(restore(first)).ends(fault.OK); last[report.Result](r).Status != "unchanged" {
		t.Errorf("again: %+v", last[report.Result](r))
	}
}

// What cannot be brought back is refused before anything is touched.
func TestRestoreRefused(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	const bucket = "bucket-artifacts-111122223333-dev"
	for name, tc := range map[string]struct {
		before func(w *world, first string)
		id     string
		want   fault.Code
		words  []string
	}{
		"unknown": {id: "20200101-1", want: fault.Usage, words: []string{"20200101-1", "deploy history -e dev"}},
		"unread": {before: func(w *world, _ string) {
			w.sim.Inject(simulator.Fault{Service: "s3", Operation: "GetObject", Kind: simulator.Denied})
		}, want: fault.Usage, words: []string{"read the deployment's record"}},
		"history unread": {id: "20200101-1", before: func(w *world, _ string) {
			w.sim.Inject(simulator.Fault{Service: "s3", Operation: "ListObjectsV2", Kind: simulator.Denied})
		}, want: fault.Usage, words: []string{"list"}},
		"template unread": {before: func(w *world, _ string) {
			w.sim.Inject(simulator.Fault{Service: "s3", Operation: "GetObject", Kind: simulator.Denied, Skip: 1})
		}, want: fault.Usage, words: []string{"read templates/"}},
		"other bytes": {before: func(w *world, first string) {
			w.must(w.sim.PutObject(bucket, "templates/"+strings.Repeat("0", 64)+".yaml", "Resources: {}"))
			w.must(w.sim.PutObject(bucket, "env/dev/deployments/"+first+".json", `{"id":"`+first+`","root":"templates/`+strings.Repeat("0", 64)+`.yaml","git_commit":"c0ffee"}`))
		}, want: fault.Usage, words: []string{"platform.yaml", "not what its name says", "c0ffee"}},
		"other bytes of no commit": {before: func(w *world, first string) {
			w.must(w.sim.PutObject(bucket, "templates/"+strings.Repeat("0", 64)+".yaml", "Resources: {}"))
			w.must(w.sim.PutObject(bucket, "env/dev/deployments/"+first+".json", `{"id":"`+first+`","root":"templates/`+strings.Repeat("0", 64)+`.yaml","git_commit":"","started":"2026-11-22T15:00:00Z"}`))
		}, want: fault.Usage, words: []string{"its record names no commit", "2026-11-22 15:00"}},
		"other bytes of modified templates": {before: func(w *world, first string) {
			w.must(w.sim.PutObject(bucket, "templates/"+strings.Repeat("0", 64)+".yaml", "Resources: {}"))
			w.must(w.sim.PutObject(bucket, "env/dev/deployments/"+first+".json", `{"id":"`+first+`","root":"templates/`+strings.Repeat("0", 64)+`.yaml","git_commit":"c0ffee-modified"}`))
		}, want: fault.Usage, words: []string{"changes beyond commit c0ffee: check that out"}},
		"half a deployment": {before: func(w *world, first string) {
			body, err := fs.ReadFile(w.templates, "platform.yaml")
			w.must(err)
			root, err := source.Parse("platform.yaml", body)
			w.must(err)
			key := root.Key()
			w.must(w.sim.PutObject(bucket, "env/dev/deployments/"+first+".json", `{"id":"`+first+`","root":"`+key+`"}`))
		}, want: fault.Usage},
		"no bucket": {before: func(w *world, _ string) {
			w.sim.Inject(simulator.Fault{Operation: "DescribeStacks", Kind: simulator.Denied})
		}, want: fault.Unexpected},
	} {
		t.Run(name, func(t *testing.T) {
			w := deployed(t)
			first := w.ids()[0]
			if tc.before != nil {
				tc.before(w, first)
			}
			id := tc.id
			if id == "" {
				id = first
			}
			r := w.run(restore(id)).ends(tc.want, tc.words...)
			if calls := last[report.Result](r).Calls; calls["cloudformation:CreateChangeSet"] > 0 {
				t.Errorf("touched: %v", calls)
			}
		})
	}
}
