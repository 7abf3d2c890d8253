package collector

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is a running program and what it wrote.
type process struct {
	command *exec.Cmd
	log     *tail
	// done is closed when the process ended, and err is then why it failed, nil when it did not.
	done chan struct{}
	err  error
	// end asks it to end.
	end context.CancelFunc
}

// start starts a command that ends with the context.
func start(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	p := &process{command: cmd, log: &tail{}, done: make(chan struct{})}
	cmd.Stderr = p.log
	cmd.WaitDelay = stopLimit
	if cmd.Stdout == nil {
		cmd.Stdout = p.log
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start (make programs installs it): %w", cmd.Path, err)
	}
	ctx, p.end = context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	go p.follow(ctx, ended)
	return p, nil
}

// follow waits for the end, which it brings about when the context is over: politely, then not.
func (p *process) follow(ctx context.Context, ended <-chan error) {
	defer close(p.done)
	defer p.end()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		_ = p.command.Process.Signal(syscall.SIGTERM)
		limit := time.NewTimer(stopLimit)
		defer limit.Stop()
		select {
		case err = <-ended:
		case <-limit.C:
			_ = p.command.Process.Kill()
			err = fmt.Errorf("still running %s after SIGTERM: %w", stopLimit, <-ended)
		}
	}
	if err != nil {
		p.err = fmt.Errorf("%s: %w; it wrote %q", p.command.Path, err, p.log.String())
	}
}

// stop ends the process and returns when it has.
func (p *process) stop() error {
	p.end()
	<-p.done
	return p.err
}

// tailLimit is what a tail keeps.
const tailLimit = 64 << 10

// A tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len()+len(b) > 2*tailLimit {
		kept := last(t.text.String())
		t.text.Reset()
		t.text.WriteString(kept)
	}
	return t.text.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return last(t.text.String())
}

func last(text string) string { return text[max(0, len(text)-tailLimit):] }
