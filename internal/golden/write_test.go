package golden

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// set is a directory's or a render's contents by file name.
type set map[string]string

func (s set) files() []File {
	var files []File
	for name, data := range s {
		files = append(files, File{Name: name, Data: []byte(data)})
	}
	return files
}

// on writes the set to a new directory as it is, without the package under test.
func (s set) on(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range s {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// contents reads a directory, hidden files and temporary ones included; a directory reads "directory".
func contents(t *testing.T, dir string) set {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := set{}
	for _, entry := range entries {
		if entry.IsDir() {
			found[entry.Name()] = "directory"
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(data)
	}
	return found
}

func wantContents(t *testing.T, dir string, want set) {
	t.Helper()
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("directory (-want +got):\n%s", diff)
	}
}

func TestWriteCreatesTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "golden")
	rendered := set{"b.yaml": "b", "a.yaml": "a"}
	result, err := Write(dir, rendered.files())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Result{Written: []string{"a.yaml", "b.yaml"}}, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	wantContents(t, dir, rendered)
}

func TestWriteTouchesOnlyWhatChanged(t *testing.T) {
	dir := set{"same.yaml": "1", "other.yaml": "2"}.on(t)
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, path := range []string{filepath.Join(dir, "same.yaml"), filepath.Join(dir, "other.yaml"), dir} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Write(dir, set{"same.yaml": "1", "other.yaml": "2"}.files()); err != nil {
		t.Fatal(err)
	}
	if !modified(t, dir).Equal(long) {
		t.Error("a set that is on disk already touched the directory")
	}
	result, err := Write(dir, set{"same.yaml": "1", "other.yaml": "3"}.files())
	if err != nil {
		t.Fatal(err)
	}
	want := Result{Written: []string{"other.yaml"}, Unchanged: []string{"same.yaml"}}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if !modified(t, filepath.Join(dir, "same.yaml")).Equal(long) || modified(t, filepath.Join(dir, "other.yaml")).Equal(long) {
		t.Error("the wrong file was touched")
	}
}

func modified(t *testing.T, path string) time.Time {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

func TestWriteRemovesOnlyWhatTheInventoryNames(t *testing.T) {
	tests := []struct {
		name         string
		before       set
		rendered     set
		after        set
		wantRemovals []string
	}{
		{
			name:         "earlier file",
			before:       set{"inventory.txt": "A T old.yaml\nB T new.yaml\n", "old.yaml": "o", "new.yaml": "n", "README.md": "r"},
			rendered:     set{"inventory.txt": "B T new.yaml\n", "new.yaml": "n"},
			after:        set{"inventory.txt": "B T new.yaml\n", "new.yaml": "n", "README.md": "r"},
			wantRemovals: []string{"old.yaml"},
		},
		{
			name:     "no inventory",
			before:   set{"old.yaml": "o"},
			rendered: set{"new.yaml": "n"},
			after:    set{"old.yaml": "o", "new.yaml": "n"},
		},
		{
			name:         "inventory itself",
			before:       set{"inventory.txt": "A T old.yaml\nA T gone-already.yaml\n", "old.yaml": "o"},
			rendered:     set{},
			after:        set{},
			wantRemovals: []string{"inventory.txt", "old.yaml"},
		},
		{
			name: "lines of another form",
			before: set{"inventory.txt": "x y\nA T a.yaml more\n\nA T .hidden\r\nA T sub/../b.yaml\n", "a.yaml": "", "b.yaml": "",
				".hidden": ""},
			rendered: set{"inventory.txt": ""},
			after:    set{"inventory.txt": "", "a.yaml": "", "b.yaml": "", ".hidden": ""},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := test.before.on(t)
			result, err := Write(dir, test.rendered.files())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.wantRemovals, result.Removed); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
			wantContents(t, dir, test.after)
		})
	}
}

func TestHostileInventoryStaysInsideTheDirectory(t *testing.T) {
	outside := set{"victim.yaml": "v"}.on(t)
	dir := filepath.Join(outside, "golden")
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	lines := "A T ../victim.yaml\nA T " + filepath.Join(outside, "victim.yaml") + "\nA T sub\nA T ..\nA T .\nA T link.yaml\n"
	if err := os.WriteFile(filepath.Join(dir, InventoryName), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "victim.yaml"), filepath.Join(dir, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	result, err := Write(dir, set{"inventory.txt": "new"}.files())
	if err != nil || result.Removed != nil {
		t.Errorf("removed %v, error %v", result.Removed, err)
	}
	wantContents(t, outside, set{"victim.yaml": "v", "golden": "directory"})
	wantContents(t, dir, set{"inventory.txt": "new", "sub": "directory", "link.yaml": "v"})
}

func TestWriteRefusesNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../a.yaml", "a/b.yaml", `a\b.yaml`, ".hidden", "a b.yaml", "a\x00", "c:a.yaml"} {
		dir := t.TempDir()
		_, err := Write(dir, []File{{Name: "good.yaml"}, {Name: name}})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", name)) {
			t.Errorf("%q: error %v", name, err)
		}
		wantContents(t, dir, set{})
	}
	if _, err := Write(t.TempDir(), []File{{Name: "a.yaml"}, {Name: "a.yaml"}}); err == nil {
		t.Error("the same name twice was accepted")
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, count := range []int{14, 1000} {
		b.Run(fmt.Sprint(count, " files"), func(b *testing.B) {
			dir := b.TempDir()
			files := make([]File, count)
			for round := 0; b.Loop(); round++ {
				for i := range files {
					files[i] = File{fmt.Sprintf("%04d.yaml", i), bytes.Repeat([]byte{byte('a' + round%2)}, 30_000)}
				}
				if _, err := Write(dir, files); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
