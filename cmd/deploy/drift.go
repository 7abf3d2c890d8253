package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
)

func (c *command) drift() *cobra.Command {
	r := deploy.DriftRequest{}
	cmd := &cobra.Command{Use: "drift", Short: "How what runs differs from the templates, in every nested stack", Args: cobra.NoArgs,
		Long: "drift asks CloudFormation to compare the resources of all stacks with their templates. What CodeDeploy and scaling own (weights of\n" +
			"listener rules, the revision and number of tasks) is no drift; -v and JSON name it. Nothing is ever reverted.",
		Example: "  deploy drift -e prod\n  deploy drift -e prod --detailed-exitcode   # every night: exit 2 when something differs"}
	cmd.Flags().BoolVar(&r.DetailedExitCode, "detailed-exitcode", false, "exit 2 when something differs")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Drift(ctx, r) })
	}
	return cmd
}
