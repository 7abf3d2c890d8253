package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
)

func (c *command) verify() *cobra.Command {
	r := deploy.VerifyRequest{Version: version()}
	var unknown []string
	cmd := &cobra.Command{Use: "verify", Short: "Ask the live account whether what the templates promise holds, and write evidence of it", Args: cobra.NoArgs,
		Long: "verify reads the deployed templates of all stacks and asks AWS about each of their resources: targets, traffic, log groups, addresses,\n" +
			"scaling, secrets, scans, alarms, web ACL, trail, database, keys, buckets, ECS Exec, revisions and listeners. It changes nothing and\n" +
			"reads no secret. docs/evidence.md lists the checks with the requirements of PCI DSS behind them, and the permissions they take.\n\n" +
			"Exit 0 when every promise holds. verify is a gate: exit 6 when one is broken, or when nobody could tell because a call was denied\n" +
			"or throttled. What is unknown may be accepted with a reason, which the evidence keeps; what is broken may not.\n\n" +
			"--evidence writes JSON for tools and Markdown for people, never over what is there, and prints the JSON's SHA-256: sha256sum shows\nlater that it is unchanged.",
		Example: "  deploy verify -e prod\n  deploy verify -e prod --evidence evidence            # a directory: each verification has files of its own\n" +
			"  deploy verify -e prod --evidence prod.json --force\n  deploy verify -e prod --allow-unknown trail-logging=\"the security team reads the trail\""}
	f := cmd.Flags()
	f.StringVar(&r.Evidence, "evidence", "", "directory, or file ending in .json, to write the evidence to")
	f.BoolVar(&r.Force, "force", false, "overwrite evidence of the same name")
	f.StringArrayVar(&unknown, "allow-unknown", nil, "CHECK=REASON: accept that nobody could tell whether a check holds")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if r.AllowUnknown, err = deploy.ParseReasons(unknown); err != nil {
			return err
		}
		return c.with(cmd, nil, func(ctx context.Context, e *deploy.Engine) error { return e.Verify(ctx, r) })
	}
	return cmd
}
