package runtime_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/tierform/tierform/test/runtime/platform"
)

// TestPlatform has one platform for what leaves it whole; first what may run side by side.
func TestPlatform(t *testing.T) {
	t.Parallel()
	p := started(t, map[string]int{api: 2, processor: 2, notifier: 2})
	t.Run("together", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T, *platform.Platform){
			"payment": onePayment, "card number": noCardNumbers, "database": databaseRefuses, "roles": rolesMayDoNoMore,
			"trace": oneTrace, "metrics": backlogs, "health": healthChecks,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, p) })
		}
	})
	t.Run("reconcile again", func(t *testing.T) { reconcilesAgain(t, p) })
	t.Run("rotate", func(t *testing.T) { rotates(t, p) })
	t.Run("Spot", func(t *testing.T) { spot(t, p) })
}

// onePayment goes through all services and back; the same request again is the same payment.
func onePayment(t *testing.T, p *platform.Platform) {
	ids := some(t, p, "one", 1)
	settles(t, p, ids)
	await(t, func(ctx context.Context) error { return shows(ctx, p, ids[0], "settled", hasSettlement) })
	if again, err := pays(t.Context(), p, "one-0"); err != nil || again != ids[0] {
		t.Errorf("the same request again: %s, %v; want payment %s", again, err, ids[0])
	}
	other := order()
	other.Amount++
	if status, _, err := p.Pay(t.Context(), "one-0", other); status != http.StatusUnprocessableEntity {
		t.Errorf("the key with another request: %d, %v", status, err)
	}
	notifies(t, p, ids, 1)
	var settlement platform.Settlement
	status, err := p.Call(t.Context(), platform.Operator, http.MethodGet, "/transactions/"+ids[0], nil, &settlement)
	if err != nil || status != http.StatusOK || settlement.PaymentID != ids[0] {
		t.Errorf("an operator asks for the transaction: %d, %v, %+v", status, err, settlement)
	}
	if status, err := p.Call(t.Context(), platform.Customer, http.MethodGet, "/transactions/"+ids[0], nil, nil); status != http.StatusNotFound {
		t.Errorf("a customer asks for the transaction: %d, %v", status, err)
	}
	if !slices.Contains(slices.Collect(maps.Values(routed(t, p))), true) {
		t.Error("no Envoy of payment-api has carried a request to transaction-processor")
	}
}

// routed tells of each payment-api whether its Envoy has carried requests.
func routed(t *testing.T, p *platform.Platform) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	for _, task := range p.Tasks(api) {
		stats, err := task.Envoy().Stats(t.Context(), processor)
		if err != nil {
			t.Fatal(err)
		}
		list[task.Name] = stats["upstream_rq_completed"] > 0
	}
	return list
}

// noCardNumbers has a card's number refused wherever it stands; what is logged about it is looked at in the end.
func noCardNumbers(t *testing.T, p *platform.Platform) {
	for name, change := range map[string]func(*platform.Order){
		"token": func(o *platform.Order) { o.CardToken = cardNumber }, "reference": func(o *platform.Order) { o.Reference = cardNumber },
	} {
		o := order()
		change(&o)
		if status, _, err := p.Pay(t.Context(), "number-"+name, o); status != http.StatusBadRequest {
			t.Errorf("a card's number as %s: %d, %v", name, status, err)
		}
	}
	if status, _, err := p.Pay(t.Context(), cardNumber, order()); status != http.StatusBadRequest {
		t.Errorf("a card's number as key: %d, %v", status, err)
	}
}

// healthChecks runs each container's health check as ECS does, with the container's environment.
func healthChecks(t *testing.T, p *platform.Platform) {
	for _, task := range p.Tasks("") {
		if err := task.CheckHealth(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
