package emulation

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// A trouble is what befalls a call that changes something.
type trouble string

const (
	// never: the request does not reach AWS; the SDK sends it again.
	never trouble = "does not arrive"
	// unanswered: AWS does what is asked and its answer is lost; the SDK asks for it again.
	unanswered trouble = "is not answered"
	// doubled: AWS is asked twice, and the first answer counts.
	doubled trouble = "arrives twice"
)

// A shaky client sends requests, some of which meet trouble.
type shaky struct {
	client
	trouble trouble
	// nth is the call that meets it, from 1; 0 for all calls, each once.
	nth int

	lock sync.Mutex
	// calls are those that change something, in order.
	calls []string
	sent  map[string]bool
	met   int
}

// mutates tells whether a call changes something: all do but those named like questions.
func mutates(operation string) bool {
	for _, question := range []string{"Describe", "List", "Get", "Head"} {
		if strings.HasPrefix(operation, question) {
			return false
		}
	}
	return true
}

// meets counts a call, once however often the SDK repeats it, and tells whether it meets trouble now.
func (s *shaky) meets(r *http.Request) bool {
	operation, invocation := awsmiddleware.GetOperationName(r.Context()), r.Header.Get("Amz-Sdk-Invocation-Id")
	s.lock.Lock()
	defer s.lock.Unlock()
	if !mutates(operation) || s.sent[invocation] {
		return false
	}
	s.sent[invocation] = true
	s.calls = append(s.calls, operation)
	if s.trouble == "" || s.nth != 0 && s.nth != len(s.calls) {
		return false
	}
	s.met++
	return true
}

// errLost is what the SDK sees of trouble.
var errLost = errors.New("connection reset by peer")

// Do sends a request, or something like it.
func (s *shaky) Do(r *http.Request) (*http.Response, error) {
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	if !s.meets(r) {
		return s.send(r, body)
	}
	if s.trouble == never {
		return nil, errLost
	}
	first, err := s.send(r, body)
	if err != nil {
		return nil, err
	}
	if s.trouble == unanswered {
		_, _ = io.Copy(io.Discard, first.Body)
		return nil, errors.Join(errLost, first.Body.Close())
	}
	second, err := s.send(r, body)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, second.Body)
	return first, second.Body.Close()
}

var _ aws.HTTPClient = (*shaky)(nil)

// live plays a small life, with trouble, and wants it to end like one without.
func live(t *testing.T, c *shaky) {
	t.Helper()
	e := shop(t, "dev")
	c.client, c.sent = newClient(t), map[string]bool{}
	e.client = c
	e.bootstrap().ends(fault.OK, "done")
	e.apply().ends(fault.OK, "done")
	e.apply("RefundPattern=return").ends(fault.OK, "done")
	counted := len(c.calls)
	if got := e.pattern(); got != "return" {
		t.Errorf("the filter looks for %q, want %q", got, "return")
	}
	e.recorded("done", "done")
	e.unexecuted("")
	if len(c.calls) != counted {
		t.Errorf("asking changed something: %v", c.calls[counted:])
	}
	e.destroy().ends(fault.OK, "done")
	e.leftovers(nil)
	switch {
	case c.trouble == "":
	case c.nth == 0 && c.met != len(c.calls), c.nth != 0 && c.met != 1:
		t.Errorf("%d of %d calls met trouble", c.met, len(c.calls))
	}
}

// Each call that changes something may not arrive, may stay unanswered, or may arrive twice: the outcome is the same.
func TestLostResponses(t *testing.T) {
	t.Parallel()
	undisturbed := &shaky{}
	live(t, undisturbed)
	t.Logf("%d calls change something: %s", len(undisturbed.calls), strings.Join(undisturbed.calls, ", "))
	for _, trouble := range []trouble{never, unanswered, doubled} {
		t.Run("each "+string(trouble), func(t *testing.T) {
			t.Parallel()
			live(t, &shaky{trouble: trouble})
		})
		if trouble == never {
			continue // the SDK asks again, and AWS hears of it once: no call can tell this from another
		}
		for n := 1; n <= len(undisturbed.calls); n++ {
			t.Run(fmt.Sprintf("%s, number %d, %s", undisturbed.calls[n-1], n, trouble), func(t *testing.T) {
				t.Parallel()
				live(t, &shaky{trouble: trouble, nth: n})
			})
		}
	}
}
