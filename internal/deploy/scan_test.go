package deploy_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// another is the digest of a second image.
var another = "sha256:" + strings.Repeat("a", 64)

// plant says what scanning the second image comes to.
func (w *world) plant(s simulator.Scan) {
	w.Helper()
	w.pushImage("api", another, "1.4.2")
	w.must(w.sim.PlantScan(registry, another, s))
}

func vulnerable(severity string) simulator.Scan {
	return simulator.Scan{Findings: []simulator.Vulnerability{{ID: "CVE-2026-1", Severity: severity, Package: "openssl", Version: "3.0.1"}}}
}

// release is a request for another image.
func release(image string, exceptions ...string) deploy.Request {
	r := request()
	r.Images = map[string]string{"api": image}
	for i := 0; i+1 < len(exceptions); i += 2 {
		x, _ := scan.ParseException(exceptions[i], exceptions[i+1])
		r.Scan.Exceptions = append(r.Scan.Exceptions, x)
	}
	return r
}

func scanning(r deploy.ScanRequest) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.Scan(ctx, r) }
}

// changing are the calls asked for that change something.
func changing(asked []string) (all []string) {
	for _, call := range asked {
		_, operation, _ := strings.Cut(call, ":")
		if !slices.ContainsFunc([]string{"Get", "Describe", "List", "BatchGet"}, func(prefix string) bool { return strings.HasPrefix(operation, prefix) }) {
			all = append(all, call)
		}
	}
	return all
}

// What the gate refuses touches nothing: no lock, no upload, no change set. Only a scan may be started.
func TestGateRefusesBeforeAnythingIsTouched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan  simulator.Scan
		wants []string
		calls []string
	}{
		"a finding":   {vulnerable("HIGH"), []string{"1 of 1 images", "api (findings above MEDIUM: 1 HIGH)", "--allow-cve"}, nil},
		"unsupported": {simulator.Scan{Status: "UNSUPPORTED_IMAGE"}, []string{"UNSUPPORTED_IMAGE", "enhanced scanning", "--allow-unscanned " + another}, nil},
		"never ends":  {simulator.Scan{Takes: time.Hour}, []string{"not done after 10m0s"}, nil},
		"never began": {simulator.Scan{Unstarted: true, Takes: time.Hour}, []string{"not done after 10m0s"}, []string{"ecr:StartImageScan"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			for _, first := range []bool{false, true} {
				w := newWorld(t)
				w.run(bootstrap).ends(fault.OK)
				if !first {
					w.run(apply(firstRequest())).ends(fault.OK)
				}
				w.plant(c.plan)
				b := newBeyond(w)
				r := b.run(apply(release(another)), b.in).ends(fault.Refused, c.wants...)
				if diff := cmp.Diff(c.calls, changing(b.asked)); diff != "" {
					t.Errorf("first %v: %s", first, diff)
				}
				if v := last[report.ImageScan](r); v.Passed || v.Ref() != "api@"+another {
					t.Errorf("%+v", v)
				}
			}
		})
	}
	w := deployed(t)
	w.run(apply(release(another))).ends(fault.Refused, "ecr-api-dev holds no image "+another, "push the image")
	w.run(apply(release("sha256:"+strings.Repeat("b", 64), scan.AllowUnscanned, "sha256:"+strings.Repeat("b", 64)+"=no matter@2026-12-31"))).ends(fault.Refused, "holds no image")
}

// What passes is deployed. The exceptions that it needed are on record, the others are warned about.
func TestExceptionsAreRecorded(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.plant(vulnerable("HIGH"))
	r := w.run(apply(release(another, scan.AllowCVE, "CVE-2026-1=not called@2026-12-31", scan.AllowCVE, "CVE-2026-2=gone@2026-12-31"))).ends(fault.OK)
	used := []report.Exception{{Flag: scan.AllowCVE, ID: "CVE-2026-1", Reason: "not called", Until: "2026-12-31"}}
	if diff := cmp.Diff(used, last[report.ImageScan](r).Exceptions); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(used, w.record().Exceptions); diff != "" {
		t.Error(diff)
	}
	var warned []string
	for _, n := range all[report.Note](r) {
		if n.Level == report.Warning {
			warned = append(warned, n.Text)
		}
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "--allow-cve CVE-2026-2 (until 2026-12-31) is not needed") {
		t.Errorf("%q", warned)
	}
}

// record is that of the latest deployment.
func (w *world) record() (latest store.Record) {
	w.Helper()
	w.run(func(ctx context.Context, e *deploy.Engine) error {
		records, err := store.New(e.Cloud.S3(), e.Clock, "bucket-artifacts-111122223333-dev", "dev", w.sim.Account()).History(ctx, 1)
		if err == nil {
			latest = records[0]
		}
		return err
	}).well()
	return latest
}

// well wants no error of something that reports no result.
func (r *run) well() {
	r.Helper()
	if r.err != nil {
		r.Fatal(r.err)
	}
}

// An exception that expired refuses everything, also what needs no gate, before anything is asked.
func TestExpiredException(t *testing.T) {
	t.Parallel()
	b := newBeyond(deployed(t))
	expired := release(digest, scan.AllowCVE, "CVE-2026-1=later@2026-11-21")
	for _, do := range []func(context.Context, *deploy.Engine) error{apply(expired), plan(expired), scanning(deploy.ScanRequest{Rules: expired.Scan})} {
		b.asked = nil
		b.run(do, b.in).ends(fault.Refused, "CVE-2026-1", "later", "has expired", "2026-11-22")
		if diff := cmp.Diff([]string{"sts:GetCallerIdentity"}, b.asked); diff != "" {
			t.Error(diff)
		}
	}
}

// Images that run already are not judged again, and cost no call.
func TestImagesThatRunAreNotJudged(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.must(w.sim.PlantScan(registry, digest, vulnerable("CRITICAL")))
	b := newBeyond(w)
	same := request("Size", "2")
	same.Images = map[string]string{"api": digest}
	b.run(apply(same), b.in).ends(fault.OK)
	b.run(apply(request("Size", "3")), b.in).ends(fault.OK)
	if slices.ContainsFunc(b.asked, func(call string) bool { return strings.HasPrefix(call, "ecr:") }) {
		t.Errorf("%v", b.asked)
	}
	b.run(scanning(deploy.ScanRequest{}), b.in).ends(fault.Refused, "1 CRITICAL")
}

// A tag is looked up once and told; the digest is what is planned, judged and deployed, also if the tag moves meanwhile.
func TestTagInsteadOfDigest(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.plant(simulator.Scan{})
	b := newBeyond(w)
	planned := last[report.Result](b.run(plan(release("1.4.2")), b.in).ends(fault.OK))
	if next := strings.Join(planned.Next, " "); !strings.Contains(next, "--image api="+another) {
		t.Errorf("next: %s", next)
	}
	b.on["ecr:DescribeImageScanFindings"] = func() { w.pushImage("api", "sha256:"+strings.Repeat("b", 64), "1.4.2") }
	b.asked = nil
	r := b.run(apply(release("ecr-api-dev:1.4.2")), b.in).ends(fault.OK)
	if notes := all[report.Note](r); len(notes) == 0 || notes[0].Text != "api:1.4.2 is "+another+" in ecr-api-dev" {
		t.Errorf("%v", notes)
	}
	if v := last[report.ImageScan](r); v.Digest != another || w.record().Parameters["ApiImageDigest"] != another {
		t.Errorf("judged %s, deployed %s", v.Digest, w.record().Parameters["ApiImageDigest"])
	}
	if n := count(b.asked, "ecr:DescribeImages"); n != 3 { // tag, gate, and once more before the execution
		t.Errorf("%d calls of DescribeImages", n)
	}
	w.run(plan(release("9.9.9"))).ends(fault.Usage, "holds no image with this tag", "9.9.9")
}

func count(list []string, item string) (n int) {
	for _, one := range list {
		if one == item {
			n++
		}
	}
	return n
}

// An image that is deleted after it was judged is not deployed: the change set goes, and nothing was executed.
func TestImageDeletedAfterTheGate(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.plant(simulator.Scan{})
	b := newBeyond(w)
	b.on["cloudformation:CreateChangeSet"] = func() { w.must(w.sim.DeleteImage(registry, another)) }
	b.run(apply(release(another)), b.in).ends(fault.Refused, "not in the registry any more: api@"+another)
	if count(b.asked, "cloudformation:ExecuteChangeSet") > 0 {
		t.Error("it was executed")
	}
	w.nothingLeft()

	w.plant(simulator.Scan{})
	b.on = map[string]func(){}
	saved, keep := (*deploy.SavedPlan)(nil), release(another)
	keep.Keep = true
	b.run(func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, keep); return err }, b.in).ends(fault.OK)
	applied := func(ctx context.Context, e *deploy.Engine) error { return e.ApplySaved(ctx, release(another), *saved) }
	w.must(w.sim.PlantScan(registry, another, vulnerable("HIGH")))
	b.run(applied, b.in).ends(fault.Refused, "findings above MEDIUM")
	w.must(w.sim.PlantScan(registry, another, simulator.Scan{}))
	looks := 0
	b.on["ecr:DescribeImages"] = func() {
		if looks++; looks == 2 {
			w.must(w.sim.DeleteImage(registry, another))
		}
	}
	b.run(applied, b.in).ends(fault.Refused, "not in the registry any more")
	b.answers["ecr:DescribeImages"] = "400 AccessDeniedException"
	b.run(applied, b.in).ends(fault.Refused, "may not be asked")
	delete(b.answers, "ecr:DescribeImages")
	w.plant(simulator.Scan{})
	b.run(applied, b.in).ends(fault.OK)
}
