package database

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tierform/tierform/services/internal/secret"
)

// versions is a secret whose versions a test moves as a rotation does.
type versions struct {
	mu    sync.Mutex
	stage map[string]string
	reads int
	err   error
}

func (v *versions) Credentials(_ context.Context, stage string) (secret.Credentials, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reads++
	if v.err != nil {
		return secret.Credentials{}, v.err
	}
	password, ok := v.stage[stage]
	if !ok {
		return secret.Credentials{}, fmt.Errorf("%s: %w", stage, secret.ErrNoVersion)
	}
	return of(password), nil
}

func of(password string) secret.Credentials {
	return secret.Credentials{Username: "payment_api", Password: secret.NewText(password)}
}

func login(source secret.Source) *Login {
	return NewLogin(of("old"), source, quiet())
}

// attempt connects as pgx does, to a database that accepts one password.
func attempt(t *testing.T, l *Login, accepted string) string {
	t.Helper()
	config := &pgx.ConnConfig{}
	if err := l.prepare(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	var answer error
	if config.Password != accepted {
		answer = fmt.Errorf("connect: %w", &pgconn.PgError{Code: invalidPassword})
	}
	ctx := watch{l}.TraceConnectStart(t.Context(), pgx.TraceConnectStartData{ConnConfig: config})
	watch{l}.TraceConnectEnd(ctx, pgx.TraceConnectEndData{Err: answer})
	return config.Password
}

func TestWhatTheDatabaseAcceptsIsFoundAtEveryStepOfARotation(t *testing.T) {
	for name, test := range map[string]struct {
		stage    map[string]string
		accepted string
		most     int // connections until it is found
	}{
		"before":                                  {map[string]string{secret.Current: "old"}, "old", 1},
		"pending made, not set":                   {map[string]string{secret.Current: "old", secret.Pending: "new"}, "old", 1},
		"set, label not moved":                    {map[string]string{secret.Current: "old", secret.Pending: "new"}, "new", 2},
		"label moved":                             {map[string]string{secret.Current: "new"}, "new", 2},
		"moved, a next one pending":               {map[string]string{secret.Current: "new", secret.Pending: "next"}, "new", 2},
		"two rotations on, the second just set":   {map[string]string{secret.Current: "new", secret.Pending: "next"}, "next", 3},
		"moved, pending left on the same version": {map[string]string{secret.Current: "new", secret.Pending: "new"}, "new", 2},
	} {
		t.Run(name, func(t *testing.T) {
			l := login(&versions{stage: test.stage})
			for n := 1; attempt(t, l, test.accepted) != test.accepted; n++ {
				if n == test.most {
					t.Fatalf("not found in %d connections", n)
				}
			}
			if test.most > attempts {
				t.Errorf("a transaction gives up after %d", attempts)
			}
		})
	}
}

func TestASecretIsReadOnlyWhenTheLoginIsRefused(t *testing.T) {
	source := &versions{stage: map[string]string{secret.Current: "old"}}
	l := login(source)
	for range 10 {
		attempt(t, l, "old")
	}
	ctx := watch{l}.TraceConnectStart(t.Context(), pgx.TraceConnectStartData{ConnConfig: configOf("old")})
	watch{l}.TraceConnectEnd(ctx, pgx.TraceConnectEndData{Err: errors.New("connection reset")})
	watch{l}.TraceConnectEnd(ctx, pgx.TraceConnectEndData{Err: &pgconn.PgError{Code: "53300"}}) // too_many_connections
	attempt(t, l, "old")
	if source.reads != 0 {
		t.Errorf("the secret was read %d times", source.reads)
	}
}

func configOf(password string) *pgx.ConnConfig {
	config := &pgx.ConnConfig{}
	config.User, config.Password = "payment_api", password
	return config
}

func TestARoleThatDoesNotExistYetIsNotAskedForAtEachConnection(t *testing.T) {
	source := &versions{stage: map[string]string{secret.Current: "old"}}
	l := login(source)
	for range 100 {
		attempt(t, l, "none")
	}
	if source.reads == 0 || source.reads > 50 {
		t.Errorf("the secret was read %d times in 100 connections", source.reads)
	}
}

// A connection begun with the old password fails after another one already
// found the new: the new one must stay.
func TestALateRefusalOfOldCredentialsChangesNothing(t *testing.T) {
	source := &versions{stage: map[string]string{secret.Current: "new"}}
	l := login(source)
	late := watch{l}.TraceConnectStart(t.Context(), pgx.TraceConnectStartData{ConnConfig: configOf("old")})
	attempt(t, l, "new")
	if got := attempt(t, l, "new"); got != "new" {
		t.Fatal("the new password was not found")
	}
	reads := source.reads
	watch{l}.TraceConnectEnd(late, pgx.TraceConnectEndData{Err: &pgconn.PgError{Code: invalidPassword}})
	if got := attempt(t, l, "new"); got != "new" || source.reads != reads {
		t.Errorf("then %q was used, %d reads", got, source.reads-reads)
	}
}

func TestASecretThatCannotBeReadFailsTheConnection(t *testing.T) {
	l := login(&versions{err: errors.New("throttled")})
	attempt(t, l, "new")
	if err := l.prepare(t.Context(), &pgx.ConnConfig{}); err == nil {
		t.Error("it did not fail")
	}
}

func TestManyConnectionsAtOnceFindTheSame(t *testing.T) {
	l := login(&versions{stage: map[string]string{secret.Current: "old", secret.Pending: "new"}})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range attempts {
				if attempt(t, l, "new") == "new" {
					return
				}
			}
			t.Error("not found")
		})
	}
	all.Wait()
}
