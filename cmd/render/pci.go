package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/tierform/tierform/pkg/checks"
)

const pciHelp = `render pci prints what the platform does about PCI DSS v4.0.1: each requirement with the rules that prove it, their
outcome, the resources, and what remains with the operator. With --checks it prints the list of rules instead.

Usage:
  go run ./cmd/render pci [flags]

Flags:
  --write FILE        write FILE instead of printing
  --format FORMAT     markdown (default) or json
  --checks            the list of rules, as docs/checks.md has it
  --dir DIR           directory of the templates (golden)
  --params FILE       values of the roots' parameters, a YAML map such as environments/prod.yaml; without it, defaults
  -e, --env SUFFIX    value of EnvironmentSuffix (example)
  --help              show this text

Examples:
  go run ./cmd/render pci --write docs/pci-dss.md              after a change of rules or templates
  go run ./cmd/render pci --checks --write docs/checks.md      after a change of rules
  go run ./cmd/render pci --format json                        for tools

Exit codes: 0 done, 1 the templates cannot be read or the file not be written, 64 wrong usage.
`

// pci prints or writes the generated documents about the rules.
func pci(args []string, stdout, stderr io.Writer) int {
	return end(documented(args, stdout), "pci", pciHelp, stdout, stderr)
}

func documented(args []string, stdout io.Writer) error {
	var a asked
	flags := a.flags("pci")
	file := flags.String("write", "", "")
	format := flags.String("format", "markdown", "")
	list := flags.Bool("checks", false, "")
	rest, err := parseAll(flags, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return misused("unexpected argument %q: pci takes flags only", rest[0])
	case *format != "markdown" && *format != "json":
		return misused("--format %q: it is one of markdown, json", *format)
	case *list && *format == "json":
		return misused("--checks has no JSON of its own: --format json without it holds the rules")
	}
	var document bytes.Buffer
	if *list {
		err = checks.WriteRules(&document)
	} else {
		err = a.matrix(&document, *format)
	}
	if err != nil {
		return err
	}
	if *file == "" {
		_, err = stdout.Write(document.Bytes())
		return err
	}
	if err := os.WriteFile(*file, document.Bytes(), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "written  %s\n", *file)
	return err
}

// matrix prints the PCI matrix of the templates.
func (a asked) matrix(out io.Writer, format string) error {
	world, _, err := a.world()
	if err != nil {
		return err
	}
	matrix, err := checks.NewPCIMatrix(world, checks.Verify(world, checks.Rules()))
	if err != nil {
		return err
	}
	if format == "json" {
		return matrix.WriteJSON(out)
	}
	return matrix.WriteMarkdown(out)
}
