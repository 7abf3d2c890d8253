package deploy

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// A past is what the records tell of releases, newest first.
type past []store.Record

// counts tells the releases that came to something. One that was not begun changed nothing, nor did a way back that was itself rolled back.
func counts(r store.Release) bool {
	return r.Result == report.Shifted || r.Result == report.NeedsPerson || r.Result == report.RolledBack && !r.Back
}

// last are the services of the last run that was no way back.
func (p past) last() (names []string) {
	for _, record := range p {
		for _, r := range record.Releases {
			if counts(r) && !r.Back {
				names = append(names, r.Service)
			}
		}
		if len(names) > 0 {
			return names
		}
	}
	return nil
}

// of are the releases of a service that came to something.
func (p past) of(service string) (found []store.Release) {
	for _, record := range p {
		for _, r := range record.Releases {
			if r.Service == service && counts(r) {
				found = append(found, r)
			}
		}
	}
	return found
}

// before are the digests that ran before what a service went back to: a way back and the release that it undid are left out.
func (p past) before(service string) map[string]string {
	undone := 0
	for _, r := range p.of(service) {
		switch {
		case r.Result != report.Shifted:
		case r.Back:
			undone++
		case undone > 0:
			undone--
		default:
			return r.Images
		}
	}
	return nil
}

// A wayBack leads to what ran before the last release of services.
type wayBack struct {
	// services have images to go back to; done went back already, and before these images ran.
	services, done []string
	images, before map[string]string
}

// wayBack is that of the services named. Each goes back from its own last release; when one cannot, none does.
func (p past) wayBack(names []string, command string) (way wayBack, err error) {
	way.images, way.before = map[string]string{}, map[string]string{}
	var without, unclear, torn []string
	for _, name := range names {
		releases := p.of(name)
		switch {
		case len(releases) == 0:
			without = append(without, name)
		case releases[0].Result == report.RolledBack || releases[0].Result == report.Shifted && releases[0].Back:
			way.done = append(way.done, name)
			join(way.before, p.before(name))
		case releases[0].Result == report.NeedsPerson || len(releases[0].Images) == 0:
			unclear = append(unclear, name)
		default:
			way.services = append(way.services, name)
			torn = append(torn, join(way.images, releases[0].Images)...)
		}
	}
	refuse := func(what string, found []string, do string) (wayBack, error) {
		return way, &fault.Error{Code: fault.Usage, What: what, Found: strings.Join(found, ", "), Do: do}
	}
	switch byHand := "name the digest: " + command + " --image NAME=sha256:…"; {
	case len(names) == 0 || len(without) > 0:
		return refuse("no earlier release is recorded that could be gone back from", without, byHand)
	case len(unclear) > 0:
		return refuse("the last release changed no image, or did not end plainly", unclear, byHand+"; deploy rollback --to ID brings back templates and values")
	case len(torn) > 0:
		return refuse("the services ran different digests of an image before", torn, "one after the other: --service "+way.services[0])
	}
	return way, nil
}

// join adds images, and names those that are there with another digest.
func join(images, more map[string]string) (torn []string) {
	for _, name := range sortedKeys(more) {
		if old, is := images[name]; is && old != more[name] {
			torn = append(torn, name)
		}
		images[name] = more[name]
	}
	return torn
}

// further is the command that goes further back than services that went back already.
func (w wayBack) further(command string) string {
	if len(w.before) == 0 {
		return "to go further, name the digest: " + command + " --image NAME=sha256:…"
	}
	command += " --service " + strings.Join(w.done, ",")
	for _, name := range sortedKeys(w.before) {
		command += " --image " + name + "=" + w.before[name]
	}
	return "to go further: " + command
}
