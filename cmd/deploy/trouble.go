package main

import (
	"os"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

// trouble tells the simulator what goes wrong with calls at once, and reads what goes wrong when.
func (c *command) trouble(sim *simulator.Simulator, r *rehearseFlags) (simulator.Scenario, error) {
	if r.throttle > 0 {
		sim.Inject(simulator.Fault{Service: "cloudformation", Kind: simulator.Throttled, Times: r.throttle})
	}
	if r.scenario == "" {
		return simulator.Scenario{}, nil
	}
	data, err := os.ReadFile(r.scenario)
	if err != nil {
		return simulator.Scenario{}, &fault.Error{Code: fault.Usage, What: "the scenario cannot be read", Found: r.scenario, Err: err}
	}
	return simulator.ReadScenario(r.scenario, data)
}
