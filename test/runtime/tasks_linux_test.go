package runtime_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

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
