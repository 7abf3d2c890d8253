package main

import (
	"io"

	"github.com/tierform/tierform/pkg/checks"
)

const reachHelp = `render reach says who can reach whom over the network, on which port, and what permits it.

Usage:
  go run ./cmd/render reach [flags] [FROM [TO]]

Without arguments it prints all paths as a table. With FROM, or FROM and TO, it prints their paths with each resource that
permits one, or that nothing does. Names are those of the table, logical IDs, kinds such as database or internet, or a
part of a name that fits no other; upper and lower case are the same. "" stands for anything.

Flags:
  --dir DIR           directory of the templates (golden)
  --params FILE       values of the roots' parameters, a YAML map such as environments/prod.yaml; without it, defaults
  -e, --env SUFFIX    value of EnvironmentSuffix (example)
  --help              show this text

Examples:
  go run ./cmd/render reach                                  everything
  go run ./cmd/render reach internet                         what the internet reaches
  go run ./cmd/render reach "" database                      who reaches the database
  go run ./cmd/render reach payment-api notification-service   whether one service calls the other directly

Exit codes: 0 answered, 1 the templates cannot be read or there is no such name, 64 wrong usage.
`

// reach answers who can reach whom.
func reach(args []string, stdout, stderr io.Writer) int {
	return end(reached(args, stdout), "reach", reachHelp, stdout, stderr)
}

func reached(args []string, stdout io.Writer) error {
	var a asked
	names, err := parseAll(a.flags("reach"), args)
	if err != nil {
		return err
	}
	if len(names) > 2 {
		return misused("unexpected argument %q: reach takes FROM and TO", names[2])
	}
	world, _, err := a.world()
	if err != nil {
		return err
	}
	names = append(names, "", "")
	return checks.WriteReach(stdout, world, names[0], names[1])
}
