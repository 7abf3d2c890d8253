package costs

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// Column is what one environment costs.
type Column struct {
	// Environment is its name, Parameters the file of values that its templates are deployed with; empty for defaults.
	Environment string   `json:"environment"`
	Parameters  string   `json:"parameters,omitempty"`
	Estimate    Estimate `json:"estimate"`
	// OnDemandOnly is the total without Spot, AtMaximum that with all tasks and the database at their greatest all month.
	OnDemandOnly float64 `json:"on_demand_only_usd"`
	AtMaximum    float64 `json:"at_maximum_usd"`
	// Endpoints is the total with interface endpoints switched the other way; nil where they cannot be.
	Endpoints *Switch `json:"interface_endpoints,omitempty"`
}

// Switch is a parameter that could have another value.
type Switch struct {
	Value      string  `json:"value"`
	OtherValue string  `json:"other_value"`
	OtherUSD   float64 `json:"other_usd"`
}

// endpointSwitch is the parameter that switches interface endpoints on and off.
const endpointSwitch = "InterfaceEndpoints"

// NewColumn estimates an environment; deploy gives its world, with some parameter values changed.
func NewColumn(prices PriceList, usage Usage, deploy func(changes map[string]string) *checks.World) Column {
	world := deploy(nil)
	column := Column{Environment: usage.Environment, Estimate: New(world, prices, usage, AsDeployed),
		OnDemandOnly: New(world, prices, usage, OnDemandOnly).Total(), AtMaximum: New(world, prices, usage.AtMaximum(), AsDeployed).Total()}
	others := map[string]string{"enabled": "disabled", "disabled": "enabled"}
	for _, stack := range world.Stacks {
		value := stack.Parameters[endpointSwitch].String()
		if other := others[value]; other != "" && !strings.Contains(stack.Path, "/") {
			switched := New(deploy(map[string]string{endpointSwitch: other}), prices, usage, AsDeployed)
			column.Endpoints = &Switch{value, other, switched.Total()}
		}
	}
	return column
}

// Report is what environments cost, made to be printed.
type Report struct {
	Directory   string
	Prices      PriceList
	Assumptions Assumptions
	Columns     []Column
}

// price finds a price by ID.
func (r Report) price(id string) Price {
	return r.Prices.Prices[slices.IndexFunc(r.Prices.Prices, func(p Price) bool { return p.ID == id })]
}

// unverified is what rests on prices that were not found in AWS's own text.
func (r Report) unverified(e Estimate) float64 {
	return e.sum(func(l Line) bool { return !r.price(l.Price).Verified })
}

// tiers are those of all columns, in the order of the stacks.
func (r Report) tiers() (names []string) {
	for _, c := range r.Columns {
		for _, name := range c.Estimate.Tiers() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// row is the same line of all columns.
type row struct {
	key   lineKey
	lines []Line // zero where a column has none
}

func (r row) most() (usd float64) {
	for _, l := range r.lines {
		usd = max(usd, l.USD)
	}
	return usd
}

// rows are the lines of all columns, the dearest first.
func (r Report) rows() (rows []row) {
	known := map[lineKey]int{}
	for i, c := range r.Columns {
		for _, l := range c.Estimate.Lines {
			key := lineKey{l.Tier, l.Price, l.Variable}
			at, ok := known[key]
			if !ok {
				at = len(rows)
				known[key] = at
				rows = append(rows, row{key, make([]Line, len(r.Columns))})
			}
			rows[at].lines[i] = l
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		switch difference := b.most() - a.most(); {
		case difference > 0:
			return 1
		case difference < 0:
			return -1
		}
		return 0
	})
	return rows
}
