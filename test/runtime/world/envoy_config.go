package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Upstream is what a service's Envoy is told about a service that it calls.
type Upstream struct {
	// Name is the cluster's.
	Name string
	// URL is where the application finds it: the address of Envoy's listener.
	URL string
	// Address and Port are where Envoy finds it.
	Address string
	Port    int
	// Connections, Pending and Requests are the circuit breaker's limits.
	Connections, Pending, Requests int
	// RetryPercent and Retries bound retries that run at the same time, the larger one counts.
	RetryPercent float64
	Retries      int
	// Failures in a row eject a task for Ejection, looked at every Interval.
	Failures           int
	Interval, Ejection time.Duration
	// Ejectable is the share of tasks that may be ejected at a time, in percent.
	Ejectable int
	// Routes are in the order in which they are tried.
	Routes []Route
}

// Route is how requests of some methods are sent.
type Route struct {
	// Name is the route's.
	Name string
	// Methods is the expression that methods match; empty for all.
	Methods string
	// Timeout is that of the whole request, PerTry that of an attempt.
	Timeout, PerTry time.Duration
	// RetryOn are the reasons to try again, RetryStatus the answers.
	RetryOn     []string
	RetryStatus []int
	// Retries is the number of further attempts.
	Retries int
}

// envoyBootstrap is the part of Envoy's configuration that is read here.
type envoyBootstrap struct {
	Admin  struct{ Address envoyAddress }
	Static struct {
		Listeners []envoyListener
		Clusters  []envoyCluster
	} `json:"static_resources"`
}

type envoyListener struct {
	Address      envoyAddress
	FilterChains []struct {
		Filters []struct {
			Config struct {
				Routes struct {
					Hosts []struct{ Routes []envoyRoute } `json:"virtual_hosts"`
				} `json:"route_config"`
			} `json:"typed_config"`
		}
	} `json:"filter_chains"`
}

type envoyAddress struct {
	Socket struct {
		Address string
		Port    int `json:"port_value"`
	} `json:"socket_address"`
}

type envoyRoute struct {
	Name  string
	Match struct {
		Headers []struct {
			Name  string
			Match struct {
				Regex struct{ Regex string } `json:"safe_regex"`
			} `json:"string_match"`
		}
	}
	Route struct {
		Cluster string
		Timeout string
		Retry   struct {
			On      string `json:"retry_on"`
			Status  []int  `json:"retriable_status_codes"`
			Retries int    `json:"num_retries"`
			PerTry  string `json:"per_try_timeout"`
		} `json:"retry_policy"`
	}
}

type envoyCluster struct {
	Name       string
	Assignment struct {
		Endpoints []struct {
			Endpoints []struct {
				Endpoint struct{ Address envoyAddress }
			} `json:"lb_endpoints"`
		}
	} `json:"load_assignment"`
	Breakers struct {
		Thresholds []struct {
			Connections int `json:"max_connections"`
			Pending     int `json:"max_pending_requests"`
			Requests    int `json:"max_requests"`
			Budget      struct {
				Percent struct{ Value float64 } `json:"budget_percent"`
				Least   int                     `json:"min_retry_concurrency"`
			} `json:"retry_budget"`
		}
	} `json:"circuit_breakers"`
	Outliers struct {
		Failures int    `json:"consecutive_5xx"`
		Interval string `json:"interval"`
		Ejection string `json:"base_ejection_time"`
		Most     int    `json:"max_ejection_percent"`
	} `json:"outlier_detection"`
}

func (c Container) bootstrap() (envoyBootstrap, error) {
	var b envoyBootstrap
	at := slices.Index(c.Command, "--config-yaml") + 1
	if at == 0 || at == len(c.Command) {
		return b, fmt.Errorf("%s %s: its command carries no --config-yaml", c.Service, c.Name)
	}
	if err := json.Unmarshal([]byte(c.Command[at]), &b); err != nil {
		return b, fmt.Errorf("%s %s: configuration: %w", c.Service, c.Name, err)
	}
	return b, nil
}

// AdminAddress is the address of Envoy's administration interface.
func (c Container) AdminAddress() (string, error) {
	b, err := c.bootstrap()
	return b.Admin.Address.String(), err
}

// String is host:port.
func (a envoyAddress) String() string { return fmt.Sprintf("%s:%d", a.Socket.Address, a.Socket.Port) }

// Upstreams are those that the Envoy of a service is configured with.
func (s Service) Upstreams() ([]Upstream, error) {
	b, err := s.Task.Container("envoy").bootstrap()
	if err != nil {
		return nil, err
	}
	var list []Upstream
	var problems []error
	for _, c := range b.Static.Clusters {
		u, err := c.upstream()
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: Envoy's cluster %s: %w", s.Name, c.Name, err))
			continue
		}
		problems = append(problems, b.routes(&u))
		list = append(list, u)
	}
	return list, errors.Join(problems...)
}

func (c envoyCluster) upstream() (Upstream, error) {
	if len(c.Breakers.Thresholds) != 1 || len(c.Assignment.Endpoints) != 1 || len(c.Assignment.Endpoints[0].Endpoints) != 1 {
		return Upstream{}, errors.New("not one threshold and one endpoint")
	}
	limits, address := c.Breakers.Thresholds[0], c.Assignment.Endpoints[0].Endpoints[0].Endpoint.Address
	u := Upstream{Name: c.Name, Address: address.Socket.Address, Port: address.Socket.Port, Connections: limits.Connections,
		Pending: limits.Pending, Requests: limits.Requests, RetryPercent: limits.Budget.Percent.Value, Retries: limits.Budget.Least,
		Failures: c.Outliers.Failures, Ejectable: c.Outliers.Most}
	var first, second error
	u.Interval, first = time.ParseDuration(c.Outliers.Interval)
	u.Ejection, second = time.ParseDuration(c.Outliers.Ejection)
	return u, errors.Join(first, second)
}

// routes adds the listener that leads to an upstream, and how.
func (b envoyBootstrap) routes(u *Upstream) error {
	for listener, r := range b.all() {
		if r.Route.Cluster != u.Name {
			continue
		}
		read, err := r.read()
		if err != nil {
			return fmt.Errorf("route %s of Envoy to %s: %w", r.Name, u.Name, err)
		}
		u.URL, u.Routes = "http://"+listener.String(), append(u.Routes, read)
	}
	if u.URL == "" {
		return fmt.Errorf("no listener of Envoy leads to %s", u.Name)
	}
	return nil
}

// all are the routes with their listeners' addresses, in the order in which Envoy tries them.
func (b envoyBootstrap) all() iter.Seq2[envoyAddress, envoyRoute] {
	return func(yield func(envoyAddress, envoyRoute) bool) {
		for _, l := range b.Static.Listeners {
			for _, r := range l.routes() {
				if !yield(l.Address, r) {
					return
				}
			}
		}
	}
}

func (l envoyListener) routes() []envoyRoute {
	var routes []envoyRoute
	for _, chain := range l.FilterChains {
		for _, filter := range chain.Filters {
			for _, host := range filter.Config.Routes.Hosts {
				routes = append(routes, host.Routes...)
			}
		}
	}
	return routes
}

func (r envoyRoute) read() (Route, error) {
	read := Route{Name: r.Name, Retries: r.Route.Retry.Retries, RetryStatus: r.Route.Retry.Status, RetryOn: strings.Split(r.Route.Retry.On, ",")}
	for _, h := range r.Match.Headers {
		if h.Name == ":method" {
			read.Methods = h.Match.Regex.Regex
		}
	}
	var err error
	if read.Timeout, err = time.ParseDuration(r.Route.Timeout); err != nil {
		return read, err
	}
	if r.Route.Retry.PerTry != "" {
		read.PerTry, err = time.ParseDuration(r.Route.Retry.PerTry)
	}
	return read, err
}
