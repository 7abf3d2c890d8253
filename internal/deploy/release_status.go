package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
)

// ReleaseStatus tells of each service what serves, what is registered, and how the release that runs, or ran last, stands.
func (e *Engine) ReleaseStatus(ctx context.Context, names []string) error {
	s, services, err := e.releaseSituation(ctx, ReleaseRequest{Services: names})
	if err != nil {
		return err
	}
	suspended := map[string]string{}
	for _, l := range s.services {
		suspended[l.Name] = map[bool]string{true: "suspended", false: "on"}[l.Suspended]
		if l.ScalingUnread != nil {
			suspended[l.Name] = "not known"
		}
	}
	t := report.Table{Title: "Releases of " + e.environment.suffix, Columns: []string{"Service", "Serving", "Registered", "Traffic", "Last release", "Scaling"}}
	pending := []string{}
	for _, service := range services {
		r, err := e.releasable(ctx, service)
		if err != nil {
			return err
		}
		latest, err := release.NewCodeDeploy(e.Cloud.CodeDeploy()).Latest(ctx, service)
		if err != nil {
			return err
		}
		registered := "the same"
		if r.differs() {
			registered = shownRevision(r.registered)
			pending = append(pending, service.Title)
		}
		t.Rows = append(t.Rows, []string{service.Title, shownRevision(r.running), registered, r.serving.words(), lastRelease(latest), suspended[service.Name]})
		if latest.Running() {
			e.Reporter.Report(report.Shift{Service: service.Title, Deployment: latest.ID, Status: latest.Status, Returning: latest.Returning, Step: latest.Step(), Steps: latest.Steps, Old: latest.Old, New: latest.New,
				Time: e.Clock.Now(), Seconds: e.Clock.Now().Sub(latest.Created).Seconds()})
		}
	}
	e.Reporter.Report(t)
	result := report.Result{Status: "done", Text: fmt.Sprintf("%d services, %d with a revision that is registered and not released", len(services), len(pending))}
	if len(pending) > 0 {
		result.Next = []string{"deploy release -e " + e.environment.suffix + " --service " + strings.Join(pending, ",")}
	}
	e.result(result)
	return nil
}

// shownRevision is a revision with the first digits of its first container's image.
func shownRevision(d *types.TaskDefinition) string {
	shown := shortRevision(text(d.TaskDefinitionArn))
	if len(d.ContainerDefinitions) > 0 {
		digest := strings.TrimPrefix(digestIn(text(d.ContainerDefinitions[0].Image)), "sha256:")
		shown += " (" + digest[:min(len(digest), shownDigits)] + ")"
	}
	return shown
}

// shownDigits are those of a digest that people compare.
const shownDigits = 12

// lastRelease says how the newest release stands.
func lastRelease(s release.State) string {
	switch {
	case s.ID == "":
		return "none"
	case s.Running():
		return fmt.Sprintf("%s runs: %s, %.0f %% shifted", s.ID, firstOf(s.Step(), "waits"), s.New.Weight)
	case s.Returning:
		return s.ID + " " + s.Status + " (rollback)"
	}
	return s.ID + " " + s.Status
}
