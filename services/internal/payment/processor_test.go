package payment

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/logging"
	"github.com/tierform/tierform/services/internal/upstream"
)

func processor(t *testing.T, log io.Writer, timeout time.Duration, answer http.HandlerFunc) *Processor {
	t.Helper()
	service := httptest.NewServer(answer)
	t.Cleanup(service.Close)
	base, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := upstream.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return NewProcessor(upstream.NewClient(base, transport, timeout), logging.New(logging.Output(log), "payment-api", "one"))
}

func TestANudgeOutlivesItsRequest(t *testing.T) {
	id, got := uuid.New(), make(chan string, 1)
	p := processor(t, io.Discard, 10*time.Second, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Method + " " + r.URL.Path + " " + string(body)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.Nudge(ctx, id)
	p.Wait()
	close(got) // a nudge that was never made reads as nothing
	if want, nudge := `POST /transactions {"payment_id":"`+id.String()+`"}`, <-got; nudge != want {
		t.Errorf("the processor got %s, want %s", nudge, want)
	}
}

func TestNudgesAreBoundedAndNeverBlock(t *testing.T) {
	var calls atomic.Int64
	finish := make(chan struct{})
	p := processor(t, io.Discard, 30*time.Second, func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		<-finish
	})
	for range 10 * nudges {
		p.Nudge(t.Context(), uuid.New())
	}
	close(finish)
	p.Wait()
	if got := calls.Load(); got != nudges {
		t.Errorf("%d calls were made, want %d", got, nudges)
	}
	p.Nudge(t.Context(), uuid.New())
	p.Wait()
	if got := calls.Load(); got != nudges+1 {
		t.Errorf("%d calls were made, want one more when those are over", got)
	}
}

func TestSettlements(t *testing.T) {
	for name, test := range map[string]struct {
		status  int
		body    string
		settled bool
		fails   bool
	}{
		"settled":     {200, `{"payment_id":"x","status":"settled","network_reference":"n","settled_at":"2026-01-02T03:04:05Z","more":1}`, true, false},
		"not yet":     {404, `{}`, false, false},
		"unavailable": {503, ``, false, true},
		"nonsense":    {200, `<html>`, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := processor(t, io.Discard, 10*time.Second, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			got, err := p.Settlement(t.Context(), uuid.New())
			if (got != nil) != test.settled || (err != nil) != test.fails {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestAnOutageIsLoggedOnceAndSoIsItsEnd(t *testing.T) {
	var log bytes.Buffer
	var status atomic.Int64
	status.Store(503)
	p := processor(t, &log, 10*time.Second, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) })
	for range 5 {
		_, _ = p.Settlement(t.Context(), uuid.New())
	}
	status.Store(404)
	for range 5 {
		_, _ = p.Settlement(t.Context(), uuid.New())
	}
	if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "does not answer") || !strings.Contains(text, "answers again") {
		t.Errorf("the log is %s", text)
	}
}
