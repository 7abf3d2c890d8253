package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// publicListeners calls a function for each listener of each load balancer that is, or may be, public.
func publicListeners(w *World, l *Looking, judge func(balancer *Node, listener *Resource)) {
	n := w.Network()
	for _, balancer := range n.OfKind(LoadBalancer) {
		if balancer.public.String() == "false" {
			continue
		}
		listeners, maybe := n.listenersOf(balancer)
		if maybe != "" {
			l.Look()
			l.Unsure(balancer.Resource, "", "listeners that are known", maybe)
		}
		for _, listener := range listeners {
			judge(balancer, listener)
		}
	}
}

func isEncrypted(listener *Resource) bool {
	return slices.Contains([]string{"HTTPS", "TLS"}, listener.At("Protocol").String())
}

// isModernTLS tells by its name whether a security policy speaks TLS 1.2 or later only.
// Source: "Security policies" in the guide of Application Load Balancers.
func isModernTLS(policy string) bool {
	for _, stem := range []string{"TLS13-1-2-", "TLS13-1-3-", "TLS-1-2-", "FS-1-2-"} {
		if strings.HasPrefix(policy, "ELBSecurityPolicy-"+stem) {
			return true
		}
	}
	return false
}

func netCheckListenerTLS(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		if v := r.At("Protocol"); v.Unknown() != "" {
			l.Look()
			l.Fail(r, "Protocol", v, "a protocol that is known", "")
			continue
		}
		if !isEncrypted(r) {
			continue
		}
		l.Look()
		if v := r.At("SslPolicy"); !isModernTLS(v.String()) {
			l.Fail(r, "SslPolicy", v, "a policy that speaks TLS 1.2 or later only", "Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06 or a later one")
		}
		if v := r.At("Certificates"); len(v.List()) == 0 || v.At("[0].CertificateArn").Unknown() != "" || !v.At("[0].CertificateArn").Exists() {
			l.Fail(r, "Certificates", v.At("[0].CertificateArn"), "a certificate", "Name the certificate")
		}
	}
}

func netCheckListenerRedirect(w *World, l *Looking) {
	n := w.Network()
	publicListeners(w, l, func(_ *Node, r *Resource) {
		switch v := r.At("Protocol"); {
		case isEncrypted(r):
			return
		case v.String() != "HTTP":
			l.Look()
			l.Unsure(r, "Protocol", "redirect to HTTPS", "what "+v.Show()+" carries is not known")
			return
		}
		l.Look()
		l.onlyRedirects(r, "DefaultActions")
		for _, rule := range n.listenerRulesOf(r) {
			l.onlyRedirects(rule, "Actions")
		}
	})
}

func (l *Looking) onlyRedirects(r *Resource, property string) {
	for i, action := range r.At(property).List() {
		path := property + "[" + strconv.Itoa(i) + "]"
		if v := action.At("Type"); v.String() != "redirect" {
			l.Fail(r, path+".Type", v, "redirect to HTTPS: the listener does not encrypt", "Redirect to HTTPS, or encrypt the listener")
		} else if v := action.At("RedirectConfig.Protocol"); v.String() != "HTTPS" {
			l.Fail(r, path+".RedirectConfig.Protocol", v, "HTTPS", "Redirect to HTTPS")
		}
	}
}

func netCheckListenerDefault(w *World, l *Looking) {
	publicListeners(w, l, func(balancer *Node, r *Resource) {
		if !isEncrypted(r) || !balancer.isApplication() {
			return
		}
		l.Look()
		actions := r.At("DefaultActions")
		if v := actions.At("[0].Type"); v.String() != "fixed-response" {
			l.Fail(r, "DefaultActions[0].Type", v, "fixed-response", "Answer with a fixed 404 and forward in rules")
		} else if v := actions.At("[0].FixedResponseConfig.StatusCode"); v.String() != "404" {
			l.Fail(r, "DefaultActions[0].FixedResponseConfig.StatusCode", v, "404", "Answer with a fixed 404")
		}
	})
}

func netCheckSourceAddresses(w *World, l *Looking) {
	n := w.Network()
	called, doubt := map[*Node]bool{}, ""
	for _, from := range n.OfKind(Tasks) {
		calls, maybe := n.Calls(from)
		doubt = cmp.Or(doubt, maybe)
		for _, call := range calls {
			called[call.To] = true
		}
	}
	publicListeners(w, l, func(_ *Node, listener *Resource) {
		for _, rule := range n.listenerRulesOf(listener) {
			internal := ""
			groups, _ := w.netForwards(rule.At("Actions"))
			for _, g := range groups {
				if node, _ := n.servedBy(g); node != nil && called[node] {
					internal = node.Name
				}
			}
			l.sourceAddresses(rule, internal, doubt)
		}
	})
}

// sourceAddresses judges the condition of a listener rule on the addresses of clients.
func (l *Looking) sourceAddresses(rule *Resource, internal, doubt string) {
	limited := false
	for i, condition := range rule.At("Conditions").List() {
		if condition.At("Field").String() != "source-ip" {
			continue
		}
		limited = true
		l.Look()
		path := "Conditions[" + strconv.Itoa(i) + "].SourceIpConfig.Values"
		values := condition.At("SourceIpConfig.Values")
		if len(values.List()) == 0 {
			l.Fail(rule, path, values, "the addresses of operators", "Name the addresses")
		}
		for _, v := range values.List() {
			if b, why := readBlock(v); v.Unknown() != "" || why != "" || b.Bits() < 16 && b.isPublic() {
				l.Fail(rule, path, v, "blocks of at most /16", "Name the operators' own addresses")
			}
		}
	}
	switch {
	case limited:
	case internal == "" && doubt != "":
		l.Look()
		l.Unsure(rule, "Conditions", "a source-ip condition if other services call the target", doubt)
	case internal != "":
		l.Look()
		l.FailText(rule, "Conditions", "no condition on source addresses", "a source-ip condition: other services call "+internal, "Add a source-ip condition with the operators' addresses")
	}
}

func netCheckListenerPaths(w *World, l *Looking) {
	n := w.Network()
	publicListeners(w, l, func(_ *Node, listener *Resource) {
		for _, rule := range n.listenerRulesOf(listener) {
			groups, maybe := w.netForwards(rule.At("Actions"))
			if len(groups) == 0 && maybe == "" {
				continue
			}
			l.Look()
			if maybe != "" {
				l.Unsure(rule, "Actions", "the target groups of one service", maybe)
				continue
			}
			var services []*Node
			for _, g := range groups {
				if node, _ := n.servedBy(g); !slices.Contains(services, node) {
					services = append(services, node)
				}
			}
			if len(services) != 1 {
				l.FailText(rule, "Actions", "target groups of different services", "the target groups of one service", "Write a rule for each service")
			}
			l.statedPaths(rule)
		}
	})
}

func (l *Looking) statedPaths(rule *Resource) {
	var paths []Value
	for _, condition := range rule.At("Conditions").List() {
		if condition.At("Field").String() == "path-pattern" {
			paths = slices.Concat(paths, condition.At("PathPatternConfig.Values").List(), condition.At("Values").List())
		}
	}
	if len(paths) == 0 {
		l.FailText(rule, "Conditions", "no path", "the paths of the service", "Add a path-pattern condition")
	}
	for _, v := range paths {
		if v.Unknown() != "" || v.String() == "*" || v.String() == "/*" {
			l.Fail(rule, "Conditions", v, "the paths of the service, not all", "Name the paths")
		}
	}
}
