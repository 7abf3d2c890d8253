package verify

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	containers "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// tasksPrivate wants no public address on tasks: neither configured nor on the network interfaces of their security groups.
func tasksPrivate(ctx context.Context, l *look) {
	const expected = "assignPublicIp DISABLED, no network interface with a public address"
	l.eachService(expected, func(r *Resource, s containers.Service) {
		configurations := []*containers.NetworkConfiguration{s.NetworkConfiguration}
		for _, set := range s.TaskSets {
			configurations = append(configurations, set.NetworkConfiguration)
		}
		groups, public := []string{}, false
		for _, c := range configurations {
			if c != nil && c.AwsvpcConfiguration != nil {
				public = public || c.AwsvpcConfiguration.AssignPublicIp == containers.AssignPublicIpEnabled
				groups = append(groups, c.AwsvpcConfiguration.SecurityGroups...)
			}
		}
		slices.Sort(groups)
		if groups = slices.Compact(groups); len(groups) == 0 {
			l.inapplicable(r, "", "the service's tasks have no network interfaces of their own")
			return
		}
		interfaces, addresses, err := l.interfaces(ctx, groups)
		if err != nil && !public {
			l.unread(r, expected, err)
			return
		}
		observed := fmt.Sprintf("assignPublicIp DISABLED, %d network interfaces", interfaces)
		if public {
			observed = fmt.Sprintf("assignPublicIp ENABLED, %d network interfaces", interfaces)
		}
		if len(addresses) > 0 {
			observed += ", public: " + strings.Join(addresses, ", ")
		}
		l.judge(r, !public && len(addresses) == 0, expected, observed)
	})
}

// interfaces are the network interfaces of security groups, and those with a public address, without those of load balancers (Amazon EC2
// API reference, DescribeNetworkInterfaces).
func (a *account) interfaces(ctx context.Context, groups []string) (count int, public []string, err error) {
	form := url.Values{"Action": {"DescribeNetworkInterfaces"}, "Version": {"2016-11-15"}, "Filter.1.Name": {"group-id"}}
	for i, group := range groups {
		form.Set(fmt.Sprintf("Filter.1.Value.%d", i+1), group)
	}
	for {
		var page struct {
			Interfaces []struct {
				ID          string `xml:"networkInterfaceId"`
				Description string `xml:"description"`
				Public      string `xml:"association>publicIp"`
			} `xml:"networkInterfaceSet>item"`
			Next string `xml:"nextToken"`
		}
		if err := a.Signed.Query(ctx, "ec2", form, &page); err != nil {
			return count, public, asking("ec2:DescribeNetworkInterfaces", err)
		}
		for _, i := range page.Interfaces {
			if strings.HasPrefix(i.Description, "ELB ") {
				continue
			}
			if count++; i.Public != "" {
				public = append(public, i.ID+" "+i.Public)
			}
		}
		if page.Next == "" {
			return count, public, nil
		}
		form.Set("NextToken", page.Next)
	}
}

// balancerScheme wants each load balancer as public as the template says; without a word it is internet-facing (Template reference,
// AWS::ElasticLoadBalancingV2::LoadBalancer).
func balancerScheme(ctx context.Context, l *look) {
	for _, r := range l.estate.Of(balancerType) {
		expected := r.property("Scheme")
		if !expected.set() {
			expected = value{string(balancing.LoadBalancerSchemeEnumInternetFacing)}
		}
		if !expected.known() {
			l.untold(r, "scheme")
			continue
		}
		out, err := l.Cloud.ELB().DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{r.ID}})
		if err != nil {
			l.unread(r, expected.text(), asking("elasticloadbalancing:DescribeLoadBalancers", err))
			continue
		}
		for _, b := range out.LoadBalancers {
			l.same(r, expected.text(), string(b.Scheme))
		}
	}
}

// listenersTLS wants encrypted listeners to speak what the template says, and others only to redirect where the template says so.
func listenersTLS(_ context.Context, l *look) {
	for _, r := range l.estate.Of(listenerType) {
		protocol, policy := r.property("Protocol"), r.property("SslPolicy")
		if !protocol.known() || !policy.known() {
			l.untold(r, "protocol and TLS policy")
			continue
		}
		all, err := l.listeners()
		expected := protocol.text() + " " + policy.text()
		if !policy.set() {
			expected = protocol.text()
		}
		plain := protocol.text() == "HTTP"
		if plain {
			expected = "HTTP, only to redirect to HTTPS"
		}
		live, exists := all[r.ID]
		switch {
		case err != nil:
			l.unread(r, expected, err)
		case !exists:
			l.judge(r, false, expected, "does not exist")
		case plain && !redirects(r):
			l.inapplicable(r, "HTTP", "the template does not say that this listener redirects")
		case plain:
			l.judge(r, redirected(live), expected, string(live.Protocol)+", "+actions(live))
		case !policy.set() && protocol.text() != "HTTPS" && protocol.text() != "TLS":
			l.inapplicable(r, string(live.Protocol), "the listener is not one of encrypted connections")
		default:
			observed := strings.TrimSpace(string(live.Protocol) + " " + aws.ToString(live.SslPolicy))
			l.judge(r, observed == expected || !policy.set() && string(live.Protocol) == protocol.text(), expected, observed)
		}
	}
}

// redirects tells whether the template lets a listener redirect.
func redirects(r *Resource) bool {
	for _, item := range r.property("DefaultActions").list() {
		if m, _ := item.(map[string]any); (value{m["Type"]}).text() == "redirect" {
			return true
		}
	}
	return false
}

func redirected(l balancing.Listener) bool {
	for _, a := range l.DefaultActions {
		if a.Type != balancing.ActionTypeEnumRedirect || a.RedirectConfig == nil || aws.ToString(a.RedirectConfig.Protocol) != "HTTPS" {
			return false
		}
	}
	return len(l.DefaultActions) > 0
}

func actions(l balancing.Listener) string {
	var all []string
	for _, a := range l.DefaultActions {
		text := string(a.Type)
		if a.RedirectConfig != nil {
			text += " to " + aws.ToString(a.RedirectConfig.Protocol)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// aclAssociated wants the web ACL before what the template associates it with (AWS WAF API reference, GetWebACLForResource).
func aclAssociated(ctx context.Context, l *look) {
	for _, r := range l.estate.Of(associatedType) {
		resource, acl := r.property("ResourceArn"), r.property("WebACLArn")
		expected := l.aclName(r, acl)
		if resource.text() == "" || expected == "" {
			l.untold(r, "association")
			continue
		}
		var out struct {
			WebACL struct{ Name, ARN string }
		}
		err := l.Signed.JSON(ctx, "wafv2", "AWSWAF_20190729.GetWebACLForResource", map[string]any{"ResourceArn": resource.text()}, &out)
		if err != nil {
			l.unread(r, expected, asking("wafv2:GetWebACLForResource", err))
			continue
		}
		l.add(nil, Finding{Resource: resource.text(), Place: r.Place(), Type: r.Type, Expected: expected, Observed: named(out.WebACL.Name), Result: result(out.WebACL.Name == expected)})
	}
}

// aclName is the name of the web ACL that an association wants: of one in its own stack, whose physical ID begins with it (Template
// reference, AWS::WAFv2::WebACL: name|id|scope), or in the ARN.
func (l *look) aclName(r *Resource, acl value) string {
	if parts := strings.Split(acl.text(), "/"); len(parts) > 2 {
		return parts[len(parts)-2]
	}
	raw, _ := r.stack.template.Resources[r.LogicalID].Properties["WebACLArn"].(map[string]any)
	target, _ := raw["Fn::GetAtt"].([]any)
	if len(target) == 2 {
		if found := r.stack.resources[value{target[0]}.text()]; found != nil && found.Type == aclType {
			name, _, _ := strings.Cut(found.ID, "|")
			return name
		}
	}
	return ""
}

func named(name string) string {
	if name == "" {
		return "none"
	}
	return name
}

func result(holds bool) Result {
	if holds {
		return Pass
	}
	return Fail
}
