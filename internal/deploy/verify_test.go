package deploy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	"github.com/tierform/tierform/internal/simulator"
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

// A promise is one that a plant breaks.
type promise struct {
	check, resource, observed string
	plant                     func()
}

// Each promise is seen to be broken: by what somebody did in the account, with the resource named and what AWS says.
func brokenPromises(t *testing.T, w *world) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tamper := func(name, attribute, value string) func() {
		return func() { t.Helper(); must(w.sim.Tamper(name, attribute, value)) }
	}
	scan := func(status string) func() {
		return func() {
			definition, err := w.sim.Physical("PaymentApiTaskDefinition")
			must(err)
			for _, o := range all[report.Observation](w.run(verified(deploy.VerifyRequest{}))) {
				if name, digest, is := strings.Cut(o.Resource, "@"); is && strings.Contains(name, "ecr-payment-api-") && strings.HasSuffix(definition, o.Place) {
					w.sim.SetScan("ecr-payment-api-dev", digest, status)
				}
			}
		}
	}
	var rounds [][]promise // a check is broken in one way at a time
	for _, c := range []promise{
		{"targets-healthy", "service-payment-api-dev", "tg-payment-blue-dev: 3 unhealthy; 3 tasks wanted", tamper("PaymentApiBlueTargetGroup", "TargetHealth", "unhealthy")},
		{"targets-healthy", "service-payment-api-dev", "tg-payment-blue-dev: 3 draining; 3 tasks wanted", tamper("PaymentApiBlueTargetGroup", "TargetHealth", "draining")},
		{"scaling-on", "service-payment-api-dev", "3 to 4 tasks, suspended", func() { must(w.sim.Suspend("service/cluster-payments-dev/service-payment-api-dev", true)) }},
		{"images-scanned", "ecr-payment-api-dev", "FAILED", scan("FAILED")},
		{"images-scanned", "ecr-payment-api-dev", "never scanned", scan("never")},
		{"images-scanned", "ecr-payment-api-dev", "does not exist in the registry", scan("absent")},
		{"exec-off", "service-payment-api-dev", "ECS Exec on", tamper("PaymentApiService", "EnableExecuteCommand", "true")},
		{"tasks-private", "service-payment-api-dev", "assignPublicIp ENABLED, 3 network interfaces", tamper("PaymentApiService", "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "ENABLED")},
		{"tasks-private", "service-payment-api-dev", "public: eni-service-payment-api-dev-0 203.0.113.9", tamper("PaymentApiService", "PublicIp", "203.0.113.9")},
		{"databases-private", "db-payments-writer-dev", "publicly accessible", tamper("Writer", "PubliclyAccessible", "true")},
		{"balancer-scheme", "alb-payments-dev", "internal", tamper("LoadBalancer", "Scheme", "internal")},
		{"listeners-tls", "listener/app/alb-payments-dev", "HTTPS ELBSecurityPolicy-2016-08", tamper("HttpsListener", "SslPolicy", "ELBSecurityPolicy-2016-08")},
		{"listeners-tls", "listener/app/alb-payments-dev", "HTTP, fixed-response", tamper("HttpListener", "DefaultAction", "fixed-response")},
		{"waf-associated", "alb-payments-dev", "none", tamper("WebAclAssociation", "Associated", "false")},
		{"trail-logging", "trail-payments-dev", "not logging, deliveries without error, files validated", tamper("Trail", "IsLogging", "false")},
		{"trail-logging", "trail-payments-dev", "logging, last delivery: AccessDenied, files validated", tamper("Trail", "LatestDeliveryError", "AccessDenied")},
		{"trail-logging", "trail-payments-dev", "logging, deliveries without error, files not validated", tamper("Trail", "EnableLogFileValidation", "false")},
		{"alarms-quiet", "alarm-payment-api-errors-dev", "ALARM since", tamper("PaymentApiErrorsAlarm", "StateValue", "ALARM")},
		{"alarms-armed", "alarm-payment-api-errors-dev", "actions disabled", tamper("PaymentApiErrorsAlarm", "ActionsEnabled", "false")},
		{"database-encrypted", "db-payments-dev", "not encrypted", tamper("DataStack/Cluster", "KmsKeyId", "")},
		{"database-encrypted", "db-payments-dev", "key/other", tamper("DataStack/Cluster", "KmsKeyId", "arn:aws:kms:us-east-1:111122223333:key/other")},
		{"database-tls", "db-payments-dev", "rds.force_ssl=0, in effect", tamper("ClusterParameterGroup", "rds.force_ssl", "0")},
		{"database-tls", "db-payments-dev", "rds.force_ssl=1, pending-reboot on db-payments-writer-dev", tamper("Writer", "DBClusterParameterGroupStatus", "pending-reboot")},
		{"database-tls", "db-payments-dev", "does not exist", tamper("DataStack/Cluster", "DBClusterParameterGroupName", "default.aurora-postgresql17")},
		{"database-backups", "db-payments-dev", "0 days", tamper("DataStack/Cluster", "BackupRetentionPeriod", "0")},
		{"secrets-rotated", "secret:rds!cluster-", "a secret managed by rds, rotation off", func() { must(w.sim.StopRotation("rds!")) }},
		{"secrets-rotated", "db-payments-dev", "no secret of RDS", tamper("DataStack/Cluster", "MasterUserSecret.SecretStatus", "deleted")},
		{"secrets-rotated", "secret-payment-api-dev", "it has no value", tamper("PaymentApiDatabaseSecret", "AWSCURRENT", "none")},
		{"keys-rotate", "key/", "Enabled, not rotated", tamper("DataKey", "EnableKeyRotation", "false")},
		{"keys-rotate", "key/", "Disabled, rotated", tamper("DataKey", "KeyState", "Disabled")},
		{"buckets-private", "bucket-access-", "BlockPublicAcls, IgnorePublicAcls, RestrictPublicBuckets", tamper("AccessLogBucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", "false")},
		{"buckets-private", "bucket-access-", "none", tamper("AccessLogBucket", "PublicAccessBlock", "none")},
		{"buckets-encrypted", "bucket-archive-", "AES256", tamper("ArchiveBucket", "SSEAlgorithm", "AES256")},
		{"buckets-encrypted", "bucket-archive-", "none", tamper("ArchiveBucket", "SSEAlgorithm", "none")},
		{"buckets-versioned", "bucket-archive-", "versions Suspended", tamper("ArchiveBucket", "VersioningConfiguration.Status", "Suspended")},
		{"logs-encrypted", "log-payment-api-dev", "none", tamper("PaymentApiLogGroup", "KmsKeyId", "")},
		{"logs-retention", "log-payment-api-dev", "for ever", tamper("PaymentApiLogGroup", "RetentionInDays", "0")},
		{"revision-running", "service-payment-api-dev", "task-payment-api-dev:9", func() { must(w.sim.RunRevision("service-payment-api-dev", 9)) }},
		{"secrets-used", "secret-transaction-processor-dev", "no task definition names it", tamper("TransactionProcessorTaskDefinition", "Secrets", "none")},
	} {
		at := slices.IndexFunc(rounds, func(r []promise) bool {
			return !slices.ContainsFunc(r, func(other promise) bool { return other.check == c.check })
		})
		if at < 0 {
			at, rounds = len(rounds), append(rounds, nil)
		}
		rounds[at] = append(rounds[at], c)
	}
	for _, round := range rounds {
		w.sim.Restore()
		for _, c := range round {
			c.plant()
		}
		failed := w.run(verified(deploy.VerifyRequest{})).ends(fault.Refused, "not every promise holds").with(report.Failed)
		must(w.sim.Suspend("service/cluster-payments-dev/service-payment-api-dev", false))
		must(w.sim.RunRevision("service-payment-api-dev", 1))
		for _, c := range round {
			found := slices.IndexFunc(failed, func(o report.Observation) bool { return o.Check == c.check })
			if found < 0 {
				t.Errorf("%s: %s is not seen to be %q", c.check, c.resource, c.observed)
				continue
			}
			if o := failed[found]; !strings.Contains(o.Resource, c.resource) || !strings.Contains(o.Observed, c.observed) {
				t.Errorf("%s: %q is %q, want %q to be %q", c.check, o.Resource, o.Observed, c.resource, c.observed)
			}
			failed = slices.Delete(failed, found, found+1)
		}
		for _, o := range failed {
			t.Errorf("%s fails as well: %s is %s, not %s", o.Check, o.Resource, o.Observed, o.Expected)
		}
	}
}

// What stacks do not declare, weights that somebody exchanged, and time that passes.
func brokenByOthers(t *testing.T, w *world) {
	w.sim.CreateLogGroup("/aws/lambda/report-dev")
	w.sim.CreateLogGroup("/aws/lambda/report-dev-eu")
	if err := w.sim.ExchangeWeights("NotificationServiceListenerRule"); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Clock().Sleep(t.Context(), 91*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	r := w.run(verified(deploy.VerifyRequest{})).ends(fault.Refused)
	var got []string
	for _, o := range r.with(report.Failed) {
		got = append(got, o.Check+": "+o.Resource[strings.LastIndexAny(o.Resource, "/:")+1:]+" is "+o.Observed)
	}
	got[0] = strings.ReplaceAll(got[0], strings.Fields(got[0])[1], "the rule")
	if diff := cmp.Diff([]string{
		"traffic-live: the rule is tg-notify-blue-dev 0, tg-notify-green-dev 100",
		"logs-declared: report-dev is no stack declares it",
		"secrets-rotated: secret-payment-api-dev-AbCdEf is changed 2026-11-22",
		"secrets-rotated: secret-transaction-processor-dev-AbCdEf is changed 2026-11-22",
	}, got); diff != "" {
		t.Error(diff)
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

// What cannot be right is refused before anything is asked; what is under way, or not there, is not verified.
func TestVerifyRefuses(t *testing.T) {
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

// at lets a run's time stand still.
func at(now time.Time) option {
	return func(o *deploy.Options, c *cloud.Options) { o.Clock, c.Clock = still{now}, still{now} }
}

// still is a clock that stands.
type still struct{ now time.Time }

func (s still) Now() time.Time                                   { return s.now }
func (s still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
