// Command administration is the program of the administration task: it migrates the database, makes the services' roles
// and rotates their passwords.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tierform/tierform/services/internal/administration"
	"github.com/tierform/tierform/services/internal/logging"
	"github.com/tierform/tierform/services/internal/secret"
	"github.com/tierform/tierform/services/migrations"
)

// Exit codes: EX_USAGE of sysexits.h tells a wrong command from a run that failed.
const (
	exitFailed = 1
	exitUsage  = 64
)

const usage = `usage: service [reconcile | migrate | rotate]
  reconcile  migrate, make the services' roles with their grants, rotate the passwords that are due (default)
  migrate    migrate only
  rotate     rotate all passwords now
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program without its process.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	command, ok := parse(args)
	if !ok {
		_, _ = io.WriteString(stderr, usage)
		return exitUsage
	}
	settings, err := administration.ReadSettings(environ)
	log := slog.New(logging.Mask(slog.NewJSONHandler(stdout, nil))).With(
		"service", "administration", "environment", settings.Environment, "command", command)
	if err == nil {
		err = administer(ctx, command, settings, log)
	}
	if err != nil {
		log.ErrorContext(ctx, "administration failed", "error", explain(ctx, err))
		return exitFailed
	}
	log.InfoContext(ctx, "administration finished")
	return 0
}

func parse(args []string) (string, bool) {
	if len(args) == 0 {
		return administration.Reconcile, true
	}
	switch args[0] {
	case administration.Reconcile, administration.Migrate, administration.Rotate:
		return args[0], len(args) == 1
	}
	return "", false
}

func administer(ctx context.Context, command string, settings administration.Settings, log *slog.Logger) error {
	client, err := secret.NewClient(ctx)
	if err != nil {
		return err
	}
	return administration.Administration{
		Settings: settings, Files: migrations.Files(), Secrets: client, Log: log, Now: time.Now,
	}.Run(ctx, command)
}

// explain says what a stopped run leaves behind.
func explain(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("stopped; the next run finishes what this one began: %w", err)
}
