package runtime_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
)

// spot stops a task of each service while payments run, without telling anybody before, and starts another.
func spot(t *testing.T, p *platform.Platform) {
	stop := insistentLoad(t, p, "spot", 3)
	for _, service := range []string{api, processor, notifier} {
		if err := p.Tasks(service)[0].Interrupt(); err != nil { // within the stop timeout and with code 0
			t.Error(err)
		}
		if _, err := p.StartTask(t.Context(), service); err != nil {
			t.Error(err)
		}
	}
	exactly(t, p, "spot", stop())
}

// exactly expects each payment once, settled once and notified.
func exactly(t *testing.T, p *platform.Platform, name string, ids []string) {
	t.Helper()
	settles(t, p, ids)
	notifies(t, p, ids, len(ids))
	conn, err := p.Database.Superuser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	var payments, settlements int
	if err := conn.QueryRow(t.Context(), `SELECT count(*), (SELECT count(*) FROM settlements JOIN payments ON id = payment_id WHERE idempotency_key LIKE $1)
		FROM payments WHERE idempotency_key LIKE $1`, name+"-%").Scan(&payments, &settlements); err != nil {
		t.Fatal(err)
	}
	if payments != len(ids) || settlements != len(ids) {
		t.Errorf("%d payments and %d settlements, want %d", payments, settlements, len(ids))
	}
	t.Logf("%d payments", payments)
}

// kills is how often a program is killed; TIERFORM_KILLS says otherwise.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TIERFORM_KILLS")
	if text == "" {
		return 100
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal("TIERFORM_KILLS: ", err)
	}
	return n
}

// TestKills kills the payment-api and the transaction-processor at random points while clients pay, who send a request again
// under the same key. Each payment that was accepted exists once, is settled once, and is notified under one key.
func TestKills(t *testing.T) {
	t.Parallel()
	p := started(t, map[string]int{api: 2, processor: 2, notifier: 1})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	stop := insistentLoad(t, p, "kill", 4)
	tasks := append(p.Tasks(api), p.Tasks(processor)...)
	for i := range kills(t) {
		point(t, time.Duration(random.Int64N(int64(200*time.Millisecond))))
		victim := tasks[random.IntN(len(tasks))]
		victim.Application().Kill()
		if err := victim.StartApplication(t.Context()); err != nil {
			t.Errorf("after kill %d, of %s: %v", i+1, victim.Name, err)
			break
		}
	}
	exactly(t, p, "kill", stop())
}

// point lets a random time pass: what is under way then is what is killed.
func point(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// TestOutages takes away what the payment-api can do without, part after part.
func TestOutages(t *testing.T) {
	t.Parallel()
	p := started(t, nil)
	t.Run("transaction-processor slow", func(t *testing.T) {
		slow := p.Tasks(processor)[0]
		if err := slow.Suspend(); err != nil {
			t.Fatal(err)
		}
		ids := goesOn(t, p, "slow")
		if err := slow.Resume(); err != nil {
			t.Fatal(err)
		}
		settles(t, p, ids)
		notifies(t, p, ids, 1)
	})
	t.Run("transaction-processor down", func(t *testing.T) {
		p.Tasks(processor)[0].Kill()
		ids := goesOn(t, p, "down")
		if _, err := p.StartTask(t.Context(), processor); err != nil {
			t.Fatal(err)
		}
		settles(t, p, ids)
		notifies(t, p, ids, 1)
		await(t, func(ctx context.Context) error { return shows(ctx, p, ids[0], "settled", hasSettlement) })
	})
	t.Run("notification-service down", func(t *testing.T) {
		if err := p.Tasks(notifier)[0].Stop(); err != nil {
			t.Fatal(err)
		}
		ids := some(t, p, "silent", 5)
		settles(t, p, ids)
		if counts, err := sent(p); err != nil || counts[ids[0]] != 0 {
			t.Errorf("nobody can have sent notifications, %v, %v", counts[ids[0]], err)
		}
		if _, err := p.StartTask(t.Context(), notifier); err != nil {
			t.Fatal(err)
		}
		notifies(t, p, ids, 1)
	})
}

// limit is the longest that a request may take: five seconds for the database and one and a half for the transaction-processor.
const limit = 6500 * time.Millisecond

// goesOn expects the payment-api to accept payments and to tell about them, in time, while nobody settles them.
func goesOn(t *testing.T, p *platform.Platform, name string) []string {
	t.Helper()
	var ids []string
	for i := range 8 { // more than the failures that make Envoy eject the task
		begin := time.Now()
		id, err := pays(t.Context(), p, fmt.Sprintf("%s-%d", name, i))
		if err != nil {
			t.Fatal(err)
		}
		paid := time.Now()
		err = shows(t.Context(), p, id, "without settlement", func(p platform.Payment) bool {
			return p.Status == "accepted" && p.SettlementUnavailable && p.Settlement == nil && p.Amount == order().Amount
		})
		if err != nil {
			t.Error(err)
		}
		if asked := time.Now(); paid.Sub(begin) > limit || asked.Sub(paid) > limit {
			t.Errorf("%s: paying took %v and asking %v, want at most %v", name, paid.Sub(begin), asked.Sub(paid), limit)
		}
		ids = append(ids, id)
	}
	return ids
}
