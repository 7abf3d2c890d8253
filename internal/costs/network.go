package costs

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// natGateway is paid by the hour, and by the data through all of them: that of whatever has no endpoint, too.
func (r *reckoning) natGateway(gateway *checks.Resource) {
	gb := r.usage.of("provider_gb")
	if len(r.interfaceEndpoints()) == 0 {
		gb += r.usage.of("aws_api_gb")
	}
	if !slices.ContainsFunc(r.world.OfType("AWS::EC2::VPCEndpoint"), reachesS3) {
		gb += r.usage.of("image_gb")
	}
	r.fixed(gateway, "nat-gateway", hours)
	r.variable(gateway, "nat-data", gb*r.share(gateway))
}

func isInterface(endpoint *checks.Resource) bool {
	return endpoint.At("VpcEndpointType").String() == "Interface"
}

// isGateway tells whether an endpoint is one, which is the default.
func isGateway(endpoint *checks.Resource) bool {
	kind := endpoint.At("VpcEndpointType")
	return !kind.Exists() || kind.String() == "Gateway"
}

func reachesS3(endpoint *checks.Resource) bool {
	return isGateway(endpoint) && strings.HasSuffix(endpoint.At("ServiceName").String(), ".s3")
}

func (r *reckoning) interfaceEndpoints() (list []*checks.Resource) {
	for _, endpoint := range r.world.OfType("AWS::EC2::VPCEndpoint") {
		if isInterface(endpoint) {
			list = append(list, endpoint)
		}
	}
	return list
}

// endpoint is paid for each subnet, which is a zone, and by the data through all of them.
func (r *reckoning) endpoint(endpoint *checks.Resource) {
	switch {
	case isGateway(endpoint):
		r.free(endpoint, "gateway endpoints")
	case !isInterface(endpoint):
		r.unpriced(endpoint, "no price known for endpoints of type "+endpoint.At("VpcEndpointType").Show())
	default:
		subnets, ok := r.items(endpoint, "SubnetIds")
		if ok && len(subnets) == 0 {
			r.unpriced(endpoint, "it names no subnets")
		}
		r.fixed(endpoint, "interface-endpoint", float64(len(subnets))*hours)
		r.variable(endpoint, "endpoint-data", r.usage.of("aws_api_gb")/float64(len(r.interfaceEndpoints())))
	}
}

// address is a public one, paid for whether it is used or not.
func (r *reckoning) address(address *checks.Resource) { r.fixed(address, "public-address", hours) }

func (r *reckoning) internetGateway(gateway *checks.Resource) {
	r.variable(gateway, "data-out", r.usage.of("internet_out_gb")*r.share(gateway))
}

func (r *reckoning) vpc(vpc *checks.Resource) {
	r.variable(vpc, "cross-zone", r.usage.of("cross_zone_gb")*r.share(vpc))
}

func (r *reckoning) flowLog(log *checks.Resource) {
	if kind := log.At("LogDestinationType"); kind.Exists() && kind.String() != "cloud-watch-logs" {
		r.unpriced(log, "no price known for flow logs to "+kind.Show())
		return
	}
	r.free(log, "the log group is charged")
}

// An LCU-hour holds 25 new connections a second and 1 GB; the dimension that takes most counts (Elastic Load Balancing
// pricing).
const connectionsPerLCU = 25 * 3600

// loadBalancer is paid by the hour, with a public address in each subnet if it faces the internet, and by its use.
func (r *reckoning) loadBalancer(balancer *checks.Resource) {
	if kind := balancer.At("Type"); kind.Exists() && kind.String() != "application" {
		r.unpriced(balancer, "no price known for load balancers of type "+kind.Show())
		return
	}
	r.fixed(balancer, "load-balancer", hours)
	if scheme := balancer.At("Scheme"); !scheme.Exists() || scheme.String() == "internet-facing" {
		subnets, _ := r.items(balancer, "Subnets")
		mappings, _ := r.items(balancer, "SubnetMappings")
		r.fixed(balancer, "public-address", float64(len(subnets)+len(mappings))*hours)
	}
	used := max(r.usage.of("connections")*1e6/connectionsPerLCU, r.usage.of("load_balancer_gb"))
	r.variable(balancer, "load-balancer-capacity", used*r.share(balancer))
}

// paidRuleGroups are managed by AWS and have fees of their own (AWS WAF pricing, intelligent threat mitigation).
var paidRuleGroups = []string{"AWSManagedRulesACFPRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesAntiDDoSRuleSet", "AWSManagedRulesBotControlRuleSet"}

// webACL is paid by itself, by rule, where a rule group counts as one, and by request.
func (r *reckoning) webACL(acl *checks.Resource) {
	rules, _ := r.items(acl, "Rules")
	for _, rule := range rules {
		group := rule.At("Statement.ManagedRuleGroupStatement")
		if group.Exists() && (group.At("VendorName").String() != "AWS" || slices.Contains(paidRuleGroups, group.At("Name").String())) {
			r.unpriced(acl, "no price known for the rule group "+group.At("Name").Show())
		}
	}
	r.fixed(acl, "web-acl", 1)
	r.fixed(acl, "web-acl-rule", float64(len(rules)))
	r.variable(acl, "web-acl-requests", r.usage.of("requests")*r.share(acl))
}

// namespace is a private hosted zone; registering tasks is free for ECS (Amazon ECS Developer Guide, service discovery
// pricing).
func (r *reckoning) namespace(namespace *checks.Resource) {
	r.fixed(namespace, "hosted-zone", 1)
	r.variable(namespace, "dns-queries", r.usage.of("dns_queries")*r.share(namespace))
}

func (r *reckoning) record(record *checks.Resource) {
	if !record.At("AliasTarget").Exists() {
		r.unpriced(record, "how often it is asked for is not assumed")
		return
	}
	r.free(record, "aliases of AWS resources")
}
