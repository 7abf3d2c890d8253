//go:build linux

// Command load measures what Envoy costs beside payment-api and what it saves when the transaction-processor fails, on a platform that runs
// on this machine with the settings of golden/. `make load` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tierform/tierform/test/runtime/load"
	"github.com/tierform/tierform/test/runtime/platform"
)

const usage = `usage: make load
   or: TIERFORM_RUNTIME=<repository> go -C test/runtime run ./cmd/load [--rate N] [--for TIME] [--write FILE]

Sends requests to payment-api on a schedule that does not wait for answers, with and without Envoy between it and the transaction-processor,
while that one works, fails, is dead or stands still. Takes about six minutes.

  --rate N      requests in a second (default 50)
  --for TIME    length of each trial (default 15s)
  --write FILE  also puts the tables into this document of the repository, between the two lines that say so
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
	}
	os.Exit(code)
}

// Exit codes: EX_USAGE and EX_UNAVAILABLE of sysexits.h.
const (
	exitUsage   = 64
	exitMissing = 69
)

func run(ctx context.Context, args []string) (code int, err error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	rate, length, write := flags.Float64("rate", 50, ""), flags.Duration("for", 15*time.Second, ""), flags.String("write", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0, nil
	case err != nil:
		return exitUsage, nil
	case *rate < 1 || *rate > 1000 || *length < time.Second || *length > 10*time.Minute || flags.NArg() > 0:
		return exitUsage, errors.New("--rate is from 1 to 1000, --for from 1s to 10m, and nothing else is said")
	}
	root := os.Getenv("TIERFORM_RUNTIME")
	if root == "" {
		return exitMissing, errors.New("TIERFORM_RUNTIME does not say where the repository is, with the programs that `make programs` installs: use `make load`")
	}
	if inside, code, err := platform.Sandbox(ctx, root); !inside || err != nil {
		return code, err
	}
	p, err := load.Start(context.WithoutCancel(ctx), root)
	if err != nil {
		return 1, err
	}
	defer func() {
		if err = errors.Join(err, p.Stop()); err != nil {
			code = 1
		}
	}()
	say := func(format string, arguments ...any) { fmt.Printf(format+"\n", arguments...) }
	r, err := load.Measure(ctx, p, load.Options{Rate: *rate, For: *length, Say: say})
	if err != nil {
		return 1, err
	}
	fmt.Println("\n" + r.Markdown())
	if *write != "" {
		if !filepath.IsAbs(*write) {
			*write = filepath.Join(root, *write)
		}
		err = r.Write(*write)
	}
	return 0, err
}
