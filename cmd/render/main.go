// Command render writes the CloudFormation templates of the platform as YAML.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/tierform/tierform/pkg/templates"
)

// Exit codes, as the deploy command has them.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 64
)

const usage = `render compiles the payment platform into CloudFormation templates.

Usage:
  go run ./cmd/render [flags]
  go run ./cmd/render verify|reach|who-can|pci|costs --help

Without flags it writes every template and inventory.txt into golden/. The same code always gives the same bytes;
they are what is reviewed and what is deployed. On any error no file changes.

Flags:
  --out DIR   write into (or with --check compare with) DIR instead of golden
  --check     write nothing; exit 1 and show the difference, resource by resource, if DIR is not what would be written
  --list      write nothing; list the templates with their resources, bytes and what they are
  --help      show this text

Examples:
  go run ./cmd/render                     after a change of pkg/templates, then review git diff golden/
  go run ./cmd/render --check             in CI: golden/ is up to date
  go run ./cmd/render --out build/yaml    somewhere else

Questions about templates, golden/ or any others; each has its own --help:
  verify      prove what they promise: a table by requirement, and what breaks a promise on which line
  reach       who can reach whom, on which port, and what permits it
  who-can     who may do an action on a resource, and which statement allows it
  pci         the matrix of PCI DSS v4.0.1 requirements, and the list of rules
  costs       what a month costs, from the templates and dated prices

Exit codes: 0 done, 1 failed or different, 64 wrong usage.
`

func main() { os.Exit(run(os.Args[1:], templates.Default(), os.Stdout, os.Stderr, time.Now)) }

// options are the parsed flags.
type options struct {
	out         string
	check, list bool
}

// run is main with its surroundings as arguments.
func run(args []string, config templates.Config, stdout, stderr io.Writer, now func() time.Time) int {
	if len(args) > 0 {
		if command := subcommands()[args[0]]; command != nil {
			return command(args[1:], stdout, stderr)
		}
	}
	start := now()
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "render: %v\n\n%s", err, usage)
		return exitUsage
	}
	rendered, err := templates.Render(config)
	if err != nil {
		fmt.Fprintf(stderr, "render: nothing was written.\n%v\n", err)
		return exitFailure
	}
	switch {
	case o.list:
		list(stdout, rendered)
		return exitOK
	case o.check:
		return check(o.out, rendered, stdout, stderr)
	}
	return write(o.out, rendered, stdout, stderr, func() time.Duration { return now().Sub(start) })
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("render", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.out, "out", "golden", "")
	flags.BoolVar(&o.check, "check", false, "")
	flags.BoolVar(&o.list, "list", false, "")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: render takes flags only", flags.Arg(0))
	case o.out == "":
		return o, errors.New("--out is empty: name a directory")
	case o.check && o.list:
		return o, errors.New("--check and --list exclude each other")
	}
	return o, nil
}
