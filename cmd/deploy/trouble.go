package main

import (
	"os"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

// trouble tells the simulator what goes wrong.
func (c *command) trouble(sim *simulator.Simulator, r *rehearseFlags) error {
	if r.throttle > 0 {
		sim.Inject(simulator.Fault{Service: "cloudformation", Kind: simulator.Throttled, Times: r.throttle})
	}
	if r.scenario == "" {
		return nil
	}
	data, err := os.ReadFile(r.scenario)
	if err != nil {
		return &fault.Error{Code: fault.Usage, What: "the scenario cannot be read", Found: r.scenario, Err: err}
	}
	scenario, err := simulator.ReadScenario(r.scenario, data)
	if err != nil {
		return err
	}
	sim.Play(scenario)
	return nil
}
