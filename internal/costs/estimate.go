package costs

import (
	"cmp"
	"slices"

	"github.com/tierform/tierform/pkg/checks"
)

// hours and days of a month, as AWS's calculator counts them.
const (
	hours = 730
	days  = 365.0 / 12
)

// Estimate is what a month costs.
type Estimate struct {
	// Lines are in the order of stacks and resources.
	Lines []Line `json:"lines"`
	// Free are the types of resources that cost nothing, Unpriced what there is no price for; both are part of the answer.
	Free     []Free     `json:"free"`
	Unpriced []Unpriced `json:"unpriced"`
}

// Line is a quantity of something that some resources of a tier take.
type Line struct {
	// Tier is the name of the template without its ending, Resources are logical IDs in it.
	Tier      string   `json:"tier"`
	Resources []string `json:"resources"`
	// Price is the ID of the price, for Quantity of its units.
	Price    string  `json:"price"`
	Quantity float64 `json:"quantity"`
	USD      float64 `json:"usd"`
	// Variable costs come from use, the others from the resource being there.
	Variable bool `json:"variable"`
}

// Free is a type of resources that cost nothing.
type Free struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
	Why   string `json:"why"`
}

// Unpriced is a resource that costs something unknown.
type Unpriced struct {
	Template  string `json:"template"`
	LogicalID string `json:"logical_id"`
	Type      string `json:"type"`
	Why       string `json:"why"`
}

// Scenario is a change of how something is paid.
type Scenario int

// The scenarios.
const (
	AsDeployed Scenario = iota
	OnDemandOnly
)

// New estimates what a month of a world costs.
func New(w *checks.World, prices PriceList, usage Usage, scenario Scenario) Estimate {
	r := &reckoning{world: w, usage: usage, scenario: scenario, prices: map[string]Price{}, lines: map[lineKey]int{}, frees: map[string]int{},
		reasons: freeTypes(), pricers: pricers(), estimate: Estimate{Lines: []Line{}, Free: []Free{}, Unpriced: []Unpriced{}}, metrics: map[string]bool{}, targets: map[*checks.Resource]*checks.Resource{}}
	for _, p := range prices.Prices {
		r.prices[p.ID] = p
	}
	for _, s := range w.Operations().Services {
		r.targets[s.Resource] = s.Target
	}
	for _, role := range w.OfType("AWS::IAM::Role") {
		if tracing(role) {
			r.tracers++
		}
	}
	for _, stack := range w.Stacks {
		for _, resource := range stack.Resources {
			r.price(resource)
		}
	}
	slices.SortFunc(r.estimate.Free, func(a, b Free) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Why, b.Why)) })
	return r.estimate
}

// Total is the sum of the lines, Fixed and Variable are its parts.
func (e Estimate) Total() float64 { return e.sum(func(Line) bool { return true }) }

// Fixed is what is paid for resources that are there.
func (e Estimate) Fixed() float64 { return e.sum(func(l Line) bool { return !l.Variable }) }

// Variable is what is paid for use.
func (e Estimate) Variable() float64 { return e.sum(func(l Line) bool { return l.Variable }) }

// Tier is what a tier costs.
func (e Estimate) Tier(name string) float64 {
	return e.sum(func(l Line) bool { return l.Tier == name })
}

func (e Estimate) sum(counts func(Line) bool) (usd float64) {
	for _, l := range e.Lines {
		if counts(l) {
			usd += l.USD
		}
	}
	return usd
}

// Tiers are the names of the tiers that cost something, in the order of the stacks.
func (e Estimate) Tiers() (names []string) {
	for _, l := range e.Lines {
		if !slices.Contains(names, l.Tier) {
			names = append(names, l.Tier)
		}
	}
	return names
}
