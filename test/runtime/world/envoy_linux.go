package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Envoy is a sidecar that runs with the command of its container.
type Envoy struct {
	process *Process
	admin   string
	client  *http.Client
}

// EnvoyProgram finds the Envoy that `make test` installs below a directory: its own file, not the wrapper in Python.
func EnvoyProgram(root string) (string, error) {
	found, err := filepath.Glob(filepath.Join(root, ".venv/lib/python3*/site-packages/envoy/_bin/envoy"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("no Envoy below %s: run `make test`, which installs it there", filepath.Join(root, ".venv"))
	}
	return found[0], nil
}

// StartEnvoy starts a container's Envoy on a host and waits until it is ready, which does not mean that it knows its
// upstreams' addresses already.
func StartEnvoy(ctx context.Context, h *Host, program string, c Container) (*Envoy, error) {
	admin, err := c.AdminAddress()
	if err != nil {
		return nil, err
	}
	p, err := h.Container(c, program, Values{})
	if err != nil {
		return nil, err
	}
	process, err := Start(ctx, p)
	if err != nil {
		return nil, err
	}
	e := &Envoy{process: process, admin: admin, client: h.Client(10 * time.Second)}
	err = Until(ctx, func() error {
		select {
		case <-process.Ended():
			return fmt.Errorf("%w: it ended", ErrGiveUp)
		default:
		}
		_, err := e.ask(ctx, "/ready")
		return err
	})
	if err != nil {
		process.Kill()
		return nil, fmt.Errorf("%s's Envoy is not ready: %w; its output:\n%s", c.Service, err, process.Output())
	}
	return e, nil
}

func (e *Envoy) ask(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.admin+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := e.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking Envoy: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("asking Envoy for %s: %s: %s", path, answer.Status, body)
	}
	return body, err
}

// Stats are the counters and gauges of an upstream, by their names after cluster.<name>.
func (e *Envoy) Stats(ctx context.Context, upstream string) (map[string]int, error) {
	prefix := "cluster." + upstream + "."
	body, err := e.ask(ctx, "/stats?format=json&filter="+url.QueryEscape("^"+regexp.QuoteMeta(prefix)))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Stats []struct {
			Name  string
			Value json.Number
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("reading Envoy's counters: %w", err)
	}
	stats := map[string]int{}
	for _, s := range answer.Stats {
		if n, err := s.Value.Int64(); err == nil {
			stats[strings.TrimPrefix(s.Name, prefix)] = int(n)
		}
	}
	return stats, nil
}

// Await waits until the counters of an upstream are accepted.
func (e *Envoy) Await(ctx context.Context, upstream, what string, accept func(stats map[string]int) bool) error {
	return Until(ctx, func() error {
		stats, err := e.Stats(ctx, upstream)
		if err == nil && !accept(stats) {
			err = fmt.Errorf("waiting for: %s to %s; Envoy counts %v", upstream, what, stats)
		}
		return err
	})
}

// Output is what it has written.
func (e *Envoy) Output() string { return e.process.Output() }

// PID is its process ID.
func (e *Envoy) PID() int { return e.process.PID() }

// Kill ends it at once, like a task whose machine is lost.
func (e *Envoy) Kill() { e.process.Kill() }

// Stop ends it as ECS would. A warning in what it wrote is an error: Envoy goes on with less than it was told then.
func (e *Envoy) Stop() error {
	err := e.process.Stop()
	for line := range strings.Lines(e.process.Output()) {
		for _, level := range []string{"][warning][", "][error][", "][critical]["} {
			if strings.Contains(line, level) && !strings.Contains(line, "caught ENVOY_SIGTERM") {
				err = errors.Join(err, fmt.Errorf("Envoy complains: %s", strings.TrimSpace(line)))
			}
		}
	}
	return err
}
