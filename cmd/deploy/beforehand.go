package main

import (
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// What a person gives is judged before region, credentials and network matter: the flags of all verbs here, before any verb runs, and each
// verb's own files and values before it calls with.

// beforehand judges the flags that all verbs have which go to AWS: first of all, which environment is meant.
func (c *command) beforehand(cmd *cobra.Command) error {
	if !reaches(cmd) {
		return nil
	}
	g := c.global
	if err := deploy.Beforehand(g.environment, cmd.Name() == listVerb, g.account); err != nil {
		return err
	}
	if choices := []string{string(deploy.Detach), string(deploy.CancelOperation)}; !slices.Contains(choices, g.onInterrupt) {
		return &fault.Error{Code: fault.Usage, What: "--on-interrupt does not take this", Found: g.onInterrupt, Allowed: "detach, cancel"}
	}
	if f := cmd.Flags().Lookup("role-arn"); f != nil && f.Value.String() != "" && !roleARN.MatchString(f.Value.String()) {
		return &fault.Error{Code: fault.Usage, What: "--role-arn is no role", Found: f.Value.String(), Allowed: "such as arn:aws:iam::111122223333:role/deploy"}
	}
	return nil
}

// roleARN is the form of a role's ARN (IAM User Guide, "IAM ARNs").
var roleARN = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`)

// reaches tells whether a verb goes to AWS: it belongs to the command itself, and is none of those that stay on this machine.
func reaches(cmd *cobra.Command) bool {
	if !cmd.HasParent() || cmd.Name() == "admin" { // which only name what there is
		return false
	}
	verb := cmd
	for verb.Parent().HasParent() {
		verb = verb.Parent()
	}
	return !slices.Contains([]string{"version", "rehearse", "completion", "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, verb.Name())
}

// confirmed wants the suffix where --confirm is given; without it a person is asked.
func (c *command) confirmed(given string) error {
	if given == "" || given == c.global.environment {
		return nil
	}
	return &fault.Error{Code: fault.Usage, What: "--confirm is not the suffix of the environment", Found: given, Allowed: c.global.environment}
}
