// Package deploy is the engine behind the deploy command: one method a verb. It proposes, shows, asks, and only then executes;
// CloudFormation and CodeDeploy hold the only state.
package deploy

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/signed"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
)

// Options are what a run of the deploy command works with. All but Approve, Type, Gate, Check, Mask, Where and Commit are needed.
type Options struct {
	// Environment is the suffix, such as dev. It may be empty where AllEnvironments tells that the verb is about the account: List.
	Environment     string
	AllEnvironments bool
	// Account is the account wanted; empty takes any.
	Account  string
	Cloud    *cloud.Cloud
	Clock    clock.Clock
	Reporter report.Reporter
	// Templates is the directory that holds the root templates, by file name in Roots.
	Templates fs.FS
	Roots     Roots
	// Check fails when the templates are not those that the code renders; nil for templates of others.
	Check func() error
	// Gate judges the templates with the values that their parameters will have; what it finds is shown, errors refuse.
	Gate func(templates []*source.Template, parameters map[string]string) []report.Validation
	// Approve asks a person; nil when there is nobody to ask.
	Approve func(ctx context.Context, question string) (bool, error)
	// Interrupted decides what becomes of an operation when the run is interrupted while following it; nil detaches.
	Interrupted func(ctx context.Context) Interruption
	// OnInterrupt says beforehand what Interrupted will do, to be shown: report.Operation.Interrupt.
	OnInterrupt string
	// Type asks a person to type something; nil when there is nobody to ask.
	Type func(ctx context.Context, prompt string) (string, error)
	// Mask takes the values that must be shown nowhere, before anything is reported that may hold one; nil when nobody wants them.
	Mask func(values ...string)
	// NewID makes the identifier of a run, unique among all: 20261122-150312-7f3c.
	NewID func() string
	// Where are the flags that say which account, region and templates are meant, as they were given: "--region", "us-east-1". Commands that
	// are shown as the next step have them too.
	Where []string
	// Command is what the user called, for records and locks; Commit the git commit of the templates, if known.
	Command, Commit string
}

// Roots are the file names of the root templates.
type Roots struct {
	// Platform is the root that plan and apply deploy; Foundation and Role come before it and may be missing in others' sets.
	Platform, Foundation, Role string
}

// DefaultRoots are those of this project.
func DefaultRoots() Roots {
	return Roots{Platform: "platform.yaml", Foundation: "foundation.yaml", Role: "deploy-role.yaml"}
}

// An Engine runs verbs for one environment.
type Engine struct {
	Options
	environment environment
	caller      cloud.Caller
	started     time.Time
	// lock is the environment's, while this run holds it; lost says why it holds it no longer, though it means to.
	lock *store.Lock
	lost error
	// concealed are the root stacks that were looked through for secrets, by ARN.
	concealed map[string]bool
	// local are the templates at hand by content address; nil until one is asked for.
	local map[string]*source.Template
	// concluded is set when the run's result was reported.
	concluded bool
	// verdicts are those of the scan gate on images of this run, by repository and digest.
	verdicts map[string]scan.Verdict
}

// New checks the options that a person gives. It sends nothing.
func New(o Options) (*Engine, error) {
	env, err := newEnvironment(o.Environment)
	if err != nil && (o.Environment != "" || !o.AllEnvironments) {
		return nil, err
	}
	o.Reporter = where(o.Where, env.suffix, o.Reporter)
	return &Engine{Options: o, environment: env, started: o.Clock.Now()}, nil
}

// An environment is a suffix and the names that follow from it.
type environment struct{ suffix string }

// maxSuffix and suffixPattern are those of the parameter EnvironmentSuffix.
const maxSuffix = 12

var suffixPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func newEnvironment(suffix string) (environment, error) {
	if len(suffix) == 0 || len(suffix) > maxSuffix || !suffixPattern.MatchString(suffix) {
		return environment{}, &fault.Error{Code: fault.Usage, What: "-e is no environment suffix", Found: suffix,
			Allowed: "1 to 12 characters: words of a-z and 0-9 joined by single hyphens, such as dev or qa7"}
	}
	return environment{suffix}, nil
}

func (e environment) platform() string   { return "platform-" + e.suffix }
func (e environment) foundation() string { return "foundation-" + e.suffix }
func (e environment) role() string       { return "deploy-role-" + e.suffix }

// tags are the stack's: the same in each deployment, for they reach every resource of it.
func (e environment) tags() map[string]string {
	return map[string]string{"Environment": e.suffix}
}

// suffixParameter takes the environment's suffix in every root template of ours.
const suffixParameter = "EnvironmentSuffix"

// Begin asks who runs the command and reports it. It comes before every verb.
func (e *Engine) Begin(ctx context.Context, version string, simulated bool) error {
	caller, err := e.Cloud.Caller(ctx)
	if err != nil {
		return err
	}
	e.caller = caller
	root := ""
	if e.environment.suffix != "" {
		root = e.environment.platform()
	}
	e.Reporter.Report(report.Started{Command: e.Command, Version: version, Schema: report.Schema, Environment: e.environment.suffix,
		Account: caller.Account, Caller: caller.ARN, Region: e.Cloud.Region(), Stack: root, Simulated: simulated})
	return caller.Expect(e.Account)
}

// Conclude reports the error that a verb ended with as the run's result. Verbs that end well, or with differences, report theirs. What the
// caller may not do is told in words; the SDK's are a detail.
func (e *Engine) Conclude(err error) {
	if err == nil || e.concluded && fault.CodeOf(err) == fault.Differences {
		return
	}
	r := report.Result{Code: fault.CodeOf(err), Status: report.Statuses()[fault.CodeOf(err)], Text: e.words(err)}
	var known *fault.Error
	if errors.As(err, &known) && known.Do != "" {
		r.Next = []string{known.Do}
	}
	doctor := "deploy doctor -e " + e.environment.suffix
	for _, denied := range cloud.Denials(err) {
		e.Reporter.Report(report.Note{Level: report.Detail, Text: "AWS says: " + denied.Err.Error()})
		if !slices.Contains(r.Next, doctor) {
			r.Next = append(r.Next, doctor)
		}
	}
	e.result(r)
}

// words are those of an error, without the SDK's about what the caller may not do.
func (e *Engine) words(err error) string {
	text := err.Error()
	for _, denied := range cloud.Denials(err) {
		text = strings.Replace(text, denied.Err.Error(), denied.Words(e.caller.ARN), 1)
	}
	return text
}

// signed makes calls to services that have no client here, the way that the clients go.
func (e *Engine) signed() signed.Client {
	o, other := e.Cloud.CloudFormation().Options(), e.Cloud.Tagging().Options()
	c := signed.Client{HTTP: o.HTTPClient, Credentials: o.Credentials, Region: o.Region, Clock: e.Clock}
	if text(o.BaseEndpoint) == text(other.BaseEndpoint) { // one that only CloudFormation has is of no use for others
		c.Endpoint = text(o.BaseEndpoint)
	}
	return c
}
