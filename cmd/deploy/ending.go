package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/screen"
)

// conclude tells an error that no engine told: on standard error, or, where JSON is wanted, as a stream of events that is as whole as any
// other.
func (c *command) conclude(cmd *cobra.Command, args []string, err error) fault.Code {
	if err == nil || c.reported {
		return fault.CodeOf(err)
	}
	err = misused(cmd, err)
	if !inJSON(args) {
		fmt.Fprintln(c.stderr, "deploy:", err)
		return fault.CodeOf(err)
	}
	shown, failed := screen.New(screen.Options{Out: c.stdout, Err: c.stderr, Output: "json", Clock: clock.System{}, Getenv: os.Getenv})
	if failed == nil {
		shown.Report(report.Started{Command: cmd.CommandPath(), Version: version(), Schema: report.Schema, Environment: c.global.environment})
		shown.Report(failure(err))
		failed = shown.Close()
	}
	return fault.CodeOf(joined(err, failed))
}

// failure is an error as the result of a run.
func failure(err error) report.Result {
	r := report.Result{Code: fault.CodeOf(err), Status: report.Statuses()[fault.CodeOf(err)], Text: err.Error()}
	var known *fault.Error
	if errors.As(err, &known) && known.Do != "" {
		r.Next = []string{known.Do}
	}
	return r
}
