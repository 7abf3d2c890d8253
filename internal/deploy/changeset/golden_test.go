package changeset_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
)

// TestGoldenNoise: one security group rule changes, and CloudFormation reports the whole platform, with replacements of the database.
// The reader sees the rule, and whatever holds data with the word that nothing happens to it.
func TestGoldenNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	a := golden(t)
	a.edit("network.yaml", "      EnableDnsSupport: true\n", "      EnableDnsSupport: false\n")
	a.edit("network.yaml", "\nOutputs:", `
  AuditSecurityGroupRule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      CidrIp: 10.10.0.0/24
      FromPort: 443
      GroupId: !GetAtt LoadBalancerSecurityGroup.GroupId
      IpProtocol: tcp
      ToPort: 443

Outputs:`)
	before := a.total()
	r := a.review()
	want := []string{"Network/AuditSecurityGroupRule add", "Network/VPC change"}
	if diff := cmp.Diff(want, sortedLines(real(r.Plan))); diff != "" {
		t.Errorf("real changes (-want +got):\n%s", diff)
	}
	if got := r.Plan.Counts; got.Add != 1 || got.Change != 1 || got.Replace != 0 || got.Suppressed < 100 {
		t.Errorf("counts %+v", got)
	}
	spurious := 0
	for _, c := range r.Plan.Changes() {
		switch {
		case c.Stateful && c.Hidden && c.Action == report.Replace:
			t.Errorf("the replacement of %s, which holds data, is hidden", c.LogicalID)
		case c.Certainty == report.Spurious && c.Action == report.Replace:
			spurious++
			if !strings.HasSuffix(c.Why, " not change it") {
				t.Errorf("%s: %q", c.LogicalID, c.Why)
			}
		}
	}
	if spurious < 10 {
		t.Errorf("%d replacements disproved: the simulator reports no noise", spurious)
	}
	if diff := cmp.Diff([]string{"any change", "broadening"}, r.Plan.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	if calls := a.total() - before; calls > 20+len(a.last.Nested) {
		t.Errorf("%d calls for a plan with %d nested change sets: %v", calls, len(a.last.Nested), a.cloud.Calls())
	}
	blocked, err := changeset.Guard(a.last, r, a.live())
	if err != nil || len(blocked) > 0 {
		t.Error("noise is blocked:", blocked, err)
	}
}

// total counts the calls of CloudFormation so far, and those that read deployed templates.
func (a *account) total() int {
	total := 0
	for call, count := range a.cloud.Calls() {
		if strings.HasPrefix(call, "cloudformation:") || call == "s3:GetObject" {
			total += count
		}
	}
	return total
}

func sortedLines(lines []string) []string { slices.Sort(lines); return lines }

// TestGoldenNothingChanges: a plan of the whole platform as it is deployed replaces nothing, whatever CloudFormation reports.
func TestGoldenNothingChanges(t *testing.T) {
	p := golden(t).review().Plan
	if got := p.Counts; got.Add+got.Change+got.Replace+got.Delete > 0 || got.Suppressed < 100 || len(real(p)) > 0 {
		t.Errorf("counts %+v, real changes %v", got, real(p))
	}
	if diff := cmp.Diff([]string{"any change"}, p.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
}

// TestGoldenTags: changed tags reach every resource, in place; no replacement is left, and no database has to be named.
func TestGoldenTags(t *testing.T) {
	a := golden(t)
	a.tags["CostCentre"] = "7"
	r := a.review()
	if r.Plan.Counts.Replace > 0 || r.Plan.Counts.Change < 100 {
		t.Errorf("counts %+v", r.Plan.Counts)
	}
	if diff := cmp.Diff([]string{"any change"}, r.Plan.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	for _, c := range r.Plan.Changes() {
		if c.LogicalID == "Cluster" && len(c.Path) == 1 && c.Path[0] == "DataStack" {
			want := []report.Property{{Path: "Tags", After: "CostCentre=7"}}
			if diff := cmp.Diff(want, c.Properties); diff != "" || c.Action != report.Modify {
				t.Errorf("database: %s %s\n%s", c.Action, c.Why, diff)
			}
		}
	}
	if blocked, err := changeset.Guard(a.last, r, a.live()); err != nil || len(blocked) > 0 {
		t.Error("tags are blocked:", blocked, err)
	}
}

// TestGoldenCapacity: more capacity changes the database in place, and nothing else: its endpoint and its secret stay, and so does what
// is made of them.
func TestGoldenCapacity(t *testing.T) {
	a := golden(t)
	a.values["DatabaseMaxCapacity"] = "6"
	p := a.review().Plan
	if diff := cmp.Diff([]string{"Data/Cluster change"}, real(p)); diff != "" {
		t.Errorf("real changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"any change"}, p.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	for _, c := range p.Changes() {
		if c.Type == "AWS::RDS::DBCluster" && c.PolicyAction != "" {
			t.Errorf("a cluster that is changed in place would be %s", c.PolicyAction)
		}
	}
}

// TestGoldenRealReplacement: a subnet gets other addresses, so that it is replaced. What depends on it is not folded.
func TestGoldenRealReplacement(t *testing.T) {
	a := golden(t)
	a.edit("network.yaml", "!Select [32, !Cidr", "!Select [40, !Cidr")
	r := a.review()
	want := []string{
		"Data/Writer replace unknown until apply", "Egress/NATGatewayA replace unknown until apply", "Ingress/LoadBalancer change",
		"Network/PublicSubnetA replace certain", "Network/PublicSubnetRoutesA replace unknown until apply", "Reader/InstanceEventSubscription change",
	}
	if diff := cmp.Diff(want, sortedLines(real(r.Plan))); diff != "" {
		t.Errorf("real changes (-want +got):\n%s", diff)
	}
	if !slices.Contains(r.Plan.Needs, "replace Data/Writer") {
		t.Error("the database instance needs no name:", r.Plan.Needs)
	}
}

// TestGoldenStatefulBlocked: a renamed database is another one; --yes does not lose the old one, its name does.
func TestGoldenStatefulBlocked(t *testing.T) {
	for _, test := range []struct {
		name  string
		edits [][2]string
		need  string
	}{
		{"logical ID", [][2]string{{"  Cluster:\n    Type", "  MainCluster:\n    Type"}, {"!Ref Cluster", "!Ref MainCluster"}, {"!GetAtt Cluster.", "!GetAtt MainCluster."}}, "delete Data/Cluster"},
		{"physical name", [][2]string{{"DBClusterIdentifier: !Sub db-payments-${EnvironmentSuffix}", "DBClusterIdentifier: !Sub db-ledger-${EnvironmentSuffix}"}}, "replace Data/Cluster"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := golden(t)
			for _, e := range test.edits {
				a.edit("data.yaml", e[0], e[1])
			}
			p := a.review().Plan
			if !slices.Contains(p.Needs, test.need) {
				t.Fatalf("needs %q", p.Needs)
			}
			_, named := changeset.Consent{Yes: true, Policy: changeset.RequireNever}.Missing(p)
			if !slices.Contains(named, test.need) {
				t.Errorf("--yes loses the database: %q is missing only", named)
			}
			if command := changeset.Command(named); !strings.Contains(command, "--allow-"+test.need) {
				t.Errorf("the flag to give is %q", command)
			}
			consent := changeset.Consent{Yes: true}
			for _, need := range p.Needs {
				if place, is := strings.CutPrefix(need, "replace "); is {
					consent.Replace = append(consent.Replace, place)
				}
				if place, is := strings.CutPrefix(need, "delete "); is {
					consent.Delete = append(consent.Delete, place)
				}
			}
			if err := consent.Check(p); err != nil {
				t.Error("all names are given and refused:", err)
			}
			if ask, named := consent.Missing(p); len(ask)+len(named) > 0 {
				t.Error("all names are given and missing:", ask, named)
			}
		})
	}
}

// TestGoldenRemovedStack: a nested stack goes; what holds data in it has to be named one by one.
func TestGoldenRemovedStack(t *testing.T) {
	a := golden(t)
	cut := func(body, from, to string) string {
		_, after, found := strings.Cut(body, from)
		before := strings.Split(body, from)[0]
		_, rest, ends := strings.Cut(after, to)
		if !found || !ends {
			t.Fatalf("no %q … %q", from, to)
		}
		return before + to + rest
	}
	body := cut(string(a.files["platform.yaml"].Data), "\n  AdministrationStack:", "\n  ObservabilityStack:")
	body = cut(body, "\n  AdministrationTaskDefinition:\n    Description", "\n  PaymentApiServiceName:")
	body = cut(body, "\n  AdministrationTemplateKey:", "\n  ObservabilityTemplateKey:")
	body = strings.Replace(body, "          - AdministrationTemplateKey\n", "", 1)
	body = strings.Replace(body, "!GetAtt AdministrationStack.Outputs.LogGroup", "none", 1)
	a.files["platform.yaml"].Data = []byte(body)
	p := a.review().Plan
	if diff := cmp.Diff([]string{"delete Administration/AdministrationLogGroup"}, slices.DeleteFunc(slices.Clone(p.Needs), func(n string) bool { return !strings.HasPrefix(n, "delete ") })); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	if !slices.Contains(real(p), "AdministrationStack delete") || !slices.Contains(real(p), "Administration/AdministrationTaskRole delete") {
		t.Errorf("what goes with the stack is not shown: %q", real(p))
	}
}

// TestGoldenNothing: the same templates and values again. CloudFormation reports a hundred changes; all are disproved.
func TestGoldenNothing(t *testing.T) {
	a := golden(t)
	r := a.review()
	if got := real(r.Plan); len(got) > 0 || r.Plan.Counts.Suppressed < 100 {
		t.Errorf("%q, counts %+v", got, r.Plan.Counts)
	}
	if diff := cmp.Diff([]string{"any change"}, r.Plan.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	ctx := context.Background()
	if err := changeset.Discard(ctx, a.api, a.sim.Clock(), platform, a.last.Name, false); err != nil {
		t.Fatal(err)
	}
	names, count, err := changeset.Litter(ctx, a.api, platform, "")
	if err != nil || len(names) != 0 || count != 1 {
		t.Errorf("litter %q of %d, %v", names, count, err)
	}
}
