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
	ctx, stop := signals(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// signals ends the context at the first SIGINT or SIGTERM; a second one ends the process.
func signals(parent context.Context) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // from now on a signal does what it always does
	}()
	return ctx, stop
}

// run is main with its surroundings as arguments; it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &command{stdin: stdin, stdout: stdout, stderr: stderr}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return int(fault.OK)
	}
	if c.reported {
		return int(fault.CodeOf(err))
	}
	var known *fault.Error
	if !errors.As(err, &known) {
		err = &fault.Error{Code: fault.Usage, What: err.Error(), Do: "deploy --help"} // cobra's errors are about flags and arguments
	}
	fmt.Fprintln(stderr, "deploy:", err)
	return int(fault.CodeOf(err))
}
