package costs

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// reckoning is an estimate in the making.
type reckoning struct {
	world    *checks.World
	usage    Usage
	scenario Scenario
	prices   map[string]Price
	pricers  map[string]func(*reckoning, *checks.Resource)
	reasons  map[string]string // why types are free
	estimate Estimate
	lines    map[lineKey]int
	frees    map[string]int
	metrics  map[string]bool                       // custom metrics that have been counted
	targets  map[*checks.Resource]*checks.Resource // scalable targets by ECS service
	tracers  int                                   // roles that may send traces
}

// lineKey is what resources share a line.
type lineKey struct {
	tier, price string
	variable    bool
}

func (r *reckoning) price(resource *checks.Resource) {
	pricer, free := r.pricers[resource.Type], r.reasons[resource.Type]
	switch {
	case resource.Maybe != "":
		r.unpriced(resource, "whether it exists is not known: "+resource.Maybe)
	case pricer != nil:
		pricer(r, resource)
	case free != "":
		r.free(resource, free)
	default:
		r.unpriced(resource, "no price known for "+resource.Type)
	}
}

// fixed adds a cost that is there with the resource, variable one of its use.
func (r *reckoning) fixed(resource *checks.Resource, price string, quantity float64) {
	r.add(resource, price, quantity, false)
}

func (r *reckoning) variable(resource *checks.Resource, price string, quantity float64) {
	r.add(resource, price, quantity, true)
}

func (r *reckoning) add(resource *checks.Resource, price string, quantity float64, variable bool) {
	p, ok := r.prices[price]
	if !ok {
		r.unpriced(resource, "the price list has no "+price)
		return
	}
	if quantity == 0 {
		return
	}
	key := lineKey{tierOf(resource), price, variable}
	at, known := r.lines[key]
	if !known {
		at = len(r.estimate.Lines)
		r.lines[key] = at
		r.estimate.Lines = append(r.estimate.Lines, Line{Tier: key.tier, Price: price, Variable: variable})
	}
	line := &r.estimate.Lines[at]
	if !slices.Contains(line.Resources, resource.LogicalID) {
		line.Resources = append(line.Resources, resource.LogicalID)
	}
	line.Quantity += quantity
	line.USD += quantity * p.USD
}

func (r *reckoning) free(resource *checks.Resource, why string) {
	key := resource.Type + " " + why
	at, known := r.frees[key]
	if !known {
		at = len(r.estimate.Free)
		r.frees[key] = at
		r.estimate.Free = append(r.estimate.Free, Free{Type: resource.Type, Why: why})
	}
	r.estimate.Free[at].Count++
}

func (r *reckoning) unpriced(resource *checks.Resource, why string) {
	r.estimate.Unpriced = append(r.estimate.Unpriced, Unpriced{resource.Stack.Template.Name, resource.LogicalID, resource.Type, why})
}

// number is the number at a path, or what stands for it when there is none. A value that is not known makes the resource
// unpriced.
func (r *reckoning) number(resource *checks.Resource, at string, none float64) (float64, bool) {
	v := resource.At(at)
	if !v.Exists() {
		return none, true
	}
	n, ok := v.Float()
	if !ok {
		r.unpriced(resource, fmt.Sprintf("%s is %s", at, v.Show()))
	}
	return n, ok
}

// items are those of the list at a path; one that is not known makes the resource unpriced.
func (r *reckoning) items(resource *checks.Resource, at string) ([]checks.Value, bool) {
	v := resource.At(at)
	if v.Unknown() != "" {
		r.unpriced(resource, fmt.Sprintf("%s is %s", at, v.Show()))
	}
	return v.List(), v.Unknown() == ""
}

// share is the part of one resource in what all of its type take together.
func (r *reckoning) share(resource *checks.Resource) float64 {
	return 1 / float64(len(r.world.OfType(resource.Type)))
}

func tierOf(resource *checks.Resource) string {
	name := resource.Stack.Template.Name
	return strings.TrimSuffix(name, path.Ext(name))
}

//go:embed free.txt
var freeText string

// freeTypes reads the table of types that cost nothing.
func freeTypes() map[string]string {
	types := map[string]string{}
	for line := range strings.Lines(freeText) {
		if name, why, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			types[name] = why
		}
	}
	return types
}
