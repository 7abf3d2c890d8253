package world

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// Listener is a listener of the load balancer.
type Listener struct {
	// Port and Protocol are what it listens on.
	Port     int
	Protocol string
	// Rules are in the order of their priority.
	Rules []ListenerRule
	// Default is done when no rule matches.
	Default Action
}

// ListenerRule does its action with requests that match all its conditions.
type ListenerRule struct {
	// Where is the resource that carries it.
	Where string
	// Priority orders rules; the lowest number comes first.
	Priority int
	// Paths, Methods, Hosts and Sources are conditions: one of the values must match; none is no condition.
	Paths, Methods, Hosts []string
	// Sources are the address ranges of clients.
	Sources []netip.Prefix
	// Headers are conditions on header fields, by name.
	Headers map[string][]string
	// Action is what it does.
	Action Action
}

// Action answers or forwards a request.
type Action struct {
	// Type is forward, fixed-response or redirect.
	Type string
	// Weights are those of the target groups by name, of forward.
	Weights map[string]int
	// Status is the answer's, of fixed-response and redirect.
	Status int
	// Body is the answer's, of fixed-response.
	Body string
	// Protocol and Port are where redirect leads.
	Protocol, Port string
}

func (b *builder) listeners() []Listener {
	var listeners []Listener
	for _, r := range b.deployed.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		p := b.at(r)
		l := Listener{Port: p.at("Port").number(), Protocol: p.at("Protocol").text(), Default: b.action(p, "DefaultActions")}
		for _, rule := range b.deployed.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
			if b.deployed.Find(rule.At("ListenerArn")) == r {
				l.Rules = append(l.Rules, b.listenerRule(b.at(rule)))
			}
		}
		slices.SortFunc(l.Rules, func(a, b ListenerRule) int { return cmp.Compare(a.Priority, b.Priority) })
		listeners = append(listeners, l)
	}
	slices.SortFunc(listeners, func(a, b Listener) int { return cmp.Compare(a.Port, b.Port) })
	return listeners
}

func (b *builder) listenerRule(p place) ListenerRule {
	r := ListenerRule{Where: p.where, Priority: p.at("Priority").number(), Headers: map[string][]string{}, Action: b.action(p, "Actions")}
	for _, c := range p.at("Conditions").items() {
		switch field := c.at("Field").text(); field {
		case "path-pattern":
			r.Paths = c.at("PathPatternConfig.Values").some()
		case "http-request-method":
			r.Methods = c.at("HttpRequestMethodConfig.Values").some()
		case "host-header":
			r.Hosts = c.at("HostHeaderConfig.Values").some()
		case "http-header":
			r.Headers[c.at("HttpHeaderConfig.HttpHeaderName").text()] = c.at("HttpHeaderConfig.Values").some()
		case "source-ip":
			r.Sources = c.at("SourceIpConfig.Values").prefixes()
		default:
			c.problem("conditions on %s are not known here", field)
		}
	}
	return r
}

// some are texts of which there must be one.
func (p place) some() []string {
	list := p.texts()
	if len(list) == 0 {
		p.problem("no values: other forms of the condition are not known here")
	}
	return list
}

func (p place) prefixes() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range p.some() {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			p.problem("%v", err)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes
}

func (b *builder) action(p place, list string) Action {
	if n := len(p.at(list).items()); n != 1 {
		p.problem("%d actions, want one", n)
		return Action{}
	}
	p = p.at(list + "[0]")
	a := Action{Type: p.at("Type").text()}
	switch a.Type {
	case "forward":
		a.Weights = b.weights(p.at("ForwardConfig.TargetGroups"))
	case "fixed-response":
		a.Status, a.Body = p.at("FixedResponseConfig.StatusCode").number(), p.at("FixedResponseConfig.MessageBody").text()
	case "redirect":
		p = p.at("RedirectConfig")
		a.Protocol, a.Port = p.at("Protocol").text(), p.at("Port").text()
		a.Status = place{p.where, checks.Text(strings.TrimPrefix(p.at("StatusCode").text(), "HTTP_")), p.problems}.number()
	default:
		p.problem("actions of type %s are not known here", a.Type)
	}
	return a
}

func (b *builder) weights(p place) map[string]int {
	weights := map[string]int{}
	for _, item := range p.items() {
		arn := item.at("TargetGroupArn").text()
		group := b.deployed.Find(checks.Text(arn))
		if group == nil {
			item.problem("%s is no target group of the templates", arn)
			continue
		}
		weights[b.at(group).at("Name").text()] = item.at("Weight").number()
	}
	return weights
}
