package load

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// The services that are measured: one calls the other.
const (
	caller = "payment-api"
	called = "transaction-processor"
)

// Options say what to measure.
type Options struct {
	// Rate and For are the load of each trial.
	Rate float64
	For  time.Duration
	// Trials are the names of those to take; none are all.
	Trials []string
	// Say is told what is done.
	Say func(format string, arguments ...any)
}

// measuring is a platform with a payment to ask for.
type measuring struct {
	Options
	platform *platform.Platform
	path     string
}

// Measure takes the trials on a platform that runs with two tasks of the called service and none of the caller.
func Measure(ctx context.Context, p *platform.Platform, o Options) (Report, error) {
	m := &measuring{Options: o, platform: p}
	r := Report{When: time.Now(), Machine: machine(), Rate: o.Rate, For: o.For}
	if err := m.settle(ctx); err != nil {
		return r, err
	}
	for _, f := range faults() {
		if !m.wanted(f.name) {
			continue
		}
		trial, err := m.trial(ctx, f)
		if err != nil {
			return r, fmt.Errorf("%s: %w", f.name, err)
		}
		r.Trials = append(r.Trials, trial)
	}
	var err error
	r.Capacity, r.Memory, err = m.capacity(ctx)
	return r, err
}

func (m *measuring) wanted(name string) bool {
	for _, t := range m.Trials {
		if t == name {
			return true
		}
	}
	return len(m.Trials) == 0
}

// settle makes the payment that all requests ask for.
func (m *measuring) settle(ctx context.Context) error {
	task, err := m.start(ctx, true)
	if err != nil {
		return err
	}
	status, payment, err := m.platform.Pay(ctx, rand.Text(), platform.Order{Amount: 1999, Currency: "EUR", CardToken: "tok_visa", Reference: "load"})
	if err != nil || status != http.StatusAccepted {
		return fmt.Errorf("paying: status %d: %w", status, err)
	}
	m.path = "/payments/" + payment.ID
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	err = world.Until(limited, func() error {
		if kind := m.asking(task)(limited); kind != Whole {
			return errors.New("the payment is not settled")
		}
		return nil
	})
	return errors.Join(err, task.Stop())
}

// start starts a task of the caller, whose calls go through its Envoy or straight to the called service's name.
func (m *measuring) start(ctx context.Context, through bool) (*platform.Task, error) {
	from, err := m.platform.World.Service(caller)
	if err != nil {
		return nil, err
	}
	to, err := m.platform.World.Service(called)
	if err != nil {
		return nil, err
	}
	upstreams, err := from.Upstreams()
	if err != nil {
		return nil, err
	}
	environment := from.Task.Container("application").Environment
	for _, u := range upstreams {
		if u.Name != called {
			continue
		}
		const variable = "TRANSACTION_PROCESSOR_URL"
		if environment[variable] != u.URL {
			return nil, fmt.Errorf("%s of %s is %q, and its Envoy listens at %s", variable, caller, environment[variable], u.URL)
		}
		if !through {
			// Tasks share what the templates say: it is put back when the program has started.
			environment[variable] = fmt.Sprintf("http://%s:%d", to.DNSName, to.TargetGroups[0].Port)
			defer func() { environment[variable] = u.URL }()
		}
	}
	task, err := m.platform.StartTask(ctx, caller)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return task, task.Envoy().Await(limited, called, "have both tasks", func(stats map[string]int) bool { return stats["membership_healthy"] == 2 })
}

// trial measures with a fault, each way with a fresh caller: no circuit is open from before.
func (m *measuring) trial(ctx context.Context, f fault) (Trial, error) {
	t := Trial{Name: f.name}
	for _, way := range []struct {
		through bool
		into    *Result
		name    string
	}{{true, &t.Through, "through Envoy"}, {false, &t.Direct, "without Envoy"}} {
		m.Say("%s, %s", f.name, way.name)
		task, err := m.start(ctx, way.through)
		if err != nil {
			return t, err
		}
		Run(ctx, Plan{Rate: m.Rate, For: time.Second, Send: m.asking(task)}) // connections are there, caches warm
		repair, err := f.cause(ctx, m.platform)
		if err == nil {
			*way.into = Run(ctx, Plan{Rate: m.Rate, For: m.For, Send: m.asking(task)})
		}
		if repair != nil {
			err = errors.Join(err, repair())
		}
		if err := errors.Join(err, task.Stop(), ctx.Err()); err != nil {
			return t, err
		}
		m.Say("  %s; p50 %s, p99 %s", way.into.shares(), milliseconds(way.into.Quantile(0.5)), milliseconds(way.into.Quantile(0.99)))
	}
	return t, nil
}

// asking sends the request that is measured to a task's application, from its own host.
func (m *measuring) asking(task *platform.Task) func(context.Context) Kind {
	url := fmt.Sprintf("http://%s:%d%s", task.Host.Addresses[0], task.Service.TargetGroups[0].Port, m.path)
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: task.Host.Dial, MaxIdleConnsPerHost: 512, DisableCompression: true}}
	return func(ctx context.Context) Kind { return ask(ctx, client, url) }
}
