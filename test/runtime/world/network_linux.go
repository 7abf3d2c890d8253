package world

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Network is a wire to which hosts are connected. It takes a program that [Sandbox] has isolated.
type Network struct {
	bridge string
	lock   sync.Mutex
	hosts  []*Host
}

// Host is a network namespace: a task, the load balancer, the database or somebody outside. What runs in it has a loopback of
// its own.
type Host struct {
	// Name is for messages.
	Name string
	// Addresses are its own on the wire.
	Addresses []netip.Addr
	namespace *os.File
}

// NewNetwork makes a wire without hosts.
func NewNetwork() (*Network, error) {
	if !Inside() {
		return nil, errors.New("networks are made in a sandbox only: call world.Sandbox first")
	}
	n := &Network{bridge: "br" + random()}
	return n, run("link set lo up\nlink add "+n.bridge+" type bridge\nlink set "+n.bridge+" up\n", "ip", "-batch", "-")
}

// random is short enough that names of interfaces made with it keep to the kernel's 15 characters.
func random() string {
	var b [5]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Add connects a host. Each host reaches every address on the wire directly.
func (n *Network) Add(name string, addresses ...netip.Addr) (*Host, error) {
	namespace, err := newNamespace()
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	h := &Host{Name: name, Addresses: addresses, namespace: namespace}
	n.lock.Lock()
	n.hosts = append(n.hosts, h)
	n.lock.Unlock()
	wire := "ve" + random()
	err = run(fmt.Sprintf("link add %s type veth peer name eth0 netns /proc/%d/fd/%d\nlink set %s master %s up\n",
		wire, os.Getpid(), namespace.Fd(), wire, n.bridge), "ip", "-batch", "-")
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	var b strings.Builder
	b.WriteString("link set lo up\naddr add " + resolver + "/32 dev lo\nlink set eth0 up\n")
	for _, a := range addresses {
		b.WriteString("addr add " + a.String() + "/32 dev eth0\n")
	}
	b.WriteString("route add default dev eth0 src " + addresses[0].String() + "\n")
	if err := h.run(b.String(), "ip", "-batch", "-"); err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	return h, nil
}

// Remove takes a host off the wire. Programs on it have to be stopped before.
func (n *Network) Remove(h *Host) error {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.hosts = slices.DeleteFunc(n.hosts, func(other *Host) bool { return other == h })
	return h.namespace.Close()
}

// Close takes the network down. Programs in it have to be stopped before.
func (n *Network) Close() error {
	var problems []error
	for _, h := range n.hosts {
		problems = append(problems, h.namespace.Close())
	}
	return errors.Join(append(problems, run("link del "+n.bridge+"\n", "ip", "-batch", "-"))...)
}

// newNamespace makes a network namespace that lasts as long as the file is open.
func newNamespace() (*os.File, error) {
	var namespace *os.File
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("%w: %w", ErrNoNamespaces, err)
		}
		f, err := os.Open("/proc/thread-self/ns/net")
		namespace = f
		return err
	})
	return namespace, err
}

// onThread calls a function on a thread of its own, which ends with it: what it changes about the thread changes no other.
func onThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		result <- f()
	}()
	return <-result
}

// in calls a function on a thread in the host's namespace. Sockets stay in the namespace in which they are made.
func (h *Host) in(f func() error) error {
	return onThread(func() error {
		if err := h.enter(); err != nil {
			return err
		}
		return f()
	})
}

// enter moves the present thread. A dial that outlives the network finds the file closed, never another one's number.
func (h *Host) enter() error {
	file, err := h.namespace.SyscallConn()
	if err != nil {
		return fmt.Errorf("entering host %s: %w", h.Name, err)
	}
	var refused error
	err = file.Control(func(fd uintptr) { refused = unix.Setns(int(fd), unix.CLONE_NEWNET) })
	if err := errors.Join(err, refused); err != nil {
		return fmt.Errorf("entering host %s: %w", h.Name, err)
	}
	return nil
}

func (h *Host) run(input, name string, arguments ...string) error {
	return h.in(func() error { return run(input, name, arguments...) })
}

// Dial connects from the host. The address is numeric: [net.Dialer.DialContext] asks no resolver then.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var c net.Conn
	err := h.in(func() (err error) {
		c, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// Listen listens on the host.
func (h *Host) Listen(network, address string) (net.Listener, error) {
	var l net.Listener
	err := h.in(func() (err error) {
		l, err = net.Listen(network, address)
		return err
	})
	return l, err
}

// ListenPacket listens for datagrams on the host.
func (h *Host) ListenPacket(network, address string) (net.PacketConn, error) {
	var c net.PacketConn
	err := h.in(func() (err error) {
		c, err = net.ListenPacket(network, address)
		return err
	})
	return c, err
}

// Client makes requests from the host and follows no redirect. Each takes a connection of its own.
func (h *Host) Client(timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: h.Dial, DisableKeepAlives: true},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
