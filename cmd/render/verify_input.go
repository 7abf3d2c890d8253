package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/pkg/checks"
)

// subcommands answer questions about templates that are there; each gets the arguments behind its name.
func subcommands() map[string]func(args []string, stdout, stderr io.Writer) int {
	return map[string]func([]string, io.Writer, io.Writer) int{"verify": verify, "reach": reach, "who-can": whoCan, "pci": pci, "costs": estimate}
}

// asked are the templates that a question is about, with the values that they are deployed with.
type asked struct {
	dir, params, suffix string
}

// flags registers what all questions take.
func (a *asked) flags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&a.dir, "dir", "golden", "")
	flags.StringVar(&a.params, "params", "", "")
	flags.StringVar(&a.suffix, "e", "example", "")
	flags.StringVar(&a.suffix, "env", "example", "")
	return flags
}

// usageError is wrong usage: it ends with exitUsage.
type usageError struct{ error }

// misused makes a usageError.
func misused(format string, arguments ...any) error {
	return usageError{fmt.Errorf(format, arguments...)}
}

// parseAll parses flags that may stand before, between and behind the other arguments, which it returns.
func parseAll(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError{err}
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

// end prints an error as its kind asks for, and gives the exit code.
func end(err error, name, help string, stdout, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "render %s: %v\n\n%s", name, err, help)
		return exitUsage
	}
	fmt.Fprintf(stderr, "render %s: %v\n", name, err)
	return exitFailure
}

// world deploys the templates of the directory, and lists the values it had to assume.
func (a asked) world() (*checks.World, []string, error) {
	files, err := a.files()
	if err != nil {
		return nil, nil, err
	}
	given, err := a.parameters()
	if err != nil {
		return nil, nil, err
	}
	set, err := checks.Load(files)
	if err != nil {
		return nil, nil, err
	}
	values, assumed := a.assume(checks.Deploy(set, checks.Environment{Parameters: given}), given)
	return checks.Deploy(set, checks.Environment{Parameters: values}), assumed, nil
}

// files reads the templates: all YAML and JSON files of the directory.
func (a asked) files() ([]checks.File, error) {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, err
	}
	var files []checks.File
	for _, entry := range entries {
		if entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(a.dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, checks.File{Name: entry.Name(), Data: data})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no templates: no file that ends in .yaml, .yml or .json", a.dir)
	}
	return files, nil
}

// parameters reads the values of root parameters: a YAML map, as in environments/.
func (a asked) parameters() (map[string]string, error) {
	values := map[string]string{}
	if a.params == "" {
		return values, nil
	}
	data, err := os.ReadFile(a.params)
	if err != nil {
		return nil, err
	}
	var content map[string]yaml.Node
	if err := yaml.Unmarshal(data, &content); err != nil {
		return nil, fmt.Errorf("%s: %w", a.params, err)
	}
	for name, node := range content {
		if node.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("%s:%d: the value of %s is no text or number", a.params, node.Line, name)
		}
		values[name] = node.Value
	}
	return values, nil
}

// assume adds values for parameters that the roots need and nobody gave: those that the deploy command sets, and an
// address range of the documentation (RFC 5737) for the operators'. What they are makes no difference to a promise.
func (a asked) assume(w *checks.World, given map[string]string) (values map[string]string, assumed []string) {
	values = given
	for _, stack := range w.Stacks {
		if strings.Contains(stack.Path, "/") {
			continue
		}
		for name, value := range stack.Parameters {
			assumption := ""
			switch {
			case name == "EnvironmentSuffix":
				assumption = a.suffix
			case value.Unknown() == "":
			case name == "ArtifactBucket":
				assumption = "artifacts-" + a.suffix
			case strings.HasSuffix(name, "ImageDigest"):
				assumption = "sha256:" + strings.Repeat("0", 64)
			case name == "OperatorsCidr":
				assumption = "203.0.113.0/24"
			}
			if _, known := values[name]; assumption != "" && !known {
				values[name], assumed = assumption, append(assumed, name+"="+assumption)
			}
		}
	}
	slices.Sort(assumed)
	return values, slices.DeleteFunc(assumed, func(s string) bool { return strings.HasPrefix(s, "EnvironmentSuffix=") })
}
