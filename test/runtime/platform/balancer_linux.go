package platform

import (
	"context"
	"crypto/tls"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// publicName is the load balancer's name for customers; the templates do not have one.
const publicName = "payments.example.com"

// balancer is the load balancer's host with the targets that are registered now.
type balancer struct {
	host      *world.Host
	listeners []world.Listener
	transport *http.Transport

	lock    sync.RWMutex
	targets map[string][]string // by target group
}

func (p *Platform) startBalancer(context.Context) (err error) {
	b := &balancer{listeners: p.World.Listeners, targets: map[string][]string{}}
	if b.host, err = p.add("load-balancer", "load-balancer"); err != nil {
		return err
	}
	p.balancer = b
	b.transport = &http.Transport{DialContext: b.host.Dial, MaxIdleConnsPerHost: 512, IdleConnTimeout: time.Minute, DisableCompression: true}
	p.onStop(func() error { b.transport.CloseIdleConnections(); return nil })
	for i, l := range b.listeners {
		var config *tls.Config
		if l.Protocol == "HTTPS" {
			if config, err = p.Authority.server(publicName); err != nil {
				return err
			}
		}
		if err := p.serve(b.host, l.Port, config, b.handler(i)); err != nil {
			return err
		}
	}
	return p.startClients()
}

// handler serves a listener with the targets of each request's moment.
func (b *balancer) handler(listener int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.lock.RLock()
		now := &world.LoadBalancer{Listener: b.listeners[listener], Targets: b.targets, Transport: b.transport}
		b.lock.RUnlock()
		now.ServeHTTP(w, r)
	})
}

// change replaces the targets, so that requests under way keep theirs.
func (b *balancer) change(service world.Service, f func([]string) []string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	next := map[string][]string{}
	for name, list := range b.targets {
		next[name] = list
	}
	for _, g := range service.TargetGroups {
		if b.active(g.Name) {
			next[g.Name] = f(slices.Clone(next[g.Name]))
		}
	}
	b.targets = next
}

// active tells whether a target group gets requests: those of the other colour wait for a release.
func (b *balancer) active(group string) bool {
	for _, l := range b.listeners {
		for _, r := range l.Rules {
			if r.Action.Weights[group] > 0 {
				return true
			}
		}
	}
	return false
}

func (b *balancer) register(s world.Service, target string) {
	b.change(s, func(list []string) []string { return append(list, target) })
}

func (b *balancer) deregister(s world.Service, target string) {
	b.change(s, func(list []string) []string {
		return slices.DeleteFunc(list, func(t string) bool { return t == target })
	})
}
