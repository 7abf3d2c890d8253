package deploy_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/verify"
	"github.com/tierform/tierform/internal/simulator"
)

// What may not be read is unknown, names the permission, and is never well; a reason makes it acceptable, and the evidence has it.
func unknownPromises(t *testing.T, w *world) {
	asked := map[string][]string{}
	for _, c := range verify.Catalog() {
		for _, action := range c.Actions {
			asked[action] = append(asked[action], c.ID)
		}
	}
	for len(asked) > 0 {
		w.sim.Heal()
		denied, touched := []string{}, map[string]string{} // at most one call of each check
		for _, action := range slices.Sorted(maps.Keys(asked)) {
			if slices.ContainsFunc(asked[action], func(id string) bool { return touched[id] != "" }) {
				continue
			}
			for _, id := range asked[action] {
				touched[id] = action
			}
			denied = append(denied, action)
			w.sim.Inject(denial(action))
		}
		r := w.run(verified(deploy.VerifyRequest{})).ends(fault.Refused, "--allow-unknown")
		unknown, reasons := map[string]bool{}, map[string]string{}
		for _, o := range r.with(report.Unread) {
			unknown[o.Check], reasons[o.Check] = true, "the auditor may not"
			if o.Why != "denied: the caller may not "+touched[o.Check] {
				t.Errorf("%s: %q", o.Check, o.Why)
			}
		}
		for id, action := range touched {
			if !unknown[id] && !(id == "scaling-on" && action == "ecs:DescribeServices") { // only who suspended it
				t.Errorf("%s is not unknown without %s", id, action)
			}
		}
		if failed := r.with(report.Failed); len(failed) > 0 {
			t.Errorf("%+v", failed)
		}
		r = w.run(verified(deploy.VerifyRequest{AllowUnknown: reasons})).ends(fault.OK)
		if v := last[report.Verification](r); v.Unknown != 0 || v.Accepted != len(r.with(report.Unread)) || r.with(report.Unread)[0].Accepted != "the auditor may not" {
			t.Errorf("%+v", v)
		}
		for _, action := range denied {
			delete(asked, action)
		}
	}
}

// denial denies the call that needs a permission: services and calls have other names than permissions now and then.
func denial(action string) simulator.Fault {
	service, operation, _ := strings.Cut(action, ":")
	if service == "cloudwatch" {
		service = "monitoring"
	}
	if api := map[string]string{"GetBucketPublicAccessBlock": "GetPublicAccessBlock", "GetEncryptionConfiguration": "GetBucketEncryption"}[operation]; api != "" {
		operation = api
	}
	return simulator.Fault{Service: service, Operation: operation, Kind: simulator.Denied}
}

// Other ways not to get an answer.
func unansweredPromises(t *testing.T, w *world) {
	for _, c := range []struct {
		name, check, why string
		fault            simulator.Fault
	}{
		{"throttled", "keys-rotate", "throttled: kms:DescribeKey was refused again and again", simulator.Fault{Service: "kms", Kind: simulator.Throttled}},
		{"failing", "keys-rotate", "kms:DescribeKey answered DependencyTimeoutException", simulator.Fault{Service: "kms", Kind: simulator.Failing, Code: "DependencyTimeoutException"}},
		{"refused", "waf-associated", "wafv2:GetWebACLForResource: ", simulator.Fault{Service: "wafv2", Kind: simulator.Refused}},
		{"scanning", "images-scanned", "answered", simulator.Fault{Service: "ecr", Operation: "DescribeImageScanFindings", Kind: simulator.Failing, Code: "ValidationException"}},
	} {
		w.sim.Heal()
		w.sim.Inject(c.fault)
		found := w.run(verified(deploy.VerifyRequest{})).ends(fault.Refused).with(report.Unread)
		if len(found) == 0 || found[0].Check != c.check || !strings.Contains(found[0].Why, c.why) {
			t.Errorf("%s: %+v", c.name, found)
		}
	}
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "kms", Kind: simulator.Expired})
	w.run(verified(deploy.VerifyRequest{})).ends(fault.Unexpected, "ExpiredToken")
	ctx, cancel := context.WithCancel(t.Context())
	w.sim.Heal()
	r := w.runIn(ctx, func(ctx context.Context, e *deploy.Engine) error {
		e.Reporter = report.Func(func(event report.Event) {
			if note, is := event.(report.Note); is && strings.Contains(note.Text, "asking AWS") {
				cancel()
			}
		})
		return e.Verify(ctx, deploy.VerifyRequest{})
	})
	if fault.CodeOf(r.err) == fault.OK {
		t.Error("an interrupted verification ends well")
	}
}

// A scan that goes on shows nothing yet.
func scanThatGoesOn(t *testing.T, w *world) {
	for _, o := range all[report.Observation](w.run(verified(deploy.VerifyRequest{}))) {
		if name, digest, is := strings.Cut(o.Resource, "@"); is {
			w.sim.SetScan(name[strings.LastIndexByte(name, '/')+1:], digest, "IN_PROGRESS")
		}
	}
	r := w.run(verified(deploy.VerifyRequest{})).ends(fault.Refused, "--allow-unknown")
	if found := r.with(report.Unread); len(found) != 6 || found[0].Why != "the scan has not ended" {
		t.Errorf("%+v", found)
	}
}

// What cannot be right is refused before anything is asked; what is under way, or not there, is not verified.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := newWorld(t)
	ask := func(r deploy.VerifyRequest) *run { return w.run(verified(r)) }
	ask(deploy.VerifyRequest{}).ends(fault.Usage, "there is no stack platform-dev")
	ask(deploy.VerifyRequest{AllowUnknown: map[string]string{"trail": "x"}}).ends(fault.Usage, "--allow-unknown names no check", "trail-logging")
	file := filepath.Join(t.TempDir(), "e.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ask(deploy.VerifyRequest{Evidence: file}).ends(fault.Usage, "evidence is not overwritten")
	w.run(bootstrap).ends(fault.OK)
	kept := firstRequest()
	kept.Keep = true
	w.run(plan(kept)).ends(fault.OK)
	ask(deploy.VerifyRequest{}).ends(fault.Usage, "there is nothing to verify", "REVIEW_IN_PROGRESS")
	first := firstRequest()
	first.Detach = true
	w.run(apply(first)).ends(fault.StillRunning)
	ask(deploy.VerifyRequest{}).ends(fault.Busy, "CREATE_IN_PROGRESS", "deploy watch")
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Watch(ctx) }).ends(fault.OK)
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "GetTemplate", Kind: simulator.Denied})
	ask(deploy.VerifyRequest{}).ends(fault.Unexpected, "cloudformation:GetTemplate")
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DescribeStacks", Kind: simulator.Denied})
	ask(deploy.VerifyRequest{}).ends(fault.Unexpected, "cloudformation:DescribeStacks")
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DescribeStacks", Skip: 2, Kind: simulator.Denied})
	ask(deploy.VerifyRequest{}).ends(fault.Unexpected, "read stack arn:")
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "s3", Operation: "ListObjectsV2", Kind: simulator.Denied})
	evidence := func() verify.Evidence {
		t.Helper()
		r := ask(deploy.VerifyRequest{Evidence: file, Force: true})
		data, err := os.ReadFile(last[report.Verification](r).Evidence)
		if err != nil {
			t.Fatal(r.err, err)
		}
		var e verify.Evidence
		if err := json.Unmarshal(data, &e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := evidence(); e.Deployment.Unknown != "the records could not be read" {
		t.Errorf("%+v", e.Deployment)
	}
	w.sim.Heal()
	ask(deploy.VerifyRequest{Evidence: "/proc/evidence.json"}).ends(fault.Refused, "not every promise holds", "the evidence cannot be written")
	ids := last[report.Table](w.run(func(ctx context.Context, e *deploy.Engine) error { return e.History(ctx, 1) })).Rows
	if err := w.sim.DeleteObject("bucket-artifacts-111122223333-dev", "env/dev/deployments/"+ids[0][0]+".json"); err != nil {
		t.Fatal(err)
	}
	if e := evidence(); e.Deployment.Unknown != "no record of a deployment that ended well" {
		t.Errorf("%+v", e.Deployment)
	}
}

// Reasons are given once for each check.
func TestParseReasons(t *testing.T) {
	t.Parallel()
	got, err := deploy.ParseReasons([]string{"a=b=c", "d= e "})
	if diff := cmp.Diff(map[string]string{"a": "b=c", "d": "e"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, given := range [][]string{{"a"}, {"a=b", "a=c"}} {
		if _, err := deploy.ParseReasons(given); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%v: %v", given, err)
		}
	}
}
