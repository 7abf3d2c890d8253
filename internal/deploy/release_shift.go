package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
)

// scalingTarget is what Application Auto Scaling calls a service.
func scalingTarget(s release.Service) string { return "service/" + s.Cluster + "/" + s.Name }

// shortRevision is family:number of a revision's ARN.
func shortRevision(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// shift releases one service, with its scaling suspended meanwhile: a deployment fails when the number of tasks changes during the shift
// (Amazon ECS Developer Guide, "CodeDeploy blue/green deployments"). Scaling goes on in each way that this can end.
func (r *releaseRun) shift(ctx, alive context.Context, o order, i, of int) (err error) {
	began, target := r.Clock.Now(), scalingTarget(o.Service)
	if slices.Contains(r.record.Suspended, target) {
		defer func() {
			stays := r.resume(target)
			r.suspended = r.suspended || stays != nil
			err = errors.Join(err, stays)
		}()
		if _, err := r.scale(alive, []string{target}, true); err != nil {
			r.report(i, report.Released{Service: o.Title, Result: report.Unbegun, Serving: shortRevision(o.serving.revision), Color: o.serving.color, Reason: err.Error()})
			return err
		}
	}
	err = r.stillThere(alive)
	id := ""
	if err == nil {
		id, err = r.start(alive, o)
	}
	if err != nil {
		return r.unbegun(i, o, err)
	}
	r.record.Releases[i].Deployment = id
	r.update(alive)
	r.Reporter.Report(report.Release{Service: o.Title, Number: i + 1, Of: of, Deployment: id, From: shortRevision(o.serving.revision), To: shortRevision(text(o.registered.TaskDefinitionArn)),
		Images: imageChanges(o.running, o.registered), Shift: firstOf(r.config(), o.Plan.Config)})
	outcome, err := r.follow(ctx, alive, o.Service, id)
	return r.judge(alive, i, o.Service, outcome, err, began)
}

// config overrides the deployment group's configuration; empty leaves it.
func (r *releaseRun) config() string {
	if r.request.AllAtOnce {
		return release.AllAtOnce
	}
	return ""
}

// start begins the release. Where the answer was lost for good, CodeDeploy is asked whether it has begun.
func (r *releaseRun) start(ctx context.Context, o order) (string, error) {
	shifter := release.NewCodeDeploy(r.Cloud.CodeDeploy())
	ordered := release.Order{Service: o.Service, Token: r.token(o.Service), Revision: text(o.registered.TaskDefinitionArn), AppSpec: o.spec, Config: r.config()}
	id, err := shifter.Start(ctx, ordered)
	if err == nil || errors.Is(err, release.ErrBusy) || !cloud.Transient(err) && ctx.Err() == nil {
		return id, err
	}
	latest, unread := shifter.Latest(ctx, o.Service)
	switch {
	case unread != nil:
		return "", &fault.Error{Code: fault.StillRunning, What: "whether the release of " + o.Title + " has begun cannot be told", Err: err, Do: "deploy watch -e " + r.environment.suffix}
	case latest.Token == ordered.Token:
		return latest.ID, nil
	}
	return "", err
}

// token marks the release of a service by this run.
func (r *releaseRun) token(s release.Service) string { return r.record.ID + " " + s.Title }

// unbegun tells why a release was not begun.
func (r *releaseRun) unbegun(i int, o order, err error) error {
	told := report.Released{Service: o.Title, Result: report.Unbegun, Serving: shortRevision(o.serving.revision), Color: o.serving.color, Reason: err.Error()}
	if fault.CodeOf(err) == fault.StillRunning {
		told.Result, told.Serving, told.Color = report.Running, "", ""
	}
	r.report(i, told)
	if errors.Is(err, release.ErrBusy) {
		return &fault.Error{Code: fault.Busy, What: "the release of " + o.Title + " was not begun", Err: err, Do: "deploy watch -e " + r.environment.suffix}
	}
	return err
}

// resume lets the scaling of a service go on, also when the run's context has ended.
func (e *Engine) resume(target string) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	if _, err := e.scale(ctx, []string{target}, false); err != nil {
		return &fault.Error{Code: fault.NeedsPerson, What: "the scaling of " + target + " is still suspended", Err: err, Do: "deploy doctor -e " + e.environment.suffix + " --repair"}
	}
	return nil
}

// follow follows a release. Interrupted, it asks once what shall become of it: it goes on in AWS, is stopped and rolled back, or is followed
// on.
func (e *Engine) followRelease(ctx, alive context.Context, s release.Service, id string, until release.Until) (release.Outcome, error) {
	following, end := context.WithCancelCause(alive)
	defer end(nil)
	shifter, renewing, asked := release.NewCodeDeploy(e.Cloud.CodeDeploy()), e.renewing(alive), false
	reporter := report.Func(func(event report.Event) {
		renewing.Report(event)
		if _, tick := event.(report.Tick); !tick || asked || !errors.Is(ctx.Err(), context.Canceled) {
			return
		}
		asked = true
		choice := Detach
		if e.Interrupted != nil {
			choice = e.Interrupted(alive)
		}
		switch choice {
		case GoOn:
		case CancelOperation:
			if err := shifter.Stop(alive, id); err != nil {
				e.Reporter.Report(report.Note{Level: report.Warning, Text: "not stopped, it goes on: " + err.Error()})
			}
		default:
			end(errDetached)
		}
	})
	follower := release.Follower{Shifter: shifter, Clock: e.Clock, Reporter: reporter, Alarms: func(ctx context.Context, names []string) ([]report.Alarm, error) {
		return release.Alarms(ctx, e.signed(), names)
	}}
	outcome, err := follower.Run(following, s, id, until)
	if err != nil && errors.Is(context.Cause(following), errDetached) {
		err = errDetached
	}
	return outcome, err
}

func (r *releaseRun) follow(ctx, alive context.Context, s release.Service, id string) (release.Outcome, error) {
	return r.followRelease(ctx, alive, s, id, r.request.Until)
}

// judge tells how a release ended by what serves now, and gives the error to end with.
func (r *releaseRun) judge(ctx context.Context, i int, s release.Service, outcome release.Outcome, err error, began time.Time) error {
	record := r.record.Releases[i]
	told := report.Released{Service: s.Title, Deployment: record.Deployment, Seconds: r.Clock.Now().Sub(began).Seconds(), Reason: outcome.Release.Reason}
	if err != nil {
		told.Result, told.Reason = report.Running, err.Error()
		r.report(i, told)
		return r.detached(err)
	}
	now, unread := r.servingNow(ctx, s)
	told.Result = verdictOf(now, outcome, record.From, record.To)
	if unread != nil {
		told.Result, told.Reason = report.NeedsPerson, unread.Error()
	}
	if now.plain {
		told.Serving, told.Color = shortRevision(now.revision), now.color
	}
	r.early = r.early || outcome.Early
	r.report(i, told)
	return r.released(told, now)
}

// verdictOf is what became of a release: by what serves, and only where that is plain.
func verdictOf(now serving, outcome release.Outcome, from, to string) string {
	whole := outcome.Release.Status == release.Succeeded || outcome.Early
	back := outcome.Back != nil && outcome.Back.Status == release.Succeeded
	switch {
	case now.plain && now.revision == to && (whole || now.sets == 1):
		return report.Shifted
	case outcome.Early && outcome.Release.Shifted():
		return report.Shifted // the primary task set changes with the end of the shift; the weights were seen
	case outcome.Early:
		return report.Running
	case now.plain && now.revision == from && (back || now.sets == 1):
		return report.RolledBack
	}
	return report.NeedsPerson
}

// released is the error that a release which did not go through ends with.
func (r *releaseRun) released(told report.Released, now serving) error {
	switch told.Result {
	case report.Shifted, report.Running:
		return nil
	case report.RolledBack:
		return &fault.Error{Code: fault.RolledBack, What: "the release of " + told.Service + " was rolled back: " + told.Serving + " serves", Err: reason(told.Reason), Do: "mend the cause and release again"}
	}
	return &fault.Error{Code: fault.NeedsPerson, What: "the release of " + told.Service + " did not end plainly", Found: now.words(), Err: reason(told.Reason), Do: "deploy release status -e " + r.environment.suffix + "; docs/runbook.md, \"A rollback failed\""}
}

// reason is the code that AWS gives for a failure, ALARM_ACTIVE; its words are told with the release. Nil for none.
func reason(text string) error {
	if text == "" {
		return nil
	}
	code, _, _ := strings.Cut(text, ": ")
	return errors.New(code)
}

// imageChanges are the containers whose images differ.
func imageChanges(from, to *types.TaskDefinition) []report.ImageChange {
	was, now := map[string]string{}, map[string]string{}
	for _, c := range from.ContainerDefinitions {
		was[text(c.Name)] = digestIn(text(c.Image))
	}
	for _, c := range to.ContainerDefinitions {
		now[text(c.Name)] = digestIn(text(c.Image))
	}
	var changes []report.ImageChange
	for _, name := range slices.Compact(slices.Sorted(slices.Values(append(sortedKeys(was), sortedKeys(now)...)))) {
		if was[name] != now[name] {
			changes = append(changes, report.ImageChange{Container: name, From: was[name], To: now[name]})
		}
	}
	return changes
}

// digestIn is the digest in an image's address, or the whole address where it has none.
func digestIn(image string) string {
	if _, digest, pinned := strings.Cut(image, "@"); pinned {
		return digest
	}
	return image
}
