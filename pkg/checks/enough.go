package checks

import (
	"maps"
	"strings"
)

// need is a request that a resource makes when it does its work, or that somebody makes for it.
type need struct {
	who              Principal
	action, resource string
	context          map[string][]string
	// endpoints are the services whose VPC endpoints the request passes, where there are any.
	endpoints []string
}

// chain asks for every link that a resource needs and reports those that are missing.
type chain struct {
	id *Identity
	l  *Looking
	// told are the reasons why something is unsure, by place: one is enough.
	told map[string]bool
}

func newChain(w *World, l *Looking) chain { return chain{w.Identity(), l, map[string]bool{}} }

// forEach runs a judge over the resources of some types; each that needs anything is a subject.
func forEach(w *World, l *Looking, judge func(c chain, r *Resource), types ...string) {
	c := newChain(w, l)
	for _, r := range w.OfType(types...) {
		judge(c, r)
	}
}

func asRole(arn string) Principal     { return Principal{awsPrincipal, arn} }
func asService(name string) Principal { return Principal{servicePrincipal, name} }

// needs asks for a request for each action, through endpoints as well.
func (c chain) needs(at place, n need, actions ...string) {
	n.context = secureRequest(n.context)
	if n.who.ID == "" {
		c.l.FailText(at.resource, at.path, "no role", "a role that may "+strings.Join(actions, ", ")+" on "+n.resource, "make a role and name it")
		return
	}
	for _, action := range actions {
		n.action = action
		c.report(at, n, c.id.Can(n.who, action, n.resource, n.context))
		for _, endpoint := range n.endpoints {
			c.report(at, n, c.id.Through(endpoint, n.who, action, n.resource, n.context))
		}
	}
}

// secureRequest adds what holds for every request that AWS's own clients and services make.
func secureRequest(context map[string][]string) map[string][]string {
	all := map[string][]string{"aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.3"}}
	maps.Copy(all, context)
	return all
}

func (c chain) report(at place, n need, d Decision) {
	needed := n.who.String() + " may " + n.action + " on " + n.resource
	switch d.Allowed {
	case No:
		c.l.FailText(at.resource, at.path, n.who.String()+" may not "+n.action+": "+d.Why, needed, "allow it there")
	case Maybe:
		if key := at.resource.Identity() + at.path + d.Why; !c.told[key] {
			c.told[key] = true
			c.l.Unsure(at.resource, at.path, needed, d.Why)
		}
	}
}

// has tells whether a value is known and there; one that is not known is unsure.
func (c chain) has(at place, needed string) bool {
	if why := at.value.Unknown(); why != "" {
		c.l.Unsure(at.resource, at.path, needed, why)
		return false
	}
	return at.value.Exists()
}

// via is a service's name in kms:ViaService.
func (c chain) via(name string) string { return name + "." + c.id.region + ".amazonaws.com" }

// source are the condition keys that a service sends when it acts for a resource.
func (c chain) source(arn string) map[string][]string {
	return map[string][]string{"aws:SourceAccount": {c.id.account}, "aws:SourceArn": {arn}}
}

// through adds to a context that a key is used by way of a service, for what it encrypts.
func (c chain) through(name, key, value string) map[string][]string {
	context := map[string][]string{"kms:ViaService": {c.via(name)}}
	if key != "" {
		context["kms:EncryptionContext:"+key] = []string{value}
	}
	return context
}

// keyOf is the ARN of the customer key that encrypts a thing, given by its ARN, and whether the thing is known.
func (c chain) keyOf(arn string) (key string, known bool) {
	if c.id.world.index[arn] == nil {
		return "", false
	}
	for _, e := range c.id.encryptions()[arn] {
		if !strings.Contains(e.key, "alias/aws/") {
			return e.key, true
		}
	}
	return "", true
}

// untilMark is the beginning of a text up to the first expression in it.
func untilMark(text, mark string) string {
	before, _, _ := strings.Cut(text, mark)
	return before
}
