package administration

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/tierform/tierform/services/internal/secret"
)

// fakeRoles checks logins as a server does, against the verifier.
type fakeRoles struct {
	process   *process
	verifiers map[string]string
	// tried keeps the outcome of logins: deriving keys is slow on purpose.
	tried map[[2]string]error
	// deaf servers do not take passwords over.
	deaf bool
}

func (f *fakeRoles) Ensure(_ context.Context, role, verifier string) (created bool, err error) {
	err = f.process.call(func() error {
		if f.verifiers[role] == "" {
			f.verifiers[role], created = verifier, true
		}
		return nil
	})
	return created, err
}

func (f *fakeRoles) SetPassword(_ context.Context, role, verifier string) error {
	return f.process.call(func() error {
		if !f.deaf {
			f.verifiers[role] = verifier
		}
		return nil
	})
}

func (f *fakeRoles) Login(_ context.Context, role string, password secret.Text) error {
	return f.process.call(func() error { return f.accept(role, password.Reveal()) })
}

func (f *fakeRoles) accept(role, password string) error {
	key := [2]string{f.verifiers[role], password}
	if _, ok := f.tried[key]; !ok {
		f.tried[key] = f.derive(role, password)
	}
	return f.tried[key]
}

func (f *fakeRoles) derive(role, password string) error {
	_, rest, _ := strings.Cut(f.verifiers[role], ":")
	encoded, _, _ := strings.Cut(rest, "$")
	salt, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	if v, err := verifierWith(password, salt); err != nil || v != f.verifiers[role] {
		return ErrLoginRefused
	}
	return nil
}
