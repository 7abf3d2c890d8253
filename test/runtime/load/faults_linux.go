package load

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// fault is something that happens to the called service.
type fault struct {
	name string
	// cause makes it happen; what it returns undoes it.
	cause func(ctx context.Context, p *platform.Platform) (func() error, error)
}

// Names of trials.
const (
	Well      = "nothing fails"
	Flaky     = "30 % of its answers are 503"
	OneDead   = "one of two tasks is dead: its packets are dropped"
	Dead      = "both tasks are dead: their packets are dropped"
	Suspended = "both tasks stand still: they take connections and never answer"
	Crashed   = "both programs crashed: connections are refused"
)

func faults() []fault {
	return []fault{
		{Well, func(context.Context, *platform.Platform) (func() error, error) { return nil, nil }},
		{Flaky, flaky},
		{OneDead, func(ctx context.Context, p *platform.Platform) (func() error, error) {
			return dead(ctx, p.Tasks(called)[:1])
		}},
		{Dead, func(ctx context.Context, p *platform.Platform) (func() error, error) {
			return dead(ctx, p.Tasks(called))
		}},
		{Suspended, suspended},
		{Crashed, crashed},
	}
}

// flaky makes three of ten questions about a settlement fail in the database, so that the service answers 503 by itself.
func flaky(ctx context.Context, p *platform.Platform) (func() error, error) {
	repair := func() error {
		return statements(context.WithoutCancel(ctx), p, "ALTER TABLE settlements DISABLE ROW LEVEL SECURITY", "DROP POLICY flaky ON settlements", "DROP FUNCTION flaky")
	}
	return repair, statements(ctx, p,
		`CREATE FUNCTION flaky() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
			IF random() < 0.3 THEN RAISE EXCEPTION 'thrown on purpose'; END IF;
			RETURN true;
		END $$`,
		"CREATE POLICY flaky ON settlements FOR SELECT USING (flaky())",
		"ALTER TABLE settlements ENABLE ROW LEVEL SECURITY")
}

func statements(ctx context.Context, p *platform.Platform, list ...string) error {
	c, err := p.Database.Superuser(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	for _, s := range list {
		if _, err := c.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// dead drops what comes to the tasks, without telling the sender.
func dead(ctx context.Context, tasks []*platform.Task) (func() error, error) {
	repair := func() error {
		var problems []error
		for _, t := range tasks {
			problems = append(problems, nft(context.WithoutCancel(ctx), t, "delete table inet dead"))
		}
		return errors.Join(problems...)
	}
	for _, t := range tasks {
		rules := fmt.Sprintf("add table inet dead; add chain inet dead in { type filter hook input priority -10; }; add rule inet dead in tcp dport %d drop",
			t.Service.TargetGroups[0].Port)
		if err := nft(ctx, t, rules); err != nil {
			return nil, err
		}
	}
	return repair, nil
}

func nft(ctx context.Context, t *platform.Task, rules string) error {
	path, err := exec.LookPath("nft")
	if err != nil {
		path = "/usr/sbin/nft" // where Debian keeps it from an ordinary user's path
	}
	process, err := world.Start(ctx, world.Program{Host: t.Host, Path: path, Arguments: []string{rules}})
	if err != nil {
		return err
	}
	if err := process.Wait(ctx); err != nil {
		return fmt.Errorf("%s: %w; it wrote %q", t.Name, err, process.Output())
	}
	return nil
}

func suspended(_ context.Context, p *platform.Platform) (func() error, error) {
	tasks := p.Tasks(called)
	var problems []error
	for _, t := range tasks {
		problems = append(problems, t.Suspend())
	}
	return func() error {
		var problems []error
		for _, t := range tasks {
			problems = append(problems, t.Resume())
		}
		return errors.Join(problems...)
	}, errors.Join(problems...)
}

func crashed(ctx context.Context, p *platform.Platform) (func() error, error) {
	tasks := p.Tasks(called)
	for _, t := range tasks {
		t.Application().Kill()
	}
	return func() error {
		var problems []error
		for _, t := range tasks {
			problems = append(problems, t.StartApplication(ctx))
		}
		return errors.Join(problems...)
	}, nil
}
