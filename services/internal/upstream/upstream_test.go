package upstream

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func client(t *testing.T, timeout time.Duration, answer http.HandlerFunc) *Client {
	t.Helper()
	service := httptest.NewServer(answer)
	t.Cleanup(service.Close)
	base, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return NewClient(base, transport, timeout)
}

func TestWhatAnAnswerMeans(t *testing.T) {
	refused := &RefusedError{}
	for status, want := range map[int]func(error) bool{
		200: func(err error) bool { return err == nil },
		202: func(err error) bool { return err == nil },
		299: func(err error) bool { return err == nil },
		300: func(err error) bool { return errors.As(err, &refused) && refused.Status == 300 },
		302: func(err error) bool { return errors.As(err, &refused) && refused.Status == 302 },
		404: func(err error) bool { return errors.Is(err, ErrNotFound) },
		422: func(err error) bool { return errors.As(err, &refused) && refused.Status == 422 },
		429: func(err error) bool { return errors.Is(err, ErrUnavailable) },
		499: func(err error) bool { return errors.As(err, &refused) && refused.Status == 499 },
		500: func(err error) bool { return errors.Is(err, ErrUnavailable) },
		503: func(err error) bool { return errors.Is(err, ErrUnavailable) },
	} {
		var last atomic.Value
		var connections atomic.Int64
		c := client(t, 10*time.Second, func(w http.ResponseWriter, r *http.Request) {
			if r.RemoteAddr != last.Swap(r.RemoteAddr) {
				connections.Add(1)
			}
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, strings.Repeat("x", 32<<10))
		})
		for range 2 {
			if err := c.Post(t.Context(), "", 1, nil, "x"); !want(err) {
				t.Errorf("status %d gives %v", status, err)
			}
		}
		if got := connections.Load(); got != 1 {
			t.Errorf("status %d: %d connections for two calls, one after the other", status, got)
		}
	}
}

func TestALongAnswerIsNotReadToItsEnd(t *testing.T) {
	c := client(t, 10*time.Second, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `"`+strings.Repeat("x", maxAnswer)+`"`)
	})
	var answer string
	if err := c.Get(t.Context(), &answer, "x"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %d bytes, %v", len(answer), err)
	}
}

func TestWhatCannotBeAskedIsAnError(t *testing.T) {
	c := client(t, 10*time.Second, func(http.ResponseWriter, *http.Request) { t.Error("the service was called") })
	if err := c.Post(t.Context(), "", make(chan int), nil, "x"); err == nil || !strings.Contains(err.Error(), "write the request") {
		t.Errorf("got %v", err)
	}
}

func TestAPostCarriesItsKeyAndBody(t *testing.T) {
	c := client(t, 10*time.Second, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/notifications" || r.Header.Get("Idempotency-Key") != "k" || r.Header.Get("Content-Type") != "application/json" || string(body) != `{"a":1}` {
			t.Errorf("the service got %s %v %s", r.URL.Path, r.Header, body)
		}
		_, _ = io.WriteString(w, `{"b":2}`)
	})
	var answer struct{ B int }
	if err := c.Post(t.Context(), "k", map[string]int{"a": 1}, &answer, "notifications"); err != nil || answer.B != 2 {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestAServiceThatDoesNotAnswerIsGivenUp(t *testing.T) {
	c := client(t, 10*time.Millisecond, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if err := c.Get(t.Context(), nil, "x"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	broken := client(t, 10*time.Second, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	var answer struct{}
	if err := broken.Get(t.Context(), &answer, "x"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("an answer that is not JSON gives %v", err)
	}
}
