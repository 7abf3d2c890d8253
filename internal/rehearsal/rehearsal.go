// Package rehearsal plays the whole life of an environment on this machine, through the same engine and screens as against AWS: foundation,
// plan, first deployment, a run without changes, an update, an update that fails and is rolled back, a verification and the destruction. A
// simulator answers instead of AWS; no account is needed and nothing is proved about one.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// Options of a rehearsal.
type Options struct {
	// Environment is the suffix; Templates and Roots are what is deployed, Values the parameters' values.
	Environment string
	Templates   fs.FS
	Roots       deploy.Roots
	Values      []source.Values
	// Files are the parameter files that Values come from, where they are not the environment's own: shown commands name them.
	Files []string
	// Fail names the resource that fails in the failing update, Cluster or Data/Cluster; DefaultFailure when empty.
	Fail string
	// Scenario is what else goes wrong.
	Scenario simulator.Scenario
	// Change names the parameter that updates change, between its values: DefaultChange when empty.
	Change Change
	// Release names what is released: DefaultRelease when empty.
	Release Release
	// Reporter takes the events of all steps.
	Reporter report.Reporter
	// Mask takes the values that must be shown nowhere; nil when nobody wants them.
	Mask func(values ...string)
	// Simulator is the one to use: a new one when nil.
	Simulator *simulator.Simulator
	Version   string
}

// A Change is a parameter with a value for the update and one for the update that fails.
type Change struct{ Name, Update, Failing string }

// DefaultChange raises the database's capacity, and DefaultFailure is what then fails.
var (
	DefaultChange  = Change{Name: "DatabaseMaxCapacity", Update: "6", Failing: "7"}
	DefaultFailure = "Cluster"
)

// A step is one command of the life, with the exit code that it must end with.
type step struct {
	title string
	call  call
	want  fault.Code
	// also is another code that it may end with: templates of others promise other things.
	also fault.Code
	// first marks the first deployment, after which the critical path is told.
	first  bool
	before func()
}

// Run plays the life. An error tells the step that ended otherwise than it should.
func Run(ctx context.Context, o Options) error {
	if o.Simulator == nil {
		o.Simulator = simulator.New(simulator.Options{})
	}
	set, err := source.Load(o.Templates, o.Roots.Platform)
	if err != nil {
		return err
	}
	if o.Change.Name == "" {
		o.Change = DefaultChange
	}
	failing, err := o.failing(set, o.Change)
	if err != nil {
		return err
	}
	troubles, err := o.troubles(set)
	if err != nil {
		return err
	}
	o.Simulator.Play(troubles)
	return o.live(ctx, set, failing)
}

// live plays the steps; failing are the resources that fail in the failing update.
func (o Options) live(ctx context.Context, set *source.Set, failing []string) error {
	var secrets []string
	mask := o.Mask
	o.Mask = func(values ...string) {
		secrets = append(secrets, values...)
		if mask != nil {
			mask(values...)
		}
	}
	hidden := o.hidden(set)
	var forecast *report.Forecast
	defer func() { // the last that a rehearsal tells, also one that ends before its time
		if forecast != nil {
			o.Reporter.Report(*forecast)
		}
	}()
	for i, s := range o.steps(set, failing) {
		if s.before != nil {
			s.before()
		}
		command := s.call.command(o.Environment, hidden)
		o.Reporter.Report(report.Phase{Number: i + 1, Title: s.title, Command: command})
		if err := o.play(ctx, s, i, command); err != nil {
			return ended(fmt.Errorf("step %d, %s: %w", i+1, s.title, concealed{err, secrets}))
		}
		if s.first {
			forecast = o.forecast()
		}
	}
	return nil
}

// ended gives an error a code: a step that ends otherwise than it should is no wrong usage.
func ended(err error) error {
	if known := (*fault.Error)(nil); errors.As(err, &known) {
		return err
	}
	return &fault.Error{Code: fault.Unexpected, What: "the rehearsal ended before its time", Err: err}
}

// A concealed error says what another one does, without the secrets in it.
type concealed struct {
	error
	secrets []string
}

// Error masks the secrets.
func (c concealed) Error() string {
	text := c.error.Error()
	for _, secret := range c.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, report.Masked)
		}
	}
	return text
}

// Unwrap keeps the error's kind.
func (c concealed) Unwrap() error { return c.error }

// forecast is what a first deployment is spent on, and how near it is to what its resources need at least.
func (o Options) forecast() *report.Forecast {
	name := "platform-" + o.Environment
	f, _ := o.Simulator.Forecast(name) // fails for a stack that is not there only
	told := &report.Forecast{Stack: name, Seconds: f.Takes.Seconds(), LeastSeconds: f.Bound.Seconds(), Ratio: f.Ratio(), EstimatedShare: f.Estimated}
	for _, link := range f.Chain {
		told.CriticalPath = append(told.CriticalPath, report.Link{Path: link.Path, LogicalID: link.LogicalID, Type: link.Type, Begins: link.Begins.Seconds(), Seconds: link.Spends.Seconds()})
	}
	return told
}

// play runs one step as a command of its own would run: with a new engine and new clients.
func (o Options) play(ctx context.Context, s step, number int, command string) error {
	way, err := cloud.Open(ctx, cloud.Options{Region: simulator.Region, Client: o.Simulator.Client(), Clock: o.Simulator.Clock(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	ids := 0
	e, invalid := deploy.New(deploy.Options{Environment: o.Environment, Cloud: way, Clock: o.Simulator.Clock(), Reporter: o.Reporter, Mask: o.Mask, Templates: o.Templates, Roots: o.Roots,
		NewID: func() string { ids++; return fmt.Sprintf("rehearsal-%d-%d", number+1, ids) }, Command: command})
	if err = errors.Join(err, invalid); err != nil {
		return err
	}
	if err = e.Begin(ctx, o.Version, true); err == nil {
		err = s.call.do(ctx, e)
	}
	e.Conclude(err)
	if got := fault.CodeOf(err); got != s.want && (s.also == fault.OK || got != s.also) {
		return errors.Join(fmt.Errorf("ended with exit code %d, want %d", got, s.want), err)
	}
	return nil
}

// steps are the commands of the life; failing are the resources that fail in the failing update.
func (o Options) steps(set *source.Set, failing []string) []step {
	change := o.Change
	first := o.request()
	first.Images = images(set.Root)
	planned, applied := first, first
	applied.Consent.Yes = true
	life := []step{
		{title: "The foundation: artifact bucket, registries, deploy role", call: call{"bootstrap", o.approved()}},
		{title: "What a first deployment would make", call: call{"plan", planned}},
		{title: "The first deployment", call: call{"apply", applied}, first: true, before: func() { o.push(first.Images); o.administer() }},
		{title: "The same again: nothing to do", call: call{"apply", o.approved()}},
		{title: "An update of one value", call: call{"apply", o.approved(change.Name, change.Update)}},
	}
	life = append(life, o.releases(set, o.request(change.Name, change.Update))...)
	return append(life, []step{
		{title: "An update that fails and is rolled back", call: call{"apply", o.approved(change.Name, change.Failing)}, want: fault.RolledBack,
			before: func() {
				for _, id := range failing {
					o.Simulator.Fail(id, "The simulator was told to let this fail")
				}
			}},
		{title: "What the templates promise, asked of the account", call: call{"verify", deploy.VerifyRequest{Version: o.Version, Simulated: true}}, before: o.Simulator.Heal, also: fault.Refused},
		{title: "Everything removed, and proved to be gone", call: call{"destroy", deploy.DestroyRequest{Confirm: o.Environment}}},
	}...)
}

// request asks for the values of the rehearsal, and for one more where it is given.
func (o Options) request(values ...string) deploy.Request {
	r := deploy.Request{Values: o.Values, Files: o.Files}
	if len(values) == 2 {
		r.Values = append(append([]source.Values{}, o.Values...), source.Values{Origin: deploy.FlagOrigin, ByName: map[string]string{values[0]: values[1]}})
	}
	return r
}

// approved is a request that nobody is asked about.
func (o Options) approved(values ...string) deploy.Request {
	r := o.request(values...)
	r.Consent.Yes = true
	return r
}
