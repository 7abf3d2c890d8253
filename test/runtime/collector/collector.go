package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"time"
)

// Variable is where the collector's image takes its configuration from (AWS Distro for OpenTelemetry, "Amazon ECS": the variable
// AOT_CONFIG_CONTENT).
const Variable = "AOT_CONFIG_CONTENT"

// overlayVariable holds what is merged over the configuration.
const overlayVariable = "COLLECTOR_OVERLAY"

const (
	startLimit = 30 * time.Second
	// stopLimit is longer than the exporters' own limit for what they still hold, which is five seconds for each attempt.
	stopLimit = 15 * time.Second
)

// A Collector is a running collector.
type Collector struct{ process *process }

// Start starts the program with the configuration of a task definition, the overlay merged over it unless it is empty, and returns when
// its health check answers. The program gets no variable but the two and the environment. It ends with Stop or with the context.
func Start(ctx context.Context, program, configuration, overlay string, environment ...string) (*Collector, error) {
	address, err := healthAddress(configuration, overlay)
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, command(program, configuration, overlay, environment))
	if err != nil {
		return nil, err
	}
	if err := answers(ctx, p, "http://"+address); err != nil {
		// Its end adds nothing to why it does not answer.
		_ = p.stop()
		return nil, fmt.Errorf("the collector at %s: %w", address, err)
	}
	return &Collector{process: p}, nil
}

// Stop ends the collector as ECS does, with SIGTERM: it sends what it still holds first. An error holds its last words.
func (c *Collector) Stop() error { return c.process.stop() }

// Log is what the collector wrote until now, at most its last 64 KiB.
func (c *Collector) Log() string { return c.process.log.String() }

// PID is the process, for a look at its memory.
func (c *Collector) PID() int { return c.process.command.Process.Pid }

// Validate has the program check a configuration, with the overlay merged over it unless it is empty, without starting anything.
func Validate(ctx context.Context, program, configuration, overlay string) error {
	cmd := command(program, configuration, overlay, nil, "validate")
	p, err := start(ctx, cmd)
	if err != nil {
		return err
	}
	<-p.done
	return p.err
}

// command is the program over both configurations; words come before the flags.
func command(program, configuration, overlay string, environment []string, words ...string) *exec.Cmd {
	words = append(words, "--config=env:"+Variable)
	environment = append([]string{Variable + "=" + configuration}, environment...)
	if overlay != "" {
		words = append(words, "--config=env:"+overlayVariable)
		environment = append(environment, overlayVariable+"="+overlay)
	}
	cmd := exec.Command(program, words...)
	cmd.Env = environment
	return cmd
}

// healthAddress is where the health check listens by the last configuration that says so.
func healthAddress(configurations ...string) (string, error) {
	var merged struct {
		Extensions struct {
			Check struct {
				Endpoint string `json:"endpoint"`
			} `json:"health_check"`
		} `json:"extensions"`
	}
	for _, configuration := range configurations {
		if configuration == "" {
			continue
		}
		if err := json.Unmarshal([]byte(configuration), &merged); err != nil {
			return "", fmt.Errorf("the collector's configuration is not the JSON that the templates carry: %w", err)
		}
	}
	if merged.Extensions.Check.Endpoint == "" {
		return "", errors.New("the collector's configuration has no extensions.health_check.endpoint, so nothing says when it is up: add it")
	}
	return merged.Extensions.Check.Endpoint, nil
}

// answers waits until the address answers 200, the process ends or the time is up.
func answers(ctx context.Context, p *process, address string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if up(ctx, address) {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("it ended before it was up: %w", p.err)
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w; it wrote %q", ctx.Err(), p.log.String())
		case <-tick.C:
		}
	}
}

func up(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	// A proxy of the environment is not for addresses of this machine.
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
