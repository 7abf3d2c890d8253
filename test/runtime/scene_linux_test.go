package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

func missing(c call) error { return fmt.Errorf("Envoy of %s is not told about %s", c.from, c.to) }

// scene is a task of a caller with its real Envoy, and a stand-in for the tasks that it calls.
type scene struct {
	upstream world.Upstream
	envoy    *world.Envoy
	client   *http.Client
	zone     *world.Zone
	name     string // the Cloud Map name of the called service
	ttl      time.Duration
	tasks    *tasks
	network  *world.Network
	resolver *world.Resolver
}

// newScene starts a scene in which the called service has as many tasks.
func newScene(ctx context.Context, e env, w *world.World, c call, count int) (s *scene, err error) {
	from, err := w.Service(c.from)
	if err != nil {
		return nil, err
	}
	to, err := w.Service(c.to)
	if err != nil {
		return nil, err
	}
	s = &scene{name: to.DNSName, ttl: to.TTL, zone: world.NewZone()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if s.upstream, err = upstream(w, c); err != nil {
		return s, err
	}
	if s.network, err = world.NewNetwork(); err != nil {
		return s, err
	}
	addresses := within(w.PrivateSubnets, count+1)
	host, err := s.network.Add(c.from, addresses[0])
	if err != nil {
		return s, err
	}
	called, err := s.network.Add(c.to, addresses[1:]...)
	if err != nil {
		return s, err
	}
	if s.tasks, err = serve(called, to.Task.Container("application").Ports[0]); err != nil {
		return s, err
	}
	s.zone.Set(s.name, s.ttl, called.Addresses...)
	if s.resolver, err = host.Resolve(s.zone); err != nil {
		return s, err
	}
	s.client = host.Client(time.Minute)
	s.envoy, err = world.StartEnvoy(ctx, host, e.envoy, from.Task.Container("envoy"))
	return s, err
}

// unhurried is a world in which Envoy gives a caller's requests a minute. Limits, failures and attempts that are counted do not depend on
// the time, and a slow machine needs more of it than the routes give. That they end what hangs is shown with the real services.
func unhurried(w *world.World, c call) (*world.World, error) {
	times := regexp.MustCompile(`"(request_timeout|timeout|per_try_timeout)":\s*"[0-9.]+s"`)
	copied := *w
	copied.Services = slices.Clone(w.Services)
	i := slices.IndexFunc(w.Services, func(s world.Service) bool { return s.Name == c.from })
	if i < 0 {
		return nil, missing(c)
	}
	task := &copied.Services[i].Task
	task.Containers = slices.Clone(task.Containers)
	changed := false
	for j, container := range task.Containers {
		command := slices.Clone(container.Command)
		for k, word := range command {
			command[k] = times.ReplaceAllString(word, `"$1": "60s"`)
			changed = changed || container.Name == "envoy" && command[k] != word
		}
		task.Containers[j].Command = command
	}
	if !changed {
		return nil, fmt.Errorf("%s to %s: Envoy's command has no times of requests", c.from, c.to)
	}
	return &copied, nil
}

// found waits until Envoy knows all tasks.
func (s *scene) found(ctx context.Context, count int) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.envoy.Await(ctx, s.upstream.Name, fmt.Sprintf("have %d tasks", count), func(stats map[string]int) bool {
		return stats["membership_healthy"] == count
	})
}

// stop ends everything; Envoy's warnings are errors.
func (s *scene) stop() error {
	var problems []error
	if s.tasks != nil {
		s.tasks.release()
		problems = append(problems, s.tasks.stop())
	}
	if s.envoy != nil {
		problems = append(problems, s.envoy.Stop())
	}
	if s.resolver != nil {
		problems = append(problems, s.resolver.Stop())
	}
	if s.network != nil {
		problems = append(problems, s.network.Close())
	}
	return errors.Join(problems...)
}

// send makes a request as the application does, to Envoy, and returns status and body.
func (s *scene) send(ctx context.Context, method, path string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.upstream.URL+path, strings.NewReader(""))
	if err != nil {
		return 0, "", err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("%s %s through Envoy: %w", method, path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

// within are addresses out of the first of the ranges.
func within(ranges []string, count int) []netip.Addr {
	var list []netip.Addr
	a := netip.MustParsePrefix(ranges[0]).Addr()
	for range 10 { // AWS keeps the first ones of each subnet
		a = a.Next()
	}
	for range count {
		list = append(list, a)
		a = a.Next()
	}
	return list
}
