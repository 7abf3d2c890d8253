//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
)

// demo is a platform with somebody before it.
type demo struct {
	platform *platform.Platform
	out      io.Writer
	payment  string            // the last one's ID
	trace    string            // the last payment's
	killed   []*platform.Task  // whose application was ended here
	slow     map[string]func() // by service: ends its slowness
}

func newDemo(p *platform.Platform, out io.Writer) *demo {
	return &demo{platform: p, out: out, slow: map[string]func(){}}
}

// command is something that can be said.
type command struct {
	name, argument, what string
	do                   func(d *demo, ctx context.Context, arguments []string) error
}

func commands() []command {
	return []command{
		{"pay", "", "send a payment, then ask for it; shows both answers", (*demo).pay},
		{"load", "N", "ask for the last payment N times a second for five seconds", (*demo).load},
		{"kill", "SERVICE", "end the programs of its tasks at once; Cloud Map still names the tasks, as when they crash", (*demo).kill},
		{"slow", "SERVICE", "stop its programs for a second, again and again", (*demo).slowDown},
		{"start", "SERVICE", "start what was killed, end slowness", (*demo).start},
		{"breaker", "", "the circuits of all Envoys: open or closed, ejected tasks, refused calls, retries", (*demo).breakers},
		{"trace", "", "the last payment's way through all services, as X-Ray received it", (*demo).showTrace},
		{"backlog", "", "the rows of the outbox that wait", (*demo).backlog},
		{"rotate", "", "rotate the passwords of all services, as the administration task does", (*demo).rotate},
		{"log", "SERVICE", "the last lines of its programs", (*demo).log},
		{"help", "", "this list", func(d *demo, _ context.Context, _ []string) error { fmt.Fprint(d.out, help()); return nil }},
		{"quit", "", "stop everything", func(*demo, context.Context, []string) error { return errQuit }},
	}
}

var errQuit = errors.New("quit")

func help() string {
	var b strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-14s %s\n", strings.TrimSpace(c.name+" "+c.argument), c.what)
	}
	return b.String()
}

// find takes a line apart; the first word may be shortened to what is unmistakable.
func find(line string) (command, []string, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return command{}, nil, errors.New("nothing was said")
	}
	var found []command
	for _, c := range commands() {
		if c.name == words[0] {
			found = []command{c}
			break
		}
		if strings.HasPrefix(c.name, words[0]) {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return command{}, nil, fmt.Errorf("%q is no command; help lists them", words[0])
	}
	takes := 0
	if found[0].argument != "" {
		takes = 1
	}
	if len(words)-1 != takes {
		return command{}, nil, fmt.Errorf("say: %s", strings.TrimSpace(found[0].name+" "+found[0].argument))
	}
	return found[0], words[1:], nil
}

// check finds what is wrong with a script before anything is started.
func check(script string) error {
	var problems []error
	for _, line := range strings.Split(strings.ReplaceAll(script, "\n", ";"), ";") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		_, _, err := find(line)
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// follow does commands until there are no more, and returns the exit code. Those of a script are shown, as nobody typed them.
func (d *demo) follow(ctx context.Context, list <-chan string, script bool) int {
	code := 0
	for {
		if !script {
			fmt.Fprint(d.out, "\n> ")
		}
		select {
		case <-ctx.Done():
			fmt.Fprintln(d.out)
			return code
		case line, more := <-list:
			if !more {
				return code
			}
			if script {
				fmt.Fprintf(d.out, "\n> %s\n", line)
			}
			if strings.TrimSpace(line) == "" {
				continue
			}
			c, arguments, err := find(line)
			if err == nil {
				err = c.do(d, ctx, arguments)
			}
			if errors.Is(err, errQuit) {
				return code
			}
			if err != nil && ctx.Err() == nil {
				fmt.Fprintln(d.out, "  not done:", err)
				code = 1
			}
		}
	}
}

// tasks are a service's; no such service is an error that names all.
func (d *demo) tasks(service string) ([]*platform.Task, error) {
	var names []string
	for _, s := range d.platform.World.Services {
		names = append(names, s.Name)
	}
	if !slices.Contains(names, service) {
		return nil, fmt.Errorf("there is no service %q; there are %s", service, strings.Join(names, ", "))
	}
	return d.platform.Tasks(service), nil
}

// stop stops everything. The tasks whose programs were ended here have nothing more to say.
func (d *demo) stop() error {
	for _, end := range d.slow {
		end()
	}
	for _, t := range d.killed {
		t.Kill()
	}
	return d.platform.Stop()
}

// pause waits, unless the context ends.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
