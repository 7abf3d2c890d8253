package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Kind says in which way a file on disk differs from the rendered set.
type Kind string

// The ways in which a file can differ.
const (
	Missing Kind = "missing" // rendered, but not on disk
	Orphan  Kind = "orphan"  // on disk, but not rendered any more
	Changed Kind = "changed" // other bytes than rendered
)

// Difference is one file that differs.
type Difference struct {
	Name    string
	Kind    Kind
	Details []string // of a changed file: what differs, one line each, indented by level
}

// Differences are all files that differ, in the order of their names; without any the directory is the rendered set.
type Differences []Difference

// Compare reports how dir differs from files; empty means equal. It writes nothing.
func Compare(dir string, files []File) (Differences, error) {
	files, err := sortedFiles(files)
	if err != nil {
		return nil, err
	}
	differences, err := orphans(dir, files)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		onDisk, err := os.ReadFile(filepath.Join(dir, file.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			differences = append(differences, Difference{Name: file.Name, Kind: Missing})
		case err != nil:
			return nil, fmt.Errorf("%s: %w", file.Name, err)
		case !bytes.Equal(onDisk, file.Data):
			details := describe(file.Name, onDisk, file.Data)
			differences = append(differences, Difference{Name: file.Name, Kind: Changed, Details: details})
		}
	}
	slices.SortFunc(differences, func(a, b Difference) int { return strings.Compare(a.Name, b.Name) })
	return differences, nil
}

// orphans finds templates and files of the inventory on disk that the set has not.
func orphans(dir string, files []File) (Differences, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	listed, err := readInventory(dir)
	if err != nil {
		return nil, err
	}
	var found Differences
	for _, entry := range entries {
		name := entry.Name()
		ours := isTemplate(name) || slices.Contains(listed, name)
		if ours && !entry.IsDir() && !contains(files, name) {
			found = append(found, Difference{Name: name, Kind: Orphan})
		}
	}
	return found, nil
}

// String prints the report that WriteTo writes.
func (d Differences) String() string {
	var text strings.Builder
	for _, difference := range d {
		fmt.Fprintf(&text, "%s: %s\n", visible(difference.Name), difference.Kind.explain())
		for _, line := range difference.Details {
			fmt.Fprintf(&text, "  %s\n", line)
		}
	}
	if len(d) == 1 {
		text.WriteString("1 file differs\n")
	} else {
		fmt.Fprintf(&text, "%d files differ\n", len(d))
	}
	return text.String()
}

// WriteTo writes a report for a reviewer: what differs file by file, "-" on disk and "+" rendered, and in the last
// line how many files do.
func (d Differences) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, d.String())
	if err != nil {
		return int64(n), fmt.Errorf("write differences: %w", err)
	}
	return int64(n), nil
}

func (k Kind) explain() string {
	switch k {
	case Missing:
		return "missing, rendered but not on disk"
	case Orphan:
		return "orphan, on disk but not rendered any more"
	}
	return "changed (- on disk, + rendered)"
}
