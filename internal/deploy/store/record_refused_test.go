package store_test

import (
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// A record that cannot be written says so, and one that holds another deployment is none.
func TestRecordsThatAreNone(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	tag, err := b.Begin(t.Context(), record("1"))
	if err != nil {
		t.Fatal(err)
	}
	a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: simulator.Denied})
	_, err = b.Begin(t.Context(), record("2"))
	refused(t, err, fault.Usage, "write the deployment's record")
	_, err = b.Update(t.Context(), record("1"), tag)
	refused(t, err, fault.Usage, "write the deployment's record")
	a.sim.Heal()
	a.put("env/dev/deployments/3.json", `{"id":"1"}`)
	if r, err := b.Record(t.Context(), "3"); err != nil || r.ID != "3" || r.Result != store.Unreadable {
		t.Errorf("%+v, %v", r, err)
	}
}
