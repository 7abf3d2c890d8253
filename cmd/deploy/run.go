package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/screen"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// with runs a verb: it makes the screen, the way to AWS and the engine, and reports an error as the result.
func (c *command) with(cmd *cobra.Command, p *planFlags, do func(context.Context, *deploy.Engine) error) error {
	shown, err := c.screen(p)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	if c.global.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.global.timeout)
		defer cancel()
	}
	engine, err := c.engine(ctx, cmd, shown)
	if err == nil {
		if err = engine.Begin(ctx, version(), false); err == nil {
			err = do(ctx, engine)
		}
		err = told(ctx, err, c.global.environment)
		engine.Conclude(err)
		c.reported = true
	}
	return joined(err, shown.Close())
}

// screen is where events go.
func (c *command) screen(p *planFlags) (*screen.Screen, error) {
	g := c.global
	o := screen.Options{Out: c.stdout, Err: c.stderr, Output: g.output, Progress: g.progress, Color: g.color, Quiet: g.quiet, Verbose: g.verbose, Clock: clock.System{}, Getenv: os.Getenv, Usual: usual()}
	if p != nil {
		o.Markdown, o.Sarif = p.markdown, p.scan.sarif
	}
	return screen.New(o)
}

// usual is how long resources take, by what somebody measured or documented.
func usual() func(typ, action string) time.Duration {
	known := map[string]time.Duration{}
	for _, d := range simulator.Durations() {
		if d.Kind != "estimate" {
			known[d.Type+" "+d.Action] = d.Took
		}
	}
	return func(typ, action string) time.Duration { return known[typ+" "+action] }
}

// engine is that of the environment.
func (c *command) engine(ctx context.Context, cmd *cobra.Command, shown *screen.Screen) (*deploy.Engine, error) {
	g := c.global
	way, err := cloud.Open(ctx, cloud.Options{Region: g.region, Profile: g.profile, Endpoint: g.endpoint, RequestsPerSecond: g.requestsPerSecond,
		Silent: func(host string, until time.Time) {
			shown.Report(report.Note{Level: report.Warning, Text: "AWS does not answer at " + host + ", trying again until " + until.UTC().Format("15:04:05Z") + " at the latest; Ctrl-C ends it"})
		}})
	if err != nil {
		return nil, err
	}
	o := deploy.Options{Environment: g.environment, AllEnvironments: cmd.Name() == listVerb, Account: g.account, Cloud: way, Clock: clock.System{}, Reporter: shown, Templates: os.DirFS(g.templates), Roots: roots(os.DirFS(g.templates), g.root),
		NewID: newID(clock.System{}), Command: cmd.CommandPath(), Commit: commit(ctx, g.templates), Gate: gate, Mask: shown.Mask, Where: c.where}
	if filepath.Clean(g.templates) == "golden" {
		o.Check = upToDate
	}
	o.OnInterrupt, o.Interrupted = g.onInterrupt, func(context.Context) deploy.Interruption { return deploy.Interruption(g.onInterrupt) }
	if c.asks() {
		o.OnInterrupt = "ask"
		o.Interrupted = func(ctx context.Context) deploy.Interruption {
			shown.Flush()
			return c.interruption(ctx)
		}
		o.Approve = func(ctx context.Context, question string) (bool, error) { shown.Flush(); return c.ask(ctx, question) }
		o.Type = func(ctx context.Context, prompt string) (string, error) { shown.Flush(); return c.typed(ctx, prompt) }
	}
	return deploy.New(o)
}

// roots are those of the directory: a set of somebody else has no foundation of ours.
func roots(dir fs.FS, platform string) deploy.Roots {
	r := deploy.DefaultRoots()
	r.Platform = platform
	for _, root := range []*string{&r.Foundation, &r.Role} {
		if _, err := fs.Stat(dir, *root); err != nil {
			*root = ""
		}
	}
	return r
}

// asks tells whether there is a person to ask.
func (c *command) asks() bool {
	return !c.global.nonInteractive && os.Getenv("CI") != "true" && c.global.output == "human" && screen.Terminal(c.stdin)
}

// parameterFiles reads the files given, or the environment's own, and the flags after them.
func (c *command) parameterFiles(p *planFlags) ([]source.Values, error) {
	files := p.params
	if len(files) == 0 {
		own := parameterFile(c.global.environment)
		if _, err := os.Stat(own); err == nil {
			files = []string{own}
		}
	}
	var all []source.Values
	for _, file := range files {
		values, err := readValues(file)
		if err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	flags := source.Values{Origin: deploy.FlagOrigin, ByName: map[string]string{}}
	for i, text := range p.values {
		name, value, err := source.ParseFlag(i+1, text)
		if err != nil {
			return nil, err
		}
		flags.ByName[name] = value
	}
	return append(all, flags), nil
}

// parameterFile is an environment's own.
func parameterFile(environment string) string {
	return filepath.Join("environments", environment+".yaml")
}

func readValues(file string) (source.Values, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return source.Values{}, &fault.Error{Code: fault.Usage, What: "the parameter file cannot be read", Found: file, Err: err}
	}
	return source.ReadValues(file, data)
}

// joined is one error of two; nil adds nothing.
func joined(err, more error) error {
	if more == nil {
		return err
	}
	return errors.Join(err, more)
}

// writePlan and readPlan keep a pointer to a change set: no values, no secrets.
func writePlan(file string, saved *deploy.SavedPlan) error {
	if err := os.WriteFile(file, saved.Encode(), 0o600); err != nil {
		return &fault.Error{Code: fault.Usage, What: "the plan cannot be written", Found: file, Err: err}
	}
	return nil
}

func readPlan(file string) (deploy.SavedPlan, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return deploy.SavedPlan{}, &fault.Error{Code: fault.Usage, What: "the plan cannot be read", Found: file, Err: err, Do: "deploy plan --out " + file}
	}
	return deploy.DecodePlan(data)
}
