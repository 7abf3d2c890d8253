package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

func TestALockIsLost(t *testing.T) {
	t.Run("somebody took it over", func(t *testing.T) {
		a := newAccount(t)
		b := a.bucket(0)
		l := mustLock(t, b, "first")
		a.pass(16 * time.Minute)
		mustLock(t, b, "second")
		refused(t, l.Renew(t.Context()), fault.Busy, "the lock of dev was lost", "deploy watch -e dev")
		if err := l.Release(t.Context()); err != nil || heldBy(t, b) != "second" {
			t.Errorf("%v, held by %q", err, heldBy(t, b))
		}
	})
	t.Run("somebody broke it", func(t *testing.T) {
		a := newAccount(t)
		b := a.bucket(0)
		l := mustLock(t, b, "first")
		if _, _, err := b.Unlock(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		a.pass(8 * time.Minute)
		refused(t, l.Renew(t.Context()), fault.Busy, "lost")
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("AWS did not answer for too long", func(t *testing.T) {
		a := newAccount(t)
		l := mustLock(t, a.bucket(0), "first")
		a.sim.Inject(simulator.Fault{Kind: simulator.Throttled})
		a.pass(10 * time.Minute)
		if err := l.Renew(t.Context()); err != nil {
			t.Errorf("lost although it holds for five minutes more: %v", err)
		}
		a.pass(5 * time.Minute)
		refused(t, l.Renew(t.Context()), fault.Busy, "lost")
	})
	t.Run("nobody knows", func(t *testing.T) {
		a := newAccount(t)
		l := mustLock(t, a.bucket(0), "first")
		a.pass(10 * time.Minute)
		a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: simulator.Failing, Code: "PreconditionFailed", Status: 412}, simulator.Fault{Operation: "GetObject", Kind: simulator.Throttled})
		if err := l.Renew(t.Context()); err != nil {
			t.Errorf("lost although it holds for five minutes more: %v", err)
		}
		a.sim.Heal()
		if err := l.Renew(t.Context()); err != nil || heldBy(t, a.bucket(0)) != "first" {
			t.Error(err)
		}
	})
}

func TestLostAnswersOfLocks(t *testing.T) {
	for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half, simulator.Twice} {
		t.Run("taking "+string(kind), func(t *testing.T) {
			a := newAccount(t)
			a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: kind, Times: 1})
			l := mustLock(t, a.bucket(0), "first")
			if err := l.Release(t.Context()); err != nil || heldBy(t, a.bucket(0)) != "" {
				t.Error(err)
			}
		})
		t.Run("taking over "+string(kind), func(t *testing.T) {
			a := newAccount(t)
			mustLock(t, a.bucket(0), "dead")
			a.pass(16 * time.Minute)
			a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: kind, Skip: 1, Times: 1})
			l := mustLock(t, a.bucket(0), "second")
			if err := l.Release(t.Context()); err != nil || heldBy(t, a.bucket(0)) != "" {
				t.Error(err)
			}
		})
		t.Run("renewing "+string(kind), func(t *testing.T) {
			a := newAccount(t)
			l := mustLock(t, a.bucket(0), "first")
			a.pass(8 * time.Minute)
			a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: kind, Times: 1})
			for range 2 {
				if err := l.Renew(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			a.pass(14 * time.Minute)
			if heldBy(t, a.bucket(0)) != "first" {
				t.Error("not renewed")
			}
			if err := l.Release(t.Context()); err != nil || heldBy(t, a.bucket(0)) != "" {
				t.Errorf("%v, held by %q", err, heldBy(t, a.bucket(0)))
			}
		})
		for name, renew := range map[string]func(*store.Lock, context.Context) error{"renewing last ": (*store.Lock).Renew, "holding ": (*store.Lock).Hold} {
			t.Run(name+string(kind), func(t *testing.T) {
				a := newAccount(t)
				l := mustLock(t, a.bucket(0), "first")
				a.pass(8 * time.Minute)
				a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: kind, Times: 1})
				if err := renew(l, t.Context()); err != nil || heldBy(t, a.bucket(0)) != "first" {
					t.Error(err)
				}
				if err := l.Release(t.Context()); err != nil || heldBy(t, a.bucket(0)) != "" {
					t.Errorf("%v, held by %q", err, heldBy(t, a.bucket(0)))
				}
			})
		}
		t.Run("releasing "+string(kind), func(t *testing.T) {
			a := newAccount(t)
			l := mustLock(t, a.bucket(0), "first")
			a.sim.Inject(simulator.Fault{Operation: "DeleteObject", Kind: kind, Times: 1})
			if err := l.Release(t.Context()); err != nil || heldBy(t, a.bucket(0)) != "" {
				t.Error(err)
			}
		})
	}
}

func TestOfTwoThatRaceOneWins(t *testing.T) {
	for round := range 20 {
		a := newAccount(t)
		if round%2 == 1 { // both want to take over
			mustLock(t, a.bucket(0), "dead")
			a.pass(16 * time.Minute)
		}
		var group sync.WaitGroup
		won := make(chan string, 8)
		for i := range 8 {
			b, id := a.bucket(time.Duration(i)*time.Hour), fmt.Sprint("run", i)
			group.Go(func() {
				if _, err := b.Lock(t.Context(), holder(id), 0); err == nil {
					won <- id
				} else if fault.CodeOf(err) != fault.Busy {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(won) != 1 {
			t.Fatalf("%d hold the lock", len(won))
		}
		if id := <-won; heldBy(t, a.bucket(0)) != id {
			t.Errorf("%s won, %s holds", id, heldBy(t, a.bucket(0)))
		}
	}
}

// TestClocksNeedNotAgree lets machines an hour apart compete: whether a lock expired is told by S3's clock.
func TestClocksNeedNotAgree(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		a := newAccount(t)
		mustLock(t, a.bucket(0), "first")
		_, err := a.bucket(ahead).Lock(t.Context(), holder("second"), 0)
		refused(t, err, fault.Busy, "expires in 15m0s")
		a.pass(16 * time.Minute)
		l := mustLock(t, a.bucket(ahead), "second")
		a.pass(8 * time.Minute)
		if err := l.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.pass(14 * time.Minute)
		if heldBy(t, a.bucket(0)) != "second" {
			t.Error("a renewed lock expired for a machine with another clock")
		}
	}
}

func TestAnEndpointWithoutTimes(t *testing.T) {
	for _, c := range []struct{ undated, silent bool }{{true, false}, {false, true}, {true, true}} {
		a := newAccount(t)
		a.undated, a.silent = c.undated, c.silent
		b := a.bucket(0)
		mustLock(t, b, "first")
		a.pass(14 * time.Minute)
		if heldBy(t, b) != "first" {
			t.Errorf("%+v: expired too early", c)
		}
		a.pass(2 * time.Minute)
		if heldBy(t, b) != "" {
			t.Errorf("%+v: does not expire", c)
		}
	}
}

func TestAnUnreadableLockExpiresToo(t *testing.T) {
	a := newAccount(t)
	a.put("env/dev/lock.json", "{")
	_, err := a.bucket(0).Lock(t.Context(), holder("first"), 0)
	refused(t, err, fault.Busy, "unreadable")
	a.pass(16 * time.Minute)
	mustLock(t, a.bucket(0), "first")
}

func TestErrorsOfTakingAndReading(t *testing.T) {
	a := newAccount(t)
	mustLock(t, a.bucket(0), "dead")
	a.sim.Inject(simulator.Fault{Operation: "GetObject", Kind: simulator.Denied})
	_, err := a.bucket(0).Lock(t.Context(), holder("first"), 0)
	refused(t, err, fault.Usage, "read the lock", "deploy doctor")
	a.sim.Heal()
	a.pass(16 * time.Minute)
	a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: simulator.Failing, Skip: 1, Code: "InvalidRequest", Message: "no"})
	_, err = a.bucket(0).Lock(t.Context(), holder("first"), 0)
	refused(t, err, fault.Unexpected, "take the lock in bucket artifacts", "no")
}
