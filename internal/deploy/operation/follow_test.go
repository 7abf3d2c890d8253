package operation_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// ids are the identifiers of events, sorted.
func ids(events []report.Resource) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.EventID)
	}
	slices.Sort(all)
	return all
}

func TestAFirstDeploymentIsFollowedThroughItsNestedStacks(t *testing.T) {
	p := newPlatform(t)
	o, s := p.follow(p.execute(true, false))
	if o.Status != "CREATE_COMPLETE" || len(o.OperationIDs) != 1 || o.Ended.Before(o.Begun) {
		t.Errorf("%+v", o)
	}
	begun := of[report.Operation](s)
	if len(begun) != 1 || begun[0].Stack != stackName || begun[0].Doing != "create" || begun[0].ID != o.OperationIDs[0] || !begun[0].Started.Equal(o.Begun) {
		t.Errorf("%+v", begun)
	}
	created := map[string]int{}
	for _, r := range of[report.Resource](s) {
		if r.Status == "CREATE_COMPLETE" && r.Type != "AWS::CloudFormation::Stack" {
			created[strings.Join(r.Path, "/")]++
			if r.Seconds <= 0 {
				t.Errorf("%s took no time", r.LogicalID)
			}
		}
	}
	want := map[string]int{}
	for id, r := range p.set.Root.Resources {
		if r.Nested != nil {
			want[id] = len(p.set.Nested[r.Nested.Template].Resources)
		}
	}
	for stack, n := range want {
		if created[stack] == 0 || created[stack] > n {
			t.Errorf("%s: %d resources told, the template has %d", stack, created[stack], n)
		}
	}
	if again := ids(of[report.Resource](s)); len(slices.Compact(slices.Clone(again))) != len(again) {
		t.Error("an event is told twice")
	}
	ticks := of[report.Tick](s)
	for i := 1; i < len(ticks); i++ {
		if pause := ticks[i].Time.Sub(ticks[i-1].Time); pause > 2*time.Second {
			t.Errorf("no tick for %v", pause)
		}
	}
}

// tenMinutes makes the update of a tier of the platform take ten minutes.
func tenMinutes(t *testing.T) *platform {
	t.Helper()
	p := deployed(t)
	p.sim.Deliver(simulator.Delivery{}) // pages as AWS sends them
	for _, tier := range []struct{ file, key, resource string }{
		{"service-payment-api.yaml", "ServicePaymentApiTemplateKey", "ServicePaymentApiStack/PaymentApiLogGroup"},
		{"service-transaction-processor.yaml", "ServiceTransactionProcessorTemplateKey", "ServiceTransactionProcessorStack/TransactionProcessorLogGroup"},
		{"service-notification-service.yaml", "ServiceNotificationServiceTemplateKey", "ServiceNotificationServiceStack/NotificationServiceLogGroup"},
	} {
		p.change(tier.file, tier.key, "RetentionInDays: 30", "RetentionInDays: 60")
		p.sim.Break(simulator.Broken{Resource: tier.resource, After: 10 * time.Minute})
	}
	return p
}

func TestATenMinuteUpdateTakesAtMost600CallsAndItsEndIsNoticedWithinTwoSeconds(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	p := tenMinutes(t)
	token := p.execute(false, false)
	p.sent = nil
	began := p.sim.Clock().Now()
	o, _ := p.follow(token)
	took := p.sim.Clock().Now().Sub(began)
	if o.Status != "UPDATE_COMPLETE" || took < 10*time.Minute || took > 12*time.Minute {
		t.Fatalf("%s after %v", o.Status, took)
	}
	if lag := p.sim.Clock().Now().Sub(o.Ended); lag > 2*time.Second {
		t.Errorf("the end is noticed after %v", lag)
	}
	tenth := began.Add(10 * time.Minute)
	calls := len(slices.DeleteFunc(slices.Clone(p.sent), func(at time.Time) bool { return at.After(tenth) }))
	if calls > 600 {
		t.Errorf("%d calls in ten minutes, want at most 600", calls)
	}
	if calls < 300 {
		t.Errorf("%d calls in ten minutes: the end could not be noticed within two seconds", calls)
	}
	// Never over 1.5 a second in the long run: in no minute more than 90 beside one burst.
	for i := range p.sent {
		if i+102 < len(p.sent) && p.sent[i+102].Sub(p.sent[i]) < time.Minute {
			t.Fatalf("103 calls within %v", p.sent[i+102].Sub(p.sent[i]))
		}
	}
}

func TestAFailureIsShownWithinTenSeconds(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	for _, c := range []struct {
		name  string
		first bool
	}{{"first deployment", true}, {"update", false}} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlatform(t)
			if !c.first {
				p = deployed(t)
				p.change("cluster.yaml", "ClusterTemplateKey", "Value: enhanced", "Value: enabled")
			}
			p.sim.Fail("ClusterStack/Cluster", "The account has too many clusters")
			_, s := p.follow(p.execute(c.first, false))
			for i, e := range s.events {
				if r, is := e.(report.Resource); is && r.LogicalID == "Cluster" && strings.HasSuffix(r.Status, "_FAILED") {
					if lag := s.at[i].Sub(r.Time); lag > 10*time.Second {
						t.Errorf("shown after %v", lag)
					}
					return
				}
			}
			t.Error("the failure is not shown")
		})
	}
}

func TestAnotherMachineSeesTheSame(t *testing.T) {
	p := deployed(t)
	p.change("cluster.yaml", "ClusterTemplateKey", "Value: enhanced", "Value: enabled")
	p.sim.Fail("ClusterStack/Cluster", "The account has too many clusters")
	o, s := p.follow(p.execute(false, false))
	if o.Status != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatal(o.Status)
	}
	ignore := cmpopts.IgnoreUnexported(operation.Outcome{})
	other := p.screen()
	watched, err := operation.Follow(p.cloud.CloudFormation(), p.sim.Clock(), other, stackName).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o, watched, ignore); diff != "" {
		t.Error("watch differs: " + diff)
	}
	if diff := cmp.Diff(ids(of[report.Resource](s)), ids(of[report.Resource](other))); diff != "" {
		t.Error("watch shows other events: " + diff)
	}
	read, err := operation.Read(t.Context(), p.cloud.CloudFormation(), p.sim.Clock(), stackName)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o, read, ignore); diff != "" {
		t.Error("diagnose reads something else: " + diff)
	}
	if diff := cmp.Diff(operation.Diagnose(stackName, o), operation.Diagnose(stackName, watched)); diff != "" {
		t.Error(diff)
	}
}

func TestWatchingBeginsInTheMiddle(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	p := newPlatform(t)
	token := p.execute(true, false)
	ctx, kill := context.WithCancel(t.Context())
	broken := p.screen()
	n := 0
	first := report.Func(func(e report.Event) {
		broken.Report(e)
		if n++; n == 200 {
			kill()
		}
	})
	if _, err := operation.Follow(p.cloud.CloudFormation(), p.sim.Clock(), first, stackName).Expect(token).Run(ctx); err != context.Canceled {
		t.Fatal(err)
	}
	s := p.screen()
	o, err := operation.Follow(p.cloud.CloudFormation(), p.sim.Clock(), s, stackName).Run(t.Context())
	if err != nil || o.Status != "CREATE_COMPLETE" {
		t.Fatalf("%s, %v", o.Status, err)
	}
	told := ids(of[report.Resource](s))
	for _, r := range of[report.Resource](broken) {
		if !slices.Contains(told, r.EventID) {
			t.Errorf("watch leaves out %s %s", r.LogicalID, r.Status)
		}
	}
	whole, err := operation.Read(t.Context(), p.cloud.CloudFormation(), p.sim.Clock(), stackName)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids(whole.Events), told); diff != "" {
		t.Error(diff)
	}
}
