package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Program is what to run, and where.
type Program struct {
	// Host is where it runs; nil is the sandbox itself.
	Host *Host
	// Path is the program's file.
	Path string
	// Arguments follow the program's name.
	Arguments []string
	// Environment is all it gets.
	Environment []string
	// User runs it, in the sandbox; zero is the present user.
	User uint32
	// Folder holds the program with the files that it finds beside itself; empty where it needs none.
	Folder string
	// StopTimeout is how long it may take to stop; zero is ECS's default of 30 s.
	StopTimeout time.Duration
}

// Process is a program that runs.
type Process struct {
	name    string
	command *exec.Cmd
	timeout time.Duration
	out     *output
	ended   chan struct{}
	err     error // after ended
}

// Container is the program of a container with its arguments, its environment, its stop timeout and, where root starts it, its
// user. Variables that the image
// sets, such as SSL_CERT_FILE, come with extra.
func (h *Host) Container(c Container, path string, v Values, extra ...string) (Program, error) {
	arguments, first := c.Arguments(v)
	environment, second := c.Environ(v)
	user, third := c.userOf()
	if err := errors.Join(first, second, third); err != nil {
		return Program{}, err
	}
	return Program{Host: h, Path: path, Arguments: arguments, Environment: append(environment, extra...), User: user, StopTimeout: c.StopTimeout}, nil
}

// Start starts a program. It is killed when the context ends, and with the present program in any case.
func Start(ctx context.Context, p Program) (*Process, error) {
	started := &Process{name: p.Path, timeout: p.StopTimeout, out: newOutput(), ended: make(chan struct{})}
	if started.timeout == 0 {
		started.timeout = 30 * time.Second
	}
	path, hide := p.Path, func() error { return nil }
	if p.User != 0 {
		var err error
		if path, hide, err = expose(p.Path, p.Folder); err != nil {
			return nil, err
		}
	}
	command := exec.CommandContext(ctx, path, p.Arguments...)
	command.Env = append([]string{}, p.Environment...)
	command.Stdout, command.Stderr = started.out, started.out
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL, Setpgid: true}
	if p.User != 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: p.User, Gid: p.User}
	}
	started.command = command
	running := make(chan error)
	// The thread stays with the process: its end would kill it, see Pdeathsig.
	go func() {
		_ = onThread(func() error {
			if p.Host != nil {
				if err := p.Host.enter(); err != nil {
					running <- err
					return nil
				}
			}
			err := command.Start()
			running <- err
			if err == nil {
				started.err = errors.Join(command.Wait(), hide())
				close(started.ended)
			}
			return nil
		})
	}()
	if err := <-running; err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.Path, errors.Join(err, hide()))
	}
	return started, nil
}

// Stop does as ECS does: SIGTERM, and SIGKILL after the stop timeout. It is an error to need the second, or to end with
// another exit code than 0.
func (p *Process) Stop() error {
	_ = p.command.Process.Signal(unix.SIGTERM) // it may have ended by itself
	late := time.NewTimer(p.timeout)
	defer late.Stop()
	select {
	case <-p.ended:
	case <-late.C:
		_ = p.command.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s did not stop within %v of SIGTERM; its output:\n%s", p.name, p.timeout, p.Output())
	}
	if ended, ok := errors.AsType[*exec.ExitError](p.err); ok && ended.Exited() || p.err != nil && !signalled(p.err, unix.SIGTERM) {
		return fmt.Errorf("%s: %w; its output:\n%s", p.name, p.err, p.Output())
	}
	return nil
}

// Kill ends it at once, like a task whose machine is lost.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// Signal sends it a signal.
func (p *Process) Signal(s os.Signal) error { return p.command.Process.Signal(s) }

// Ended is closed when it has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Wait waits until it has ended, and says how unless it ended well.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("%s has not ended: %w", p.name, ctx.Err())
	}
}

// PID is its process ID.
func (p *Process) PID() int { return p.command.Process.Pid }

func signalled(err error, s syscall.Signal) bool {
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := ended.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == s
}

// Output is what it has written so far, to standard output and standard error.
func (p *Process) Output() string { return p.out.String() }

// Line waits for a line of output that a function accepts, from the beginning on.
func (p *Process) Line(ctx context.Context, accept func(line string) bool) (string, error) {
	for {
		text, more := p.out.read()
		for line := range strings.Lines(text) {
			if strings.HasSuffix(line, "\n") && accept(strings.TrimSuffix(line, "\n")) {
				return strings.TrimSuffix(line, "\n"), nil
			}
		}
		select {
		case <-more:
		case <-p.ended:
			if after, _ := p.out.read(); after == text {
				return "", fmt.Errorf("%s ended before it wrote the line: %v; its output:\n%s", p.name, p.err, text)
			}
		case <-ctx.Done():
			return "", fmt.Errorf("%s did not write the line: %w; its output:\n%s", p.name, ctx.Err(), text)
		}
	}
}

// output keeps what is written and tells who waits for more.
type output struct {
	lock   sync.Mutex
	buffer bytes.Buffer
	more   chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{})} }

// Write implements [io.Writer].
func (o *output) Write(b []byte) (int, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.buffer.Write(b)
}

func (o *output) read() (string, <-chan struct{}) {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.buffer.String(), o.more
}

func (o *output) String() string {
	text, _ := o.read()
	return text
}
