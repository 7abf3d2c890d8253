package load

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Kind is what became of a request.
type Kind int

// Kinds of outcomes.
const (
	// Whole is an answer with everything in it.
	Whole Kind = iota
	// Degraded is a success without what the called service has.
	Degraded
	// Failed is no success.
	Failed
)

// Plan says which requests to send, and when.
type Plan struct {
	// Rate is the number of requests in a second, evenly spread.
	Rate float64
	// For is how long requests are sent; those under way are waited for.
	For time.Duration
	// Send makes one request.
	Send func(ctx context.Context) Kind
}

// Result is what became of a plan's requests.
type Result struct {
	// Counts are the requests of each kind.
	Counts [3]int
	// Took is the time from the first request's scheduled moment to the last answer.
	Took time.Duration
	// latencies are sorted.
	latencies []time.Duration
}

// Run sends requests as planned. A late start of a request counts as its latency.
func Run(ctx context.Context, p Plan) Result {
	var (
		r     Result
		lock  sync.Mutex
		all   sync.WaitGroup
		start = time.Now()
		gap   = time.Duration(float64(time.Second) / p.Rate)
	)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for due := start; due.Sub(start) < p.For; due = due.Add(gap) {
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
		case <-ctx.Done():
			all.Wait()
			return r.done(start)
		}
		all.Go(func() {
			kind := p.Send(ctx)
			took := time.Since(due)
			lock.Lock()
			defer lock.Unlock()
			r.Counts[kind]++
			r.latencies = append(r.latencies, took)
		})
	}
	all.Wait()
	return r.done(start)
}

func (r Result) done(start time.Time) Result {
	r.Took = time.Since(start)
	slices.Sort(r.latencies)
	return r
}

// Requests is the number of all requests.
func (r Result) Requests() int { return len(r.latencies) }

// Share is the part of the requests of a kind, from 0 to 1.
func (r Result) Share(k Kind) float64 {
	if len(r.latencies) == 0 {
		return 0
	}
	return float64(r.Counts[k]) / float64(len(r.latencies))
}

// Throughput is the number of requests that succeeded in a second.
func (r Result) Throughput() float64 {
	return float64(r.Counts[Whole]+r.Counts[Degraded]) / r.Took.Seconds()
}

// Quantile is the latency that a part q of the requests kept to: 0.99 is p99.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	at := int(q * float64(len(r.latencies)))
	return r.latencies[min(at, len(r.latencies)-1)]
}

// KindOf is what an answer of payment-api is.
func KindOf(status int, degraded bool, err error) Kind {
	switch {
	case err != nil || status < 200 || status > 299:
		return Failed
	case degraded:
		return Degraded
	}
	return Whole
}
