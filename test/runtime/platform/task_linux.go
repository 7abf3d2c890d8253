package platform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/tierform/tierform/test/runtime/collector"
	"github.com/tierform/tierform/test/runtime/world"
)

// Task is a task of a service.
type Task struct {
	// Name is the service's with a number.
	Name string
	// Service is what the templates say about it.
	Service world.Service
	// Host is where its containers run.
	Host *world.Host

	platform  *Platform
	resolver  *world.Resolver
	envoy     *world.Envoy
	collector *world.Process

	lock         sync.Mutex
	applications []*world.Process // the last one runs
	registered   bool
	gone         bool
}

// StartTask starts one more task and returns when it answers its health check and is registered.
func (p *Platform) StartTask(ctx context.Context, service string) (t *Task, err error) {
	s, err := p.World.Service(service)
	if err != nil {
		return nil, err
	}
	t = &Task{Service: s, platform: p}
	p.lock.Lock()
	p.tasks = append(p.tasks, t)
	t.Name = fmt.Sprintf("%s/%d", service, len(p.tasks))
	p.lock.Unlock()
	defer func() {
		if err != nil {
			t.Kill()
			err = fmt.Errorf("task %s: %w", t.Name, err)
		}
	}()
	if t.Host, err = p.add(t.Name, s.Group); err != nil {
		return t, err
	}
	if t.resolver, err = t.Host.Resolve(p.zone); err != nil {
		return t, err
	}
	if t.envoy, err = world.StartEnvoy(p.context, t.Host, p.envoy, s.Task.Container("envoy")); err != nil {
		return t, err
	}
	if !p.options.WithoutCollectors {
		if err := t.startCollector(); err != nil {
			return t, err
		}
	}
	return t, t.StartApplication(ctx)
}

// startCollector starts the collector with the configuration of its container, and no other.
func (t *Task) startCollector() error {
	c := t.Service.Task.Container("collector")
	c.Command = []string{"--config=env:" + collector.Variable}
	program, err := t.Host.Container(c, filepath.Join(t.platform.options.Root, "bin/collector"), world.Values{}, t.platform.surroundings()...)
	if err != nil {
		return err
	}
	t.collector, err = world.Start(t.platform.context, program)
	return err
}

// StartApplication starts the application's program, registers it and waits for its health check. It is for a task whose
// application was killed too: a new one takes over its sidecars, which to start anew would show nothing more.
func (t *Task) StartApplication(ctx context.Context) error {
	process, err := t.platform.start(ctx, t.Host, t.Service.Task.Container("application"), t.Service.Name)
	if err != nil {
		return err
	}
	t.lock.Lock()
	t.applications = append(t.applications, process)
	t.lock.Unlock()
	if err := t.healthy(ctx, process); err != nil {
		return fmt.Errorf("%w; the application's output:\n%s", err, process.Output())
	}
	t.register(true)
	return nil
}

func (t *Task) target() string { return address(t.Host, t.Service.TargetGroups[0].Port) }

// Application is the program that runs now.
func (t *Task) Application() *world.Process {
	t.lock.Lock()
	defer t.lock.Unlock()
	if len(t.applications) == 0 {
		return nil
	}
	return t.applications[len(t.applications)-1]
}

// Envoy is the sidecar.
func (t *Task) Envoy() *world.Envoy { return t.envoy }

// Collector is the other sidecar; nil where the platform has none.
func (t *Task) Collector() *world.Process { return t.collector }

// Stop stops the task as ECS does when it scales in: it is deregistered first, and the application is told before its sidecars.
func (t *Task) Stop() error {
	t.register(false)
	return t.end()
}

// Interrupt stops the task as Fargate Spot may: nobody is told before the application is.
func (t *Task) Interrupt() error {
	err := t.end()
	t.register(false)
	return err
}

// end stops the containers in the order that their dependencies ask for, and removes the host.
func (t *Task) end() error {
	if !t.leaves() {
		return nil
	}
	var problems []error
	if a := t.Application(); a != nil {
		_ = a.Signal(unix.SIGCONT) // Suspend may have stopped it
		problems = append(problems, a.Stop())
	}
	if t.envoy != nil {
		problems = append(problems, t.envoy.Stop())
	}
	if t.collector != nil {
		problems = append(problems, t.collector.Stop())
	}
	if err := errors.Join(append(problems, t.disconnect())...); err != nil {
		return fmt.Errorf("task %s: %w", t.Name, err)
	}
	return nil
}

// Kill ends all containers at once; Cloud Map and the load balancer are told afterwards.
func (t *Task) Kill() {
	if !t.leaves() {
		return
	}
	if a := t.Application(); a != nil {
		a.Kill()
	}
	if t.envoy != nil {
		t.envoy.Kill()
	}
	if t.collector != nil {
		t.collector.Kill()
	}
	if t.Host != nil {
		t.register(false)
		_ = t.disconnect()
	}
}

// leaves tells whether this call is the one that ends the task.
func (t *Task) leaves() bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	was := t.gone
	t.gone = true
	return !was
}

func (t *Task) disconnect() error {
	var problems []error
	if t.resolver != nil {
		problems = append(problems, t.resolver.Stop())
	}
	if t.Host != nil {
		problems = append(problems, t.platform.network.Remove(t.Host))
	}
	return errors.Join(problems...)
}

// Suspend stops the application's program from running, without ending it: it is slow without end. Resume lets it go on.
func (t *Task) Suspend() error { return t.Application().Signal(unix.SIGSTOP) }

// Resume ends Suspend.
func (t *Task) Resume() error { return t.Application().Signal(unix.SIGCONT) }

// Output is what the task's applications have written, the present one and those before.
func (t *Task) Output() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	var b strings.Builder
	for _, a := range t.applications {
		b.WriteString(a.Output())
	}
	return b.String()
}
