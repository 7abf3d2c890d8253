package simulator_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/simulator"
)

// lines fails unless a log has lines in this order.
func lines(t *testing.T, log string, want ...string) {
	t.Helper()
	rest := log
	for _, line := range want {
		_, after, found := strings.Cut(rest, line)
		if !found {
			t.Fatalf("no %q (in this order) in:\n%s", line, log)
		}
		rest = after
	}
}

// TestPlatformLife takes the real templates through their life.
func TestPlatformLife(t *testing.T) {
	a := open(t, simulator.Options{})
	p := a.platform(nil)
	if got := a.deploy(p); got != "CREATE_COMPLETE" {
		t.Fatalf("first deployment: %s\n%s", got, a.log("platform-dev"))
	}
	lines(t, a.log("platform-dev"), "platform-dev REVIEW_IN_PROGRESS User Initiated", "platform-dev CREATE_IN_PROGRESS User Initiated", "DataStack CREATE_IN_PROGRESS",
		"DataStack CREATE_IN_PROGRESS Resource creation Initiated", "DataStack CREATE_COMPLETE", "ServicePaymentApiStack CREATE_IN_PROGRESS", "platform-dev CREATE_COMPLETE")
	service := must(a.sim.Physical("PaymentApiService"))
	if want := "arn:aws:ecs:us-east-1:111122223333:service/cluster-payments-dev/service-payment-api-dev"; service != want {
		t.Errorf("service %s, want %s", service, want)
	}

	p.update = true
	set := must(a.propose(p))
	spurious := 0
	for _, change := range set.Changes {
		if change.ResourceChange.ChangeSetId != nil {
			spurious++
		}
	}
	if set.Status != types.ChangeSetStatusCreateComplete || spurious == 0 {
		t.Errorf("nothing changed, but nested stacks take values of others: %s, %d nested changes", set.Status, spurious)
	}

	p.parameters["PaymentApiMaxTasks"] = "20"
	if got := a.deploy(p); got != "UPDATE_COMPLETE" {
		t.Fatalf("update: %s\n%s", got, a.log("platform-dev"))
	}
	lines(t, a.log("platform-dev"), "UPDATE_IN_PROGRESS User Initiated", "ServicePaymentApiStack UPDATE_COMPLETE", "platform-dev UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "platform-dev UPDATE_COMPLETE")

	p.parameters["PaymentApiMaxTasks"] = "21"
	a.sim.Fail("ServicePaymentApiStack/PaymentApiScalableTarget", "not today")
	if got := a.deploy(p); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("failing update: %s\n%s", got, a.log("platform-dev"))
	}
	lines(t, a.log("platform-dev"), "not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [PaymentApiScalableTarget]. ",
		"UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [ServicePaymentApiStack]. ", "ServicePaymentApiStack UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "platform-dev UPDATE_ROLLBACK_COMPLETE")
	a.sim.Heal()

	arn := aws.ToString(a.stack("platform-dev").StackId)
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("platform-dev")}))
	if got := a.settle(arn); got != "DELETE_COMPLETE" {
		t.Fatalf("deletion: %s\n%s", got, a.log(arn))
	}
	gone := must(ecs.NewFromConfig(a.config).ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{Status: "ACTIVE"}))
	if len(gone.TaskDefinitionArns) != 0 {
		t.Errorf("task definitions left: %v", gone.TaskDefinitionArns)
	}
	if _, err := a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("platform-dev")}); code(err) != "ValidationError" {
		t.Errorf("deleted stack by name: %v", err)
	}
	again := must(a.api.ListStacks(t.Context(), &cloudformation.ListStacksInput{StackStatusFilter: []types.StackStatus{"DELETE_COMPLETE"}}))
	if len(again.StackSummaries) != 14 || again.StackSummaries[0].DeletionTime == nil {
		t.Errorf("%d deleted stacks are listed, want 14 with their time", len(again.StackSummaries))
	}
}

// TestForecast computes the critical path of the real templates. The bound counts that services wait for the writer.
func TestForecast(t *testing.T) {
	a := open(t, simulator.Options{})
	if _, err := a.sim.Forecast("platform-dev"); err == nil {
		t.Error("a forecast of nothing")
	}
	a.deploy(a.platform(nil))
	f := must(a.sim.Forecast("platform-dev"))
	t.Logf("first deployment %s, bound %s, ratio %.2f, %.0f %% of the chain estimated", f.Takes, f.Bound, f.Ratio(), 100*f.Estimated)
	for _, b := range f.Borders {
		t.Logf("the border of %s costs %s", b.Stack, b.Costs)
	}
	sum := time.Duration(0)
	for i, l := range f.Chain {
		if l.Begins != sum {
			t.Errorf("link %d, %s, begins at %s, want %s", i, l.LogicalID, l.Begins, sum)
		}
		sum += l.Spends
	}
	if sum != f.Takes || f.Bound > f.Takes || f.Ratio() < 1 {
		t.Errorf("chain of %s, deployment %s, bound %s", sum, f.Takes, f.Bound)
	}
	if f.Ratio() > 1.15 {
		t.Errorf("tiers cost %.2f times the bound: %v", f.Ratio(), f.Borders)
	}
	writer := false
	for _, l := range f.BoundChain {
		writer = writer || l.LogicalID == "Writer"
	}
	if !writer {
		t.Errorf("the bound leaves the writer out: %v", f.BoundChain)
	}
	if got := (simulator.Forecast{}).Ratio(); got != 1 {
		t.Errorf("ratio without a bound %v", got)
	}
}

// TestForecastCountsBorders: a producer's slow second resource holds the consumer of its first one.
func TestForecastCountsBorders(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("p", `{Outputs: {Name: {Value: !Ref Fast}}, Resources: {Fast: {Type: AWS::ECS::TaskDefinition, Properties: {Family: f}}, Slow: {Type: AWS::RDS::DBInstance, DependsOn: Fast, Properties: {DBInstanceIdentifier: i, DBClusterIdentifier: c, PromotionTier: 1}}}}`)
	a.upload("c", `{Parameters: {Name: {Type: String}}, Resources: {User: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: !Sub "${Name}-x"}}}}`)
	a.deploy(proposal{stack: "s", body: `{Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}, P: {Type: AWS::CloudFormation::Stack, DependsOn: Topic, Properties: {TemplateURL: "https://s3.us-east-1.amazonaws.com/artifacts/p"}},
		C: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://s3.us-east-1.amazonaws.com/artifacts/c", Parameters: {Name: !GetAtt P.Outputs.Name}}}}}`})
	f := must(a.sim.Forecast("s"))
	want := simulator.Forecast{Takes: 524 * time.Second, Bound: 386 * time.Second}
	if f.Takes != want.Takes || f.Bound != want.Bound {
		t.Errorf("takes %s, bound %s", f.Takes, f.Bound)
	}
	if diff := cmp.Diff([]simulator.Border{{Stack: "P", Costs: 128 * time.Second}}, f.Borders); diff != "" {
		t.Error(diff)
	}
	if f.Chain[0].LogicalID != "Topic" || len(f.Chain[0].Path) != 0 || f.Chain[len(f.Chain)-1].LogicalID != "User" {
		t.Errorf("chain %v", f.Chain)
	}
}

// TestDurations: each type and action of the platform has an entry, and says where it comes from.
func TestDurations(t *testing.T) {
	known := map[string]bool{}
	for _, d := range simulator.Durations() {
		known[d.Type+" "+d.Action] = true
		if d.Took <= 0 || d.Source == "" || d.Configured >= d.Took || d.Kind != "measured" && d.Kind != "documented" && d.Kind != "estimate" {
			t.Errorf("%+v", d)
		}
	}
	for line := range strings.Lines(string(must(os.ReadFile("../../golden/inventory.txt")))) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "AWS::") {
			continue
		}
		for _, action := range []string{"CREATE", "UPDATE", "DELETE"} {
			if !known[fields[1]+" "+action] {
				t.Errorf("no duration of %s %s", action, fields[1])
			}
		}
	}
}
