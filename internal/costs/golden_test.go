package costs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/checks"
)

// Nothing in the platform is without a price, but for what production delivers into a bucket of another account.
func TestGoldenIsPriced(t *testing.T) {
	if e := goldenEstimate(t, "dev"); len(e.Unpriced) > 0 {
		t.Errorf("dev: %v", e.Unpriced)
	}
	want := []Unpriced{{"archive.yaml", "ArchiveStream", "AWS::KinesisFirehose::DeliveryStream", "the bucket that keeps what it delivers is not among the templates"}}
	if diff := cmp.Diff(want, goldenEstimate(t, "prod").Unpriced); diff != "" {
		t.Errorf("prod (-want +got):\n%s", diff)
	}
}

// The parts of an estimate add up, and the same templates always give the same estimate.
func TestPartsAddUp(t *testing.T) {
	e := goldenEstimate(t, "prod")
	tiers := 0.0
	for _, name := range e.Tiers() {
		tiers += e.Tier(name)
	}
	if !closeTo(e.Total(), tiers) || !closeTo(e.Total(), e.Fixed()+e.Variable()) || e.Fixed() <= 0 || e.Variable() <= 0 {
		t.Errorf("total %v, tiers %v, fixed %v, variable %v", e.Total(), tiers, e.Fixed(), e.Variable())
	}
	if diff := cmp.Diff(e, goldenEstimate(t, "prod")); diff != "" {
		t.Errorf("another estimate:\n%s", diff)
	}
}

const anotherGateway = `Resources:
  AnotherAddress:
    Type: AWS::EC2::EIP
    Properties: {Domain: vpc}
  AnotherGateway:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt AnotherAddress.AllocationId, SubnetId: !Ref PublicSubnetsA}
`

// A zone costs exactly its gateway and address: the data goes the same way through one more.
func TestAnotherGatewayCostsItsPrice(t *testing.T) {
	before := goldenEstimate(t, "prod")
	after := goldenEstimate(t, "prod", edit{"egress.yaml", "Resources:\n", anotherGateway})
	if got, want := after.Total()-before.Total(), 730*(0.045+0.005); !closeTo(got, want) {
		t.Errorf("another gateway costs %v instead of %v", got, want)
	}
}

// An endpoint in one zone less costs a zone less.
func TestZonesOfEndpoints(t *testing.T) {
	before := goldenEstimate(t, "prod")
	after := goldenEstimate(t, "prod", edit{"egress.yaml", "      SubnetIds:\n        - !Ref PrivateSubnetsA\n", "      SubnetIds:\n"})
	if got := before.Total() - after.Total(); !closeTo(got, 7.3) {
		t.Errorf("a zone of an endpoint costs %v", got)
	}
}

// Disabling the endpoints takes away their lines, and sends their data through NAT; nothing else changes.
func TestEndpointSwitch(t *testing.T) {
	prices, usage := tables(t, "prod")
	of := func(value string) Estimate {
		return New(deploy(t, "prod", map[string]string{endpointSwitch: value}, goldenFiles(t)), prices, usage, AsDeployed)
	}
	enabled, disabled := of("enabled"), of("disabled")
	var kept, others []Line
	for _, l := range enabled.Lines {
		if l.Price != "interface-endpoint" && l.Price != "endpoint-data" && l.Price != "nat-data" {
			kept = append(kept, l)
		}
	}
	for _, l := range disabled.Lines {
		switch l.Price {
		case "interface-endpoint", "endpoint-data":
			t.Errorf("%+v is still there", l)
		case "nat-data":
			if want := usage.of("provider_gb") + usage.of("aws_api_gb"); !closeTo(l.Quantity, want) {
				t.Errorf("%v GB go through NAT instead of %v", l.Quantity, want)
			}
		default:
			others = append(others, l)
		}
	}
	if diff := cmp.Diff(kept, others); diff != "" {
		t.Errorf("other lines changed (-enabled +disabled):\n%s", diff)
	}
	want := 5*3*7.30 + usage.of("aws_api_gb")*(0.01-0.045)
	if got := enabled.Total() - disabled.Total(); !closeTo(got, want) {
		t.Errorf("the endpoints cost %v instead of %v", got, want)
	}
}

// What Spot saves is the difference of the prices for the tasks that the strategies put there.
func TestSpotSaving(t *testing.T) {
	prices, usage := tables(t, "dev")
	w := deploy(t, "dev", nil, goldenFiles(t))
	deployed, onDemand := New(w, prices, usage, AsDeployed), New(w, prices, usage, OnDemandOnly)
	want := 0.0
	for _, l := range deployed.Lines {
		switch l.Price {
		case "fargate-spot-vcpu":
			want += l.Quantity * (0.04048 - 0.012144)
		case "fargate-spot-memory":
			want += l.Quantity * (0.004445 - 0.0013335)
		}
	}
	if got := onDemand.Total() - deployed.Total(); want == 0 || !closeTo(got, want) {
		t.Errorf("Spot saves %v instead of %v", got, want)
	}
	for _, l := range onDemand.Lines {
		if strings.Contains(l.Price, "spot") {
			t.Errorf("on demand only, but %+v", l)
		}
	}
}

// Use changes variable costs only, and the greatest use is dearer than any.
func TestUseIsVariable(t *testing.T) {
	prices, usage := tables(t, "prod")
	w := deploy(t, "prod", nil, goldenFiles(t))
	usual, greatest := New(w, prices, usage, AsDeployed), New(w, prices, usage.AtMaximum(), AsDeployed)
	if !closeTo(usual.Fixed(), greatest.Fixed()) || greatest.Variable() <= usual.Variable() {
		t.Errorf("fixed %v and %v, variable %v and %v", usual.Fixed(), greatest.Fixed(), usual.Variable(), greatest.Variable())
	}
	if usage.of("task_scaling") == 1 {
		t.Error("the usage itself was changed")
	}
}

// A type that nobody has looked at is named, wherever it stands.
func TestUnknownTypeIsNamed(t *testing.T) {
	e := goldenEstimate(t, "dev", edit{"egress.yaml", "Resources:\n", "Resources:\n  Firewall: {Type: AWS::NetworkFirewall::Firewall}\n"})
	want := []Unpriced{{"egress.yaml", "Firewall", "AWS::NetworkFirewall::Firewall", "no price known for AWS::NetworkFirewall::Firewall"}}
	if diff := cmp.Diff(want, e.Unpriced); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An estimate with another price list says which price it misses.
func TestMissingPriceIsNamed(t *testing.T) {
	prices, usage := tables(t, "dev")
	set, err := checks.Load([]checks.File{{Name: "a.yaml", Data: []byte("Resources: {Address: {Type: AWS::EC2::EIP}}")}})
	if err != nil {
		t.Fatal(err)
	}
	prices.Prices = nil
	e := New(checks.Deploy(set, checks.Environment{}), prices, usage, AsDeployed)
	if len(e.Unpriced) != 1 || e.Unpriced[0].Why != "the price list has no public-address" {
		t.Errorf("%+v", e)
	}
}
