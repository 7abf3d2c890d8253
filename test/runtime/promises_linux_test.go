package runtime_test

import (
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// call is a call that a service makes.
type call struct{ from, to string }

// calls are all calls between the services.
func calls() []call {
	return []call{
		{"payment-api", "transaction-processor"},
		{"transaction-processor", "notification-service"},
	}
}

// breaker is what the documentation promises of the circuit breaker, the same for every call.
type breaker struct {
	connections, pending, requests int
	retries                        int     // further attempts of a request
	retryPercent                   float64 // of requests, that may be attempts at the same time
	retryFloor                     int     // that may always
	failures                       int     // in a row, that eject a task
	interval, ejection             time.Duration
}

func promised() breaker {
	return breaker{connections: 100, pending: 50, requests: 150, retries: 2, retryPercent: 20, retryFloor: 3,
		failures: 5, interval: 10 * time.Second, ejection: 30 * time.Second}
}

// upstream finds what a call's Envoy is told.
func upstream(w *world.World, c call) (world.Upstream, error) {
	s, err := w.Service(c.from)
	if err != nil {
		return world.Upstream{}, err
	}
	list, err := s.Upstreams()
	if err != nil {
		return world.Upstream{}, err
	}
	for _, u := range list {
		if u.Name == c.to {
			return u, nil
		}
	}
	return world.Upstream{}, missing(c)
}
