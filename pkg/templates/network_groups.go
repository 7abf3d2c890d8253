package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

const (
	anywhere  = "0.0.0.0/0"
	httpPort  = 80
	httpsPort = 443
	// s3PrefixList is com.amazonaws.us-east-1.s3: the addresses behind the S3 gateway endpoint. Without it pulling an image
	// hangs, because ECR keeps its layers in S3.
	s3PrefixList cfn.PrefixListID = "pl-63a5400a"
)

// Groups that are not a service's, as stems of logical IDs.
const (
	loadBalancerGroup   = "LoadBalancer"
	administrationGroup = "Administration"
	databaseGroup       = "Database"
	endpointGroup       = "Endpoint"
)

// addGroups declares the security groups and everything that is permitted. Security groups do not filter what the VPC's
// resolver and the task's metadata address answer, so neither needs a rule.
func addGroups(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID) NetworkOutputs {
	g := &groups{t: t, in: in, vpc: vpc, ids: map[string]cfn.SecurityGroupID{}, names: map[string]string{}}
	g.add(loadBalancerGroup, "load-balancer", "Load balancer: takes requests from the internet")
	g.add(administrationGroup, "administration", "Database administration task")
	g.add(databaseGroup, "database", "Aurora cluster: reachable from the tasks that use it, reaches nothing")
	g.add(endpointGroup, "endpoint", "Interface endpoints: reachable from tasks, reach nothing")
	services := map[string]cfn.SecurityGroupID{}
	for _, s := range in.Config.Services {
		services[s.Name] = g.add(logicalID(s.Name), s.Name, "Tasks of "+s.Name)
	}
	g.allowAll()
	return NetworkOutputs{
		LoadBalancerGroup: g.ids[loadBalancerGroup], AdministrationGroup: g.ids[administrationGroup],
		DatabaseGroup: g.ids[databaseGroup], EndpointGroup: g.ids[endpointGroup], ServiceGroups: services,
	}
}

// allowAll lists every permitted flow.
func (g *groups) allowAll() {
	providers := g.t.Condition("ProvidersGiven", cfn.Not(cfn.Equals(string(g.in.EgressPrefixList), "")))
	g.noEndpoints = g.t.Condition("EndpointsDisabled", cfn.Equals(string(g.in.Endpoints), disabled))

	g.allowFromInternet(httpsPort, "requests of customers")
	g.allowFromInternet(httpPort, "answered with a redirect to HTTPS only")
	for _, s := range g.in.Config.Services {
		id := logicalID(s.Name)
		g.allow(loadBalancerGroup, id, ContainerPort, "requests and health checks")
		for _, call := range s.Calls {
			g.allow(id, logicalID(call.Service), ContainerPort, "calls declared in the catalogue")
		}
		if s.Database {
			g.allow(id, databaseGroup, databasePort, "queries")
		}
		if s.External {
			g.allowOut(id, "Providers", resources.Peer{PrefixList: g.in.EgressPrefixList}, httpsPort, "providers outside AWS").When(providers)
		}
		g.allowAWS(id)
	}
	g.allow(administrationGroup, databaseGroup, databasePort, "migrations and rotation of passwords")
	g.allowAWS(administrationGroup)
}

// groups declares groups and rules. ids and names are by stem of logical ID.
type groups struct {
	t           *cfn.Template
	in          NetworkInputs
	vpc         cfn.VPCID
	ids         map[string]cfn.SecurityGroupID
	names       map[string]string
	noEndpoints cfn.Condition
}

func (g *groups) add(stem, name, is string) cfn.SecurityGroupID {
	g.ids[stem] = resources.SecurityGroupID(cfn.Add(g.t, stem+"SecurityGroup", is, resources.SecurityGroup(g.in.Name("sg", name), is, g.vpc)))
	g.names[stem] = name
	return g.ids[stem]
}

// allow permits a flow between two groups: out of one and into the other, so that neither direction can be forgotten.
func (g *groups) allow(from, to string, port int, why string) {
	what := g.names[from] + " to " + g.names[to] + ": " + why
	cfn.Add(g.t, from+"To"+to+"Egress", what, resources.GroupEgress(g.ids[from], resources.Peer{Group: g.ids[to]}, port, what))
	cfn.Add(g.t, to+"From"+from+"Ingress", what, resources.GroupIngress(g.ids[to], resources.Peer{Group: g.ids[from]}, port, what))
}

// allowOut permits a flow out of the VPC.
func (g *groups) allowOut(from, to string, peer resources.Peer, port int, why string) cfn.Resource[*ec2.SecurityGroupEgress] {
	what := g.names[from] + " to outside: " + why
	return cfn.Add(g.t, from+"To"+to+"Egress", what, resources.GroupEgress(g.ids[from], peer, port, what))
}

// allowFromInternet lets everybody reach the load balancer, and nothing but it.
func (g *groups) allowFromInternet(port int, why string) {
	protocol := map[int]string{httpPort: "HTTP", httpsPort: "HTTPS"}[port]
	what := "internet to load balancer, " + protocol + ": " + why
	cfn.Add(g.t, loadBalancerGroup+"From"+protocol+"Ingress", what, resources.GroupIngress(g.ids[loadBalancerGroup], resources.Peer{CIDR: anywhere}, port, what))
}

// allowAWS lets tasks reach the AWS services they need: through the endpoints, or through NAT at any address where there
// are none.
func (g *groups) allowAWS(from string) {
	g.allow(from, endpointGroup, httpsPort, "images, logs, secrets and traces")
	g.allowOut(from, "S3", resources.Peer{PrefixList: s3PrefixList}, httpsPort, "layers of images in S3, by way of the gateway endpoint")
	g.allowOut(from, "Internet", resources.Peer{CIDR: anywhere}, httpsPort, "AWS services through NAT, where there are no interface endpoints").When(g.noEndpoints)
}
