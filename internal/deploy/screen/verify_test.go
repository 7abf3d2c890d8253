package screen

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// observed is an observation of the kind that a check makes.
func observed(check, place, resource, expected, now, result string) report.Observation {
	titles := map[string]string{"targets-healthy": "All targets of each service's live target group are healthy", "logs-encrypted": "Log groups are encrypted with the logs key",
		"keys-rotate": "Keys are enabled and rotated", "logs-declared": "Every log group of the environment is declared by its stacks", "trail-logging": "The trail logs, and its files can be proven unchanged", "listeners-tls": "Listeners speak TLS by the policy, and plain HTTP only to redirect"}
	numbers := map[string][]string{"logs-encrypted": {"10.3.2"}, "keys-rotate": {"3.7.4"}, "trail-logging": {"10.2.1", "10.3.4"}, "listeners-tls": {"1.2.6", "2.2.7", "4.2.1"}}
	return report.Observation{Check: check, Title: titles[check], Requirements: []string{"R13", "R15"}, PCI: numbers[check], Place: place, Resource: resource, Type: "AWS::Logs::LogGroup", Expected: expected, Observed: now, Result: result, Time: dawn}
}

// because gives an observation its reason.
func because(o report.Observation, why, accepted string) report.Observation {
	o.Why, o.Accepted = why, accepted
	return o
}

// verifiedBadly is a verification with something of everything.
func verifiedBadly() []report.Event {
	const key, denied = "arn:aws:kms:us-east-1:111122223333:key/157e4795-0000-4000-8000-000000000125", "denied: the caller may not kms:GetKeyRotationStatus"
	return []report.Event{started("deploy verify"),
		report.Note{Level: report.Info, Text: "187 resources in 15 stacks; asking AWS about them"},
		observed("targets-healthy", "ServicePaymentApi/PaymentApiService", "arn:aws:ecs:us-east-1:111122223333:service/cluster-payments-qa7/service-payment-api-qa7", "all targets healthy", "3 healthy; 3 tasks wanted", report.Passed),
		observed("logs-encrypted", "Archive/DeliveryLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:log-firehose-qa7", key, key, report.Passed),
		observed("logs-encrypted", "ServicePaymentApi/PaymentApiLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:log-payment-api-qa7", key, "none", report.Failed),
		observed("logs-encrypted", "", "arn:aws:logs:us-east-1:111122223333:log-group:other-qa7", key, "none", report.Failed),
		observed("logs-encrypted", "Data/PostgresqlLogGroup", "/aws/rds/cluster/db-payments-qa7/postgresql", key, "does not exist", report.Failed),
		because(observed("logs-encrypted", "Data/Log", "", "", "", report.NotApplicable), "the template says no KmsKeyId", ""),
		because(observed("keys-rotate", "Security/DataKey", "arn:aws:kms:us-east-1:111122223333:key/1", "Enabled, rotated", "", report.Unread), denied, ""),
		because(observed("keys-rotate", "Security/LogsKey", "arn:aws:kms:us-east-1:111122223333:key/2", "Enabled, rotated", "", report.Unread), denied, ""),
		because(observed("listeners-tls", "Ingress/HttpsListener", "listener", "HTTPS", "", report.Unread), "throttled: elasticloadbalancing:DescribeListeners was refused again and again", "known since Tuesday"),
		because(observed("logs-declared", "", "", "declared by a stack of the environment", "", report.Unread), "denied: the caller may not logs:DescribeLogGroups", ""),
		because(observed("trail-logging", "", "", "", "", report.NotApplicable), "the stacks make no trail: where an organisation has one, its administrators show that it logs", ""),
		because(observed("trail-logging", "", "", "", "", report.NotApplicable), "the stacks make no trail: where an organisation has one, its administrators show that it logs", ""),
		report.Verification{Environment: "qa7", Checks: 6, Pass: 2, Fail: 3, Unknown: 3, Accepted: 1, NotApplicable: 3, Evidence: "evidence/evidence-qa7-20261122-150341.json", SHA256: strings.Repeat("4f2a9c1b", 8)},
		report.Result{Status: "refused", Code: fault.Refused, Text: "not every promise holds", Next: []string{"mend what failed"}}}
}

// A quiet screen leaves out what holds, and never what does not.
func TestQuietVerification(t *testing.T) {
	out, _, _ := shownAs(t, setting{Options: Options{Quiet: true}}, verifiedBadly())
	if strings.Contains(out, "targets-healthy") || !strings.Contains(out, "log-payment-api-qa7") || !strings.Contains(out, "3 failed") {
		t.Error(out)
	}
}
