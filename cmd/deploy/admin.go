package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// admin is the verb with a subcommand for each task.
func (c *command) admin() *cobra.Command {
	cmd := &cobra.Command{Use: "admin migrate|rotate|reconcile", Short: "Migrate the database or rotate its passwords now, and follow the task",
		Long: "admin runs the administration task of the platform on ECS, as its schedule does each day, shows its log as it is written and ends when it\nends: 0 when it did its work, 5 when it failed or never started, 7 while another one runs.\n\n" +
			"  migrate     brings the schemas level with the administration image\n  rotate      replaces the passwords of the services' database roles\n  reconcile   both, as far as due: what the schedule runs, and apply after each change\n\n" +
			"Each can be repeated: what is done already stays as it is. Ctrl-C and --timeout leave the task to AWS (130 and 8); the message tells how to see it.",
		Example: "  deploy admin migrate -e dev\n  deploy admin rotate -e prod --timeout 15m\n  deploy admin reconcile -e prod   # after an apply whose own run failed",
		RunE: func(_ *cobra.Command, args []string) error {
			return &fault.Error{Code: fault.Usage, What: "admin wants the name of a task", Found: strings.Join(args, " "), Allowed: strings.Join(deploy.AdminTasks(), ", "), Do: "deploy admin --help"}
		}}
	for task, short := range map[string]string{
		deploy.AdminMigrate:   "Bring the schemas of the database level with the administration image",
		deploy.AdminRotate:    "Replace the passwords of the services' database roles",
		deploy.AdminReconcile: "Migrate, and rotate what is due",
	} {
		cmd.AddCommand(c.adminTask(task, short))
	}
	return cmd
}

func (c *command) adminTask(task, short string) *cobra.Command {
	r := deploy.AdminRequest{Task: task}
	cmd := &cobra.Command{Use: task, Short: short, Args: cobra.NoArgs, Example: "  deploy admin " + task + " -e dev"}
	cmd.Flags().DurationVar(&r.WaitLock, "wait-lock", 0, "wait this long for the environment's lock")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Administer(ctx, r) })
	}
	return cmd
}
