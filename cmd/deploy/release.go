package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/release"
)

// releaseFlags are those of release and its subcommands.
type releaseFlags struct {
	services, images []string
	until, markdown  string
	scan             scanFlags
	deploy.ReleaseRequest
}

func (r *releaseFlags) addServices(f *pflag.FlagSet) {
	f.StringSliceVar(&r.services, "service", nil, "service to release, as in payment-api; may be repeated (default: all that changed)")
}

func (r *releaseFlags) addRun(f *pflag.FlagSet) {
	f.StringVar(&r.until, "wait-until", string(release.UntilTerminated), "shifted, terminated (the old tasks have ended) or the name of a lifecycle event, as in AllowTraffic")
	f.BoolVarP(&r.Yes, "yes", "y", false, "do not ask")
	f.DurationVar(&r.WaitLock, "wait-lock", 0, "wait this long for the environment's lock")
}

// asked is the request that the flags make.
func (r *releaseFlags) asked() (deploy.ReleaseRequest, error) {
	images, err := assigned("--image", r.images, checkImage)
	if err == nil {
		r.Scan, err = r.scan.rules()
	}
	r.Services, r.Images, r.Until = r.services, images, release.Until(r.until)
	if err == nil {
		err = r.Check()
	}
	return r.ReleaseRequest, err
}

func (c *command) release() *cobra.Command {
	r := &releaseFlags{}
	cmd := &cobra.Command{Use: "release", Short: "Bring new images into production by CodeDeploy, with the truth on the screen", Args: cobra.NoArgs,
		Long: "release registers new revisions of the task definitions through CloudFormation, and lets CodeDeploy shift the traffic of one service\n" +
			"after the other to them, as the deployment groups say: for this platform 10 % each minute, with the old tasks kept for ten minutes more.\n" +
			"An alarm brings the traffic back by itself. Scaling is suspended meanwhile and goes on in each way that the command can end.\n\n" +
			"In the end the load balancer and ECS are asked what serves; the exit code says that: 0 shifted, 4 rolled back, 5 a person has to look,\n8 it goes on in AWS. The stack is brought level, so that the next plan shows nothing.\n\n" +
			"Without --image it releases what an apply has registered. Ctrl-C asks: detach, stop and roll back, or go on.",
		Example: "  deploy release -e dev --image payment-api=sha256:…\n  deploy release -e prod --service payment-api,notification-service --yes\n  deploy release -e prod --migrate --image payment-api=sha256:… --image administration=sha256:…\n  deploy release -e prod --wait-until shifted --yes   # do not wait for the end of the old tasks\n" +
			"  deploy release status -e prod\n  deploy release stop -e prod\n  deploy release rollback -e prod"}
	r.addServices(cmd.Flags())
	r.addRun(cmd.Flags())
	cmd.Flags().StringArrayVar(&r.images, "image", nil, "NAME=sha256:… or NAME=TAG of an image to register and release")
	cmd.Flags().StringVar(&r.markdown, "markdown", "", "write a summary into this file")
	cmd.Flags().BoolVar(&r.Migrate, "migrate", false, "migrate the database before the first shift (deploy admin migrate); when that fails nothing is shifted")
	r.scan.add(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		request, err := r.asked()
		if err != nil {
			return err
		}
		return c.with(cmd, &planFlags{markdown: r.markdown, scan: r.scan}, func(ctx context.Context, e *deploy.Engine) error { return e.Release(ctx, request) })
	}
	cmd.AddCommand(c.releaseStatus(), c.releaseStop(), c.releaseRollback())
	return cmd
}

func (c *command) releaseStatus() *cobra.Command {
	r := &releaseFlags{}
	cmd := &cobra.Command{Use: "status", Short: "What serves, what is registered, and how the last release stands", Args: cobra.NoArgs, Example: "  deploy release status -e prod"}
	r.addServices(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.ReleaseStatus(ctx, r.services) })
	}
	return cmd
}

func (c *command) releaseStop() *cobra.Command {
	r := &releaseFlags{}
	cmd := &cobra.Command{Use: "stop", Short: "Stop the release that runs and bring the traffic back", Args: cobra.NoArgs, Example: "  deploy release stop -e prod --yes",
		Long: "stop ends the release that runs, from any machine, and follows the rollback to its end. It exits 0 when the old revision serves again."}
	r.addServices(cmd.Flags())
	cmd.Flags().BoolVarP(&r.Yes, "yes", "y", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error {
			return e.StopRelease(ctx, deploy.StopRequest{Services: r.services, Yes: r.Yes})
		})
	}
	return cmd
}

func (c *command) releaseRollback() *cobra.Command {
	r := &releaseFlags{}
	cmd := &cobra.Command{Use: "rollback", Short: "Go back to what ran before the last release", Args: cobra.NoArgs, Example: "  deploy release rollback -e prod\n  deploy release rollback -e prod --all-at-once --yes   # in an emergency",
		Long: "rollback stops a release that runs. After it has ended, it releases the digests again that ran before, each service from its\nown last release on record; with --all-at-once the traffic goes back at one time instead of step by step. Asked for again, it changes\nnothing: what went back already is told, with the command that goes further back."}
	r.addServices(cmd.Flags())
	cmd.Flags().Lookup("service").Usage = "service to go back, as in payment-api; may be repeated (default: those of the last release)"
	r.addRun(cmd.Flags())
	cmd.Flags().BoolVar(&r.AllAtOnce, "all-at-once", false, "move all traffic at one time")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		request, err := r.asked()
		if err != nil {
			return err
		}
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.RollbackRelease(ctx, request) })
	}
	return cmd
}
