package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// when does something at each event of a run that says so.
func when(fits func(report.Event) bool, do func()) option {
	return func(o *deploy.Options, _ *cloud.Options) {
		told := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			told.Report(e)
			if fits(e) {
				do()
			}
		})
	}
}

func typing(text string, err error) option {
	return func(o *deploy.Options, _ *cloud.Options) {
		o.Type = func(context.Context, string) (string, error) { return text, err }
	}
}

func TestDestroyIsRefused(t *testing.T) {
	t.Parallel()
	unconfirmed := func(ctx context.Context, e *deploy.Engine) error { return e.Destroy(ctx, deploy.DestroyRequest{}) }
	b := furnished(t)
	b.run(unconfirmed, b.in).ends(fault.Unapproved, "wants the suffix", "--confirm dev")
	b.run(unconfirmed, b.in, typing("prod", nil)).ends(fault.Unapproved, `found "prod"`)
	b.run(unconfirmed, b.in, typing("", errors.New("no terminal"))).ends(fault.Unexpected, "no terminal")
	b.must(b.sim.BeginRelease("service-api-dev", 10))
	b.run(destroy, b.in).ends(fault.Busy, "a release of service-api-dev runs")
	b.must(b.sim.Release("service-api-dev"))
	b.must(b.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json", `{"id":"other","owner":"somebody","command":"deploy apply","expires":"2027-01-01T00:00:00Z"}`))
	b.run(destroy, b.in).ends(fault.Busy, "somebody")
	if b.run(unconfirmed, b.in, typing("dev", nil)).ends(fault.Busy); len(b.asked) == 0 {
		t.Error("nothing asked")
	}
	for _, call := range b.asked {
		if strings.HasPrefix(call, "cloudformation:Delete") || strings.HasPrefix(call, "ecs:Update") {
			t.Errorf("a refused destroy calls %s", call)
		}
	}
}

// An operation that runs is not destroyed under its feet.
func TestDestroyWaitsForOperations(t *testing.T) {
	t.Parallel()
	b := furnished(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.runIn(ctx, apply(request("Size", "3")), when(func(e report.Event) bool { _, is := e.(report.Operation); return is }, cancel))
	b.must(b.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json", `{"id":"x"}`))
	b.run(destroy, b.in).ends(fault.Busy, "platform-dev is UPDATE_IN_PROGRESS", "deploy cancel -e dev")
}

func TestDestroyKeepsArtifacts(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t)
	b.fill("bucket-artifacts-111122223333-dev", 1)
	r := b.run(keepArtifacts, b.in).ends(fault.OK)
	says(t, kept(r), "bucket-artifacts-111122223333-dev: kept by --keep-artifacts", "kms:key")
	says(t, last[report.Result](r).Text, "the foundation is kept")
	b.must(b.sim.PutObject("bucket-artifacts-111122223333-dev", "key", "still there"))
	b.run(destroy, b.in).ends(fault.OK)
	b.nothing("bucket-artifacts-111122223333-dev")
	says(t, last[report.Result](b.run(destroy, b.in).ends(fault.OK)).Text, "dev is gone")
}

// What the template retains is neither emptied nor counted as left; a snapshot that it asks for is told.
func TestDestroyKeepsWhatTheTemplateRetains(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t, "data.yaml", "  Archive:\n", "  Archive:\n    DeletionPolicy: Retain\n", "data.yaml", "DeletionPolicy: Delete", "DeletionPolicy: Snapshot")
	b.answers["rds:DescribeDBClusterSnapshots"] = `<R><DescribeDBClusterSnapshotsResult><DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>final</DBClusterSnapshotIdentifier>` +
		`<DBClusterSnapshotArn>arn:aws:rds:us-east-1:111122223333:cluster-snapshot:final</DBClusterSnapshotArn></DBClusterSnapshot></DBClusterSnapshots></DescribeDBClusterSnapshotsResult></R>`
	b.answers["tagging:GetResources"] = `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::bucket-archive-dev","Tags":[{"Key":"Environment","Value":"dev"}]}]}`
	r := b.run(destroy, b.in).ends(fault.OK)
	says(t, kept(r), "bucket-archive-dev: kept by its DeletionPolicy", "cluster-snapshot:final: made by the DeletionPolicy of Data/Database")
	var lost []string
	for _, row := range last[report.Table](r).Rows {
		lost = append(lost, strings.Join(row, " "))
	}
	says(t, strings.Join(lost, "\n"), "kept by its DeletionPolicy: bucket-archive-dev", "db-dev")
	if strings.Contains(notes(r), "bucket-archive-dev") {
		t.Error("the retained bucket was emptied:", notes(r))
	}
	// It is told too when nothing tags it.
	b = furnished(t, "data.yaml", "  Archive:\n", "  Archive:\n    DeletionPolicy: Retain\n")
	b.answers["tagging:GetResources"] = `{"ResourceTagMappingList":[]}`
	says(t, kept(b.run(destroy, b.in).ends(fault.OK)), "AWS::S3::Bucket bucket-archive-dev: kept by its DeletionPolicy")
}

// Every call that a destroy needs may fail; what failed is told, and nothing is reported as gone that is not known to be.
func TestDestroyTellsWhatFailed(t *testing.T) {
	t.Parallel()
	fail := func(operation string, skip int) func(*beyond, func()) {
		return func(b *beyond, _ func()) {
			b.sim.Inject(simulator.Fault{Operation: operation, Kind: simulator.Failing, Code: "Broken", Skip: skip})
		}
	}
	after := func(deletions int, answer string) func(*beyond, func()) {
		return func(b *beyond, _ func()) {
			b.on["cloudformation:DeleteStack"] = func() {
				if deletions--; deletions == 0 {
					b.answers[answer] = "400 Broken"
				}
			}
		}
	}
	small, review := func(t *testing.T) *beyond { return furnished(t) }, planned
	for name, tc := range map[string]struct {
		world  func(*testing.T) *beyond
		before func(b *beyond, cancel func())
		want   fault.Code
	}{
		"look":      {small, fail("DescribeStacks", 0), fault.Unexpected},
		"survey":    {small, fail("DescribeStacks", 1), fault.Unexpected},
		"resources": {small, fail("ListStackResources", 0), fault.Unexpected},
		"bucket":    {roleOnly, fail("DescribeStacks", 4), fault.Unexpected},
		"second look": {small, func(b *beyond, _ func()) {
			b.on["cloudformation:ListStacks"] = func() { fail("DescribeStacks", 0)(b, nil) }
		}, fault.Unexpected},
		"refresh": {small, func(b *beyond, _ func()) {
			b.on["cloudformation:ListStacks"] = func() {
				b.on["cloudformation:ListStacks"] = func() { fail("DescribeStacks", 0)(b, nil) }
			}
		}, fault.Unexpected},
		"revisions":             {small, fail("ListTaskDefinitions", 0), fault.Unexpected},
		"interrupted":           {small, func(b *beyond, cancel func()) { b.on["ecs:UpdateService"] = cancel }, fault.Unexpected},
		"log groups":            {small, fail("DescribeLogGroups", 0), fault.Unexpected},
		"log groups at the end": {small, fail("DescribeLogGroups", 3), fault.Unexpected},
		"emptying at last":      {small, after(2, "s3:DeleteObjects"), fault.Unexpected},
		"emptying once more":    {small, after(1, "s3:ListObjectVersions"), fault.Unexpected},
		"secrets":               {small, fail("ListSecrets", 0), fault.Unexpected},
		"tags":                  {small, fail("GetResources", 0), fault.Unexpected},
		"review, change sets":   {review, fail("ListChangeSets", 0), fault.Unexpected},
		"review, change set":    {review, fail("DeleteChangeSet", 0), fault.Unexpected},
		"review, stack":         {review, fail("DeleteStack", 0), fault.Unexpected},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			b := tc.world(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tc.before(b, cancel)
			if r := b.runIn(ctx, destroy, b.in); fault.CodeOf(r.err) != tc.want || len(all[report.Sweep](r)) > 0 {
				t.Errorf("ended with %v and a proof of %d", r.err, len(all[report.Sweep](r)))
			}
		})
	}
}

// ending is a clock whose sleepers are woken by the end of the run.
type ending struct {
	clock
	cancel context.CancelFunc
}

func (e ending) Sleep(context.Context, time.Duration) error {
	e.cancel()
	return context.Canceled
}

func TestDestroyOfAReviewEndsEarly(t *testing.T) {
	t.Parallel()
	b := planned(t)
	b.answers["cloudformation:DeleteStack"] = "<R/>"
	ctx, cancel := context.WithCancel(t.Context())
	b.runIn(ctx, destroy, b.in, func(o *deploy.Options, _ *cloud.Options) { o.Clock = ending{o.Clock, cancel} }).ends(fault.Interrupted, "goes on in AWS")
}

// A deletion that fails is tried again some times; then a person learns what stands in the way, and a later destroy goes on.
func TestDestroyStuck(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t)
	b.sim.FailDelete("Subnet", "The subnet has dependencies and cannot be deleted.")
	b.sim.FailDelete("Discovery", "Service contains registered instances")
	b.answers["servicediscovery:ListInstances"] = "400 AccessDeniedException"
	r := b.run(destroy, b.in).ends(fault.NeedsPerson, "platform-dev is DELETE_FAILED", "deploy destroy -e dev --confirm dev")
	says(t, fmt.Sprint(last[report.Diagnosis](r).Causes), "registered instances")
	says(t, notes(r), "Data/Discovery stays for now", "could not list the instances of")
	b.sim.Heal()
	b.run(destroy, b.in).ends(fault.OK)
	b.nothing()
}

// A run that ends early says that the deletion goes on, and how to go on with it.
func TestDestroyEndsEarly(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t)
	b.sim.FailDelete("Subnet", "not now")
	ctx, cancel := context.WithCancel(t.Context())
	stays := func(e report.Event) bool {
		n, is := e.(report.Note)
		return is && strings.Contains(n.Text, "stays for now")
	}
	b.runIn(ctx, destroy, b.in, when(stays, cancel)).ends(fault.Interrupted, "goes on in AWS", "deploy destroy -e dev")
	b.sim.Heal()
	b.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DescribeStackEvents", Kind: simulator.Expired, Skip: 2})
	b.must(b.sim.Clock().Sleep(t.Context(), time.Hour))
	b.run(destroy, b.in).ends(fault.StillRunning, "deploy destroy -e dev --confirm dev goes on from there")
	b.sim.Heal()
	b.run(destroy, b.in).ends(fault.OK)
	b.nothing()
}

// CloudFormation may refuse to delete at all.
func TestDestroyIsRefusedByCloudFormation(t *testing.T) {
	t.Parallel()
	b := furnished(t)
	for _, tc := range []struct {
		operation, code, message string
		want                     fault.Code
		says                     []string
	}{
		{"DeleteStack", "ValidationError", "Role arn:aws:iam::111122223333:role/role-deploy-dev is invalid or cannot be assumed", fault.NeedsPerson, []string{"deploy bootstrap -e dev", "role-deploy-dev"}},
		{"DeleteStack", "ValidationError", "Stack [platform-dev] cannot be deleted while in status UPDATE_IN_PROGRESS", fault.NeedsPerson, []string{"does not delete platform-dev"}},
		{"DeleteStack", "Broken", "for some reason", fault.Unexpected, []string{"delete stack platform-dev"}},
		{"UpdateTerminationProtection", "Broken", "for some reason", fault.Unexpected, []string{"turn off the termination protection of platform-dev"}},
	} {
		b.protect("platform-dev")
		b.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: tc.operation, Kind: simulator.Failing, Code: tc.code, Message: tc.message})
		b.run(destroy, b.in).ends(tc.want, tc.says...)
		b.sim.Heal()
	}
}

// Where nothing is and was, there is nothing to confirm.
func TestDestroyNothing(t *testing.T) {
	t.Parallel()
	b := newBeyond(newWorld(t))
	r := b.run(func(ctx context.Context, e *deploy.Engine) error { return e.Destroy(ctx, deploy.DestroyRequest{}) }, b.in).ends(fault.OK)
	says(t, last[report.Result](r).Text, "dev is gone")
}

// A stack that was only planned goes too, and without a bucket there is no lock to take.
func TestDestroyWhatIsHalfThere(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	t.Run("in review", func(t *testing.T) {
		b := planned(t)
		b.run(destroy, b.in).ends(fault.OK)
		b.nothing()
	})
	t.Run("review that cannot be read", func(t *testing.T) {
		b := planned(t)
		b.on["cloudformation:DeleteStack"] = func() {
			b.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DescribeStacks", Kind: simulator.Failing, Code: "Broken", Times: 1})
		}
		b.run(destroy, b.in).ends(fault.Unexpected, "Broken")
	})
	t.Run("bucket gone", func(t *testing.T) {
		b := furnished(t)
		b.emptyAndDelete("bucket-artifacts-111122223333-dev")
		b.run(destroy, b.in).ends(fault.OK)
		b.nothing()
	})
	t.Run("foundation gone", func(t *testing.T) {
		b := roleOnly(t)
		b.run(destroy, b.in).ends(fault.OK)
		b.nothing()
	})
}

// planned is a world whose platform is only in review, roleOnly one that has lost its foundation.
func planned(t *testing.T) *beyond {
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	r := firstRequest()
	r.Keep = true
	w.run(plan(r)).ends(fault.OK)
	return newBeyond(w)
}

func roleOnly(t *testing.T) *beyond {
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	b := newBeyond(w)
	b.deleteStack("foundation-dev")
	return b
}

// emptyAndDelete deletes a bucket by hand.
func (b *beyond) emptyAndDelete(bucket string) {
	b.Helper()
	api := b.way().S3()
	out, err := api.ListObjectVersions(b.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	b.must(err)
	for _, v := range out.Versions {
		_, err := api.DeleteObject(b.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId})
		b.must(err)
	}
	b.gone = bucket // CloudFormation does not mind
}

// Emptying a large bucket takes long: it tells how far it is and keeps the lock.
func TestDestroyTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t)
	slow := func() { b.must(b.sim.Clock().Sleep(t.Context(), 9*time.Minute)) }
	b.fill("bucket-archive-dev", 1600)
	b.on["s3:DeleteObjects"] = slow
	r := b.run(destroy, b.in).ends(fault.OK)
	says(t, notes(r), "objects of bucket bucket-archive-dev so far")
	b = furnished(t)
	b.fill("bucket-archive-dev", 3800) // eight calls, at most four at a time
	deletions := 0
	b.on["s3:DeleteObjects"] = func() {
		deletions++
		slow()
		b.must(b.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json", `{"id":"other","owner":"somebody","expires":"2026-01-01T00:00:00Z"}`))
	}
	if b.run(destroy, b.in).ends(fault.Busy, "the lock of dev was lost: somebody holds it"); deletions > 5 || slices.Contains(b.asked, "cloudformation:DeleteStack") {
		t.Errorf("%d calls go on deleting without the lock", deletions)
	}
}

// What is left is listed; what AWS keeps by nature, or is somebody else's, is not counted.
func TestDestroyProves(t *testing.T) {
	t.Parallel()
	const tags = `"Tags":[{"Key":"Environment","Value":"dev"}]`
	foreign := `{"ResourceARN":"arn:aws:ec2:us-east-1:111122223333:vpc/vpc-other",` + tags + `}`
	for name, tc := range map[string]struct {
		answers    map[string]string
		before     func(*beyond)
		want       fault.Code
		left, kept []string
		notes      []string
	}{
		"tagged":            {answers: map[string]string{"tagging:GetResources": `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:ec2:us-east-1:111122223333:volume/vol-dev","Tags":[{"Key":"Environment","Value":"dev"},{"Key":"aws:cloudformation:stack-name","Value":"platform-dev"}]},` + foreign + `]}`}, want: fault.NeedsPerson, left: []string{"ec2:volume arn:aws:ec2:us-east-1:111122223333:volume/vol-dev: carries the tag Environment=dev"}, notes: []string{"1 thing carries the tag", "detail arn:aws:ec2:us-east-1:111122223333:vpc/vpc-other"}},
		"lagging":           {answers: map[string]string{"tagging:GetResources": `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::bucket-archive-dev",` + tags + `}]}`}, notes: []string{"1 deleted thing still has its tags"}},
		"key waits":         {kept: []string{"until 2026-12-22"}},
		"key may be asked":  {answers: map[string]string{"kms:DescribeKey": "400 AccessDeniedException"}, kept: []string{"until when could not be asked"}},
		"key is on":         {answers: map[string]string{"kms:DescribeKey": `{"KeyMetadata":{"KeyState":"Enabled"}}`}, want: fault.NeedsPerson, left: []string{"kms:key", "is Enabled"}},
		"key is gone":       {answers: map[string]string{"kms:DescribeKey": "400 NotFoundException"}},
		"key fails":         {answers: map[string]string{"kms:DescribeKey": "400 Broken"}, want: fault.Unexpected},
		"unknown key":       {answers: map[string]string{"kms:DescribeKey": "400 AccessDeniedException", "tagging:GetResources": `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:kms:us-east-1:111122223333:key/k-dev",` + tags + `}]}`}, want: fault.NeedsPerson, left: []string{"may not ask"}},
		"unknown key fails": {answers: map[string]string{"kms:DescribeKey": "400 Broken", "tagging:GetResources": `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:kms:us-east-1:111122223333:key/k-dev",` + tags + `}]}`}, before: func(b *beyond) { b.run(destroy, b.in).ends(fault.OK) }, want: fault.Unexpected},
		"snapshot":          {answers: map[string]string{"rds:DescribeDBClusterSnapshots": `<R><X><DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotArn>arn:s</DBClusterSnapshotArn></DBClusterSnapshot></DBClusterSnapshots></X></R>`}, want: fault.NeedsPerson, left: []string{"arn:s: is a snapshot of db-dev"}},
		"snapshots denied":  {answers: map[string]string{"rds:DescribeDBClusterSnapshots": "400 AccessDenied"}, notes: []string{"warning snapshots are only looked for by their tags"}},
		"no snapshots here": {answers: map[string]string{"rds:DescribeDBClusterSnapshots": "400 InvalidAction"}},
		"snapshots fail":    {answers: map[string]string{"rds:DescribeDBClusterSnapshots": "400 Broken"}, want: fault.Unexpected},
		"secret waits":      {before: func(b *beyond) { b.run(destroy, b.in).ends(fault.OK); b.sim.ScheduleSecretDeletion("secret-api-dev") }, kept: []string{"secret:secret-api-dev", "recovery window"}},
		"secret again":      {answers: map[string]string{"secretsmanager:ListSecrets": `{"SecretList":[{"ARN":"arn:again","Name":"secret-api-dev"},{"Name":"secret-api-dev-other"}]}`}, want: fault.NeedsPerson, left: []string{"arn:again: has the name of a secret"}},
		"bucket again":      {before: func(b *beyond) { b.run(destroy, b.in).ends(fault.OK); b.sim.CreateBucket("bucket-archive-dev") }, want: fault.NeedsPerson, left: []string{"bucket-archive-dev: exists, though its stack is gone"}},
		"repository again":  {before: func(b *beyond) { b.run(destroy, b.in).ends(fault.OK); b.sim.CreateRepository("ecr-web-dev") }, want: fault.NeedsPerson, left: []string{"ecr-web-dev: exists"}},
		"repository fails":  {answers: map[string]string{"ecr:DescribeRepositories": "400 Broken"}, want: fault.Unexpected},
		"revisions stay":    {answers: map[string]string{"ecs:DeleteTaskDefinitions": "400 AccessDeniedException"}, kept: []string{"ecs:task-definition task-api-dev: ECS keeps inactive revisions"}},
		"history denied":    {answers: map[string]string{"cloudformation:ListStacks": "400 AccessDenied"}, notes: []string{"detail what stacks that are gone held cannot be read"}},
		"scaling unread": {before: func(b *beyond) {
			b.sim.Inject(simulator.Fault{Operation: "DescribeScalableTargets", Kind: simulator.Denied, Skip: 1})
		}, notes: []string{"could not read the services' scaling"}},
		"no way to quiet": {answers: map[string]string{"ecs:UpdateService": "400 AccessDeniedException", "application-autoscaling:RegisterScalableTarget": "400 AccessDeniedException", "cloudtrail:StopLogging": "400 AccessDeniedException"}, notes: []string{"could not scale service service-api-dev to zero", "could not set the scaling", "could not stop trail"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			b := furnished(t)
			if tc.before != nil {
				tc.before(b)
			}
			for call, answer := range tc.answers {
				b.answers[call] = answer
			}
			r := b.run(destroy, b.in).ends(tc.want)
			says(t, left(r), tc.left...)
			says(t, kept(r), tc.kept...)
			says(t, notes(r), tc.notes...)
			if tc.want == fault.OK && left(r) != "" {
				t.Error("left:", left(r))
			}
		})
	}
}
