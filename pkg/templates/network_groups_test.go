package templates_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/templates"
)

// rules lists what the rules of one direction permit, as "from > to port"; conditional ones say when.
func rules(t *testing.T, f template, direction string) (list []string) {
	t.Helper()
	group := func(value any) string {
		return strings.TrimSuffix(strings.TrimPrefix(text(value), "${"), "SecurityGroup.GroupId}")
	}
	for id, r := range f.ofType("AWS::EC2::SecurityGroup" + direction) {
		p := r.Properties
		own, other := group(p["GroupId"]), ""
		for _, key := range []string{"SourceSecurityGroupId", "DestinationSecurityGroupId"} {
			other += group(p[key])
		}
		for _, key := range []string{"CidrIp", "DestinationPrefixListId", "SourcePrefixListId"} {
			other += text(p[key])
		}
		if p["IpProtocol"] != "tcp" || p["FromPort"] != p["ToPort"] || p["Description"] == nil {
			t.Errorf("%s is %v", id, p)
		}
		from, to := own, other
		if direction == "Ingress" {
			from, to = other, own
		}
		rule := fmt.Sprintf("%s > %s %v", from, to, p["FromPort"])
		if r.Condition != "" {
			rule += " when " + r.Condition
		}
		list = append(list, rule)
	}
	slices.Sort(list)
	return list
}

// flows are what the catalogue says must be possible; everything else must not. Both directions of flows inside, and what
// goes out or comes in.
func flows(config templates.Config) (inside, out []string) {
	awsUser := func(id string) {
		inside = append(inside, id+" > Endpoint 443")
		out = append(out, id+" > pl-63a5400a 443", id+" > 0.0.0.0/0 443 when EndpointsDisabled")
	}
	for _, s := range config.Services {
		id := stem(s.Name)
		inside = append(inside, "LoadBalancer > "+id+" 8080")
		for _, call := range s.Calls {
			inside = append(inside, id+" > "+stem(call.Service)+" 8080")
		}
		if s.Database {
			inside = append(inside, id+" > Database 5432")
		}
		if s.External {
			out = append(out, id+" > ${EgressPrefixList} 443 when ProvidersGiven")
		}
		awsUser(id)
	}
	inside = append(inside, "Administration > Database 5432")
	awsUser("Administration")
	return inside, out
}

// stem is payment-api as PaymentApi.
func stem(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// R2: exactly the flows of the catalogue, in both directions, and only the load balancer accepts the internet.
func TestSecurityGroupsPermitTheCatalogueAndNothingElse(t *testing.T) {
	fourth := templates.Default()
	fourth.Services = append(fourth.Services, ledger())
	for name, config := range map[string]templates.Config{"default": templates.Default(), "a fourth service": fourth} {
		t.Run(name, func(t *testing.T) {
			files, err := renderAll(config)
			if err != nil {
				t.Fatal(err)
			}
			f := files["network.yaml"]
			inside, out := flows(config)
			outward := slices.Sorted(slices.Values(slices.Concat(inside, out)))
			if diff := cmp.Diff(outward, rules(t, f, "Egress")); diff != "" {
				t.Errorf("out of groups: %s", diff)
			}
			inward := slices.Sorted(slices.Values(append(slices.Clone(inside), "0.0.0.0/0 > LoadBalancer 443", "0.0.0.0/0 > LoadBalancer 80")))
			if diff := cmp.Diff(inward, rules(t, f, "Ingress")); diff != "" {
				t.Errorf("into groups: %s", diff)
			}
		})
	}
}

// R2: no group keeps the rule that AWS gives it, and none has rules that are not in this file's list.
func TestEverySecurityGroupHasTheSentinelOnly(t *testing.T) {
	groups := 0
	for name, f := range allFiles(t) {
		for id, r := range f.ofType("AWS::EC2::SecurityGroup") {
			groups++
			egress := items(r.Properties["SecurityGroupEgress"])
			if len(egress) != 1 || at(egress, 0, "CidrIp") != "255.255.255.255/32" || at(egress, 0, "IpProtocol") != "icmp" {
				t.Errorf("%s %s: egress is %v", name, id, egress)
			}
			if r.Properties["SecurityGroupIngress"] != nil {
				t.Errorf("%s %s has ingress of its own", name, id)
			}
		}
		if name != "network.yaml" && len(f.ofType("AWS::EC2::SecurityGroupIngress"))+len(f.ofType("AWS::EC2::SecurityGroupEgress")) > 0 {
			t.Errorf("%s opens groups too", name)
		}
	}
	if want := 4 + len(templates.Catalog()); groups != want {
		t.Errorf("%d groups, want %d", groups, want)
	}
}

// The two switches that widen what is permitted are the root's, and mean what they say.
func TestWideningConditions(t *testing.T) {
	conditions := file(t, "network.yaml").Conditions
	want := map[string]any{
		"ProvidersGiven":    map[string]any{"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "EgressPrefixList"}, ""}}}},
		"EndpointsDisabled": map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "Endpoints"}, "disabled"}},
	}
	if diff := cmp.Diff(want, conditions); diff != "" {
		t.Error(diff)
	}
}

// Each tier's members are in the group made for them.
func TestGroupsReachTheirMembers(t *testing.T) {
	root := file(t, "platform.yaml").Resources
	output := func(stack, parameter string) any {
		return at(root[stack].Properties, "Parameters", parameter, "Fn::GetAtt")
	}
	for stack, want := range map[string]string{
		"IngressStack": "LoadBalancerGroup", "DataStack": "DatabaseGroup", "AdministrationStack": "AdministrationGroup",
		"ServicePaymentApiStack": "ServiceGroupsPaymentApi", "ServiceTransactionProcessorStack": "ServiceGroupsTransactionProcessor",
		"ServiceNotificationServiceStack": "ServiceGroupsNotificationService",
	} {
		if got := output(stack, "Group"); got != "NetworkStack.Outputs."+want {
			t.Errorf("%s is in %v", stack, got)
		}
	}
	if got := output("EgressStack", "EndpointGroup"); got != "NetworkStack.Outputs.EndpointGroup" {
		t.Errorf("endpoints are in %v", got)
	}
}
