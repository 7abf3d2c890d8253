package deploy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

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
