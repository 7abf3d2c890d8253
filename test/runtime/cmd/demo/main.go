//go:build linux

// Command demo runs the whole payment platform on this machine, with the settings of golden/, for somebody who wants to see it work and
// break it. `make demo` installs what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// rootVariable names the directory below which the installed programs are.
const rootVariable = "TIERFORM_RUNTIME"

// exitUsage is EX_USAGE of sysexits.h, exitMissing EX_UNAVAILABLE.
const (
	exitUsage   = 64
	exitMissing = 69
)

const usage = `usage: make demo
   or: TIERFORM_RUNTIME=<repository> go -C test/runtime run ./cmd/demo [--listen ADDRESS] [--script 'COMMAND; COMMAND; …']

Runs the payment platform on this machine: PostgreSQL, a stand-in for AWS, the load balancer's rules, and two tasks of each service, each with
its Envoy and its collector, as the templates of golden/ say. Everything runs in a network namespace of its own; nothing of the machine is
changed, and nothing is left when it ends (quit, Ctrl-C or Ctrl-D).

  --listen ADDRESS   where the load balancer answers on this machine (default 127.0.0.1:8090; port 0 takes a free one)
  --script COMMANDS  does these, separated by semicolons, and ends; it ends with 1 when one of them could not be done

Commands:
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

type settings struct{ listen, script, root string }

// run is the program without its process.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var s settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8090", "")
	flags.StringVar(&s.script, "script", "", "")
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage, help()) }
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "demo: what is %q? demo --help lists what can be said\n", flags.Args())
		return exitUsage
	}
	if err := check(s.script); err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return exitUsage
	}
	if s.root = os.Getenv(rootVariable); s.root == "" {
		fmt.Fprintf(stderr, "demo: %s does not say where the repository is, with the programs that `make programs` installs: use `make demo`\n", rootVariable)
		return exitMissing
	}
	if world.Inside() {
		return inside(s, stdin, stdout, stderr)
	}
	return outside(s, stdout, stderr)
}

// outside opens the address for the person's own programs, and runs the demo again in a sandbox. It ends the other by closing a pipe, since
// a signal to this process does not reach that one when it comes from a program and not from the terminal.
func outside(s settings, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		fmt.Fprintf(stderr, "demo: %v; --listen takes another address\n", err)
		return exitMissing
	}
	address, ok := listener.(*net.TCPListener)
	if !ok {
		fmt.Fprintf(stderr, "demo: %s is no TCP address\n", s.listen)
		return exitUsage
	}
	file, err := address.File()
	if err != nil {
		fmt.Fprintln(stderr, "demo: handing the address over:", err)
		return 1
	}
	defer file.Close()
	defer listener.Close()
	ended, end, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(stderr, "demo: making a pipe:", err)
		return 1
	}
	defer ended.Close()
	context.AfterFunc(ctx, func() { _ = end.Close() })
	fmt.Fprintln(stdout, "Compiling the services …")
	_, code, err := platform.Sandbox(ctx, s.root, file, ended)
	if err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return exitMissing
	}
	return code
}
