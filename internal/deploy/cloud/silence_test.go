package cloud_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

// dead is an address at which nobody answers.
func dead(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("i/o timeout")}
}

// The first call of all gives up within seconds, and says where it went. Throttling is an answer, and is outlasted.
func TestTheFirstCallGivesUpSoon(t *testing.T) {
	clock, sent := simulator.NewClock(), 0
	began := clock.Now()
	c := open(t, cloud.Options{Clock: clock, Client: answers(func(r *http.Request) (*http.Response, error) { sent++; return dead(r) }),
		Silent: func(string, time.Time) { t.Error("a note comes before the run has begun") }})
	_, err := c.Caller(t.Context())
	if fault.CodeOf(err) != fault.Unexpected {
		t.Fatal(err)
	}
	for _, word := range []string{"AWS does not answer at sts.us-east-1.amazonaws.com (region us-east-1)", "HTTPS_PROXY", "--region", "--endpoint-url"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not say %q", err, word)
		}
	}
	if took := clock.Now().Sub(began); sent > 3 || took > 10*time.Second {
		t.Errorf("%d attempts in %v", sent, took)
	}
	throttled, _ := simulated(t, simulator.Fault{Kind: simulator.Throttled, Times: 20})
	if _, err := throttled.Caller(t.Context()); err != nil {
		t.Errorf("throttling is not outlasted: %v", err)
	}
}

// A server that takes a request and never answers is not waited for: the call is tried again.
func TestAServerThatNeverAnswers(t *testing.T) {
	asked, ended := make(chan struct{}, 9), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-ended }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(ended) }) // first: the server waits for its handlers
	c := open(t, cloud.Options{Clock: simulator.NewClock(), Endpoint: silent.URL, AnswerTimeout: 50 * time.Millisecond})
	if _, err := c.Caller(t.Context()); fault.CodeOf(err) != fault.Unexpected || !strings.Contains(err.Error(), "AWS does not answer at "+strings.TrimPrefix(silent.URL, "http://")) {
		t.Error(err)
	}
	for range 3 {
		<-asked
	}
}

// A later call that is tried again says so once, with the end, until the address answers again.
func TestSilenceIsTold(t *testing.T) {
	const host = "cloudformation.us-east-1.amazonaws.com"
	clock, remaining := simulator.NewClock(), 0
	type note struct {
		Host  string
		After time.Duration
	}
	var notes []note
	c := open(t, cloud.Options{Clock: clock, Silent: func(host string, until time.Time) {
		notes = append(notes, note{host, until.Sub(clock.Now()).Round(time.Second)})
	},
		Client: answers(func(r *http.Request) (*http.Response, error) {
			if remaining--; remaining >= 0 {
				return dead(r)
			}
			return answer(http.StatusOK, "text/xml", "<DescribeStacksResponse><DescribeStacksResult/></DescribeStacksResponse>"), nil
		})})
	for silent, want := range [][]note{nil, nil, {{host, 750 * time.Second}}, {{host, 750 * time.Second}}, {{host, 750 * time.Second}}} {
		notes, remaining = nil, silent
		if _, err := c.CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, notes); diff != "" {
			t.Errorf("after %d attempts without an answer: %s", silent, diff)
		}
	}
}

// A time limit of the run ends the attempts earlier, and is what is told.
func TestSilenceEndsWithTheRun(t *testing.T) {
	limited, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	deadline, _ := limited.Deadline()
	var told time.Time
	c := open(t, cloud.Options{Clock: sleepless{}, Client: answers(dead), Silent: func(_ string, until time.Time) { told = until }})
	if _, err := c.CloudFormation().DescribeStacks(limited, &cloudformation.DescribeStacksInput{}); err == nil || !told.Equal(deadline) {
		t.Errorf("told %v, want %v; %v", told, deadline, err)
	}
}

// sleepless is the machine's clock on which no wait takes any time.
type sleepless struct{}

func (sleepless) Now() time.Time                             { return time.Now() }
func (sleepless) Sleep(context.Context, time.Duration) error { return nil }
