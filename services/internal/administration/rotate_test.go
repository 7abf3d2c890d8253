package administration

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/services/internal/secret"
)

var payments = Service{Name: "payment-api", Role: "payment_api", SecretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:secret-payment-api-test"}

const firstValue = `{"username":"payment_api","password":"first-password"}`

// rig is a rotator with a secret and a database that are fakes.
type rig struct {
	process *process
	secrets *fakeSecrets
	roles   *fakeRoles
	rotator *Rotator
	log     *strings.Builder
	clock   time.Time
}

func newRig(t *testing.T, roleExists bool) *rig {
	t.Helper()
	r := &rig{process: &process{}, log: &strings.Builder{}, clock: time.Date(2026, 11, 1, 8, 17, 0, 0, time.UTC)}
	now := func() time.Time { return r.clock }
	r.secrets = newSecrets(r.process, now, firstValue)
	r.roles = &fakeRoles{process: r.process, verifiers: map[string]string{}, tried: map[[2]string]error{}}
	if roleExists {
		v, err := verifier("first-password")
		if err != nil {
			t.Fatal(err)
		}
		r.roles.verifiers[payments.Role] = v
	}
	r.rotator = &Rotator{Secrets: r.secrets, Roles: r.roles, RotateAfter: 30 * day, Now: now,
		Log: slog.New(slog.NewJSONHandler(r.log, nil))}
	return r
}

// restart is the next run of the program.
func (r *rig) restart() { *r.process = process{} }

// canLogIn is what a service does whose login fails: it takes AWSCURRENT, then AWSPENDING.
func (r *rig) canLogIn() bool {
	return r.accepts(r.secrets.password(secret.Current)) || r.accepts(r.secrets.password(secret.Pending))
}

func (r *rig) accepts(password string) bool {
	return password != "" && r.roles.accept(payments.Role, password) == nil
}

// settled fails unless the secret and the database agree and no rotation is half-done.
func (r *rig) settled(t *testing.T) {
	t.Helper()
	if !r.accepts(r.secrets.password(secret.Current)) {
		t.Error("the database does not accept the password of AWSCURRENT")
	}
	if at := r.secrets.at(secret.Pending); at != "" && at != r.secrets.at(secret.Current) {
		t.Error("a rotation is left half-done")
	}
}

func TestARotationMayBeKilledAtEveryStep(t *testing.T) {
	for _, roleExists := range []bool{true, false} {
		whole := newRig(t, roleExists)
		if err := whole.rotator.Rotate(t.Context(), payments); err != nil {
			t.Fatal(err)
		}
		whole.settled(t)
		for at := 1; at <= whole.process.calls; at++ {
			for _, after := range []bool{false, true} {
				name := fmt.Sprintf("role exists %t, call %d, after %t", roleExists, at, after)
				t.Run(name, func(t *testing.T) { killOnce(t, roleExists, at, after) })
			}
		}
	}
}

// killOnce kills a rotation at a call, and lets the next run, a daily one, come after it.
func killOnce(t *testing.T, roleExists bool, at int, after bool) {
	r := newRig(t, roleExists)
	*r.process = process{at: at, after: after}
	existed := roleExists
	r.process.between = func(call int) {
		existed = existed || r.roles.verifiers[payments.Role] != ""
		if existed && !r.canLogIn() {
			t.Errorf("before call %d no service can log in", call+1)
		}
	}
	if err := r.rotator.Rotate(t.Context(), payments); !errors.Is(err, errKilled) {
		t.Fatalf("the run was not killed: %v", err)
	}
	if existed && !r.canLogIn() {
		t.Error("after the kill no service can log in")
	}
	begun := r.secrets.password(secret.Pending)
	r.restart()
	if err := r.rotator.Reconcile(t.Context(), payments); err != nil {
		t.Fatalf("the next run: %v", err)
	}
	r.settled(t)
	if begun != "" && r.secrets.password(secret.Current) != begun {
		t.Error("the next run did not finish with the password that the killed one had begun with")
	}
	r.restart()
	if err := r.rotator.Rotate(t.Context(), payments); err != nil {
		t.Fatalf("the run after that: %v", err)
	}
	r.settled(t)
	if got := r.secrets.password(secret.Current); got == begun || got == "first-password" {
		t.Error("a rotation kept a password that was known before")
	}
}

func TestReconcileRotatesWhatIsDue(t *testing.T) {
	tests := []struct {
		name    string
		age     time.Duration
		rotates bool
	}{
		{"new", time.Hour, false},
		{"on the day", 30 * day, false},
		{"older", 30*day + time.Minute, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, true)
			r.clock = r.clock.Add(tt.age)
			if err := r.rotator.Reconcile(t.Context(), payments); err != nil {
				t.Fatal(err)
			}
			r.settled(t)
			if got := r.secrets.password(secret.Current) != "first-password"; got != tt.rotates {
				t.Errorf("rotated: %t, want %t", got, tt.rotates)
			}
		})
	}
}

func TestAPasswordThatFailsItsTestIsNotTakenIntoUse(t *testing.T) {
	r := newRig(t, true)
	r.roles.deaf = true
	if err := r.rotator.Rotate(t.Context(), payments); !errors.Is(err, ErrLoginRefused) {
		t.Errorf("error: %v", err)
	}
	if r.secrets.password(secret.Current) != "first-password" {
		t.Error("AWSCURRENT was moved")
	}
	begun := r.secrets.password(secret.Pending)
	if err := r.rotator.Rotate(t.Context(), payments); err == nil || r.secrets.password(secret.Pending) != begun {
		t.Errorf("a rotation is begun before the last one is finished: %v", err)
	}
	r.roles.deaf = false
	if err := r.rotator.Reconcile(t.Context(), payments); err != nil {
		t.Fatal(err)
	}
	r.settled(t)
}

func TestReconcileSetsTheSecretsPasswordInARestoredDatabase(t *testing.T) {
	r := newRig(t, true)
	v, err := verifier("of-an-older-snapshot")
	if err != nil {
		t.Fatal(err)
	}
	r.roles.verifiers[payments.Role] = v
	if err := r.rotator.Reconcile(t.Context(), payments); err != nil {
		t.Fatal(err)
	}
	r.settled(t)
	if r.secrets.password(secret.Current) != "first-password" {
		t.Error("the secret was changed instead of the database")
	}
}

func TestSecretsThatAreNotTheServicesOwn(t *testing.T) {
	value := func(s string) *string { return &s }
	tests := []struct {
		name    string
		value   *string
		label   string
		refused string // empty: the run goes on
	}{
		{"the master's", value(`{"username":"payadmin","password":"x"}`), secret.Current, "the username is not payment_api"},
		{"no JSON", value("hunter2"), secret.Current, "is not JSON"},
		{"a password that SCRAM would normalise", value(`{"username":"payment_api","password":"hunter2é"}`), secret.Current, "printable ASCII"},
		{"pending of somebody else", value(`{"username":"payadmin","password":"x"}`), secret.Pending, ""},
		{"pending without a value", nil, secret.Pending, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, true)
			r.secrets.add(tt.value, tt.label)
			before := r.roles.verifiers[payments.Role]
			err := r.rotator.Rotate(t.Context(), payments)
			if tt.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				r.settled(t)
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.refused) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error: %v", err)
			}
			if diff := cmp.Diff(map[string]string{payments.Role: before}, r.roles.verifiers); diff != "" {
				t.Errorf("the database was changed: %s", diff)
			}
		})
	}
}

// TestVerifier has the example of RFC 7677, section 3, whose proof and server signature follow from these keys.
func TestVerifier(t *testing.T) {
	got, err := verifierWith("pencil", []byte{0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81})
	if err != nil {
		t.Fatal(err)
	}
	want := "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
