package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
)

func (c *command) doctor() *cobra.Command {
	r := deploy.DoctorRequest{Version: version()}
	cmd := &cobra.Command{Use: "doctor", Short: "Check what deployments need, and say what to do about what is not well", Args: cobra.NoArgs,
		Long: "doctor looks at credentials, clock, stacks, artifact bucket, lock, change sets, services, scaling and permissions.\n" +
			"It changes nothing, but with --repair resumes scaling that a release left suspended. Exit 5 when there is a problem.",
		Example: "  deploy doctor -e dev\n  deploy doctor -e dev --repair"}
	cmd.Flags().BoolVar(&r.Repair, "repair", false, "resume scaling that was left suspended")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Doctor(ctx, r) })
	}
	return cmd
}
