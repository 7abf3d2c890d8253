package golden

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What stands in the way is found before anything changes.
func TestWriteChangesNothingWhenItCannotStage(t *testing.T) {
	before := set{"a.yaml": "old", "b.yaml": "old"}
	replacedTooLong := strings.Repeat("x", 245) + ".yaml" // fits a directory, but not with the prefix of a kept file
	tooLong := "xx" + replacedTooLong                     // nor with the shorter prefix of a staged file
	tests := map[string]struct {
		prepare func(dir string) error
		extra   string
	}{
		"directory in place of a file": {
			prepare: func(dir string) error { return os.Mkdir(filepath.Join(dir, "c.yaml"), 0o755) },
			extra:   "c.yaml",
		},
		"directory in place of the inventory": {
			prepare: func(dir string) error { return os.Mkdir(filepath.Join(dir, InventoryName), 0o755) },
			extra:   "c.yaml",
		},
		"name too long to stage": {
			prepare: func(string) error { return nil },
			extra:   tooLong,
		},
		"replaced name too long to stage": {
			prepare: func(dir string) error { return os.WriteFile(filepath.Join(dir, replacedTooLong), []byte("old"), 0o644) },
			extra:   replacedTooLong,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := before.on(t)
			if err := test.prepare(dir); err != nil {
				t.Fatal(err)
			}
			want := contents(t, dir)
			_, err := Write(dir, set{"a.yaml": "new", "b.yaml": "new", test.extra: "new"}.files())
			var pathError *fs.PathError
			if !errors.As(err, &pathError) {
				t.Fatalf("error %v, want one of the file system", err)
			}
			wantContents(t, dir, want)
		})
	}
}

func TestWriteNeedsADirectory(t *testing.T) {
	dir := set{"file": ""}.on(t)
	_, err := Write(filepath.Join(dir, "file"), nil)
	if err == nil || !strings.Contains(err.Error(), "create directory") {
		t.Errorf("error %v", err)
	}
}

// failing renames until the nth call, which fails as all calls after it do when broken is set.
func failing(nth int, broken bool) writer {
	calls := 0
	return writer{removeAll: os.RemoveAll, rename: func(from, to string) error {
		calls++
		if calls == nth || broken && calls > nth {
			return errors.New("disk trouble")
		}
		return os.Rename(from, to)
	}}
}

func TestWriteGoesBackWhenARenameFails(t *testing.T) {
	before := set{"a.yaml": "old", "gone.yaml": "old", "inventory.txt": "A T gone.yaml\n"}
	rendered := set{"a.yaml": "new", "b.yaml": "new", "inventory.txt": "B T b.yaml\n"}
	for nth, file := range []string{"a.yaml", "b.yaml", "gone.yaml", "inventory.txt"} {
		dir := before.on(t)
		_, err := failing(nth+1, false).write(dir, rendered.files())
		want := file + ": disk trouble; all files are as they were before"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		wantContents(t, dir, before)
	}
}

func TestWriteKeepsWhatItCannotPutBack(t *testing.T) {
	dir := set{"a.yaml": "old"}.on(t)
	_, err := failing(2, true).write(dir, set{"a.yaml": "new", "b.yaml": "new"}.files())
	stages, globErr := filepath.Glob(filepath.Join(dir, ".tierform-*.tmp"))
	if globErr != nil || len(stages) != 1 {
		t.Fatalf("temporary directories %v (%v), want one", stages, globErr)
	}
	want := "b.yaml: disk trouble; 1 of the 1 files changed before could not be put back: a.yaml: disk trouble; " +
		"what belongs there is kept in " + stages[0]
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	wantContents(t, stages[0], set{"previous-a.yaml": "old", "new-b.yaml": "new"})
}

func TestWriteSaysWhenTemporariesStay(t *testing.T) {
	trouble := errors.New("disk trouble")
	stuck := writer{rename: os.Rename, removeAll: func(string) error { return trouble }}
	dir := set{"a.yaml": "old"}.on(t)
	result, err := stuck.write(dir, set{"a.yaml": "new"}.files())
	if !errors.Is(err, trouble) || !strings.HasPrefix(err.Error(), "all files are in place, but") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"a.yaml"}, result.Written); diff != "" || contents(t, dir)["a.yaml"] != "new" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

// A temporary directory cannot be made in one that vanished after it was read.
func TestCarryOutNeedsATemporaryDirectory(t *testing.T) {
	_, err := writer{}.carryOut(filepath.Join(t.TempDir(), "gone"), plan{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
