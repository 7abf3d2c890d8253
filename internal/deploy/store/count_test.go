package store_test

import (
	"fmt"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// A run that released executed two change sets, any other one; records are read only where that decides.
func TestExecuted(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	for i := range 6 {
		r := record(fmt.Sprint(i))
		if i < 3 {
			r.Releases = []store.Release{{Service: "api"}}
		}
		recorded(t, b, r)
	}
	for enough, want := range map[int]int{6: 6, 9: 9, 12: 9, 13: 6} {
		if got, err := b.Executed(t.Context(), enough); err != nil || got != want {
			t.Errorf("of %d: %d, %v; want %d", enough, got, err, want)
		}
	}
	for _, operation := range []string{"GetObject", "ListObjectsV2"} {
		a.sim.Inject(simulator.Fault{Operation: operation, Kind: simulator.Denied})
		_, err := b.Executed(t.Context(), 12)
		refused(t, err, fault.Usage, "the artifact bucket cannot be used")
		a.sim.Heal()
	}
}
