package main

import (
	"errors"
	"io"

	"github.com/tierform/tierform/pkg/checks"
)

const whoCanHelp = `render who-can says who may do an action on a resource, and which statement allows each.

Usage:
  go run ./cmd/render who-can [flags] ACTION RESOURCE

It weighs identity policies, resource policies, key policies and boundaries as AWS does within one account; conditions are
printed beside the statement that has them. RESOURCE is an ARN, a logical ID, or TEMPLATE/LOGICALID where several templates
have the logical ID. Objects of a bucket and streams of a log group are part of it.

Flags:
  --dir DIR           directory of the templates (golden)
  --params FILE       values of the roots' parameters, a YAML map such as environments/prod.yaml; without it, defaults
  -e, --env SUFFIX    value of EnvironmentSuffix (example)
  --help              show this text

Examples:
  go run ./cmd/render who-can secretsmanager:GetSecretValue PaymentApiDatabaseSecret
  go run ./cmd/render who-can kms:Decrypt security/DataKey
  go run ./cmd/render who-can iam:PassRole arn:aws:iam::111122223333:role/role-task-payment-api-example

Exit codes: 0 answered, 1 the templates cannot be read or there is no such resource, 64 wrong usage.
`

// whoCan answers who may do an action.
func whoCan(args []string, stdout, stderr io.Writer) int {
	return end(granted(args, stdout), "who-can", whoCanHelp, stdout, stderr)
}

func granted(args []string, stdout io.Writer) error {
	var a asked
	names, err := parseAll(a.flags("who-can"), args)
	if err != nil {
		return err
	}
	if len(names) != 2 {
		return misused("%d arguments: who-can takes ACTION and RESOURCE", len(names))
	}
	world, _, err := a.world()
	if err != nil {
		return err
	}
	err = checks.WriteWhoCan(stdout, world, names[0], names[1])
	if errors.Is(err, checks.ErrAction) {
		return usageError{err}
	}
	return err
}
