// Package server is what all services share as programs: start, health, serving
// HTTP, and the stop that ECS asks for.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Times of HTTP. The idle time is longer than the load balancer's 60 s and
// Envoy's 30 s, so that the caller closes first and no request meets a closing
// connection.
const (
	headerTime = 10 * time.Second
	readTime   = 15 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = 120 * time.Second
	maxHeader  = 32 << 10
)

// Serve answers on listener until ctx ends; then it takes no new connection and
// waits for the requests under way, at most for drain. Their contexts do not
// end with ctx.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, drain time.Duration, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping: requests under way are finished", "at_most", drain.String())
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(finish); err != nil {
		return errors.Join(fmt.Errorf("requests were still under way %s after the stop: %w", drain, err), server.Close())
	}
	return nil
}

// Listen opens the service's port.
func Listen(ctx context.Context, port int) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("open the port that PORT gives: %w", err)
	}
	return listener, nil
}

// healthTime is below the five seconds that the task definition's check gives.
const healthTime = 3 * time.Second

// CheckHealth asks this task's own service whether it is alive; it is what
// "/service healthcheck" does.
func CheckHealth(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	address := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/health"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("prepare the health check: %w", err)
	}
	// Not the default client, which would take a proxy from the environment.
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return fmt.Errorf("the service does not answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers /health with status %d", response.StatusCode)
	}
	return nil
}
