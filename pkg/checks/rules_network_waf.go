package checks

import (
	"slices"
	"strconv"
)

// publicApplications lists the load balancers that speak HTTP and are, or may be, public.
func publicApplications(w *World) []*Node {
	return slices.DeleteFunc(w.Network().OfKind(LoadBalancer), func(node *Node) bool {
		return node.public.String() == "false" || !node.isApplication()
	})
}

func netCheckWebACLPresent(w *World, l *Looking) {
	for _, node := range publicApplications(w) {
		l.Look()
		const needed = "an association with a web ACL"
		found, maybe := false, ""
		for _, r := range w.OfType("AWS::WAFv2::WebACLAssociation") {
			if why := r.At("ResourceArn").Unknown(); why != "" {
				maybe = why
			}
			if w.Find(r.At("ResourceArn")) == node.Resource {
				found = true
				if r.Maybe != "" {
					l.Unsure(r, "", needed, r.Maybe)
				}
				if acl := w.Find(r.At("WebACLArn")); acl == nil || acl.Type != "AWS::WAFv2::WebACL" {
					l.Unsure(r, "WebACLArn", needed, "the web ACL is not in the templates")
				} else if v := acl.At("Scope"); v.String() != "REGIONAL" {
					l.Fail(acl, "Scope", v, "REGIONAL: that of CloudFront stands before no load balancer", "Set Scope to REGIONAL")
				}
			}
		}
		switch {
		case !found && maybe != "":
			l.Unsure(node.Resource, "", needed, maybe)
		case !found:
			l.FailText(node.Resource, "", "no web ACL", needed, "Add an AWS::WAFv2::WebACLAssociation")
		}
	}
}

// managedGroups are the rule groups of AWS against what PCI DSS 6.4.2 names: common attacks, known bad inputs, injection,
// and addresses of bad repute.
// Source: "AWS Managed Rules rule groups list" in the AWS WAF developer guide.
func managedGroups() []string {
	return []string{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"}
}

func netCheckWebACLBlocks(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::WAFv2::WebACL") {
		l.Look()
		missing, rate := managedGroups(), false
		for i, rule := range r.At("Rules").List() {
			path := "Rules[" + strconv.Itoa(i) + "]"
			if why := rule.Unknown(); why != "" {
				l.Fail(r, path, rule, "a rule that is known", "")
				continue
			}
			if managed := rule.At("Statement.ManagedRuleGroupStatement"); managed.Exists() {
				missing = slices.DeleteFunc(missing, func(name string) bool {
					return name == managed.At("Name").String() && managed.At("VendorName").String() == "AWS"
				})
				l.managedRule(r, path, rule)
				continue
			}
			if v := rule.At("Action.Count"); v.Exists() {
				l.Fail(r, path+".Action", v, "Block", "Block instead of counting")
			}
			if statement := rule.At("Statement.RateBasedStatement"); statement.Exists() {
				rate = rate || rule.At("Action.Block").Exists()
				if limit, ok := statement.At("Limit").Int(); !ok || limit > maxRate {
					l.Fail(r, path+".Statement.RateBasedStatement.Limit", statement.At("Limit"), "at most "+strconv.Itoa(maxRate)+" requests of an address in a window", "Lower the limit")
				}
			}
		}
		for _, name := range missing {
			l.FailText(r, "Rules", "no "+name, "the managed rules "+name, "Add the managed rule group")
		}
		if !rate {
			l.FailText(r, "Rules", "no rate limit that blocks", "a rate-based rule that blocks", "Add a rate-based rule with the action Block")
		}
		l.webACLLogs(w, r)
	}
}

// maxRate is the greatest limit that still holds a flood off: what one client behind a shared address needs many times over.
const maxRate = 10000

// managedRule judges whether a group of managed rules is left to block.
func (l *Looking) managedRule(r *Resource, path string, rule Value) {
	if v := rule.At("OverrideAction"); !v.At("None").Exists() {
		l.Fail(r, path+".OverrideAction", v, "None: what the rules say counts", "Set OverrideAction to None")
	}
	for i, override := range rule.At("Statement.ManagedRuleGroupStatement.RuleActionOverrides").List() {
		if v := override.At("ActionToUse"); !v.At("Block").Exists() {
			l.Fail(r, path+".Statement.ManagedRuleGroupStatement.RuleActionOverrides["+strconv.Itoa(i)+"].ActionToUse", v, "Block", "Take the override away")
		}
	}
	if v := rule.At("Statement.ManagedRuleGroupStatement.ExcludedRules"); len(v.List()) > 0 {
		l.Fail(r, path+".Statement.ManagedRuleGroupStatement.ExcludedRules", v, "none", "Take the exclusions away")
	}
}

func (l *Looking) webACLLogs(w *World, acl *Resource) {
	for _, r := range w.OfType("AWS::WAFv2::LoggingConfiguration") {
		if w.Find(r.At("ResourceArn")) == acl {
			if v := r.At("LogDestinationConfigs"); len(v.List()) == 0 {
				l.Fail(r, "LogDestinationConfigs", v, "a destination", "Name a log group")
			}
			return
		}
	}
	l.FailText(acl, "", "no logging configuration", "a log of what it decides", "Add an AWS::WAFv2::LoggingConfiguration")
}

func netCheckLoadBalancerAttributes(w *World, l *Looking) {
	for _, node := range w.Network().OfKind(LoadBalancer) {
		if !node.isApplication() {
			continue
		}
		l.Look()
		l.attribute(node.Resource, "routing.http.drop_invalid_header_fields.enabled", "false", "true")
		l.attribute(node.Resource, "routing.http.desync_mitigation_mode", "defensive", "defensive", "strictest")
		l.attribute(node.Resource, "waf.fail_open.enabled", "false", "false")
	}
}

// attribute judges an attribute of a load balancer, whose default AWS documents.
// Source: "Load balancer attributes" in the guide of Application Load Balancers.
func (l *Looking) attribute(r *Resource, key, fallback string, allowed ...string) {
	path, v := "LoadBalancerAttributes", Text(fallback)
	for i, attribute := range r.At("LoadBalancerAttributes").List() {
		if attribute.At("Key").String() == key {
			path, v = "LoadBalancerAttributes["+strconv.Itoa(i)+"].Value", attribute.At("Value")
		}
	}
	if !slices.Contains(allowed, v.String()) {
		l.Fail(r, path, v, key+" "+allowed[0], "Set "+key+" to "+allowed[0])
	}
}
