package cloud

import (
	"cmp"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"golang.org/x/time/rate"

	"github.com/tierform/tierform/internal/deploy/clock"
)

// defaultRate is a third of the five DescribeStacks a second that an account is said to have.
const defaultRate = 1.5

// burst lets a plan ask at once what it needs; it is refilled at the budget's rate.
const burst = 12

// A meter counts requests and holds those to CloudFormation to the budget.
type meter struct {
	client  aws.HTTPClient
	clock   clock.Clock
	limiter *rate.Limiter

	lock    sync.Mutex
	count   map[string]int
	last    string
	silence silence
}

func newMeter(o Options, client aws.HTTPClient) *meter {
	switch {
	case o.Client != nil:
		client = o.Client
	case client == nil: // unless AWS_CA_BUNDLE is set, the SDK leaves the choice to its clients
		client = awshttp.NewBuildableClient()
	}
	if own, ok := client.(*awshttp.BuildableClient); ok {
		client = own.WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
			WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = cmp.Or(o.AnswerTimeout, answerTimeout) })
	}
	return &meter{client: client, clock: o.Clock, count: map[string]int{}, silence: silence{tell: o.Silent, told: map[string]bool{}},
		limiter: rate.NewLimiter(rate.Limit(cmp.Or(o.RequestsPerSecond, defaultRate)), burst)}
}

// Do waits for the budget where it applies, and counts.
func (m *meter) Do(r *http.Request) (*http.Response, error) {
	service, operation := calling(r)
	if service == "cloudformation" {
		if err := m.wait(r); err != nil {
			return nil, err
		}
	}
	m.lock.Lock()
	m.count[service+":"+operation]++
	m.last = r.URL.Host
	m.lock.Unlock()
	response, err := m.client.Do(r)
	m.silence.heard(r, err, m.clock.Now())
	return response, err
}

// lastHost is where the last request went.
func (m *meter) lastHost() string {
	m.lock.Lock()
	defer m.lock.Unlock()
	return cmp.Or(m.last, "all")
}

// wait takes a turn of the budget; a run that is broken off gives its turn back.
func (m *meter) wait(r *http.Request) error {
	now := m.clock.Now()
	turn := m.limiter.ReserveN(now, 1)
	delay := turn.DelayFrom(now)
	if delay <= 0 {
		return nil
	}
	err := m.clock.Sleep(r.Context(), delay)
	if err != nil {
		turn.CancelAt(now)
	}
	return err
}

func (m *meter) calls() map[string]int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return maps.Clone(m.count)
}

// calling tells which service and operation a request is for: the service as in the signature's scope (IAM User Guide, "Elements of an AWS
// API request signature"), the operation as the SDK says. Requests of others are "aws" and their method.
func calling(r *http.Request) (service, operation string) {
	service = "aws"
	if _, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		if parts := strings.Split(scope, "/"); len(parts) > 3 {
			service = parts[3]
		}
	}
	return service, cmp.Or(middleware.GetOperationName(r.Context()), r.Method)
}
