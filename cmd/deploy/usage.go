package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// misused is what is wrong with the call of a command, in words of ours where cobra and pflag have Go's.
func misused(cmd *cobra.Command, err error) error {
	var known *fault.Error
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &value):
		return refusedValue("--"+value.GetFlag().Name, value.GetFlag(), value.GetValue())
	}
	return &fault.Error{Code: fault.Usage, What: err.Error(), Do: cmd.CommandPath() + " --help"}
}

// refusedValue says which values a flag takes.
func refusedValue(name string, f *pflag.Flag, value string) error {
	forms := map[string]string{"bool": "true, false", "duration": "a number with its unit: 90s, 10m, 1h30m", "float64": "a number such as 1.5", "int": "a whole number such as 10"}
	return &fault.Error{Code: fault.Usage, What: name + " does not take this", Found: value, Allowed: forms[f.Value.Type()]}
}

// variable is the environment variable of a flag.
func variable(flag string) string {
	return "DEPLOY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment takes flags that were not given from DEPLOY_* variables: --wait-lock from DEPLOY_WAIT_LOCK. Values out of bounds are
// refused, wherever they come from.
func fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if value, set := os.LookupEnv(variable(f.Name)); set && !f.Changed {
			name = "environment variable " + variable(f.Name)
			if failed := flags.Set(f.Name, value); failed != nil && err == nil {
				err = refusedValue(name, f, value)
			}
		}
		if allowed := bounds(f); allowed != "" && f.Changed && err == nil {
			err = &fault.Error{Code: fault.Usage, What: name + " does not take this", Found: f.Value.String(), Allowed: allowed}
		}
	})
	return err
}

// Limits of a rehearsal: slowest lets its hours pass in months, and one refusal more than mostThrottled ends what repeats a call
// (internal/deploy/cloud).
const (
	slowest       = 0.01
	mostThrottled = 29
)

// bounds are those that the value of a flag lies out of; empty where it does not.
func bounds(f *pflag.Flag) string {
	var value float64
	switch f.Value.Type() {
	case "duration":
		d, _ := time.ParseDuration(f.Value.String()) // as pflag writes it
		value = d.Seconds()
	case "float64", "int":
		value, _ = strconv.ParseFloat(f.Value.String(), 64)
	}
	switch f.Name {
	case "timeout":
		if value <= 0 {
			return "more than 0, such as 90s or 10m; without --timeout it follows to the end"
		}
	case "max-rps":
		if !(value > 0) || math.IsInf(value, 0) { // not a number either
			return "more than 0, such as 1.5"
		}
	case "limit":
		if value < 1 {
			return "1 and more"
		}
	case "speed":
		if !(value == 0 || value >= slowest) || math.IsInf(value, 0) {
			return "0 for no waiting, else 0.01 and more, such as 60"
		}
	case "throttle":
		if value < 0 || value > mostThrottled {
			return fmt.Sprintf("0 to %d: a call that is refused more often is given up", mostThrottled)
		}
	case "wait-lock", "keep":
		if value < 0 {
			return "0 and more"
		}
	}
	return ""
}

// unknown names the verb that there is not, and those that it may be meant to be.
func unknown(root *cobra.Command, args []string) error {
	root.SuggestionsMinimumDistance = 2 // of Levenshtein, as cobra's own
	allowed := root.SuggestionsFor(args[0])
	if len(allowed) == 0 {
		for _, verb := range root.Commands() {
			if verb.IsAvailableCommand() {
				allowed = append(allowed, verb.Name())
			}
		}
	}
	slices.Sort(allowed)
	return &fault.Error{Code: fault.Usage, What: "there is no such verb", Found: args[0], Allowed: strings.Join(allowed, ", "), Do: "deploy --help"}
}

// strict makes a command say which argument it does not take.
func strict(cmd *cobra.Command) {
	if takes := cmd.Args; takes != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := takes(cmd, args)
			var known *fault.Error
			if err == nil || errors.As(err, &known) || len(args) == 0 {
				return err
			}
			return &fault.Error{Code: fault.Usage, What: cmd.CommandPath() + " does not take these arguments", Found: strings.Join(args, " "), Do: cmd.CommandPath() + " --help"}
		}
	}
	for _, verb := range cmd.Commands() {
		strict(verb)
	}
}

// completion makes cobra's own command for shells refuse those that it does not know, which it would answer with its help.
func completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	if err != nil || cmd == root {
		return
	}
	var shells []string
	for _, shell := range cmd.Commands() {
		shells = append(shells, shell.Name())
	}
	cmd.Args, cmd.RunE = cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return &fault.Error{Code: fault.Usage, What: "there is no completion for this shell", Found: args[0], Allowed: strings.Join(shells, ", "), Do: "deploy completion --help"}
	}
}

// inJSON tells whether a command line, also one that cannot be read to its end, or the environment, asks for JSON.
func inJSON(args []string) bool {
	output := os.Getenv(variable("output"))
	for i, word := range args {
		short := len(word) > 1 && word[0] == '-' && word[1] != '-' && !strings.ContainsAny(word[1:], "=") && strings.HasSuffix(word, "o")
		value, long := strings.CutPrefix(word, "--output=")
		attached, joined := strings.CutPrefix(word, "-o")
		switch {
		case word == "--":
			return output == "json"
		case (word == "--output" || short) && i+1 < len(args):
			output = args[i+1]
		case long:
			output = value
		case joined && attached != "":
			output = strings.TrimPrefix(attached, "=")
		}
	}
	return output == "json"
}

// templates refuses a directory of templates that is not there, or does not hold the root that is wanted; "" wants none in particular.
func (c *command) templates(root string) error {
	dir := c.global.templates
	wrong := func(what, found, allowed string) error {
		return &fault.Error{Code: fault.Usage, What: what, Found: found, Allowed: allowed, Do: "give --templates and --root, or render the templates of this project: go run ./cmd/render"}
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if !e.IsDir() && slices.ContainsFunc([]string{".yaml", ".yml", ".json", ".template"}, func(form string) bool { return strings.HasSuffix(e.Name(), form) }) {
			names = append(names, e.Name())
		}
	}
	holds := ""
	if root != "" {
		holds = ", which should hold " + root + ","
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return wrong("the directory of templates"+holds+" does not exist", dir, "")
	case err != nil:
		return wrong("the directory of templates"+holds+" cannot be read", dir, "")
	case len(names) == 0:
		return wrong("the directory of templates"+holds+" holds no template", dir, "")
	}
	return c.rootIn(dir, root, strings.Join(names, ", "), wrong)
}

// rootIn wants the root template in the directory.
func (c *command) rootIn(dir, root, names string, wrong func(what, found, allowed string) error) error {
	if root == "" {
		return nil
	}
	switch _, err := fs.Stat(os.DirFS(dir), root); {
	case errors.Is(err, os.ErrInvalid):
		return wrong("--root is no path within the directory of templates "+dir, root, names)
	case err != nil:
		return wrong(fmt.Sprintf("the directory of templates %s has no such root template", dir), root, names)
	}
	return nil
}
