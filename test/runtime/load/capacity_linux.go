package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/tierform/tierform/test/runtime/platform"
)

// callers ask at the same time when it is measured how much is answered at most: more than cores, fewer than the circuit breaker's limits.
const callers = 32

// capacity measures how much is answered at most each way, and what the sidecars need for it.
func (m *measuring) capacity(ctx context.Context) (t Trial, memory []Memory, err error) {
	for _, way := range []struct {
		through bool
		into    *Result
	}{{true, &t.Through}, {false, &t.Direct}} {
		task, err := m.start(ctx, way.through)
		if err != nil {
			return t, nil, err
		}
		before, err := sidecars(task)
		if err != nil {
			return t, nil, err
		}
		m.Say("as many requests as %d callers can make", callers)
		*way.into = Saturate(ctx, callers, m.For, m.asking(task))
		m.Say("  %.0f in a second", way.into.Throughput())
		after, err := sidecars(task)
		if way.through {
			memory = after
			for i := range memory {
				memory[i].Idle = before[i].Idle
			}
		}
		if err := errors.Join(err, task.Stop()); err != nil {
			return t, nil, err
		}
	}
	return t, memory, nil
}

// sidecars are those of a task, with what they need now and needed at most.
func sidecars(t *platform.Task) ([]Memory, error) {
	var list []Memory
	pids := map[string]int{"envoy": t.Envoy().PID()}
	if c := t.Collector(); c != nil {
		pids["collector"] = c.PID()
	}
	for _, c := range t.Service.Task.Containers {
		pid, ok := pids[c.Name]
		if !ok {
			continue
		}
		now, peak, err := Resident(pid)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		list = append(list, Memory{Container: c.Name, Limit: c.Memory, Idle: now, Peak: peak})
	}
	return list, nil
}

// machine is what the figures were taken on.
func machine() string {
	text := fmt.Sprintf("%d shared cores", runtime.NumCPU())
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return text
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return text + " (" + strings.TrimSpace(value) + ")"
		}
	}
	return text
}
