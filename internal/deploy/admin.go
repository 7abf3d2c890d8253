package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// The words that the administration image takes as its command. Each of them can be repeated: what is done already stays as it is.
const (
	// AdminMigrate brings the schemas of the database level with the image.
	AdminMigrate = "migrate"
	// AdminRotate replaces the passwords of the services' database roles.
	AdminRotate = "rotate"
	// AdminReconcile migrates and rotates what is due: what the schedule runs, and apply after every change.
	AdminReconcile = "reconcile"
)

// AdminTasks are the words, in the order in which they are explained.
func AdminTasks() []string { return []string{AdminMigrate, AdminRotate, AdminReconcile} }

// administrationOutput is the root's output that names the revision of the administration task. A root without it has none.
const administrationOutput = "AdministrationTaskDefinition"

// An AdminRequest is what admin is asked for.
type AdminRequest struct {
	// Task is one of AdminTasks.
	Task string
	// WaitLock is how long to wait for the environment's lock.
	WaitLock time.Duration
}

// Administer runs the administration task, follows its log to the end and ends with what it ended with. It is an error of code Busy while
// another one runs, NeedsPerson for one that failed or never started, and StillRunning for one that goes on without this run.
func (e *Engine) Administer(ctx context.Context, r AdminRequest) error {
	if !slices.Contains(AdminTasks(), r.Task) {
		return &fault.Error{Code: fault.Usage, What: "there is no such administration task", Found: r.Task, Allowed: strings.Join(AdminTasks(), ", ")}
	}
	p, err := e.administered(ctx) // what cannot work is told before the lock is taken
	if err != nil {
		return err
	}
	bucket, err := e.bucket(ctx, p)
	if err != nil {
		return err
	}
	if bucket == nil {
		return e.noBucket()
	}
	return e.locked(ctx, bucket, r.WaitLock, func(ctx context.Context) error {
		now, err := e.administered(ctx)
		if err != nil {
			return err
		}
		e.concealStack(ctx, now)
		if err := e.runAdmin(ctx, now, r.Task); err != nil {
			return err
		}
		e.result(report.Result{Status: "done", Text: r.Task + " is done: the administration task ended with exit code 0"})
		return nil
	})
}

// administered is the platform stack, or why no administration task can run there.
func (e *Engine) administered(ctx context.Context) (*stack, error) {
	found, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return nil, err
	}
	p, err := (situation{platform: found}).need(e.environment)
	if err == nil {
		err = e.passable(p)
	}
	if err != nil {
		return nil, err
	}
	if !p.exists() {
		return nil, &fault.Error{Code: fault.Usage, What: p.name + " is " + p.status + ": there is nothing to administer", Do: "deploy apply -e " + e.environment.suffix}
	}
	return p, e.administrable(p)
}

// administrable refuses a stack whose outputs name no administration task.
func (e *Engine) administrable(p *stack) error {
	if p.outputs[administrationOutput] == "" {
		return &fault.Error{Code: fault.Usage, What: p.name + " has no administration task: its outputs name none", Allowed: "output " + administrationOutput}
	}
	return nil
}

// afterChange runs reconcile after a change set of the platform that was executed whole, unless a flag leaves it out. The stack is deployed
// whatever becomes of it: an error says so. An interruption before it was begun was answered already; a later one leaves the task to AWS.
func (e *Engine) afterChange(ctx, alive context.Context, stack, flag string, o operation.Outcome) error {
	if forward.code(o.Status) != fault.OK {
		return nil
	}
	now, err := e.describe(alive, stack)
	if err != nil || now == nil || now.outputs[administrationOutput] == "" {
		return err
	}
	if flag != "" {
		e.Reporter.Report(report.Note{Level: report.Info, Text: flag + " leaves the administration task out; its schedule makes up for it, or: " + e.adminCommand(AdminReconcile)})
		return nil
	}
	if ctx.Err() != nil {
		ctx = alive
	}
	return e.deployedBut(now, o.Status, e.runAdmin(ctx, now, AdminReconcile))
}

// withoutAdministration is the flag that leaves the administration task out; empty for none.
func (r Request) withoutAdministration() string {
	switch {
	case r.NoAdmin:
		return "--no-admin"
	case r.Express: // the database may not be ready
		return "--express"
	}
	return ""
}

// deployedBut is an error of the administration task after a deployment that went well.
func (e *Engine) deployedBut(p *stack, status string, err error) error {
	if err == nil {
		return nil
	}
	code, do := fault.CodeOf(err), "look at the task's log, then: "+e.adminCommand(AdminReconcile)
	switch {
	case errors.Is(err, e.lost):
		do = "when the other run has ended: " + e.adminCommand(AdminReconcile) + "; its schedule makes up for it too"
	case code == fault.StillRunning || code == fault.Interrupted:
		var known *fault.Error
		if errors.As(err, &known) {
			do = known.Do
		}
	default:
		code = fault.NeedsPerson
	}
	return &fault.Error{Code: code, What: p.name + " is " + status + ": the stack itself is deployed; what follows it is not done", Err: without(err), Do: do}
}

// without is an error without what to do, which another one says.
func without(err error) error {
	var known *fault.Error
	if errors.As(err, &known) && known.Do != "" {
		bare := *known
		bare.Do = ""
		return &bare
	}
	return err
}

// migrate runs the migration before a release shifts anything. An error says that nothing was shifted.
func (r *releaseRun) migrate(ctx context.Context, p *stack) error {
	err := r.runAdmin(ctx, p, AdminMigrate)
	if err == nil {
		return nil
	}
	code := fault.CodeOf(err)
	if code == fault.Unexpected {
		code = fault.NeedsPerson
	}
	return &fault.Error{Code: code, What: "nothing was shifted: the migration before the release did not end well", Err: without(err),
		Do: "mend it, then: " + r.adminCommand(AdminMigrate) + "; deploy release -e " + r.environment.suffix + " releases what is registered"}
}

// adminCommand runs a task by hand.
func (e *Engine) adminCommand(task string) string {
	return "deploy admin " + task + " -e " + e.environment.suffix
}
