package cloud

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// silence tells once of each address that does not answer, until it answers again.
type silence struct {
	tell func(host string, until time.Time)
	lock sync.Mutex
	told map[string]bool
}

// heard takes the end of a request. The first attempt of a call may fail by chance, and the last is the call's own error.
func (s *silence) heard(r *http.Request, err error, now time.Time) {
	host, attempt := r.URL.Host, r.Header.Get("Amz-Sdk-Request") // the SDK's "attempt=2; max=30"
	inFull := fmt.Sprint("max=", maxAttempts)                    // callers with fewer tell it themselves
	s.lock.Lock()
	defer s.lock.Unlock()
	switch {
	case err == nil:
		delete(s.told, host)
	case s.tell == nil, s.told[host], untrusted(err), r.Context().Err() != nil, !strings.Contains(attempt, inFull), strings.HasPrefix(attempt, "attempt=1;"):
	default:
		s.told[host] = true
		until := now.Add(patience)
		if deadline, limited := r.Context().Deadline(); limited && deadline.Before(until) {
			until = deadline
		}
		s.tell(host, until)
	}
}
