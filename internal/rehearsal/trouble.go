package rehearsal

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// shownNames is how many names an error lists: few enough to be read.
const shownNames = 10

// failing are the resources that fail in the failing update, as the simulator names them. A name of the caller's must be of one that the
// update changes, or the update would go well.
func (o Options) failing(set *source.Set, change Change) ([]string, error) {
	if o.Fail == "" {
		return []string{DefaultFailure}, nil
	}
	touched := reachOf(set, change.Name)
	var ids []string
	for _, p := range touched {
		if p.is(o.Fail) {
			ids = append(ids, p.id())
		}
	}
	if len(ids) > 0 {
		return ids, nil
	}
	what := "--fail names no resource of " + set.Root.Name + " and the templates nested in it"
	if slices.ContainsFunc(places(set, set.Root, nil), func(p place) bool { return p.is(o.Fail) }) {
		what = "--fail names a resource that the failing update (" + change.Name + "=" + change.Failing + ") does not change"
	}
	allowed := listed(touched)
	if allowed == "" {
		allowed = "none, as " + change.Name + " changes no resource of these templates"
	}
	return nil, &fault.Error{Code: fault.Usage, What: what, Found: o.Fail, Allowed: allowed}
}

// listed are the names of places, not too many.
func listed(all []place) string {
	var names []string
	for _, p := range all {
		names = append(names, p.String())
	}
	slices.Sort(names)
	if len(names) > shownNames {
		names = append(names[:shownNames], withheld)
	}
	return strings.Join(names, ", ")
}

// troubles are the scenario with the simulator's names of its resources; one that names what the templates do not have is refused.
func (o Options) troubles(set *source.Set) (simulator.Scenario, error) {
	all := places(set, set.Root, nil)
	for _, file := range []string{o.Roots.Foundation, o.Roots.Role} {
		if own, err := source.Load(o.Templates, file); err == nil {
			all = append(all, places(own, own.Root, nil)...)
		}
	}
	if err := o.Simulator.Knows(o.Scenario); err != nil {
		return simulator.Scenario{}, err
	}
	return o.Scenario.Renamed(func(written string) (string, error) {
		var meant []string
		for _, p := range all {
			if p.is(written) {
				meant = append(meant, p.id())
			}
		}
		if len(meant) == 0 {
			return "", &fault.Error{Code: fault.Usage, What: "the scenario names no resource of the templates", Found: written, Allowed: listed(nearest(all, written))}
		}
		if len(meant) > 1 && slices.ContainsFunc(meant, func(id string) bool { return strings.HasSuffix("/"+id, "/"+written) }) {
			return written, nil // all that it names
		}
		return meant[0], nil
	})
}

// nearest are the places whose logical IDs begin most like a text.
func nearest(all []place, written string) []place {
	logicalID := strings.ToLower(written[strings.LastIndexByte(written, '/')+1:])
	alike := func(p place) (n int) {
		id := strings.ToLower(p.logicalID)
		for n < min(len(id), len(logicalID)) && id[n] == logicalID[n] {
			n++
		}
		return n
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b place) int { return alike(b) - alike(a) })
	return sorted[:min(len(sorted), 3)]
}
