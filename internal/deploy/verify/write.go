package verify

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// A Destination is where evidence is written: a file whose name ends in .json, with the Markdown beside it, or a directory, in which each
// verification has files of its own.
type Destination struct {
	// Path is the file or the directory.
	Path string
	// Force overwrites what is there.
	Force bool
}

// jsonSuffix is what tells a file.
const jsonSuffix = ".json"

// Check refuses a destination that cannot take evidence, before anything is asked.
func (d Destination) Check() error {
	info, err := os.Stat(d.Path)
	switch file := strings.HasSuffix(d.Path, jsonSuffix); {
	case err == nil && file && info.IsDir():
		return d.refused("--evidence names a directory that is called like a file", nil)
	case err == nil && !file && !info.IsDir():
		return d.refused("--evidence names a file that does not end in .json", nil)
	case err == nil && file && !d.Force:
		return d.exists(d.Path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return d.refused("--evidence cannot be looked at", err)
	}
	return nil
}

func (d Destination) refused(what string, err error) error {
	return &fault.Error{Code: fault.Usage, What: what, Found: d.Path, Err: err, Allowed: "a directory, or a file that ends in .json"}
}

func (d Destination) exists(file string) error {
	return &fault.Error{Code: fault.Usage, What: "evidence is not overwritten", Found: file, Do: "give another name, or --force"}
}

// Write writes JSON and Markdown, each whole or not at all, and tells where the JSON is and its SHA-256.
func (d Destination) Write(e Evidence) (file, sum string, err error) {
	file = d.Path
	if !strings.HasSuffix(file, jsonSuffix) {
		file = filepath.Join(d.Path, "evidence-"+e.Environment+"-"+e.Ended.UTC().Format("20060102-150405")+jsonSuffix)
	}
	data, sum := e.JSON()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", "", d.failed(err)
	}
	text := strings.TrimSuffix(file, jsonSuffix) + ".md"
	if err := d.put(file, data); err != nil {
		return "", "", err
	}
	return file, sum, d.put(text, e.Markdown(filepath.Base(file), sum))
}

func (d Destination) failed(err error) error {
	return &fault.Error{Code: fault.Unexpected, What: "the evidence cannot be written", Found: d.Path, Err: err}
}

// put writes a file beside its place and then gives it its name: nobody ever sees half of it. A link fails where the name is taken.
func (d Destination) put(name string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), ".evidence-*")
	if err != nil {
		return d.failed(err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(data)
	place := os.Link
	if d.Force {
		place = os.Rename
	}
	if err = errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close()); err == nil {
		err = place(temporary.Name(), name)
	}
	switch {
	case errors.Is(err, fs.ErrExist) && !d.Force:
		return d.exists(name)
	case err != nil:
		return d.failed(err)
	}
	return nil
}

// present is a time as evidence has it.
func present(now time.Time) time.Time { return now.UTC().Truncate(time.Second) }
