// Package upstream calls other services of the platform through the task's own
// Envoy, which finds, retries and breaks; here only time is bounded.
package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// ErrUnavailable is returned when the service did not answer, or answered that
// it cannot now (5xx, 429). The call may be made again.
var ErrUnavailable = errors.New("the service is not available")

// ErrNotFound is returned when the service answered 404.
var ErrNotFound = errors.New("not found")

// RefusedError is an answer that the same call would get again.
type RefusedError struct{ Status int }

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the service refuses the request with status %d", e.Status)
}

const (
	connections = 64
	idle        = 60 * time.Second // below Envoy's idle timeout of 120 s for callers
	maxAnswer   = 64 << 10
)

// NewTransport is a transport for the loopback: no proxy from the environment,
// no compression, connections below what Envoy accepts.
func NewTransport() *http.Transport {
	return &http.Transport{
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
		IdleConnTimeout:     idle,
		DisableCompression:  true,
	}
}

// Client calls one service.
type Client struct {
	base    *url.URL
	http    *http.Client
	timeout time.Duration
}

// NewClient calls the service behind base; each call takes at most timeout. The
// transport is usually telemetry's around NewTransport's.
func NewClient(base *url.URL, transport http.RoundTripper, timeout time.Duration) *Client {
	return &Client{
		base:    base,
		timeout: timeout,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}
}

// Get asks for a path and decodes the answer.
func (c *Client) Get(ctx context.Context, answer any, path ...string) error {
	return c.call(ctx, http.MethodGet, nil, nil, answer, path)
}

// Post sends body as JSON. A key that is not empty goes into Idempotency-Key;
// an answer of nil is not read.
func (c *Client) Post(ctx context.Context, key string, body, answer any, path ...string) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return c.call(ctx, http.MethodPost, header, text, answer, path)
}

func (c *Client) call(ctx context.Context, method string, header http.Header, body []byte, answer any, path []string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path...).String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("prepare the call of %s: %w", c.base.Host, err)
	}
	if header != nil {
		request.Header = header
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("call %s: %w: %w", c.base.Host, ErrUnavailable, err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(response, answer)
}

func read(response *http.Response, answer any) error {
	limited := io.LimitReader(response.Body, maxAnswer)
	switch status := response.StatusCode; {
	case status >= 500 || status == http.StatusTooManyRequests:
		drain(limited)
		return fmt.Errorf("%w: status %d", ErrUnavailable, status)
	case status == http.StatusNotFound:
		drain(limited)
		return ErrNotFound
	case status < 200 || status > 299:
		drain(limited)
		return &RefusedError{Status: status}
	case answer == nil:
		drain(limited)
		return nil
	}
	if err := json.NewDecoder(limited).Decode(answer); err != nil {
		return fmt.Errorf("%w: its answer is not what was expected: %w", ErrUnavailable, err)
	}
	return nil
}

// drain reads what is left, so that the connection can be used again.
func drain(body io.Reader) { _, _ = io.Copy(io.Discard, body) }
