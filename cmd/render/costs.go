package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/costs"
	"github.com/tierform/tierform/pkg/checks"
)

const costsHelp = `render costs estimates what a month of deployed templates costs, at AWS's list prices.

Usage:
  go run ./cmd/render costs [flags] [DIR]

It reads all templates of DIR (golden), follows the parameter values through them, and multiplies what they take with
dated prices. Fixed costs follow from the templates; variable ones from assumptions about use, each with a name. A resource
that has no price is named, never taken for free. docs/costs.md has the result for environments/, and the assumptions.

Flags:
  --params FILE        values of the roots' parameters, a YAML map such as environments/prod.yaml; without it, defaults
  -e, --env SUFFIX     value of EnvironmentSuffix (example)
  --usage NAME         whose use is assumed: dev or prod; without it, what the name of the --params file says, else prod
  --assume NAME=VALUE  another value of an assumption; may be given several times
  --assumptions FILE   other assumptions, in the form of internal/costs/assumptions.yaml
  --prices FILE        other prices, in the form of internal/costs/prices.yaml
  --all                every line, with the assumptions and prices, not only the largest
  --format FORMAT      text (default), json, or markdown: the document about all of --environments
  --write FILE         write that document to FILE instead of printing
  --environments DIR   parameter files of the document (environments)
  --help               show this text

Examples:
  go run ./cmd/render costs --params environments/prod.yaml                          production as it is assumed to be used
  go run ./cmd/render costs --params environments/prod.yaml --assume requests=100    with twice the requests
  go run ./cmd/render costs --write docs/costs.md                                    after a change of templates or prices

Exit codes: 0 estimated, 1 a file cannot be read or written, 64 wrong usage.
`

// priced is what the command line of costs says.
type priced struct {
	asked
	usage, assumptions, prices, format, write, environments string
	changes                                                 assumed
	all                                                     bool
}

// assumed are NAME=VALUE pairs.
type assumed []string

// String is for package flag.
func (a *assumed) String() string { return "" }

// Set takes one pair; whether it makes sense is seen when the assumptions are read.
func (a *assumed) Set(text string) error {
	*a = append(*a, text)
	return nil
}

// estimate says what templates cost.
func estimate(args []string, stdout, stderr io.Writer) int {
	return end(estimated(args, stdout), "costs", costsHelp, stdout, stderr)
}

func estimated(args []string, stdout io.Writer) error {
	p, err := parseCosts(args)
	if err != nil {
		return err
	}
	report, err := p.report()
	if err != nil {
		return err
	}
	switch {
	case p.write != "":
		var document bytes.Buffer
		if err := report.WriteMarkdown(&document); err != nil {
			return err
		}
		if err := os.WriteFile(p.write, document.Bytes(), 0o644); err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "written  %s\n", p.write)
		return err
	case p.format == "markdown":
		return report.WriteMarkdown(stdout)
	case p.format == "json":
		return report.WriteJSON(stdout)
	}
	return report.WriteText(stdout, p.all)
}

func parseCosts(args []string) (p priced, err error) {
	flags := p.flags("costs")
	flags.StringVar(&p.usage, "usage", "", "")
	flags.Var(&p.changes, "assume", "")
	flags.StringVar(&p.assumptions, "assumptions", "", "")
	flags.StringVar(&p.prices, "prices", "", "")
	flags.StringVar(&p.format, "format", "", "")
	flags.StringVar(&p.write, "write", "", "")
	flags.StringVar(&p.environments, "environments", "environments", "")
	flags.BoolVar(&p.all, "all", false, "")
	rest, err := parseAll(flags, args)
	document := p.write != "" || p.format == "markdown"
	switch {
	case err != nil:
		return p, err
	case len(rest) > 1:
		return p, misused("unexpected argument %q: costs takes one directory", rest[1])
	case !slices.Contains([]string{"", "text", "json", "markdown"}, p.format):
		return p, misused("--format %q: it is one of text, json, markdown", p.format)
	case p.write != "" && p.format != "" && p.format != "markdown":
		return p, misused("--write writes markdown: it excludes --format %s", p.format)
	case document && (p.params != "" || p.usage != ""):
		return p, misused("the document is about all of --environments: it excludes --params and --usage")
	case p.all && p.format != "" && p.format != "text" || p.all && document:
		return p, misused("--all is for text: json holds all anyway, and the document the largest")
	case len(rest) == 1:
		p.dir = rest[0]
	}
	return p, nil
}

// report estimates the environment asked for, or all.
func (p priced) report() (report costs.Report, err error) {
	report.Directory = p.dir
	if report.Prices, report.Assumptions, err = p.tables(); err != nil {
		return report, err
	}
	files, err := p.files()
	if err != nil {
		return report, err
	}
	set, err := checks.Load(files)
	if err != nil {
		return report, err
	}
	if p.write == "" && p.format != "markdown" {
		column, err := p.column(set, report)
		report.Columns = []costs.Column{column}
		return report, err
	}
	for _, name := range report.Assumptions.Environments {
		one := p
		one.usage, one.suffix, one.params = name, name, filepath.Join(p.environments, name+".yaml")
		column, err := one.column(set, report)
		if err != nil {
			return report, err
		}
		report.Columns = append(report.Columns, column)
	}
	return report, nil
}

// tables reads prices and assumptions.
func (p priced) tables() (prices costs.PriceList, assumptions costs.Assumptions, err error) {
	prices, err = costs.Prices()
	if p.prices != "" {
		prices, err = read(p.prices, costs.ReadPrices)
	}
	if err != nil {
		return prices, assumptions, err
	}
	assumptions, err = costs.DefaultAssumptions()
	if p.assumptions != "" {
		assumptions, err = read(p.assumptions, costs.ReadAssumptions)
	}
	if err != nil {
		return prices, assumptions, err
	}
	for _, pair := range p.changes {
		if assumptions, err = assumptions.Set(pair); err != nil {
			return prices, assumptions, usageError{err}
		}
	}
	return prices, assumptions, nil
}

func read[T any](name string, parse func(string, []byte) (T, error)) (value T, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return value, err
	}
	return parse(name, data)
}

// column estimates one environment.
func (p priced) column(set *checks.Set, report costs.Report) (column costs.Column, err error) {
	name := p.usage
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(p.params), filepath.Ext(p.params))
		if !slices.Contains(report.Assumptions.Environments, name) {
			name = "prod"
		}
	}
	usage, err := report.Assumptions.Of(name)
	if err != nil {
		return column, usageError{err}
	}
	given, err := p.parameters()
	if err != nil {
		return column, err
	}
	column = costs.NewColumn(report.Prices, usage, func(changes map[string]string) *checks.World {
		values := maps.Clone(given)
		maps.Copy(values, changes)
		values, _ = p.assume(checks.Deploy(set, checks.Environment{Parameters: values}), values)
		return checks.Deploy(set, checks.Environment{Parameters: values})
	})
	column.Parameters = p.params
	return column, nil
}
