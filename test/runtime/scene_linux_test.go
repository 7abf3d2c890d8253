package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

func missing(c call) error { return fmt.Errorf("Envoy of %s is not told about %s", c.from, c.to) }

// scene is a task of a caller with its real Envoy, and a stand-in for the tasks that it calls.
type scene struct {
	upstream world.Upstream
	envoy    *world.Envoy
	client   *http.Client
	zone     *world.Zone
	name     string // the Cloud Map name of the called service
	ttl      time.Duration
	tasks    *tasks
	network  *world.Network
	resolver *world.Resolver
}

// newScene starts a scene in which the called service has as many tasks.
func newScene(ctx context.Context, e env, w *world.World, c call, count int) (s *scene, err error) {
	from, err := w.Service(c.from)
	if err != nil {
		return nil, err
	}
	to, err := w.Service(c.to)
	if err != nil {
		return nil, err
	}
	s = &scene{name: to.DNSName, ttl: to.TTL, zone: world.NewZone()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if s.upstream, err = upstream(w, c); err != nil {
		return s, err
	}
	if s.network, err = world.NewNetwork(); err != nil {
		return s, err
	}
	addresses := within(w.PrivateSubnets, count+1)
	host, err := s.network.Add(c.from, addresses[0])
	if err != nil {
		return s, err
	}
	called, err := s.network.Add(c.to, addresses[1:]...)
	if err != nil {
		return s, err
	}
	if s.tasks, err = serve(called, to.Task.Container("application").Ports[0]); err != nil {
		return s, err
	}
	s.zone.Set(s.name, s.ttl, called.Addresses...)
	if s.resolver, err = host.Resolve(s.zone); err != nil {
		return s, err
	}
	s.client = host.Client(30 * time.Second)
	s.envoy, err = world.StartEnvoy(ctx, host, e.envoy, from.Task.Container("envoy"))
	return s, err
}

// found waits until Envoy knows all tasks.
func (s *scene) found(ctx context.Context, count int) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return s.envoy.Await(ctx, s.upstream.Name, fmt.Sprintf("have %d tasks", count), func(stats map[string]int) bool {
		return stats["membership_healthy"] == count
	})
}

// stop ends everything; Envoy's warnings are errors.
func (s *scene) stop() error {
	var problems []error
	if s.tasks != nil {
		s.tasks.release()
		problems = append(problems, s.tasks.stop())
	}
	if s.envoy != nil {
		problems = append(problems, s.envoy.Stop())
	}
	if s.resolver != nil {
		problems = append(problems, s.resolver.Stop())
	}
	if s.network != nil {
		problems = append(problems, s.network.Close())
	}
	return errors.Join(problems...)
}

// send makes a request as the application does, to Envoy, and returns status and body.
func (s *scene) send(ctx context.Context, method, path string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.upstream.URL+path, strings.NewReader(""))
	if err != nil {
		return 0, "", err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("%s %s through Envoy: %w", method, path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

// within are addresses out of the first of the ranges.
func within(ranges []string, count int) []netip.Addr {
	var list []netip.Addr
	a := netip.MustParsePrefix(ranges[0]).Addr()
	for range 10 { // AWS keeps the first ones of each subnet
		a = a.Next()
	}
	for range count {
		list = append(list, a)
		a = a.Next()
	}
	return list
}

// reply is what a stand-in does with a request. A reply of 0 breaks the connection.
type reply func(task string, r *http.Request) int

// tasks stand in for the tasks of a service, one for each address of a host.
type tasks struct {
	lock      sync.Mutex
	reply     reply
	hits      map[string]int // by task
	gate      chan struct{}  // requests are held until it is closed; nil holds none
	holding   int
	servers   []*http.Server
	addresses []netip.Addr
	ended     chan error
}

func serve(h *world.Host, port int) (*tasks, error) {
	s := &tasks{addresses: h.Addresses, hits: map[string]int{}, reply: func(string, *http.Request) int { return http.StatusOK }, ended: make(chan error, len(h.Addresses))}
	for _, a := range h.Addresses {
		l, err := h.Listen("tcp", netip.AddrPortFrom(a, uint16(port)).String())
		if err != nil {
			return s, err
		}
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.handle(w, r, h.Name, a.String())
		})}
		s.servers = append(s.servers, server)
		go func() { s.ended <- server.Serve(l) }()
	}
	return s, nil
}

func (s *tasks) handle(w http.ResponseWriter, r *http.Request, service, task string) {
	_, _ = io.Copy(io.Discard, r.Body)
	s.lock.Lock()
	s.hits[task]++
	answer, gate := s.reply, s.gate
	if gate != nil {
		s.holding++
	}
	s.lock.Unlock()
	status := answer(task, r)
	if gate != nil {
		<-gate
		s.lock.Lock()
		s.holding--
		s.lock.Unlock()
	}
	if status == 0 {
		panic(http.ErrAbortHandler) // net/http's way to break a connection
	}
	w.WriteHeader(status)
	fmt.Fprint(w, service)
}

// answer changes what the tasks do from now on, and forgets the hits before.
func (s *tasks) answer(r reply) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.reply, s.hits = r, map[string]int{}
}

// hold makes requests wait from now on, until release.
func (s *tasks) hold() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.gate = make(chan struct{})
}

func (s *tasks) release() {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.gate != nil {
		close(s.gate)
		s.gate = nil
	}
}

// count is how many requests came, to the tasks given or to all.
func (s *tasks) count(only ...string) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	sum := 0
	for task, n := range s.hits {
		if len(only) == 0 || slices.Contains(only, task) {
			sum += n
		}
	}
	return sum
}

func (s *tasks) held() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.holding
}

func (s *tasks) stop() error {
	var problems []error
	for _, server := range s.servers {
		problems = append(problems, server.Close())
	}
	for range s.servers {
		if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}
