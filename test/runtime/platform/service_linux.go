package platform

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/tierform/tierform/test/runtime/world"
)

// startTasks starts those that the options ask for: a service when those that it calls run, as Envoy asks DNS for a name
// without records a few seconds later only. Then it waits until every Envoy knows its upstreams.
func (p *Platform) startTasks(ctx context.Context) error {
	services, err := p.inOrder()
	if err != nil {
		return err
	}
	for _, s := range services {
		count, given := p.options.Tasks[s.Name]
		if !given {
			count = 1
		}
		if err := p.startSome(ctx, s.Name, count); err != nil {
			return err
		}
	}
	var problems []error
	for _, t := range p.Tasks("") {
		problems = append(problems, t.AwaitUpstreams(ctx))
	}
	return errors.Join(problems...)
}

// startSome starts tasks at the same time.
func (p *Platform) startSome(ctx context.Context, service string, count int) error {
	var all sync.WaitGroup
	problems := make([]error, count)
	for i := range count {
		all.Go(func() { _, problems[i] = p.StartTask(ctx, service) })
	}
	all.Wait()
	return errors.Join(problems...)
}

// inOrder are the services, each after those that it calls.
func (p *Platform) inOrder() ([]world.Service, error) {
	var list []world.Service
	var add func(s world.Service, path []string) error
	add = func(s world.Service, path []string) error {
		if slices.Contains(path, s.Name) {
			return fmt.Errorf("services call each other in a circle: %v", append(path, s.Name))
		}
		if slices.ContainsFunc(list, func(o world.Service) bool { return o.Name == s.Name }) {
			return nil
		}
		upstreams, err := s.Upstreams()
		if err != nil {
			return err
		}
		for _, u := range upstreams {
			called, err := p.World.Service(u.Name)
			if err == nil {
				err = add(called, append(path, s.Name))
			}
			if err != nil {
				return fmt.Errorf("%s calls %s: %w", s.Name, u.Name, err)
			}
		}
		list = append(list, s)
		return nil
	}
	for _, s := range p.World.Services {
		if err := add(s, nil); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// AwaitUpstreams waits until the task's Envoy knows all tasks of the services that it calls.
func (t *Task) AwaitUpstreams(ctx context.Context) error {
	upstreams, err := t.Service.Upstreams()
	if err != nil {
		return err
	}
	for _, u := range upstreams {
		count := min(len(t.platform.Tasks(u.Name)), maxAnswers)
		err := t.envoy.Await(ctx, u.Name, fmt.Sprintf("have %d tasks", count), func(stats map[string]int) bool {
			return stats["membership_healthy"] == count
		})
		if err != nil {
			return fmt.Errorf("task %s: %w", t.Name, err)
		}
	}
	return nil
}

// maxAnswers is how many tasks Cloud Map tells at once (Cloud Map API reference, "DnsConfig", RoutingPolicy MULTIVALUE).
const maxAnswers = 8

// register puts the task into Cloud Map and its target group, or takes it out.
func (t *Task) register(in bool) {
	t.lock.Lock()
	changes := t.registered != in
	t.registered = in
	t.lock.Unlock()
	if !changes {
		return
	}
	t.platform.publish(t.Service)
	if in {
		t.platform.balancer.register(t.Service, t.target())
	} else {
		t.platform.balancer.deregister(t.Service, t.target())
	}
}

// publish gives Cloud Map's name the addresses of the tasks that are registered.
func (p *Platform) publish(s world.Service) {
	p.lock.Lock()
	defer p.lock.Unlock()
	var list []netip.Addr
	for _, t := range p.tasks {
		t.lock.Lock()
		if t.Service.Name == s.Name && t.registered {
			list = append(list, t.Host.Addresses[0])
		}
		t.lock.Unlock()
	}
	p.zone.Set(s.DNSName, s.TTL, list...)
}

// Tasks are those of a service that run, or all for the empty name.
func (p *Platform) Tasks(service string) []*Task {
	p.lock.Lock()
	defer p.lock.Unlock()
	return slices.DeleteFunc(slices.Clone(p.tasks), func(t *Task) bool {
		t.lock.Lock()
		defer t.lock.Unlock()
		return t.gone || service != "" && t.Service.Name != service
	})
}

// Outputs are what all containers of all tasks, the administration's runs and the database have written, by name.
func (p *Platform) Outputs() map[string]string {
	p.lock.Lock()
	defer p.lock.Unlock()
	all := map[string]string{}
	for i, r := range p.runs {
		all[fmt.Sprintf("%s/%d", r.name, i+1)] = r.process.Output()
	}
	for _, t := range p.tasks {
		all[t.Name+" application"] = t.Output()
		if t.envoy != nil {
			all[t.Name+" envoy"] = t.envoy.Output()
		}
		if t.collector != nil {
			all[t.Name+" collector"] = t.collector.Output()
		}
	}
	if p.Database != nil && p.Database.process != nil {
		all["database"] = p.Database.Output()
	}
	return all
}
