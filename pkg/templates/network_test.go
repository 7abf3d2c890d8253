package templates_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/templates"
)

// allZones is the default platform in all six zones of the region.
func allZones() templates.Config {
	config := templates.Default()
	config.Zones = []string{"use1-az1", "use1-az2", "use1-az4", "use1-az3", "use1-az5", "use1-az6"}
	return config
}

// block evaluates !Select [index, !Cidr [VPC, count, bits]] for a VPC.
func block(t *testing.T, vpc netip.Prefix, value any) netip.Prefix {
	t.Helper()
	index, _ := at(value, "Fn::Select", 0).(int)
	cidr := at(value, "Fn::Select", 1, "Fn::Cidr")
	count, _ := at(cidr, 1).(int)
	hostBits, _ := at(cidr, 2).(int)
	if text(at(cidr, 0)) != "${CidrBlock}" || index < 0 || index >= count || count > 256 || hostBits < 4 || count<<hostBits > 1<<(32-vpc.Bits()) {
		t.Fatalf("block is %v", value)
	}
	base := vpc.Addr().As4()
	address := uint32(base[0])<<24 | uint32(base[1])<<16 | uint32(base[2])<<8 | uint32(base[3])
	address += uint32(index) << hostBits
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}), 32-hostBits)
}

// R1: three kinds of subnet in each zone, none of which gives public addresses, and no two of which overlap.
func TestSubnets(t *testing.T) {
	vpc := netip.MustParsePrefix("10.20.0.0/16")
	for name, config := range map[string]templates.Config{"three zones": templates.Default(), "six zones": allZones()} {
		t.Run(name, func(t *testing.T) {
			files, err := renderAll(config)
			if err != nil {
				t.Fatal(err)
			}
			taken := map[string]netip.Prefix{}
			for _, kind := range []string{"Public", "Private", "Isolated"} {
				for i, zone := range config.Zones {
					id := kind + "Subnet" + string(rune('A'+i))
					p := files["network.yaml"].Resources[id].Properties
					if p["AvailabilityZoneId"] != zone || p["MapPublicIpOnLaunch"] != false {
						t.Errorf("%s is %v", id, p)
					}
					mine := block(t, vpc, p["CidrBlock"])
					for other, theirs := range taken {
						if theirs.Overlaps(mine) {
							t.Errorf("%s %v overlaps %s %v", id, mine, other, theirs)
						}
					}
					if !vpc.Contains(mine.Addr()) {
						t.Errorf("%s %v is outside the VPC", id, mine)
					}
					taken[id] = mine
				}
			}
			if got := len(files["network.yaml"].ofType("AWS::EC2::Subnet")); got != len(taken) {
				t.Errorf("%d subnets, want %d", got, len(taken))
			}
		})
	}
}

// A subnet whose block changes is replaced, with all that is in it.
func TestMoreZonesMoveNoSubnet(t *testing.T) {
	files, err := renderAll(allZones())
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range file(t, "network.yaml").ofType("AWS::EC2::Subnet") {
		if diff := cmp.Diff(r, files["network.yaml"].Resources[id]); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

// R1: what leaves a public subnet goes to the internet, a private one through NAT of its own zone, an isolated one nowhere.
func TestRoutes(t *testing.T) {
	network, egress := file(t, "network.yaml"), file(t, "egress.yaml")
	tableOf := map[string]string{}
	for id, r := range network.ofType("AWS::EC2::SubnetRouteTableAssociation") {
		subnet := text(r.Properties["SubnetId"])
		if tableOf[subnet] != "" {
			t.Errorf("%s: %s has two route tables", id, subnet)
		}
		tableOf[subnet] = text(r.Properties["RouteTableId"])
	}
	for _, zone := range []string{"A", "B", "C"} {
		want := map[string]string{"Public": "${PublicRouteTable}", "Private": "${PrivateRouteTable" + zone + "}", "Isolated": "${IsolatedRouteTable}"}
		for kind, table := range want {
			if got := tableOf["${"+kind+"Subnet"+zone+"}"]; got != table {
				t.Errorf("%s subnet in zone %s follows %q", kind, zone, got)
			}
		}
		nat, route := egress.Resources["NATGateway"+zone].Properties, egress.Resources["PrivateDefaultRoute"+zone].Properties
		if text(nat["SubnetId"]) != "${PublicSubnets"+zone+"}" || text(nat["AllocationId"]) != "${NATAddress"+zone+".AllocationId}" {
			t.Errorf("NAT gateway of zone %s is %v", zone, nat)
		}
		if text(route["RouteTableId"]) != "${PrivateRouteTables"+zone+"}" || text(route["NatGatewayId"]) != "${NATGateway"+zone+"}" || route["DestinationCidrBlock"] != "0.0.0.0/0" {
			t.Errorf("route of zone %s is %v", zone, route)
		}
	}
	routes := network.ofType("AWS::EC2::Route")
	p := routes["PublicDefaultRoute"].Properties
	if len(routes) != 1 || text(p["RouteTableId"]) != "${PublicRouteTable}" || text(p["GatewayId"]) != "${InternetGateway}" || routes["PublicDefaultRoute"].DependsOn[0] != "InternetGatewayAttachment" {
		t.Errorf("routes of the network are %v", routes)
	}
	if got := len(egress.ofType("AWS::EC2::Route")); got != 3 {
		t.Errorf("%d routes out of private subnets", got)
	}
}

// Cloud Map and the private names of endpoints fail silently without DNS in the VPC.
func TestVPCHasDNS(t *testing.T) {
	p := file(t, "network.yaml").Resources["VPC"].Properties
	if p["EnableDnsSupport"] != true || p["EnableDnsHostnames"] != true || text(p["CidrBlock"]) != "${CidrBlock}" {
		t.Errorf("VPC is %v", p)
	}
}

// R1: nothing in the platform asks for a public address, but the load balancer and NAT gateways, which are not asked here.
func TestNobodyAsksForPublicAddresses(t *testing.T) {
	for name, f := range allFiles(t) {
		for id, r := range f.Resources {
			visit(r.Properties, func(key string, value any) {
				if strings.HasPrefix(key, "AssignPublicIp") && value != "DISABLED" || key == "PubliclyAccessible" && value != false || key == "MapPublicIpOnLaunch" && value != false {
					t.Errorf("%s %s: %s is %v", name, id, key, value)
				}
			})
		}
	}
}

// visit calls see for every key below a value.
func visit(value any, see func(key string, value any)) {
	switch v := value.(type) {
	case map[string]any:
		for key, inside := range v {
			see(key, inside)
			visit(inside, see)
		}
	case []any:
		for _, inside := range v {
			visit(inside, see)
		}
	}
}
