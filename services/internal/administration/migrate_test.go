package administration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tierform/tierform/services/internal/postgrestest"
	"github.com/tierform/tierform/services/migrations"
)

func withFile(name, content string) fs.FS {
	files := fstest.MapFS{}
	source := migrations.Files()
	for _, pattern := range []string{"*.sql", "grants/*.sql"} {
		paths, _ := fs.Glob(source, pattern)
		for _, path := range paths {
			b, _ := fs.ReadFile(source, path)
			files[path] = &fstest.MapFile{Data: b}
		}
	}
	files[name] = &fstest.MapFile{Data: []byte(content)}
	return files
}

func editedMigration(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.run(t, Migrate)
	w.Files = withFile("0002_outbox.sql", "-- edited")
	err := w.Run(t.Context(), Migrate)
	if err == nil || !strings.Contains(err.Error(), "migration 0002_outbox.sql was edited") {
		t.Errorf("error: %v", err)
	}
}

func failingMigration(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.Files = withFile("0009_wrong.sql", "CREATE TABLE half (a int); SELECT 1/0;")
	err := w.Run(t.Context(), Reconcile)
	if err == nil || !strings.Contains(err.Error(), "migration 0009_wrong.sql") {
		t.Errorf("error: %v", err)
	}
	d.Connect(t, payments.Role, w.password(payments)) // roles are made all the same
	var exists bool
	if err := d.ConnectSuperuser(t).QueryRow(t.Context(), "SELECT to_regclass('half') IS NOT NULL").Scan(&exists); err != nil || exists {
		t.Errorf("half of the migration stays: %t, %v", exists, err)
	}
	w.Files = migrations.Files()
	w.run(t, Reconcile)
}

func olderImage(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.Files = withFile("0009_later.sql", "CREATE TABLE later (a int)")
	w.run(t, Reconcile)
	w.Files = migrations.Files()
	w.run(t, Reconcile)
	if !strings.Contains(w.log.String(), "0009_later.sql") {
		t.Error("the log does not name the migration that the image lacks")
	}
}

// twoRuns lets several runs start at once: each has to come out well, and the schema is made once.
func twoRuns(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.Log = discard()
	results := make(chan error)
	const runs = 3
	for range runs {
		go func() { results <- w.Run(t.Context(), Rotate) }()
	}
	for range runs {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	for _, s := range []Service{payments, processor} {
		d.Connect(t, s.Role, w.password(s))
		if made := w.secrets[s.SecretARN].stored; made != 1+runs {
			t.Errorf("%s: %d versions, want the first and those of %d rotations", s.Name, made, runs)
		}
	}
}

func boundedWait(t *testing.T, d postgrestest.Database) {
	w := newWorld(d)
	w.LockWait = 50 * time.Millisecond
	holder := d.Connect(t, d.Master, d.MasterPassword)
	exec(t, holder, fmt.Sprintf("SELECT pg_advisory_lock(%d)", lockKey))
	if err := w.Run(t.Context(), Reconcile); !errors.Is(err, errLocked) {
		t.Errorf("error: %v", err)
	}
	if !strings.Contains(w.log.String(), "waiting for it") {
		t.Errorf("the log does not say that it waits: %s", w.log)
	}
	_ = holder.Close(context.Background()) // a run that was killed frees the lock
	w.LockWait = 30 * time.Second
	w.run(t, Reconcile)
}
