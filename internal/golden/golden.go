// Package golden keeps a directory of rendered files: it writes a set of files all or nothing, and reports how the
// directory differs from a set in words a reviewer understands. The directory is the reviewed product, so nothing in
// it changes silently and nothing that was not rendered is ever touched.
package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// InventoryName is the file that lists every resource of a rendered set, one "LogicalID Type file" a line.
const InventoryName = "inventory.txt"

// File is one rendered file.
type File struct {
	Name string // base name, "network.yaml"
	Data []byte // exact bytes
}

// Result tells what Write did; each list holds base names in alphabetical order.
type Result struct {
	Written   []string // created or replaced
	Unchanged []string // equal already, not touched
	Removed   []string // of the previous inventory, not in the set any more
}

// Write makes dir hold exactly these files: all or nothing. New contents are staged in a temporary directory inside
// dir and renamed into place; when a rename fails, the files that were already in place are put back. Files with equal
// bytes are not touched. Files that only the previous inventory names are removed; all other files are left alone.
func Write(dir string, files []File) (Result, error) {
	return writer{rename: os.Rename, removeAll: os.RemoveAll}.write(dir, files)
}

// sortedFiles returns the files in the order of their names and refuses names that could leave the directory.
func sortedFiles(files []File) ([]File, error) {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for i, file := range sorted {
		if !plainName(file.Name) {
			return nil, fmt.Errorf("%q is not a plain file name", file.Name)
		}
		if i > 0 && sorted[i-1].Name == file.Name {
			return nil, fmt.Errorf("%s is rendered twice", file.Name)
		}
	}
	return sorted, nil
}

// plainName says whether a name stays inside the directory and fits a field of the inventory. Names with a leading dot
// belong to others (and to Write's temporary directory).
func plainName(name string) bool {
	unsafe := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`/\:`, r) }
	return name != "" && !strings.HasPrefix(name, ".") && !strings.ContainsFunc(name, unsafe)
}

// readInventory returns the names that the inventory on disk lists, itself included; without an inventory, none.
// Lines of another form and names that are not plain are not ours and are left out.
func readInventory(dir string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, InventoryName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", InventoryName, err)
	}
	names := []string{InventoryName}
	for line := range bytes.Lines(data) {
		if fields := strings.Fields(string(line)); len(fields) == 3 && plainName(fields[2]) {
			names = append(names, fields[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// contains says whether the set (in the order of names) has a file of this name.
func contains(files []File, name string) bool {
	_, found := slices.BinarySearchFunc(files, name, func(f File, n string) int { return strings.Compare(f.Name, n) })
	return found
}
