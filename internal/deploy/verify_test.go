package deploy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/verify"
)

// platform is a world whose environment dev is the real platform with a trail, and an image for each of its parameters.
func platform(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.templates = os.DirFS("../../golden")
	data, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values, err := source.ReadValues("environments/dev.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	r := request("CloudTrail", "enabled")
	r.Values = append([]source.Values{values}, r.Values...)
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, r) }).ends(fault.OK)
	r.Images = map[string]string{}
	for _, name := range []string{"payment-api", "transaction-processor", "notification-service", "administration", "envoy", "collector"} {
		pushed, err := w.sim.PutImage("ecr-"+name+"-dev", []string{"v1"})
		if err != nil {
			t.Fatal(err)
		}
		r.Images[name] = pushed
	}
	w.run(apply(r)).ends(fault.OK)
	return w
}

func verified(r deploy.VerifyRequest) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.Verify(ctx, r) }
}

// broken are the observations with a result, as "check resource".
func (r *run) with(result string) (found []report.Observation) {
	for _, o := range all[report.Observation](r) {
		if o.Result == result {
			found = append(found, o)
		}
	}
	return found
}

// The real platform is verified in all ways that change nothing, or can be undone, and at last in those that cannot: it is deployed once.
func TestVerify(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := platform(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *world)
	}{{"clean", platformVerifies}, {"evidence", evidence}, {"broken", brokenPromises}, {"unknown", unknownPromises}, {"unanswered", unansweredPromises}, {"scan goes on", scanThatGoesOn},
		{"after a release", verifyAfterRelease}, {"during a release", verifyDuringRelease}, {"by others", brokenByOthers}} {
		t.Run(step.name, func(t *testing.T) {
			w.T = t
			w.sim.Heal()
			w.sim.Restore()
			step.test(t, w)
		})
	}
}

// The real platform, freshly deployed, keeps all that its templates promise: every check asks about something and passes.
func platformVerifies(t *testing.T, w *world) {
	r := w.run(verified(deploy.VerifyRequest{})).ends(fault.OK)
	passed := map[string]bool{}
	for _, o := range all[report.Observation](r) {
		if o.Result != report.Passed {
			t.Errorf("%s of %s: %s, %s", o.Check, o.Resource, o.Result, o.Why)
		}
		passed[o.Check] = true
	}
	for _, c := range verify.Catalog() {
		if !passed[c.ID] {
			t.Errorf("%s asks about nothing", c.ID)
		}
	}
	if v := last[report.Verification](r); v.Checks != len(verify.Catalog()) || v.Pass != len(all[report.Observation](r)) || v.Fail+v.Unknown+v.NotApplicable+v.Accepted > 0 {
		t.Errorf("%+v", v)
	}
}

// While a release runs, weights and suspended scaling are its own; after it, the other colour is the live one.
func verifyDuringRelease(t *testing.T, w *world) {
	const service, target = "service-payment-api-dev", "service/cluster-payments-dev/service-payment-api-dev"
	if err := w.sim.RunRevision(service, 9); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.BeginRelease(service, 30); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Suspend(target, true); err != nil {
		t.Fatal(err)
	}
	r := w.run(verified(deploy.VerifyRequest{})).ends(fault.OK)
	seen := map[string]string{}
	for _, o := range all[report.Observation](r) {
		if strings.HasPrefix(o.Place, "ServicePaymentApi/") {
			seen[o.Check] = o.Result + ": " + o.Observed + o.Why
		}
	}
	if !strings.Contains(seen["traffic-live"], "not applicable: tg-payment-blue-dev 70, tg-payment-green-dev 30a release of "+service) || seen["revision-running"] != "not applicable: task-payment-api-dev:9a release is under way" || seen["scaling-on"] != "pass: 3 to 4 tasks, suspended by the release that runs" {
		t.Errorf("%q, %q", seen["traffic-live"], seen["scaling-on"])
	}
}

func verifyAfterRelease(t *testing.T, w *world) {
	if err := w.sim.Release("service-transaction-processor-dev"); err != nil {
		t.Fatal(err)
	}
	r := w.run(verified(deploy.VerifyRequest{})).ends(fault.OK)
	for _, o := range all[report.Observation](r) {
		if o.Check == "targets-healthy" && strings.Contains(o.Resource, "transaction-processor") && !strings.Contains(o.Observed, "green") {
			t.Errorf("%+v", o)
		}
	}
}

// The evidence is the same to the byte for the same state and time, its hash fits, and it names what runs.
func evidence(t *testing.T, w *world) {
	directory := t.TempDir()
	now := w.sim.Clock().Now()
	write := func(name string) (report.Verification, []byte) {
		t.Helper()
		r := w.run(verified(deploy.VerifyRequest{Evidence: filepath.Join(directory, name), Version: "v1"}), at(now)).ends(fault.OK)
		v := last[report.Verification](r)
		data, err := os.ReadFile(v.Evidence)
		if err != nil {
			t.Fatal(err)
		}
		return v, data
	}
	first, one := write("first.json")
	_, two := write("second.json")
	if !bytes.Equal(one, two) {
		t.Error(cmp.Diff(string(one), string(two)))
	}
	if sum := sha256.Sum256(one); first.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("SHA-256 %s", first.SHA256)
	}
	var e verify.Evidence
	if err := json.Unmarshal(one, &e); err != nil {
		t.Fatal(err)
	}
	body, _ := os.ReadFile("../../golden/platform.yaml")
	hash := sha256.Sum256(body)
	if e.Schema != "deploy-evidence/1.0" || e.Environment != "dev" || e.Account != "111122223333" || e.Caller == "" || e.Version != "v1" || !e.Holds || e.Stacks[0].Template != hex.EncodeToString(hash[:]) || e.Deployment.ID == "" || len(e.Checks) != len(verify.Catalog()) {
		t.Errorf("%s", one)
	}
	text, err := os.ReadFile(filepath.Join(directory, "first.md"))
	if err != nil || !bytes.Contains(text, []byte("| SHA-256 of first.json | "+first.SHA256+" |")) || !bytes.Contains(text, []byte("every promise holds")) {
		t.Errorf("%v\n%s", err, text)
	}
	w.run(verified(deploy.VerifyRequest{Evidence: "/proc/evidence.json"})).ends(fault.Unexpected, "the evidence cannot be written")
	again := w.run(verified(deploy.VerifyRequest{Evidence: directory}), at(now)).ends(fault.OK)
	if name := filepath.Base(last[report.Verification](again).Evidence); name != "evidence-dev-"+now.UTC().Format("20060102-150405")+".json" {
		t.Errorf("the file in a directory is %s", name)
	}
}

// at lets a run's time stand still.
func at(now time.Time) option {
	return func(o *deploy.Options, c *cloud.Options) { o.Clock, c.Clock = still{now}, still{now} }
}

// still is a clock that stands.
type still struct{ now time.Time }

func (s still) Now() time.Time                                   { return s.now }
func (s still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
