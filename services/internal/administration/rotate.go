package administration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tierform/tierform/services/internal/secret"
)

// ErrLoginRefused is a login that the database refused because of the name or the password.
var ErrLoginRefused = errors.New("the database refused the login")

// Roles are the database roles of the services, as rotation uses them.
type Roles interface {
	// Ensure creates the role with the verifier of its password when it does not exist, and says whether it did.
	Ensure(ctx context.Context, role, verifier string) (created bool, err error)
	// SetPassword replaces the verifier of the role's password.
	SetPassword(ctx context.Context, role, verifier string) error
	// Login tries a login; a refused one is ErrLoginRefused.
	Login(ctx context.Context, role string, password secret.Text) error
}

// Rotator keeps the passwords of the services' roles and their secrets together. Between any two of its steps a service
// can log in with the password of AWSCURRENT or of AWSPENDING, and every run finishes what an earlier one left half-done:
// the order is the one of https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html.
type Rotator struct {
	Secrets SecretsManager
	Roles   Roles
	Log     *slog.Logger
	// RotateAfter is the age from which a password is due.
	RotateAfter time.Duration
	// Now tells the time.
	Now func() time.Time
}

// Reconcile makes the role exist with its secret's password, finishes a half-done rotation, and rotates a password that
// is due.
func (r *Rotator) Reconcile(ctx context.Context, s Service) error {
	age, err := r.align(ctx, s)
	if err != nil || age <= r.RotateAfter {
		return err
	}
	return r.replace(ctx, s)
}

// Rotate replaces the password whatever its age. A half-done rotation is finished first, so that the new password is
// one that nobody has seen before this run.
func (r *Rotator) Rotate(ctx context.Context, s Service) error {
	if _, err := r.align(ctx, s); err != nil {
		return err
	}
	return r.replace(ctx, s)
}

// align brings the role to its secret: afterwards AWSCURRENT is the password of the role. It returns the password's age.
func (r *Rotator) align(ctx context.Context, s Service) (time.Duration, error) {
	st, err := readStages(ctx, r.Secrets, s)
	if err != nil {
		return 0, err
	}
	v, err := verifier(st.current.password.Reveal())
	if err != nil {
		return 0, err
	}
	created, err := r.Roles.Ensure(ctx, s.Role, v)
	if err != nil {
		return 0, fmt.Errorf("making the role: %w", err)
	}
	if created {
		r.Log.InfoContext(ctx, "role created", "subject", s.Name)
	}
	if st.pending != nil {
		r.Log.InfoContext(ctx, "finishing the rotation that an earlier run began", "subject", s.Name)
		return r.Now().Sub(st.pending.created), r.finish(ctx, s, st.current.id, *st.pending)
	}
	return r.Now().Sub(st.current.created), r.repair(ctx, s, st.current.password, v)
}

// repair sets the secret's password when the database has another one, as after restoring an older snapshot.
func (r *Rotator) repair(ctx context.Context, s Service, password secret.Text, verifier string) error {
	err := r.Roles.Login(ctx, s.Role, password)
	if !errors.Is(err, ErrLoginRefused) {
		return err
	}
	r.Log.WarnContext(ctx, "the database has another password than the secret: setting the secret's", "subject", s.Name)
	if err := r.Roles.SetPassword(ctx, s.Role, verifier); err != nil {
		return fmt.Errorf("setting the password: %w", err)
	}
	return r.Roles.Login(ctx, s.Role, password)
}

// replace rotates a password from the beginning. It reads the secret again: align may have moved AWSCURRENT.
func (r *Rotator) replace(ctx context.Context, s Service) error {
	st, err := readStages(ctx, r.Secrets, s)
	if err != nil {
		return err
	}
	pending, err := addPending(ctx, r.Secrets, s)
	if err != nil {
		return err
	}
	return r.finish(ctx, s, st.current.id, pending)
}

// finish takes a pending password into use.
func (r *Rotator) finish(ctx context.Context, s Service, current string, pending version) error {
	v, err := verifier(pending.password.Reveal())
	if err != nil {
		return err
	}
	if err := r.Roles.SetPassword(ctx, s.Role, v); err != nil {
		return fmt.Errorf("setting the password: %w", err)
	}
	if err := r.Roles.Login(ctx, s.Role, pending.password); err != nil {
		return fmt.Errorf("testing the new password, which stays %s: %w", secret.Pending, err)
	}
	if err := makeCurrent(ctx, r.Secrets, s, current, pending.id); err != nil {
		return err
	}
	r.Log.InfoContext(ctx, "password rotated", "subject", s.Name)
	return nil
}
