// Command images makes the images of the services without a container engine: the same bytes and the same digest each time.
// It is a module of its own, as what it needs to talk to registries is no part of the compiler of the templates.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tierform/tierform/tools/images/internal/registry"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

//go:embed pins.json
var pinned []byte

// pins are what images hold or are copied from that comes from others.
type pins struct {
	Trust  trust.Pins     `json:"trust"`
	Mirror []registry.Pin `json:"mirror"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, pinned, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		stop()
		os.Exit(1)
	}
}

// run checks everything that can be checked, and only then builds, pushes and copies.
func run(ctx context.Context, args []string, getenv func(string) string, pinned []byte, out io.Writer) error {
	var p pins
	if err := json.Unmarshal(pinned, &p); err != nil {
		return fmt.Errorf("pins.json: %w", err)
	}
	o, err := parse(args, getenv, p.Mirror, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	j, err := prepare(ctx, o, p, time.Now(), out)
	if err != nil {
		return err
	}
	return j.do(ctx)
}
