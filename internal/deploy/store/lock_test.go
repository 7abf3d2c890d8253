package store_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

func holder(id string) store.Holder {
	return store.Holder{ID: id, Owner: "arn:aws:sts::111122223333:assumed-role/" + id, Command: "apply"}
}

// mustLock takes the lock.
func mustLock(t *testing.T, b *store.Bucket, id string) *store.Lock {
	t.Helper()
	l, err := b.Lock(t.Context(), holder(id), 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// heldBy tells who holds the lock, empty for nobody.
func heldBy(t *testing.T, b *store.Bucket) string {
	t.Helper()
	h, held, err := b.Holder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !held {
		return ""
	}
	return h.ID
}

func TestOneHoldsTheLock(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	first := mustLock(t, b, "first")
	_, err := b.Lock(t.Context(), holder("second"), 0)
	refused(t, err, fault.Busy, "dev is locked by arn:aws:sts::111122223333:assumed-role/first, who runs apply since 2026-11-22T15:00:00Z", "expires in 15m0s", "deploy watch -e dev", "deploy unlock -e dev --force")
	if by := heldBy(t, b); by != "first" {
		t.Errorf("held by %q", by)
	}
	mustLock(t, a.named("artifacts", "qa7", 0), "other environment")
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if by := heldBy(t, b); by != "" {
		t.Errorf("still held by %q", by)
	}
	mustLock(t, b, "second")
	if err := first.Release(t.Context()); err != nil || heldBy(t, b) != "second" {
		t.Errorf("released what is another's: %v", err)
	}
}

func TestALockIsWaitedFor(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	mustLock(t, b, "first")
	began := a.sim.Clock().Now()
	_, err := b.Lock(t.Context(), holder("second"), time.Minute)
	refused(t, err, fault.Busy, "first")
	if waited := a.sim.Clock().Now().Sub(began); waited != time.Minute {
		t.Errorf("waited %v", waited)
	}
	if _, err := b.Lock(t.Context(), holder("second"), 20*time.Minute); err != nil || heldBy(t, b) != "second" {
		t.Errorf("an expired lock is not taken over: %v", err)
	}
	sleepless := a.on(interrupted{a.sim.Clock()}, "artifacts", "dev")
	if _, err := sleepless.Lock(t.Context(), holder("third"), time.Minute); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// interrupted is the clock of a run that is broken off while it waits.
type interrupted struct{ clock.Clock }

func (interrupted) Sleep(context.Context, time.Duration) error { return context.Canceled }

func TestALockIsRenewed(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	l := mustLock(t, b, "first")
	writes := 0
	a.before = func(r *http.Request) *http.Response {
		if r.Method == http.MethodPut {
			writes++
		}
		return nil
	}
	for range 60 { // an hour of ticks, a minute each
		a.pass(time.Minute)
		if err := l.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		if heldBy(t, b) != "first" {
			t.Fatal("expired while it was renewed")
		}
	}
	if writes != 7 { // each time that half of a quarter of an hour is over
		t.Errorf("renewed %d times", writes)
	}
	if err := l.Release(t.Context()); err != nil || heldBy(t, b) != "" {
		t.Errorf("%v, held by %q", err, heldBy(t, b))
	}
}

func TestUnlock(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	if _, was, err := b.Unlock(t.Context(), false); was || err != nil {
		t.Errorf("nobody held it: %v, %v", was, err)
	}
	mustLock(t, b, "first")
	h, was, err := b.Unlock(t.Context(), false)
	refused(t, err, fault.Busy, "first")
	if !was || h.ID != "first" || heldBy(t, b) != "first" {
		t.Errorf("%v %v", h, was)
	}
	if h, was, err = b.Unlock(t.Context(), true); !was || err != nil || h.ID != "first" || heldBy(t, b) != "" {
		t.Errorf("forced: %v, %v, %v", h, was, err)
	}
	mustLock(t, b, "second")
	a.pass(16 * time.Minute)
	if h, was, err = b.Unlock(t.Context(), false); !was || err != nil || h.ID != "second" {
		t.Errorf("expired: %v, %v, %v", h, was, err)
	}
	a.sim.Inject(simulator.Fault{Operation: "DeleteObject", Kind: simulator.Denied})
	l := mustLock(t, b, "third")
	_, _, err = b.Unlock(t.Context(), true)
	refused(t, err, fault.Usage, "give back the lock", "deploy doctor")
	refused(t, l.Release(t.Context()), fault.Usage, "deploy doctor")
}

func TestUnlockLeavesALockThatChangedHandsMeanwhile(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	l := mustLock(t, b, "first")
	a.pass(10 * time.Minute)
	other := a.bucket(0)
	a.before = func(r *http.Request) *http.Response {
		if r.Method == http.MethodDelete {
			a.before = nil
			if err := l.Renew(t.Context()); err != nil {
				t.Error(err)
			}
		}
		return nil
	}
	_, _, err := other.Unlock(t.Context(), true)
	refused(t, err, fault.Busy, "renewed or changed hands", "deploy status -e dev")
	if heldBy(t, b) != "first" {
		t.Error("the lock is gone")
	}
}

func TestALockThatChangesHandsAllTheTime(t *testing.T) {
	a := newAccount(t)
	b := a.bucket(0)
	a.sim.Inject(simulator.Fault{Operation: "PutObject", Kind: simulator.Failing, Code: "PreconditionFailed", Status: 412})
	_, err := b.Lock(t.Context(), holder("first"), 0)
	refused(t, err, fault.Busy, "dev is locked, by one after the other", "--wait-lock")
}

// put writes an object past the store.
func (a *account) put(key, body string) {
	a.Helper()
	c, err := cloud.Open(a.Context(), cloud.Options{Region: "us-east-1", Client: a.sim.Client(), Clock: a.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")})
	if err == nil {
		_, err = c.S3().PutObject(a.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: &key, Body: strings.NewReader(body)})
	}
	if err != nil {
		a.Fatal(err)
	}
}
