package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy/clock"
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
			"durations for each type of resource. It creates nothing and proves nothing about an account.",
		Example: "  deploy rehearse -e dev\n  deploy rehearse -e dev --speed 60            # a minute of AWS in a second\n  deploy rehearse -e dev --fail Cluster --throttle 20"}
	f := cmd.Flags()
	f.StringArrayVar(&r.params, "params", nil, "parameter file (default environments/<suffix>.yaml)")
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
	dir := os.DirFS(c.global.templates)
	err = rehearsal.Run(cmd.Context(), rehearsal.Options{Environment: c.global.environment, Templates: dir, Roots: roots(dir, c.global.root), Values: values,
		Fail: r.fail, Scenario: scenario, Reporter: shown, Mask: shown.Mask, Simulator: sim, Version: version()})
	err = told(cmd.Context(), err, c.global.environment)
	if err != nil && c.global.output == "json" {
		shown.Report(failure(err)) // corrects the result of the step
		c.reported = true
	}
	return joined(err, shown.Close())
}
