package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/scan"
)

// unoccupied refuses while a release of any of the services runs.
func (r *releaseRun) unoccupied(ctx context.Context, s situation, services []release.Service) error {
	shifter := release.NewCodeDeploy(r.Cloud.CodeDeploy())
	for _, service := range services {
		latest, err := shifter.Latest(ctx, service)
		if err != nil {
			return err
		}
		if latest.Running() {
			return &fault.Error{Code: fault.Busy, What: "release " + latest.ID + " of " + service.Title + " runs", Do: "deploy watch -e " + r.environment.suffix + " follows it, deploy release stop -e " + r.environment.suffix + " brings the traffic back"}
		}
	}
	for _, l := range s.services {
		if l.Releasing {
			return &fault.Error{Code: fault.NeedsPerson, What: "service " + l.Name + " has more than one task set, and no release of it runs", Do: "deploy release status -e " + r.environment.suffix + "; docs/runbook.md, \"A second task set is left\""}
		}
	}
	return nil
}

// An order is a service to be released, with what it runs now.
type order struct {
	releasable
	spec release.AppSpec
	// before are the digests that run now and that the registered revision changes, by the images' names.
	before map[string]string
}

func titles(orders []order) string {
	var names []string
	for _, o := range orders {
		names = append(names, o.Title)
	}
	return strings.Join(names, ", ")
}

// orders are the services that differ from what is registered. All of them are looked at before the first is begun.
func (r *releaseRun) orders(ctx context.Context, s situation, services []release.Service) ([]order, error) {
	var orders []order
	for _, service := range services {
		found, err := r.releasable(ctx, service)
		if err != nil {
			return nil, err
		}
		if !found.differs() {
			continue
		}
		if !found.serving.plain {
			return nil, &fault.Error{Code: fault.NeedsPerson, What: "the traffic of " + service.Title + " is not all at its primary task set", Found: found.serving.words(),
				Do: "somebody changed the listener by hand, or a release was broken off: docs/runbook.md, \"The listener is on the wrong colour\""}
		}
		if err := r.quiet(ctx, service); err != nil {
			return nil, err
		}
		orders = append(orders, order{found, release.AppSpecOf(found.ecs), digestsBefore(s.platform.parameters, found.running, found.registered)})
	}
	return orders, nil
}

// calm refuses to register images for services whose alarms fire: they could not be released.
func (r *releaseRun) calm(ctx context.Context, services []release.Service) error {
	own := map[string]bool{}
	for _, s := range services {
		own[s.Title] = true
	}
	sidecars := slices.ContainsFunc(sortedKeys(r.request.Images), func(name string) bool { return !own[name] })
	for _, s := range services {
		if r.request.Images[s.Title] == "" && !sidecars {
			continue
		}
		if err := r.quiet(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// quiet refuses to begin while an alarm that would end the release fires: CodeDeploy would stop at once.
func (r *releaseRun) quiet(ctx context.Context, s release.Service) error {
	alarms, err := release.Alarms(ctx, r.signed(), s.Plan.Alarms)
	if err != nil {
		return err
	}
	for _, a := range alarms {
		if a.State == "ALARM" || a.State == "MISSING" {
			return &fault.Error{Code: fault.Refused, What: "alarm " + a.Name + " is in the way: CodeDeploy would stop the release of " + s.Title + " at once", Found: a.State, Allowed: "OK, INSUFFICIENT_DATA",
				Do: "mend what it tells of, or wait until it is OK"}
		}
	}
	return nil
}

// judged lets the gate judge the images of revisions that are to be released and were not judged in this run: an apply has registered them,
// perhaps long ago.
func (r *releaseRun) judged(ctx context.Context, s situation, orders []order) error {
	var images []scan.Image
	for _, o := range orders {
		for _, name := range sortedKeys(o.before) {
			i := scan.Image{Name: name, Repository: r.environment.repository(name), Digest: s.platform.parameters[parameterOf(s.platform.parameters, name)]}
			if _, judged := r.verdicts[judgedAs(i)]; !judged && !slices.Contains(images, i) {
				images = append(images, i)
			}
		}
	}
	if len(images) == 0 {
		return nil
	}
	if r.request.back {
		return r.present(ctx, images)
	}
	set, err := r.deployedTemplates(ctx, s.platform, r.bucket)
	if err == nil {
		_, err = r.gateImages(ctx, set, images, r.request.Scan)
	}
	return err
}

// parameterOf is the parameter that takes an image's digest.
func parameterOf(parameters map[string]string, image string) string {
	for _, name := range sortedKeys(parameters) {
		if stem, is := strings.CutSuffix(name, imageSuffix); is && ImageName(stem) == image {
			return name
		}
	}
	return ""
}
