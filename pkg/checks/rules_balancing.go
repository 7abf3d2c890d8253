package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	listenerType     = "AWS::ElasticLoadBalancingV2::Listener"
	listenerRuleType = "AWS::ElasticLoadBalancingV2::ListenerRule"
)

// balancingRules prove that load balancers take requests in one way and pass them on unchanged.
func balancingRules() []Rule {
	return []Rule{
		{ID: "BAL001", Title: "A load balancer of the internet takes HTTPS on 443 and HTTP on 80, and nothing else", Requirements: []string{"R2", "R7"}, PCI: []string{"1.2.5", "2.2.4"}, Severity: High, Check: checkListenerPorts},
		{ID: "BAL002", Title: "Who comes without TLS is sent to the same address with TLS", Requirements: []string{"R7"}, PCI: []string{"4.2.1"}, Severity: High, Check: checkRedirects},
		{ID: "BAL003", Title: "A listener rule sends a path and all below it, in a place of its own", Requirements: []string{"R7"}, Severity: Medium, Check: checkListenerRules},
		{ID: "BAL004", Title: "A load balancer passes requests on as they came and lets idle connections go", Requirements: []string{"R7"}, PCI: []string{"10.2.1"}, Severity: Medium, Check: checkSettings("BAL004")},
		{ID: "BAL005", Title: "Answers hold browsers to TLS and tell nobody about the server", Requirements: []string{"R7"}, PCI: []string{"2.2.6", "4.2.1"}, Severity: Medium, Check: checkSettings("BAL005")},
		{ID: "BAL006", Title: "Attributes of load balancers, listeners and target groups have a name and a value", Requirements: []string{"R7"}, Severity: Medium, Check: checkAttributes},
	}
}

// listenerPorts are the ports of the internet by protocol.
var listenerPorts = map[string]string{"HTTP": "80", "HTTPS": "443"}

func checkListenerPorts(w *World, l *Looking) {
	for _, r := range w.OfType(listenerType) {
		arn := r.At("LoadBalancerArn")
		balancer := w.Find(arn)
		protocol, port := r.At("Protocol"), r.At("Port")
		switch {
		case arn.String() == "":
			l.Look()
			l.FailUnlessExcused(r, "LoadBalancerArn", arn, "a load balancer", "name the load balancer that listens")
		case balancer == nil:
			l.Look()
			l.Unsure(r, "LoadBalancerArn", "a load balancer of the templates", "no template declares "+arn.Show())
		case balancer.At("Scheme").String() == "internal" || balancer.At("Type").Exists() && balancer.At("Type").String() != "application":
		case listenerPorts[protocol.String()] == "":
			l.Look()
			l.FailUnlessExcused(r, "Protocol", protocol, "HTTPS or HTTP", "listen with TLS")
		default:
			l.Look()
			if needed := listenerPorts[protocol.String()]; port.String() != needed {
				l.FailUnlessExcused(r, "Port", port, needed+", the port of "+protocol.String(), "listen on "+needed)
			}
		}
	}
}

// checkRedirects: what a redirect leaves out it takes from the request, also the port.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
func checkRedirects(w *World, l *Looking) {
	secure := map[string][]string{} // ports by load balancer
	for _, r := range w.OfType(listenerType) {
		if balancer := r.At("LoadBalancerArn").String(); r.At("Protocol").String() == "HTTPS" {
			secure[balancer] = append(secure[balancer], r.At("Port").Texts()...)
		}
	}
	for _, r := range w.OfType(listenerType) {
		if r.At("Protocol").String() != "HTTP" {
			continue
		}
		l.Look()
		if actions := r.At("DefaultActions"); len(actions.List()) == 0 {
			l.FailUnlessExcused(r, "DefaultActions", actions, "a redirect to HTTPS", "redirect")
		}
		for _, path := range expandPath(r.Properties, "DefaultActions[*].RedirectConfig") {
			l.redirect(r, path, append(secure[r.At("LoadBalancerArn").String()], "443"))
		}
	}
}

func (l *Looking) redirect(r *Resource, path string, ports []string) {
	config := r.At(path)
	if v := config.At("Port"); !slices.Contains(ports, v.String()) {
		l.FailUnlessExcused(r, path+".Port", v, ports[0]+", where the load balancer speaks TLS", "name the port: without, it is the listener's own")
	}
	if v := config.At("StatusCode"); v.String() != "HTTP_301" && v.String() != "HTTP_302" {
		l.FailUnlessExcused(r, path+".StatusCode", v, "HTTP_301 or HTTP_302", "set StatusCode")
	}
	for property, same := range map[string]string{"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"} {
		if v := config.At(property); v.Exists() && v.String() != same {
			l.FailUnlessExcused(r, path+"."+property, v, same+", which is the default", "remove "+property)
		}
	}
}

// actionConfigs are what the actions of listeners need beside their type.
var actionConfigs = map[string][]string{
	"authenticate-cognito": {"AuthenticateCognitoConfig"},
	"authenticate-oidc":    {"AuthenticateOidcConfig"},
	"fixed-response":       {"FixedResponseConfig"},
	"forward":              {"ForwardConfig", "TargetGroupArn"},
	"jwt-validation":       {"JwtValidationConfig"},
	"redirect":             {"RedirectConfig"},
}

// maxPriority is the last place of a rule (Elastic Load Balancing API Reference, CreateRule).
const maxPriority = 50000

func checkListenerRules(w *World, l *Looking) {
	taken := map[string]*Resource{}
	for _, r := range w.OfType(listenerRuleType) {
		l.Look()
		for _, path := range expandPath(r.Properties, "Actions[*]") {
			action := r.At(path)
			given := func(config string) bool { return action.At(config).Exists() }
			if kind := action.At("Type"); !slices.ContainsFunc(actionConfigs[kind.String()], given) {
				l.FailUnlessExcused(r, path+".Type", kind, "the type of what the action says", "set Type, such as forward")
			}
		}
		priority := r.At("Priority")
		place := r.At("ListenerArn").String() + " " + priority.String()
		if other := taken[place]; !priority.between(1, maxPriority) {
			l.FailUnlessExcused(r, "Priority", priority, fmt.Sprintf("1 to %d", maxPriority), "give the rule its place")
		} else if other != nil {
			l.FailUnlessExcused(r, "Priority", Text(priority.String()+", as "+other.LogicalID), "a place of its own", "give the rule another place")
		}
		taken[place] = cmp.Or(taken[place], r)
		l.paths(r)
	}
}

// paths wants what takes a path to take all below it, and the other way round: what is left out reaches another service.
func (l *Looking) paths(r *Resource) {
	lists := expandPath(r.Properties, "Conditions[*].PathPatternConfig.Values")
	for _, path := range expandPath(r.Properties, "Conditions[*].Values") {
		if r.At(strings.TrimSuffix(path, "Values")+"Field").String() == "path-pattern" {
			lists = append(lists, path)
		}
	}
	for _, path := range lists {
		values := r.At(path)
		for i, v := range values.List() {
			above, isBelow := strings.CutSuffix(v.String(), "/*")
			other := above + "/*"
			if isBelow {
				other = above
			}
			switch {
			case !strings.HasPrefix(v.String(), "/"):
				l.FailUnlessExcused(r, fmt.Sprintf("%s[%d]", path, i), v, "a path", "name a path")
			case above != "" && above != "/" && !strings.ContainsAny(above, "*?.") && !slices.Contains(values.Texts(), other):
				l.FailUnlessExcused(r, path, values, other+" as well", "add "+other)
			}
		}
	}
}
