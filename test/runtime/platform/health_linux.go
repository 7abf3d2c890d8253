package platform

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// healthy waits for the first answer to the health check.
func (t *Task) healthy(ctx context.Context, process *world.Process) error {
	asking := t.platform.balancer.host.Client(5 * time.Second)
	url := "http://" + t.target() + t.Service.TargetGroups[0].HealthPath
	return world.Until(ctx, func() error {
		select {
		case <-process.Ended():
			return fmt.Errorf("%w: the application ended: %w", world.ErrGiveUp, process.Wait(ctx))
		default:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		answer, err := asking.Do(request)
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, answer.Status)
		}
		return nil
	})
}

// CheckHealth runs the application's health check as ECS does: its command, in the container.
func (t *Task) CheckHealth(ctx context.Context) error {
	c := t.Service.Task.Container("application")
	if c.HealthCheck == nil || c.HealthCheck.Command[0] != "/service" { // the image's program
		return fmt.Errorf("task %s: its health check does not ask /service", t.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, c.HealthCheck.Timeout)
	defer cancel()
	c.Command = c.HealthCheck.Command[1:]
	process, err := t.platform.start(ctx, t.Host, c, t.Service.Name)
	if err != nil {
		return err
	}
	if err := process.Wait(ctx); err != nil {
		process.Kill()
		return fmt.Errorf("task %s: health check: %w; its output:\n%s", t.Name, err, process.Output())
	}
	return nil
}
