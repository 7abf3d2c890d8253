package main

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// verbs are the subcommands.
func (c *command) verbs() []*cobra.Command {
	return []*cobra.Command{c.plan(), c.apply(), c.release(), c.admin(), c.scan(), c.bootstrap(), c.rehearse(),
		c.simple("status", "States of the stacks, what the services run, who holds the lock", (*deploy.Engine).Status),
		c.simple("outputs", "Outputs of the root stack", (*deploy.Engine).Outputs),
		c.list(),
		c.simple("watch", "Follow the operation that runs, from any machine", (*deploy.Engine).Watch),
		c.simple("diagnose", "Why the last operation failed", (*deploy.Engine).Diagnose),
		c.history(), c.cancel(), c.unlock(), c.rollback(), c.collect(), c.drift(), c.doctor(), c.verify(), c.destroy(), c.version()}
}

// simple is a verb without flags of its own.
func (c *command) simple(name, short string, do func(*deploy.Engine, context.Context) error) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, Example: "  deploy " + name + " -e dev", RunE: func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return do(e, ctx) })
	}}
}

// listVerb is the one that needs no environment.
const listVerb = "list"

func (c *command) list() *cobra.Command {
	cmd := c.simple(listVerb, "All environments of the account", (*deploy.Engine).List)
	cmd.Example = "  deploy list"
	return cmd
}

func (c *command) plan() *cobra.Command {
	p := &planFlags{}
	cmd := &cobra.Command{Use: "plan", Short: "Show what apply would change, in every nested stack", Args: cobra.NoArgs,
		Long: "plan makes a change set, reads it to the last nested stack, shows it and deletes it. Nothing that runs is touched.\n\n" +
			"Replacements that CloudFormation reports only because it does not evaluate outputs of nested stacks are disproved\nand folded; -v shows them, JSON always has them.",
		Example: "  deploy plan -e dev\n  deploy plan -e prod --detailed-exitcode --markdown plan.md   # in a pull request\n  deploy plan -e prod --out prod.plan                          # keep it: apply --plan executes this very change set"}
	p.add(cmd.Flags())
	cmd.Flags().BoolVar(&p.detailed, "detailed-exitcode", false, "exit 2 when there are differences")
	cmd.Flags().StringVar(&p.out, "out", "", "keep the change set and write a pointer to it into this file")
	cmd.Flags().StringVar(&p.markdown, "markdown", "", "write a summary for a pull request into this file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := c.request(p, c.global.root)
		if err != nil {
			return err
		}
		r.DetailedExitCode, r.Keep = p.detailed, p.out != ""
		return c.with(cmd, p, func(ctx context.Context, e *deploy.Engine) error {
			saved, err := e.Plan(ctx, r)
			if p.out != "" && saved != nil {
				err = joined(err, writePlan(p.out, saved))
			}
			return err
		})
	}
	return cmd
}

func (c *command) apply() *cobra.Command {
	p := &planFlags{}
	cmd := &cobra.Command{Use: "apply", Aliases: []string{"up"}, Short: "Propose, ask, execute, follow", Args: cobra.NoArgs,
		Long: "apply judges the images that it brings (deploy scan), proposes a change set, shows it, asks, executes it and follows every nested stack\nto the end. Then it runs deploy admin reconcile, where the platform has an administration task; when that fails, apply ends with 5, with\nthe stack deployed.\n\n" +
			"Ctrl-C before the execution discards the change set. Later it asks: detach leaves the operation to AWS (exit code 8, deploy watch\nfollows it), cancel brings back what was, continue follows on. Where nobody can be asked, --on-interrupt decides. A second Ctrl-C ends\nthe command at once.",
		Example: "  deploy apply -e dev\n  deploy apply -e dev --image payment-api=sha256:… --image envoy=sha256:…   # a first deployment names every image\n" +
			"  deploy apply -e prod --plan prod.plan --yes                                # exactly what was reviewed\n  deploy apply -e dev --allow-replace data/Cluster"}
	p.add(cmd.Flags())
	p.addApproval(cmd.Flags())
	cmd.Flags().BoolVar(&p.express, "express", false, "end before resources are ready, for development only; protected environments refuse it")
	cmd.Flags().BoolVar(&p.noAdmin, "no-admin", false, "do not run the administration task after the change; its schedule makes up for it")
	p.scan.add(cmd.Flags())
	cmd.Flags().StringVar(&p.plan, "plan", "", "execute the change set that plan --out kept, if nothing changed since")
	cmd.Flags().StringVar(&p.markdown, "markdown", "", "write a summary into this file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := c.request(p, c.global.root)
		if err != nil {
			return err
		}
		if p.plan == "" {
			return c.with(cmd, p, func(ctx context.Context, e *deploy.Engine) error { return e.Apply(ctx, r) })
		}
		saved, err := readPlan(p.plan)
		if err != nil {
			return err
		}
		return c.with(cmd, p, func(ctx context.Context, e *deploy.Engine) error { return e.ApplySaved(ctx, r, saved) })
	}
	return cmd
}

func (c *command) bootstrap() *cobra.Command {
	p := &planFlags{}
	cmd := &cobra.Command{Use: "bootstrap", Short: "Make what comes before the platform: artifact bucket, registries, deploy role", Args: cobra.NoArgs, Example: "  deploy bootstrap -e dev"}
	p.add(cmd.Flags())
	p.addApproval(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := c.request(p, "")
		if err != nil {
			return err
		}
		return c.with(cmd, p, func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, r) })
	}
	return cmd
}

func (c *command) history() *cobra.Command {
	limit := 0
	cmd := &cobra.Command{Use: "history", Short: "The latest deployments, with who ran and who approved them", Args: cobra.NoArgs, Example: "  deploy history -e dev --limit 5"}
	cmd.Flags().IntVar(&limit, "limit", 20, "how many")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.History(ctx, limit) })
	}
	return cmd
}

func (c *command) cancel() *cobra.Command {
	yes := false
	cmd := &cobra.Command{Use: "cancel", Short: "Stop the update that runs and bring back what was", Args: cobra.NoArgs, Example: "  deploy cancel -e dev",
		Long: "cancel brings back what was before the update that runs, and deletes a first deployment that runs. It follows that to its end: exit 0 when\nwhat was is back, 5 when a person is needed, also because the update ended before it could be cancelled."}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Cancel(ctx, yes) })
	}
	return cmd
}

func (c *command) unlock() *cobra.Command {
	force := false
	cmd := &cobra.Command{Use: "unlock", Short: "Break the environment's lock, if it expired", Args: cobra.NoArgs, Example: "  deploy unlock -e dev --force"}
	cmd.Flags().BoolVar(&force, "force", false, "also one that has not expired: its run must be dead")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Unlock(ctx, force) })
	}
	return cmd
}

func (c *command) rollback() *cobra.Command {
	r, p := deploy.RollbackRequest{}, &planFlags{}
	to := ""
	cmd := &cobra.Command{Use: "rollback", Short: "Take the way back that fits the state: cancel, roll back, or go on with a rollback that failed", Args: cobra.NoArgs,
		Long:    "rollback takes the one safe way out of the state that the platform stack is in.\n\nWith --to it applies templates and values of an earlier deployment again: with a plan, guards and an approval, as apply does.\nDigests and live colours stay as they are, so that no release is undone; secrets keep their values.\n\nExit 0 means that the way back was taken to its end, 5 that a person is needed.",
		Example: "  deploy rollback -e dev\n  deploy rollback -e dev --skip Data/Cluster\n  deploy rollback -e prod --to 20261122-150312-7f3c19ab   # from deploy history"}
	cmd.Flags().StringVar(&to, "to", "", "ID of a deployment whose templates and values are applied again")
	cmd.Flags().StringArrayVar(&p.allowReplace, "allow-replace", nil, "with --to: stack/LogicalID of a stateful resource that may be replaced")
	cmd.Flags().StringArrayVar(&p.allowDelete, "allow-delete", nil, "with --to: stack/LogicalID of a stateful resource that may be deleted")
	cmd.Flags().DurationVar(&p.waitLock, "wait-lock", 0, "with --to: wait this long for the environment's lock")
	cmd.Flags().BoolVarP(&r.Yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&r.Force, "force", false, "leave behind what cannot be rolled back")
	cmd.Flags().StringSliceVar(&r.Skip, "skip", nil, "resources to leave as they are, named as diagnose shows them: Data/Cluster")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error {
			if to == "" {
				return e.Rollback(ctx, r)
			}
			consent := changeset.Consent{Policy: changeset.RequireAny, Yes: r.Yes, Replace: split(p.allowReplace), Delete: split(p.allowDelete)}
			return e.Restore(ctx, to, deploy.Request{Consent: consent, WaitLock: p.waitLock})
		})
	}
	return cmd
}

func (c *command) collect() *cobra.Command {
	keep, dry := 0, false
	cmd := &cobra.Command{Use: "gc", Short: "Delete templates that no deployment uses any more", Args: cobra.NoArgs, Example: "  deploy gc -e dev --dry-run"}
	cmd.Flags().IntVar(&keep, "keep", 10, "keep the templates of this many latest deployments")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only tell")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Collect(ctx, keep, dry) })
	}
	return cmd
}

func (c *command) destroy() *cobra.Command {
	r := deploy.DestroyRequest{}
	cmd := &cobra.Command{Use: "destroy", Short: "Remove the environment without a trace, and prove it", Args: cobra.NoArgs,
		Long: "destroy shows what will be lost, wants the suffix typed, empties buckets and registries, deletes the stacks, and looks for what is left.\n--yes does not exist here.\n\n" +
			"The database goes with its data. --final-snapshot keeps a last copy of it, under a key of yours that outlives the environment:\nthe environment's own key is deleted, and whatever it encrypts with it.",
		Example: "  deploy destroy -e dev --confirm dev\n  deploy destroy -e prod --confirm prod --final-snapshot arn:aws:kms:us-east-1:111122223333:key/…"}
	snapshot, none := "", false
	cmd.Flags().StringVar(&snapshot, "final-snapshot", "", "KEY_ARN: keep a last snapshot of the database, encrypted with this key")
	cmd.Flags().BoolVar(&none, "no-final-snapshot", false, "keep no snapshot (the default)")
	cmd.MarkFlagsMutuallyExclusive("final-snapshot", "no-final-snapshot")
	cmd.Flags().StringVar(&r.Confirm, "confirm", "", "the suffix again")
	cmd.Flags().BoolVar(&r.KeepArtifacts, "keep-artifacts", false, "keep the foundation: registries with images, artifact bucket with templates and records")
	cmd.Flags().DurationVar(&r.WaitLock, "wait-lock", 0, "wait this long for the environment's lock")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("final-snapshot") {
			r.FinalSnapshot = &snapshot
		}
		if err := c.confirmed(r.Confirm); err != nil {
			return err
		}
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Destroy(ctx, r) })
	}
	return cmd
}

// request reads parameter files and flags, and looks whether the templates are there: the root, where one is wanted.
func (c *command) request(p *planFlags, root string) (deploy.Request, error) {
	r := deploy.Request{Role: p.role, NoRollback: p.noRollback, WaitLock: p.waitLock, Detach: p.detach, Force: p.force, Flat: p.flat, Files: p.params, SavedAs: cmp.Or(p.out, p.plan), Express: p.express, NoAdmin: p.noAdmin,
		Consent: changeset.Consent{Policy: p.approval, Yes: p.yes, Replace: split(p.allowReplace), Delete: split(p.allowDelete)}}
	if p.approval != "" && !slices.Contains([]string{changeset.RequireAny, changeset.RequireBroadening, changeset.RequireNever}, p.approval) {
		return r, &fault.Error{Code: fault.Usage, What: "--require-approval does not take this", Found: p.approval, Allowed: "any, broadening, never"}
	}
	err := c.templates(root)
	if err == nil {
		r.Tags, r.Images, err = p.labels()
	}
	if err == nil {
		r.Scan, err = p.scan.rules()
	}
	if err == nil {
		r.Values, err = c.parameterFiles(p)
	}
	if err == nil && root != "" {
		dir := os.DirFS(c.global.templates)
		err = deploy.BeforehandValues(dir, roots(dir, root), r)
	}
	return r, err
}

// split takes lists with commas as well as repeated flags.
func split(list []string) []string {
	var all []string
	for _, item := range list {
		all = append(all, strings.Split(item, ",")...)
	}
	return all
}
