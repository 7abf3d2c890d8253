// Package simulator answers the calls that the deploy command makes to AWS, in AWS's wire formats, on this machine and in virtual time.
// It executes the dependency graph of real templates with typical durations for each type of resource, so that a deployment can be
// rehearsed, and it is the scripted endpoint of the deploy command's tests. It is a simulator: each behaviour cites its source in
// AWS's documentation, and what no source tells is said to be assumed. It creates nothing and proves nothing about an account.
package simulator

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// A Simulator is an endpoint for one account and region. It is safe for concurrent use.
type Simulator struct {
	clock   *Clock
	options Options

	lock     sync.Mutex
	services map[string]map[string]action
	faults   []*injected
	broken   []*breakage
	findings []Finding
	delivery Delivery
	// schedule holds what happens later.
	schedule schedule
	ids      int
	state
}

// Options of a simulator.
type Options struct {
	// Account is the account's number, 111122223333 when empty; Region is us-east-1.
	Account string
	// Caller is the ARN of who calls.
	Caller string
	// PageSize is how much CloudFormation's lists hold, 100 when 0.
	PageSize int
	// ChangeSets is how many change sets a stack may have, 1,000 when 0 (CloudFormation quotas).
	ChangeSets int
}

// Region of all simulated resources.
const Region = "us-east-1"

// state is what exists in the account, by service.
type state struct {
	stacks  stacks
	objects objects
	others
}

// An action performs an operation. It runs with the simulator's lock held and returns the result's members: elements for query
// protocols, a map for JSON.
type action func(*call) (any, error)

// A call is one request.
type call struct {
	service, operation string
	// form are the parameters of a query protocol; body those of JSON.
	form url.Values
	body map[string]any
	// http is the request without its body, which is payload.
	http    *http.Request
	payload []byte
}

// New makes a simulator whose time begins at a fixed moment.
func New(o Options) *Simulator {
	if o.Account == "" {
		o.Account = "111122223333"
	}
	if o.Caller == "" {
		o.Caller = "arn:aws:sts::" + o.Account + ":assumed-role/deployer/rehearsal"
	}
	o.PageSize, o.ChangeSets = cmp.Or(o.PageSize, 100), cmp.Or(o.ChangeSets, 1000)
	s := &Simulator{clock: NewClock(), options: o}
	s.register()
	return s
}

// Clock is the simulator's time. Waiting on it advances it at once.
func (s *Simulator) Clock() *Clock { return s.clock }

// Account is the account's number.
func (s *Simulator) Account() string { return s.options.Account }

// ServeHTTP answers a request of an AWS SDK.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.answer(r).send(w) }

// answer performs a request.
func (s *Simulator) answer(r *http.Request) *answer {
	a := newAnswer()
	defer a.date(s.clock.Now())
	c, err := read(r)
	if err != nil {
		respondError(a, c, &Error{Status: http.StatusBadRequest, Code: "SerializationException", Message: err.Error()})
		return a
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.advance()
	f := s.fault(c)
	if f == nil {
		s.serve(a, c)
		return a
	}
	if e := f.error(c.service); e != nil {
		respondError(a, c, s.denial(c, e))
		return a
	}
	a.lost, a.half = f.Kind == Lost || f.Kind == Refused, f.Kind == Half
	if f.Kind == Refused {
		return a
	}
	s.serve(a, c)
	if f.Kind == Twice {
		s.serve(newAnswer(), c)
	}
	return a
}

// serve performs a call and writes what it came to.
func (s *Simulator) serve(a *answer, c *call) {
	if c.service == "s3" {
		s.serveStorage(a, c)
		return
	}
	result, err := s.perform(c)
	respond(a, c, result, err, s.nextID())
}

// perform runs the operation, or says that there is none.
func (s *Simulator) perform(c *call) (any, error) {
	do := s.services[c.service][c.operation]
	if do == nil {
		return nil, &Error{Status: http.StatusBadRequest, Code: "InvalidAction", Message: "The simulator does not know " + c.service + ":" + c.operation}
	}
	return do(c)
}

// advance makes happen what was due by now.
func (s *Simulator) advance() { s.schedule.run(s.clock.Now()) }

// read tells service, operation and parameters of a request.
func read(r *http.Request) (*call, error) {
	c := &call{service: serviceOf(r), http: r}
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return c, err
		}
	}
	switch {
	case c.service == "s3":
		c.operation, c.payload = storageOperation(r), plain(r, body)
		return c, nil
	case r.Header.Get("X-Amz-Target") != "":
		c.operation = r.Header.Get("X-Amz-Target")
		c.operation = c.operation[strings.LastIndexByte(c.operation, '.')+1:]
		return c, json.Unmarshal(body, &c.body)
	}
	form, err := url.ParseQuery(string(body))
	c.form, c.operation = form, form.Get("Action")
	return c, err
}

// serviceOf is the service in the scope of the signature (IAM User Guide, "Elements of an AWS API request signature").
func serviceOf(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 3 {
		return parts[3]
	}
	return "s3" // presigned and anonymous requests
}
