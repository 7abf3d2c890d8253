package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tierform/tierform/test/runtime/collector"
	"github.com/tierform/tierform/test/runtime/world"
)

// startLimit bounds the start of everything.
const startLimit = 2 * time.Minute

// Options say what to start.
type Options struct {
	// Root is the repository's, with .venv and bin.
	Root string
	// World is what the templates say.
	World *world.World
	// Tasks is the number of tasks by service; a service that is missing has one, and 0 starts none.
	Tasks map[string]int
	// WithoutCollectors leaves the collectors out, without which payments go on.
	WithoutCollectors bool
	// WithoutGroups leaves the security groups out.
	WithoutGroups bool
	// PostgreSQL are settings of the server, such as fsync=on, which is off otherwise.
	PostgreSQL []string
}

// Platform runs.
type Platform struct {
	// World is what the templates say.
	World *world.World
	// Database is the server.
	Database *Database
	// Authority signed all certificates.
	Authority *Authority
	// Dir holds its files until Stop.
	Dir string

	options       Options
	context       context.Context // of everything that runs
	programs      string
	authorityFile string
	envoy         string
	network       *world.Network
	zone          *world.Zone
	sink          *collector.Sink
	arns          map[string]string // of secrets, by name
	balancer      *balancer
	outside       map[string]*world.Host
	clients       map[string]*client

	lock      sync.Mutex
	addresses map[string][]netip.Addr // still free, by group
	peers     world.Peers
	tasks     []*Task // all that ever were
	runs      []run
	cleanups  []func() error
}

// Start starts the platform in the sandbox and returns when every task answers its health check. It ends with Stop, or with
// the context.
func Start(ctx context.Context, o Options) (p *Platform, err error) {
	p = &Platform{World: o.World, options: o, context: ctx, programs: os.Getenv(programsVariable), zone: world.NewZone(),
		arns: map[string]string{}, outside: map[string]*world.Host{}, clients: map[string]*client{}, addresses: map[string][]netip.Addr{}}
	defer func() {
		if err != nil {
			err, p = errors.Join(fmt.Errorf("starting the platform: %w", err), p.Stop()), nil
		}
	}()
	starting, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for _, step := range []func(context.Context) error{p.prepare, p.startAWS, p.startDatabase,
		p.reconcile, p.startBalancer, p.startTasks} {
		if err := step(starting); err != nil {
			return p, err
		}
	}
	return p, nil
}

// prepare makes what the others need: files, the authority, the wire and addresses.
func (p *Platform) prepare(context.Context) (err error) {
	if p.envoy, err = world.EnvoyProgram(p.options.Root); err != nil {
		return err
	}
	if p.Dir, err = publicFolder("platform"); err != nil {
		return err
	}
	p.onStop(func() error { return os.RemoveAll(p.Dir) })
	if p.Authority, err = NewAuthority(); err != nil {
		return err
	}
	p.authorityFile = filepath.Join(p.Dir, "authority.pem")
	if err := os.WriteFile(p.authorityFile, p.Authority.PEM, 0o644); err != nil {
		return fmt.Errorf("writing the authority: %w", err)
	}
	if p.network, err = world.NewNetwork(); err != nil {
		return err
	}
	p.onStop(p.network.Close)
	return p.plan()
}

// perGroup is how many hosts a security group can have: more than one platform starts tasks.
const perGroup = 120

// plan gives each security group a range of addresses of its own, so that rules need not change when tasks do.
func (p *Platform) plan() error {
	if len(p.World.PrivateSubnets) == 0 {
		return errors.New("the templates have no private subnets")
	}
	subnet, err := netip.ParsePrefix(p.World.PrivateSubnets[0])
	if err != nil {
		return fmt.Errorf("subnet: %w", err)
	}
	a := subnet.Addr()
	for range 10 { // AWS keeps the first ones of each subnet
		a = a.Next()
	}
	p.peers = world.Peers{Groups: map[string][]netip.Addr{}, PrefixLists: map[string][]netip.Prefix{}}
	for _, g := range p.World.Groups {
		for range perGroup {
			p.addresses[g.Name] = append(p.addresses[g.Name], a)
			a = a.Next()
		}
		p.peers.Groups[g.Name] = slices.Clone(p.addresses[g.Name])
		for _, r := range slices.Concat(g.In, g.Out) {
			if r.PrefixList != "" { // nobody of an address for documentation is there (RFC 5737)
				p.peers.PrefixLists[r.PrefixList] = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
			}
		}
	}
	if !subnet.Contains(a) {
		return fmt.Errorf("subnet %v has too few addresses for %d groups", subnet, len(p.World.Groups))
	}
	return nil
}

// add connects a host with an address of its security group, which is put before it, and DNS.
func (p *Platform) add(name, group string) (*world.Host, error) {
	g, err := p.World.Group(group)
	if err != nil {
		return nil, err
	}
	p.lock.Lock()
	free := p.addresses[group]
	if len(free) > 0 {
		p.addresses[group] = free[1:]
	}
	p.lock.Unlock()
	if len(free) == 0 {
		return nil, fmt.Errorf("host %s: all %d addresses of group %s were used", name, perGroup, group)
	}
	host, err := p.network.Add(name, free[0])
	if err == nil && !p.options.WithoutGroups {
		err = host.Enforce(g, p.peers)
	}
	return host, err
}

// startAWS starts the AWS stand-in and makes the secrets.
func (p *Platform) startAWS(ctx context.Context) (err error) {
	if p.sink, err = collector.StartSink(p.context, p.options.Root); err != nil {
		return err
	}
	p.onStop(func() error { p.sink.Stop(); return nil })
	return errors.Join(p.serveEndpoints(), p.createSecrets(ctx))
}

// onStop calls a function when the platform stops, before those of earlier calls.
func (p *Platform) onStop(f func() error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.cleanups = append(p.cleanups, f)
}

// Stop stops everything, the tasks as ECS does, and leaves nothing behind.
func (p *Platform) Stop() error {
	var all sync.WaitGroup
	tasks := p.Tasks("")
	problems := make([]error, len(tasks))
	for i, t := range tasks {
		all.Go(func() { problems[i] = t.Stop() })
	}
	all.Wait()
	p.lock.Lock()
	cleanups := p.cleanups
	p.cleanups = nil
	p.lock.Unlock()
	for _, f := range slices.Backward(cleanups) {
		problems = append(problems, f())
	}
	return errors.Join(problems...)
}

// address is a port of a host.
func address(h *world.Host, port int) string {
	return net.JoinHostPort(h.Addresses[0].String(), strconv.Itoa(port))
}

// quiet drops what servers log about connections that clients break.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
