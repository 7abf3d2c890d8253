package changeset_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// TestGoldenColor: a colour that is not live would move the traffic; the live one may be taken over.
func TestGoldenColor(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	a := golden(t)
	a.values["PaymentApiActiveColor"] = "green"
	r := a.review()
	blocked, err := changeset.Guard(a.last, r, a.live())
	if err != nil || len(blocked) != 1 || blocked[0].LogicalID != "PaymentApiListenerRule" || !strings.Contains(blocked[0].Reason, "tg-payment-green-dev 100 %, and tg-payment-blue-dev 100 % are live") {
		t.Errorf("blocked %+v, %v", blocked, err)
	}
	swapped := a.live()
	swapped.swap = true
	if blocked, err := changeset.Guard(a.last, r, swapped); err != nil || len(blocked) > 0 {
		t.Error("the live colour is not taken over:", blocked, err)
	}
	want := []report.Property{{Path: "Actions[0].ForwardConfig.TargetGroups[0].Weight", Before: "100", After: "0"}, {Path: "Actions[0].ForwardConfig.TargetGroups[1].Weight", Before: "0", After: "100"}}
	for _, c := range r.Plan.Changes() {
		if c.LogicalID != "PaymentApiListenerRule" {
			continue
		}
		for i := range c.Properties {
			c.Properties[i].Cause = ""
		}
		if diff := cmp.Diff(want, c.Properties); diff != "" || c.Broadens {
			t.Errorf("properties (-want +got), broadens %v:\n%s", c.Broadens, diff)
		}
	}
}

// TestGoldenDigest: a new image is a new revision and nothing else; the service is left to CodeDeploy.
func TestGoldenDigest(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	a := golden(t)
	a.values["PaymentApiImageDigest"] = "sha256:" + strings.Repeat("1", 64)
	r := a.review()
	if got := real(r.Plan); len(got) != 1 || !strings.HasPrefix(got[0], "ServicePaymentApi/PaymentApiTaskDefinition replace") {
		t.Errorf("real changes %q", got)
	}
	if blocked, err := changeset.Guard(a.last, r, a.live()); err != nil || len(blocked) > 0 {
		t.Error("an image is blocked:", blocked, err)
	}
	a.edit("service-payment-api.yaml", "HealthCheckGracePeriodSeconds: 60", "HealthCheckGracePeriodSeconds: 90")
	r = a.review()
	blocked, err := changeset.Guard(a.last, r, a.live())
	if err != nil || len(blocked) != 1 || !strings.Contains(blocked[0].Reason, "PaymentApiTaskDefinition change together") {
		t.Errorf("image and service together: %+v, %v", blocked, err)
	}
}

// TestGoldenFlat: without change sets of nested stacks, what is proved to stay stays, and what is not has to be named.
func TestGoldenFlat(t *testing.T) {
	a := golden(t)
	a.edit("observability.yaml", "Dashboard", "Board")
	set, err := a.propose(false)
	if err != nil {
		t.Fatal(err)
	}
	p := changeset.ReviewSet(set, a.set, a.given, a.before).Plan
	if diff := cmp.Diff([]string{"any change", "incomplete preview"}, p.Needs); diff != "" {
		t.Errorf("only the dashboard changes (-want +got):\n%s", diff)
	}
	a.values["BackupRetentionDays"] = "3"
	a.edit("service-transaction-processor.yaml", "TransactionProcessorDatabaseSecret", "TransactionProcessorDbSecret")
	if set, err = a.propose(false); err != nil {
		t.Fatal(err)
	}
	p = changeset.ReviewSet(set, a.set, a.given, a.before).Plan
	for _, need := range []string{"replace Data/Cluster", "delete ServiceTransactionProcessor/TransactionProcessorDatabaseSecret"} {
		if !slices.Contains(p.Needs, need) {
			t.Errorf("no %q in %q", need, p.Needs)
		}
	}
	if slices.Contains(p.Needs, "replace Security/DataKey") {
		t.Error("what is proved to stay has to be named:", p.Needs)
	}
}

// TestGoldenFindings: a hook and a validation fail nested change sets; all causes are told with their places.
func TestGoldenFindings(t *testing.T) {
	a := golden(t)
	a.edit("network.yaml", "      EnableDnsSupport: true\n", "      EnableDnsSupport: false\n")
	a.sim.Find(simulator.Finding{Stack: "NetworkStack", LogicalID: "VPC", Name: "Private::Guard::Hook", Hook: true, Fails: true, Reason: "DNS support must be on"})
	_, err := a.propose(true)
	var failed *changeset.Failed
	if !errors.As(err, &failed) || failed.Placeholder || len(failed.Findings) != 1 || !strings.Contains(err.Error(), "Network/VPC: DNS support must be on") {
		t.Fatal(err)
	}
}

// TestGoldenTooMany: a stack holds 1,000 change sets.
func TestGoldenTooMany(t *testing.T) {
	a := golden(t)
	a.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "CreateChangeSet", Kind: simulator.Failing, Code: "LimitExceededException", Status: 400, Message: "ChangeSet limit exceeded"})
	a.edit("network.yaml", "      EnableDnsSupport: true\n", "      EnableDnsSupport: false\n")
	if _, err := a.propose(true); fault.CodeOf(err) != fault.NeedsPerson {
		t.Fatal(err)
	}
}

// liveRules asks the simulated load balancer.
type liveRules struct {
	*account
	swap, releasing bool
}

func (a *account) live() *liveRules { return &liveRules{account: a} }

func (l *liveRules) Weights(rule string) (changeset.Weights, error) {
	out, err := l.cloud.ELB().DescribeRules(context.Background(), &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{rule}})
	if err != nil {
		return nil, err
	}
	found := changeset.Weights{}
	for _, group := range out.Rules[0].Actions[0].ForwardConfig.TargetGroups {
		if found[*group.TargetGroupArn] = int(*group.Weight); l.swap {
			found[*group.TargetGroupArn] = 100 - int(*group.Weight)
		}
	}
	return found, nil
}

func (l *liveRules) DefaultWeights(string) (changeset.Weights, error) {
	return changeset.Weights{}, nil
}
func (l *liveRules) Releasing(string) bool { return l.releasing }
