package world

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Route is the action for a request: that of the first rule all of whose conditions match, else the default.
func (l Listener) Route(method, host, path string, client netip.Addr, header http.Header) Action {
	for _, r := range l.Rules {
		if r.matches(method, host, path, client, header) {
			return r.Action
		}
	}
	return l.Default
}

func (r ListenerRule) matches(method, host, path string, client netip.Addr, header http.Header) bool {
	inside := func(p netip.Prefix) bool { return p.Contains(client) }
	of := func(text string) func(string) bool {
		return func(pattern string) bool { return wildcard(pattern, text) }
	}
	folded := func(text string) func(string) bool {
		return func(pattern string) bool { return wildcard(strings.ToLower(pattern), strings.ToLower(text)) }
	}
	for name, values := range r.Headers {
		if !slices.ContainsFunc(header.Values(name), func(v string) bool { return slices.ContainsFunc(values, folded(v)) }) {
			return false
		}
	}
	return (r.Paths == nil || slices.ContainsFunc(r.Paths, of(path))) &&
		(r.Methods == nil || slices.Contains(r.Methods, method)) &&
		(r.Hosts == nil || slices.ContainsFunc(r.Hosts, folded(host))) &&
		(r.Sources == nil || slices.ContainsFunc(r.Sources, inside))
}

// wildcard compares like Elastic Load Balancing: * stands for any characters, also none and also slashes, ? for exactly one
// (API reference, "PathPatternConditionConfig").
func wildcard(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		return wildcard(pattern[1:], text) || text != "" && wildcard(pattern, text[1:])
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && wildcard(pattern[1:], text[1:])
}

// LoadBalancer serves a listener: it answers and forwards as the rules say.
type LoadBalancer struct {
	// Listener has the rules.
	Listener Listener
	// Targets are the addresses, with ports, of each target group by name.
	Targets map[string][]string
	// Transport carries requests to the targets; nil is Go's own.
	Transport http.RoundTripper
}

// ServeHTTP implements [http.Handler].
func (b *LoadBalancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		http.Error(w, fmt.Sprintf("client address: %v", err), http.StatusInternalServerError)
		return
	}
	host, _, found := strings.Cut(r.Host, ":")
	if !found {
		host = r.Host
	}
	switch a := b.Listener.Route(r.Method, host, r.URL.EscapedPath(), client.Addr().Unmap(), r.Header); a.Type {
	case "forward":
		b.forward(w, r, a)
	case "redirect":
		to := url.URL{Scheme: strings.ToLower(a.Protocol), Host: net.JoinHostPort(host, a.Port), Path: r.URL.Path, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), a.Status)
	default:
		w.WriteHeader(a.Status)
		fmt.Fprint(w, a.Body)
	}
}

// forward sends a request to a target of one of the groups, chosen by weight; a group without targets answers 503.
func (b *LoadBalancer) forward(w http.ResponseWriter, r *http.Request, a Action) {
	targets := b.Targets[a.choose(rand.IntN)]
	if len(targets) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	target := targets[rand.IntN(len(targets))]
	proxy := httputil.ReverseProxy{Transport: b.Transport, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(&url.URL{Scheme: "http", Host: target})
		p.Out.Host = p.In.Host
		p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
		p.SetXForwarded()
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }}
	proxy.ServeHTTP(w, r)
}

// choose is the name of a target group, in proportion to its weight; empty where all weights are zero.
func (a Action) choose(intN func(int) int) string {
	total := 0
	for _, weight := range a.Weights {
		total += weight
	}
	if total == 0 {
		return ""
	}
	at := intN(total)
	names := slices.SortedFunc(maps.Keys(a.Weights), cmp.Compare[string])
	i := slices.IndexFunc(names, func(name string) bool { at -= a.Weights[name]; return at < 0 })
	return names[i]
}
