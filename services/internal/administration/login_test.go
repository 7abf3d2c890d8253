package administration

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tierform/tierform/services/internal/secret"
)

// changing is how many of a rotation's calls change something or come after one that did, from PutSecretValue on.
const changing = 4

// TestAServiceLogsInWhileItsPasswordIsRotated places the steps of a service's login at every combination of moments of a
// rotation: it tries the password that it has, then that of
// AWSCURRENT, then that of AWSPENDING.
func TestAServiceLogsInWhileItsPasswordIsRotated(t *testing.T) {
	whole := newRig(t, true)
	if err := whole.rotator.Rotate(t.Context(), payments); err != nil {
		t.Fatal(err)
	}
	last := whole.process.calls
	for moments := range orders(5, last-changing, last) {
		r := newRig(t, true)
		s := &login{rig: r, password: "first-password"}
		r.process.between = func(call int) {
			for s.step < len(moments) && moments[s.step] == call {
				s.next()
			}
		}
		if err := r.rotator.Rotate(t.Context(), payments); err != nil {
			t.Fatal(err)
		}
		for s.step < len(moments) {
			s.next()
		}
		if !s.in {
			t.Fatalf("a service whose steps come before the calls %v of the rotation cannot log in", moments)
		}
	}
}

// login is a service's login in five steps, reading and trying apart from each other.
type login struct {
	rig      *rig
	password string
	step     int
	in       bool
}

func (l *login) next() {
	l.step++
	if l.in {
		return
	}
	switch l.step {
	case 2:
		l.password = l.rig.secrets.password(secret.Current)
	case 4:
		l.password = l.rig.secrets.password(secret.Pending)
	default:
		l.in = l.rig.accepts(l.password)
	}
}

// orders yields all ascending sequences of length n with values from least to most.
func orders(n, least, most int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		var extend func(prefix []int) bool
		extend = func(prefix []int) bool {
			if len(prefix) == n {
				return yield(slices.Clone(prefix))
			}
			from := least
			if len(prefix) > 0 {
				from = prefix[len(prefix)-1]
			}
			for v := from; v <= most; v++ {
				if !extend(append(prefix, v)) {
					return false
				}
			}
			return true
		}
		extend(nil)
	}
}

func TestNoPasswordIsLogged(t *testing.T) {
	r := newRig(t, false)
	if err := r.rotator.Rotate(t.Context(), payments); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first-password", r.secrets.password(secret.Current), "SCRAM-SHA-256"} {
		if strings.Contains(r.log.String(), text) {
			t.Errorf("the log has %q", text)
		}
	}
	for _, text := range []string{`"role created","subject":"payment-api"`, `"password rotated","subject":"payment-api"`} {
		if !strings.Contains(r.log.String(), text) {
			t.Errorf("the log does not tell %s: %s", text, r.log)
		}
	}
}

func TestAFinishedRotationIsNotFinishedAgain(t *testing.T) {
	r := newRig(t, true)
	if err := r.rotator.Rotate(t.Context(), payments); err != nil {
		t.Fatal(err)
	}
	before := r.roles.verifiers[payments.Role]
	r.log.Reset()
	if err := r.rotator.Reconcile(t.Context(), payments); err != nil || r.log.String() != "" || r.roles.verifiers[payments.Role] != before {
		t.Errorf("the next run has work to do: %v, %s", err, r.log)
	}
}

func TestASecretWithoutAValueIsNamedAsSuch(t *testing.T) {
	r := newRig(t, true)
	clear(r.secrets.versions)
	if err := r.rotator.Rotate(t.Context(), payments); err == nil || !strings.Contains(err.Error(), "the secret has no version AWSCURRENT") {
		t.Errorf("error: %v", err)
	}
}

func TestPasswordsArePrintableASCII(t *testing.T) {
	for password, good := range map[string]bool{" ~": true, "": false, "\x1f": false, "\x7f": false, "é": false} {
		if _, err := verifier(password); (err == nil) != good {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// emptyPassword is a Secrets Manager that makes a password which no role may have.
type emptyPassword struct{ *fakeSecrets }

func (emptyPassword) GetRandomPassword(context.Context, *secretsmanager.GetRandomPasswordInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetRandomPasswordOutput, error) {
	return &secretsmanager.GetRandomPasswordOutput{}, nil
}

func TestAPasswordThatIsNoneIsNotStored(t *testing.T) {
	r := newRig(t, true)
	r.rotator.Secrets = emptyPassword{r.secrets}
	if err := r.rotator.Rotate(t.Context(), payments); err == nil || r.secrets.at(secret.Pending) != "" {
		t.Errorf("error: %v; %s is at %q", err, secret.Pending, r.secrets.at(secret.Pending))
	}
}
