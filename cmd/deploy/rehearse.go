package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/rehearsal"
	"github.com/tierform/tierform/internal/simulator"
)

// rehearseFlags are those of rehearse.
type rehearseFlags struct {
	planFlags
	fail, scenario string
	throttle       int
	speed          float64
}

func (c *command) rehearse() *cobra.Command {
	r := &rehearseFlags{}
	cmd := &cobra.Command{Use: "rehearse", Short: "Play the whole life of an environment on this machine, without an account", Args: cobra.NoArgs,
		Long: "rehearse plays foundation, plan, first deployment, a run without changes, an update, an update that fails and is rolled back, a\n" +
			"verification and the destruction, through the same engine and screens as against AWS. A simulator answers instead of AWS, in virtual time, with typical\n" +
			"durations for each type of resource. It creates nothing and proves nothing about an account.\n\n" +
			"Any suffix will do: one without environments/<suffix>.yaml takes the values of environments/dev.yaml, unless --params names\n" +
			"another file; -p wins over both.\n\n" +
			"The last that it prints is how long a first deployment is predicted to take, and on what; -o json has it as an event of type\nforecast, before the result.",
		Example: "  deploy rehearse -e dev\n  deploy rehearse -e qa7                       # no file of its own: the values of environments/dev.yaml\n  deploy rehearse -e dev --speed 60            # a minute of AWS in a second\n  deploy rehearse -e dev --fail Cluster --throttle 20"}
	f := cmd.Flags()
	f.StringArrayVar(&r.params, "params", nil, "parameter file (default environments/<suffix>.yaml, or environments/dev.yaml where there is none)")
	f.StringArrayVarP(&r.values, "param", "p", nil, "NAME=VALUE of a parameter")
	f.StringVar(&r.fail, "fail", "", "resource that fails in the failing update: Cluster or Data/Cluster (default Cluster)")
	f.IntVar(&r.throttle, "throttle", 0, "answer this many calls to CloudFormation with a throttling error, 29 at most")
	f.Float64Var(&r.speed, "speed", 0, "seconds of virtual time that pass in a second (default: no waiting)")
	f.StringVar(&r.scenario, "scenario", "", "file that says what goes wrong when: a list of items such as {stick: PaymentApiService}")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.play(cmd, r) }
	return cmd
}

// play sets up the simulator and runs the rehearsal.
func (c *command) play(cmd *cobra.Command, r *rehearseFlags) error {
	if c.global.environment == "" {
		c.global.environment = "dev"
	}
	if err := c.templates(c.global.root); err != nil {
		return err
	}
	dir := os.DirFS(c.global.templates)
	remark, err := c.stand(dir, &r.planFlags)
	if err != nil {
		return err
	}
	values, err := c.parameterFiles(&r.planFlags)
	if err != nil {
		return err
	}
	sim := simulator.New(simulator.Options{})
	if r.speed > 0 {
		sim.Clock().Pause(func(ctx context.Context, d time.Duration) error {
			return clock.System{}.Sleep(ctx, time.Duration(float64(d)/r.speed))
		})
	}
	scenario, err := c.trouble(sim, r)
	if err != nil {
		return err
	}
	shown, err := c.screen(nil)
	if err != nil {
		return err
	}
	if remark != "" {
		shown.Report(report.Note{Level: report.Info, Text: remark})
	}
	err = rehearsal.Run(cmd.Context(), rehearsal.Options{Environment: c.global.environment, Templates: dir, Roots: roots(dir, c.global.root), Values: values, Files: r.params,
		Fail: r.fail, Scenario: scenario, Reporter: shown, Mask: shown.Mask, Simulator: sim, Version: version()})
	err = told(cmd.Context(), err, c.global.environment)
	if err != nil && c.global.output == "json" {
		shown.Report(failure(err)) // corrects the result of the step
		c.reported = true
	}
	return joined(err, shown.Close())
}

// stand lets the parameter file of dev stand in for the environment's own where there is none, and says so: a rehearsal is of any suffix.
// Templates that have none of its parameters are rehearsed without it.
func (c *command) stand(dir fs.FS, p *planFlags) (remark string, err error) {
	own, dev := parameterFile(c.global.environment), parameterFile("dev")
	if _, missing := os.Stat(own); len(p.params) > 0 || !errors.Is(missing, fs.ErrNotExist) {
		return "", nil
	}
	values, err := readValues(dev)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	set, err := source.Load(dir, c.global.root)
	if err != nil {
		return "", err
	}
	for name := range values.ByName {
		if _, is := set.Root.Parameters[name]; is {
			p.params = []string{dev}
			return "there is no " + own + ": taking the values of " + dev, nil
		}
	}
	return "", nil
}
