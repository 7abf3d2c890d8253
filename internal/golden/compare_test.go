package golden

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompareNamesEveryFileThatDiffers(t *testing.T) {
	disk := set{
		"changed.yaml": "Description: a\n", "same.yaml": "b", "orphan.yaml": "c", "notes.txt": "mine",
		"inventory.txt": "A T listed.txt\n", "listed.txt": "d",
	}
	dir := disk.on(t)
	if err := os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o755); err != nil {
		t.Fatal(err)
	}
	rendered := set{"changed.yaml": "Description: b\n", "same.yaml": "b", "missing.yaml": "e"}
	differences, err := Compare(dir, rendered.files())
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
changed.yaml: changed (- on disk, + rendered)
  Description: a -> b
inventory.txt: orphan, on disk but not rendered any more
listed.txt: orphan, on disk but not rendered any more
missing.yaml: missing, rendered but not on disk
orphan.yaml: orphan, on disk but not rendered any more
5 files differ
`, "\n")
	var report strings.Builder
	if n, err := differences.WriteTo(&report); err != nil || n != int64(len(want)) {
		t.Errorf("wrote %d bytes with error %v", n, err)
	}
	if diff := cmp.Diff(want, report.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	disk["folder.yaml"] = "directory"
	wantContents(t, dir, disk)
}

func TestCompareIsEmptyAfterWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "golden")
	files := set{"a.yaml": "a", "inventory.txt": "A T a.yaml\n"}.files()
	before, err := Compare(dir, files)
	if err != nil || len(before) != 2 {
		t.Errorf("before: %v, error %v", before, err)
	}
	if _, err := Write(dir, files); err != nil {
		t.Fatal(err)
	}
	after, err := Compare(dir, files)
	if err != nil || len(after) != 0 || after.String() != "0 files differ\n" {
		t.Errorf("after: %v, error %v", after, err)
	}
}

func TestCompareFails(t *testing.T) {
	file := filepath.Join(set{"file": ""}.on(t), "file")
	withFolder := t.TempDir()
	for _, name := range []string{"a.yaml", "x"} {
		if err := os.Mkdir(filepath.Join(withFolder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	withInventoryFolder := t.TempDir()
	if err := os.Mkdir(filepath.Join(withInventoryFolder, InventoryName), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ dir, name, want string }{
		"file in place of the directory":      {file, "a.yaml", "read directory: "},
		"directory in place of a file":        {withFolder, "a.yaml", "a.yaml: "},
		"directory in place of the inventory": {withInventoryFolder, "a.yaml", "inventory.txt: "},
		"name with a separator":               {withFolder, "../a.yaml", `"../a.yaml" is not a plain file name`},
		"name of a directory too long":        {strings.Repeat("x", 300), "a.yaml", "read directory: "},
	}
	for name, test := range tests {
		_, err := Compare(test.dir, []File{{Name: test.name}})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteToReportsErrors(t *testing.T) {
	if _, err := (Differences{{Name: "a.yaml", Kind: Missing}}).WriteTo(brokenPipe{}); err == nil {
		t.Error("no error")
	}
}
