package deploy

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// Status tells the states of an environment's stacks, what its services run, how its last deployment ended, and who holds its lock.
func (e *Engine) Status(ctx context.Context) error {
	s, err := e.look(ctx)
	if err != nil {
		return err
	}
	e.warnOfScaling(s)
	stacks := report.Table{Title: "Stacks", Columns: []string{"Stack", "Status", "Next"}}
	for _, name := range []string{e.environment.foundation(), e.environment.role(), e.environment.platform()} {
		st := s.platform
		if name != e.environment.platform() {
			if st, err = e.describe(ctx, name); err != nil {
				return err
			}
		}
		stacks.Rows = append(stacks.Rows, stackRow(name, st, e.environment.suffix))
	}
	e.Reporter.Report(stacks)
	if len(s.services) > 0 {
		e.Reporter.Report(servicesTable(s))
	}
	if err := e.reportBucket(ctx, s.platform); err != nil {
		return err
	}
	e.result(report.Result{Status: "done", Text: e.state(s), Next: e.behind(s)})
	return nil
}

// state is the platform's in a sentence.
func (e *Engine) state(s situation) string {
	if s.platform == nil {
		return e.environment.platform() + " does not exist"
	}
	return e.environment.platform() + " is " + s.platform.status
}

// behind says what the next command brings level: colours that the stack does not know yet.
func (e *Engine) behind(s situation) []string {
	if s.platform == nil {
		return nil
	}
	if names := s.adopts(); len(names) > 0 {
		return []string{"take over the live colour of " + strings.Join(names, ", ") + ", without an effect: deploy apply -e " + e.environment.suffix}
	}
	return nil
}

func stackRow(name string, s *stack, suffix string) []string {
	if s == nil {
		return []string{name, "none", ""}
	}
	next := ""
	if way := operation.WayOut(s.status); way != operation.Deploy {
		next = way.Command(suffix)
	}
	return []string{name, s.status, next}
}

func servicesTable(s situation) report.Table {
	t := report.Table{Title: "Services", Columns: []string{"Service", "Colour", "Task definition", "Release", "Scaling"}}
	for _, service := range s.services {
		release, scaling, color := "none", "on", cmp.Or(service.Color, "unknown")
		if service.Releasing {
			release = "running"
		}
		if service.Suspended {
			scaling = "suspended"
		}
		if service.ScalingUnread != nil {
			scaling = "unknown: may not be read"
		}
		if !service.Found {
			release = "service not found"
		}
		if was, known := s.platform.parameters[service.ColorParameter()]; known && service.Color != "" && was != service.Color {
			color += ", the stack says " + was
		}
		t.Rows = append(t.Rows, []string{service.Name, color, service.TaskDefinition[strings.LastIndexByte(service.TaskDefinition, '/')+1:], release, scaling})
	}
	return t
}

// reportBucket tells what the artifact bucket knows, if the environment has one: the last deployment, and who holds the lock.
func (e *Engine) reportBucket(ctx context.Context, platform *stack) error {
	bucket, err := e.bucket(ctx, platform)
	if err != nil || bucket == nil {
		return err
	}
	records, err := bucket.History(ctx, 1)
	switch {
	case cloud.Denied(err):
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "the last deployment is not known: " + err.Error()})
	case err != nil:
		return err
	case len(records) > 0:
		e.Reporter.Report(lastDeployment(records[0]))
	}
	holder, held, err := bucket.Holder(ctx)
	if held {
		e.Reporter.Report(report.Note{Level: report.Info, Text: fmt.Sprintf("locked by %s, who runs %s since %s", holder.Owner, holder.Command, holder.Since.Format(time.RFC3339))})
	}
	return err
}

// lastDeployment is the newest record: which, how it ended, who, and when.
func lastDeployment(r store.Record) report.Table {
	began, took := "", ""
	if !r.Started.IsZero() { // unless the record cannot be read
		began = r.Started.UTC().Format(time.RFC3339)
	}
	if !r.Ended.IsZero() {
		took = r.Ended.Sub(r.Started).Round(time.Second).String()
	}
	return report.Table{Title: "Last deployment", Columns: []string{"Deployment", "Result", "By", "Began", "Took"}, Rows: [][]string{{r.ID, ending(r), who(r), began, took}}}
}

// ending is how a deployment ended.
func ending(r store.Record) string { return cmp.Or(r.Result, "running or broken off") }

// who is the session, or the user, in the ARN of a deployment's caller.
func who(r store.Record) string { return r.Caller[strings.LastIndexByte(r.Caller, '/')+1:] }
