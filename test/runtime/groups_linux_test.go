package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// flow is a connection from a host to a port of another.
type flow struct {
	from, to string
	port     int
}

// String is the form in messages.
func (f flow) String() string { return fmt.Sprintf("%s to %s:%d", f.from, f.to, f.port) }

// needed are all flows that the platform needs, and all that may be possible.
func needed() []flow {
	flows := []flow{
		{"payment-api", "transaction-processor", 8080}, {"transaction-processor", "notification-service", 8080},
		{"transaction-processor", "providers", 443}, {"notification-service", "providers", 443},
	}
	for _, service := range []string{"payment-api", "transaction-processor", "notification-service"} {
		flows = append(flows, flow{"load-balancer", service, 8080})
	}
	for _, anybody := range outside() {
		flows = append(flows, flow{anybody, "load-balancer", 443}, flow{anybody, "load-balancer", 80})
	}
	for _, task := range []string{"payment-api", "transaction-processor", "administration"} {
		flows = append(flows, flow{task, "database", 5432})
	}
	for _, task := range []string{"payment-api", "transaction-processor", "notification-service", "administration"} {
		flows = append(flows, flow{task, "endpoint", 443}, flow{task, "s3", 443})
	}
	return flows
}

// outside are the hosts without a security group.
func outside() []string { return []string{"internet", "s3", "providers"} }

// ports are those that are tried: of the platform's own, of its sidecars, and some others.
func ports() []int { return []int{22, 80, 443, 4317, 5432, 8080, 9102, 9901} }

// site is a network with a host for each security group and for each party outside; all listen on all ports.
type site struct {
	network   *world.Network
	hosts     map[string]*world.Host
	peers     world.Peers
	listeners []net.Listener
}

func newSite(w *world.World) (s *site, err error) {
	s = &site{hosts: map[string]*world.Host{}, peers: world.Peers{Groups: map[string][]netip.Addr{}, PrefixLists: map[string][]netip.Prefix{}}}
	if s.network, err = world.NewNetwork(); err != nil {
		return s, err
	}
	at := map[string]netip.Addr{}
	addresses := within(w.PrivateSubnets, len(w.Groups))
	for i, g := range w.Groups {
		at[g.Name] = addresses[i]
		s.peers.Groups[g.Name] = addresses[i : i+1]
	}
	// Addresses for documentation (RFC 5737) stand for what is outside.
	for i, name := range outside() {
		at[name] = netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + i)})
	}
	s.peers.PrefixLists["pl-63a5400a"] = []netip.Prefix{netip.PrefixFrom(at["s3"], 32)} // S3 in us-east-1
	o, err := options()
	s.peers.PrefixLists[o.Parameters["EgressPrefixListId"]] = []netip.Prefix{netip.PrefixFrom(at["providers"], 32)}
	for name, a := range at {
		err = errors.Join(err, s.add(name, a))
	}
	return s, err
}

// add connects a host that accepts connections on every port.
func (s *site) add(name string, a netip.Addr) error {
	h, err := s.network.Add(name, a)
	if err != nil {
		return err
	}
	s.hosts[name] = h
	for _, port := range ports() {
		l, err := h.Listen("tcp", netip.AddrPortFrom(a, uint16(port)).String())
		if err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				_ = c.Close()
			}
		}()
	}
	return nil
}

func (s *site) close() error {
	var problems []error
	for _, l := range s.listeners {
		problems = append(problems, l.Close())
	}
	return errors.Join(append(problems, s.network.Close())...)
}

// enforce puts the groups, changed by a function, before their hosts.
func (s *site) enforce(w *world.World, change func(*world.Group)) error {
	for _, g := range w.Groups {
		change(&g)
		if err := s.hosts[g.Name].Enforce(g, s.peers); err != nil {
			return err
		}
	}
	return nil
}

// probe tries all flows between hosts of which one has a security group, and returns those that are open.
func (s *site) probe(ctx context.Context) ([]flow, error) {
	var open []flow
	var problems []error
	var lock sync.Mutex
	var all sync.WaitGroup
	places := make(chan struct{}, 16) // at a time
	for from := range s.hosts {
		for to := range s.hosts {
			if from == to || slices.Contains(outside(), from) && slices.Contains(outside(), to) {
				continue
			}
			for _, port := range ports() {
				all.Go(func() {
					places <- struct{}{}
					defer func() { <-places }()
					f := flow{from, to, port}
					is, err := s.try(ctx, f)
					lock.Lock()
					defer lock.Unlock()
					if err != nil {
						problems = append(problems, err)
					}
					if is {
						open = append(open, f)
					}
				})
			}
		}
	}
	all.Wait()
	slices.SortFunc(open, func(a, b flow) int { return strings.Compare(a.String(), b.String()) })
	return open, errors.Join(problems...)
}

// try connects. All hosts listen on all ports, so who is refused is refused by rules; silence is an error.
func (s *site) try(ctx context.Context, f flow) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	address := net.JoinHostPort(s.hosts[f.to].Addresses[0].String(), strconv.Itoa(f.port))
	c, err := s.hosts[f.from].Dial(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%v is neither open nor refused: %w", f, err)
	}
	return true, c.Close()
}

// groups puts the rendered security groups before the hosts and tries every flow: what is needed is open, all else is
// refused, also where only one end lets it through. Without rules all is open, so it is the rules that refuse.
func groups(ctx context.Context, _ env, w *world.World, _ call) (err error) {
	s, err := newSite(w)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	all, err := s.probe(ctx)
	if err != nil {
		return err
	}
	hosts := len(s.hosts)
	if want := (hosts*(hosts-1) - len(outside())*(len(outside())-1)) * len(ports()); len(all) != want {
		return fmt.Errorf("without rules %d flows are open, want all %d", len(all), want)
	}
	want := needed()
	if err := s.expect(ctx, w, func(*world.Group) {}, want); err != nil {
		return fmt.Errorf("security groups: %w", err)
	}
	ofOutside := func(end func(flow) string) []flow {
		return slices.DeleteFunc(slices.Clone(want), func(f flow) bool { return !slices.Contains(outside(), end(f)) })
	}
	// What lies outside has no group: flows from there need the inward side only, flows to there the outward side only.
	if err := s.expect(ctx, w, func(g *world.Group) { g.In = nil }, ofOutside(func(f flow) string { return f.to })); err != nil {
		return fmt.Errorf("security groups with their outward rules only: %w", err)
	}
	if err := s.expect(ctx, w, func(g *world.Group) { g.Out = nil }, ofOutside(func(f flow) string { return f.from })); err != nil {
		return fmt.Errorf("security groups with their inward rules only: %w", err)
	}
	return nil
}

func (s *site) expect(ctx context.Context, w *world.World, change func(*world.Group), want []flow) error {
	if err := s.enforce(w, change); err != nil {
		return err
	}
	open, err := s.probe(ctx)
	for _, f := range want {
		if !slices.Contains(open, f) {
			err = errors.Join(err, fmt.Errorf("%v is refused", f))
		}
	}
	for _, f := range open {
		if !slices.Contains(want, f) {
			err = errors.Join(err, fmt.Errorf("%v is open", f))
		}
	}
	return err
}

func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	realParts(t)
	if err := groups(limited(t), env{}, rendered(t), call{}); err != nil {
		t.Error(err)
	}
}
