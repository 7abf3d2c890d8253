// Command deploy brings the templates of golden/ to an AWS account: plan, apply, follow, recover, destroy.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/tierform/tierform/internal/deploy/fault"
)

func main() {
	received := make(chan os.Signal, 2)
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	ctx := signals(context.Background(), received, os.Stderr, os.Exit)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// An interruption is a signal that ended the command's context.
type interruption struct{ signal os.Signal }

func (i interruption) Error() string { return i.signal.String() }

// code is the exit code that shells know the signal by.
func (i interruption) code() fault.Code {
	if i.signal == syscall.SIGTERM {
		return fault.Terminated
	}
	return fault.Interrupted
}

// signals ends the context at the first signal received, upon which the command cleans up, or asks what shall become of the operation
// that runs. A second one ends the process at once.
func signals(parent context.Context, received <-chan os.Signal, stderr io.Writer, exit func(int)) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		cancel(interruption{<-received})
		second := interruption{<-received}
		fmt.Fprintln(stderr, "\ndeploy: ended at once; what runs in AWS goes on: deploy watch, with the same -e, follows it")
		exit(int(second.code()))
	}()
	return ctx
}

// told says that an error is the user's own interruption, which came before anything was executed: what is executed outlives it.
func told(ctx context.Context, err error, environment string) error {
	var by interruption
	if code := fault.CodeOf(err); !errors.As(context.Cause(ctx), &by) || code != fault.Unexpected && code != fault.Interrupted {
		return err
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return &fault.Error{Code: by.code(), What: known.What, Do: known.Do, Err: by}
	}
	do := "deploy list"
	if environment != "" {
		do = "deploy status -e " + environment
	}
	return &fault.Error{Code: by.code(), What: "interrupted before anything was executed", Err: by, Do: do}
}

// run is main with its surroundings as arguments; it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &command{stdin: stdin, stdout: stdout, stderr: stderr}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return int(c.conclude(cmd, args, err))
}
