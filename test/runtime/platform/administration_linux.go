package platform

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tierform/tierform/test/runtime/world"
)

// run is a run of the administration program.
type run struct {
	name    string
	process *world.Process
}

// reconcile runs the administration program with the words of its task definition.
func (p *Platform) reconcile(ctx context.Context) error {
	_, err := p.Administer(ctx)
	return err
}

// Administer runs the administration program as a task of its own, with other words than the task definition's if there are
// any, and returns what it wrote.
func (p *Platform) Administer(ctx context.Context, words ...string) (output string, err error) {
	c := p.World.Administration.Container("administration")
	if len(words) > 0 {
		c.Command = words
	}
	name := "administration " + strings.Join(c.Command, " ")
	host, err := p.add(name, "administration")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.network.Remove(host)) }()
	resolver, err := host.Resolve(p.zone)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, resolver.Stop()) }()
	process, err := p.start(ctx, host, c, "administration")
	if err != nil {
		return "", err
	}
	p.lock.Lock()
	p.runs = append(p.runs, run{name, process})
	p.lock.Unlock()
	if err := process.Wait(ctx); err != nil {
		process.Kill()
		return process.Output(), fmt.Errorf("%s: %w; its output:\n%s", name, err, process.Output())
	}
	return process.Output(), nil
}

// start starts a container's program with the secrets of this moment.
func (p *Platform) start(ctx context.Context, host *world.Host, c world.Container, program string) (*world.Process, error) {
	path, err := p.program(program)
	if err != nil {
		return nil, err
	}
	values, err := p.values(ctx, c)
	if err != nil {
		return nil, err
	}
	ready, err := host.Container(c, path, values, p.surroundings()...)
	if err != nil {
		return nil, err
	}
	return world.Start(p.context, ready)
}
