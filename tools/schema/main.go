// Command schema writes the CloudFormation resource schema that the compiler
// embeds to check rendered templates without a network or an AWS account.
//
// The full specification is some 15 MB of JSON. The compiler needs only the
// names, kinds and required flags of the types it meets, so this command trims
// the specification to those and writes a small line-based text file whose
// changes can be reviewed in a diff.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const help = `Write the trimmed CloudFormation resource schema from the AWS service specification.

Usage:
  go run ./tools/schema --spec FILE --version VERSION [flags]

Obtain the specification and refresh the schema, from the module's root:
  npm pack @aws-cdk/aws-service-spec@VERSION
  go run ./tools/schema --spec aws-cdk-aws-service-spec-VERSION.tgz --version VERSION --replacements internal/simulator/replacements.txt

The package may also be unpacked first and its database given on its own:
  tar xzf aws-cdk-aws-service-spec-VERSION.tgz
  go run ./tools/schema --spec package/db.json.gz --version VERSION

Flags:
`

// options are the inputs and the output of one run.
type options struct {
	spec, version, types, corrections, out, replacements string
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

// run is main without the process: it reads the inputs and writes the schema,
// or the help to stdout.
func run(args []string, stdout io.Writer) error {
	o, err := parseOptions(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	return generate(o)
}

// generate makes the schema file from the inputs.
func generate(o options) error {
	names, err := readTypes(o.types)
	if err != nil {
		return err
	}
	s, err := readSpec(o.spec, o.version)
	if err != nil {
		return err
	}
	out, err := s.trim(names)
	if err != nil {
		return err
	}
	fixes, err := readCorrections(o.corrections)
	if err != nil {
		return err
	}
	if err := out.correct(fixes, s.known); err != nil {
		return fmt.Errorf("corrections %s: %w", o.corrections, err)
	}
	if err := writeAtomic(o.out, out.text(o.version)); err != nil || o.replacements == "" {
		return err
	}
	return writeAtomic(o.replacements, s.replacements(names, o.version))
}

// parseOptions reads the command line. The defaults are relative to the
// module's root, where the documented command runs. It returns flag.ErrHelp
// after printing the help.
func parseOptions(args []string, stdout io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("schema", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are returned, not printed twice
	f.Usage = func() {}
	f.StringVar(&o.spec, "spec", "", "`file`: the npm package (.tgz) or the db.json.gz inside it; required")
	f.StringVar(&o.version, "version", "", "`version` of the npm package, recorded in the output; required")
	f.StringVar(&o.types, "types", "tools/schema/types.txt", "`file` listing the types to keep, one a line")
	f.StringVar(&o.corrections, "corrections", "tools/schema/corrections.txt", "`file` of corrections to the specification")
	f.StringVar(&o.out, "out", "pkg/cfn/schema.txt", "`file` to write")
	f.StringVar(&o.replacements, "replacements", "", "`file` to write for the simulator: which properties replace a resource (internal/simulator/replacements.txt)")
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, help)
		f.SetOutput(stdout)
		f.PrintDefaults()
		return o, err
	}
	if err != nil {
		return o, fmt.Errorf("%w: see --help", err)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: want only flags, see --help", f.Arg(0))
	}
	if o.spec == "" || o.version == "" {
		return o, fmt.Errorf("--spec is %q and --version is %q: both are required, see --help", o.spec, o.version)
	}
	return o, nil
}

// readTypes returns the resource types listed in a file, in file order. Blank
// lines and everything after a # are ignored.
func readTypes(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the type list: %w", err)
	}
	var names []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		text, _, _ := strings.Cut(line, "#")
		name := strings.TrimSpace(text)
		if name == "" {
			continue
		}
		if seen[name] {
			return nil, fmt.Errorf("type list %s: %s is listed twice: want each type once", path, name)
		}
		seen[name] = true
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("type list %s: no types: want at least one line such as AWS::EC2::VPC", path)
	}
	return names, nil
}

// writeAtomic replaces a file in one step, so that a failed run never leaves a
// half-written schema behind for the next build to embed.
func writeAtomic(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".schema-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) // fails harmlessly once the rename succeeded
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
