package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// writer carries out Write; its fields are the calls that change the directory, so that tests can make each one fail.
type writer struct {
	rename    func(from, to string) error
	removeAll func(path string) error
}

// plan is what has to change, decided before anything does.
type plan struct {
	files    []File            // to be created or replaced
	previous map[string][]byte // bytes on disk of the files to be replaced
	result   Result
}

// step is one rename and the rename that takes it back.
type step struct {
	name             string
	from, to         string
	backFrom, backTo string
}

func (w writer) write(dir string, files []File) (Result, error) {
	files, err := sortedFiles(files)
	if err != nil {
		return Result{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Result{}, fmt.Errorf("create directory: %w", err)
	}
	todo, err := newPlan(dir, files)
	if err != nil {
		return Result{}, err
	}
	if len(todo.files)+len(todo.result.Removed) == 0 {
		return todo.result, nil
	}
	return w.carryOut(dir, todo)
}

// newPlan compares the set with the directory.
func newPlan(dir string, files []File) (plan, error) {
	todo := plan{previous: map[string][]byte{}}
	for _, file := range files {
		onDisk, err := os.ReadFile(filepath.Join(dir, file.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			todo.files = append(todo.files, file)
		case err != nil:
			return plan{}, fmt.Errorf("%s: %w", file.Name, err)
		case bytes.Equal(onDisk, file.Data):
			todo.result.Unchanged = append(todo.result.Unchanged, file.Name)
			continue
		default:
			todo.files = append(todo.files, file)
			todo.previous[file.Name] = onDisk
		}
		todo.result.Written = append(todo.result.Written, file.Name)
	}
	removed, err := staleFiles(dir, files)
	todo.result.Removed = removed
	return todo, err
}

// staleFiles names the regular files that the previous inventory lists and the set has no more.
func staleFiles(dir string, files []File) ([]string, error) {
	names, err := readInventory(dir)
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, name := range names {
		info, err := os.Lstat(filepath.Join(dir, name))
		if err == nil && info.Mode().IsRegular() && !contains(files, name) {
			stale = append(stale, name)
		}
	}
	return stale, nil
}

// carryOut stages the new files, then renames. The temporary directory goes away whatever happened, unless it holds
// the only copy of something that could not be put back.
func (w writer) carryOut(dir string, todo plan) (Result, error) {
	stage, err := os.MkdirTemp(dir, ".tierform-*.tmp")
	if err != nil {
		return Result{}, fmt.Errorf("create temporary directory: %w", err)
	}
	if err := todo.stage(stage); err != nil {
		return Result{}, errors.Join(fmt.Errorf("nothing has changed: %w", err), w.clean(stage))
	}
	kept, err := w.apply(todo.steps(dir, stage))
	switch {
	case kept:
		return Result{}, fmt.Errorf("%w; what belongs there is kept in %s", err, stage)
	case err != nil:
		return Result{}, errors.Join(err, w.clean(stage))
	}
	if err := w.clean(stage); err != nil {
		return todo.result, fmt.Errorf("all files are in place, but: %w", err)
	}
	return todo.result, nil
}

func (w writer) clean(stage string) error {
	if err := w.removeAll(stage); err != nil {
		return fmt.Errorf("remove temporary directory: %w", err)
	}
	return nil
}

// stage writes every new file, and a copy of every file that it replaces, so that going back needs no space.
func (p plan) stage(stage string) error {
	for _, file := range p.files {
		if err := os.WriteFile(filepath.Join(stage, "new-"+file.Name), file.Data, 0o644); err != nil {
			return fmt.Errorf("stage %s: %w", file.Name, err)
		}
	}
	for _, file := range p.files {
		if previous, replaced := p.previous[file.Name]; replaced {
			if err := os.WriteFile(filepath.Join(stage, "previous-"+file.Name), previous, 0o644); err != nil {
				return fmt.Errorf("stage the previous %s: %w", file.Name, err)
			}
		}
	}
	return nil
}

// steps orders the renames: the inventory comes last, so that a killed process leaves one that still names every file
// to be removed.
func (p plan) steps(dir, stage string) []step {
	var steps []step
	for _, file := range p.files {
		target, fresh, old := paths(dir, stage, file.Name)
		s := step{name: file.Name, from: fresh, to: target, backFrom: target, backTo: fresh}
		if _, replaced := p.previous[file.Name]; replaced {
			s.backFrom, s.backTo = old, target
		}
		steps = append(steps, s)
	}
	for _, name := range p.result.Removed {
		target, _, old := paths(dir, stage, name)
		steps = append(steps, step{name: name, from: target, to: old, backFrom: old, backTo: target})
	}
	isInventory := func(s step) bool { return s.name == InventoryName }
	if i := slices.IndexFunc(steps, isInventory); i >= 0 {
		steps = append(slices.Delete(slices.Clone(steps), i, i+1), steps[i])
	}
	return steps
}

// paths returns where a file belongs, where its new contents are staged and where its previous ones are kept.
func paths(dir, stage, name string) (target, fresh, old string) {
	return filepath.Join(dir, name), filepath.Join(stage, "new-"+name), filepath.Join(stage, "previous-"+name)
}

// apply renames one file after the other and goes back when one fails; kept says that going back failed too.
func (w writer) apply(steps []step) (kept bool, err error) {
	for i, s := range steps {
		if err := w.rename(s.from, s.to); err != nil {
			return w.goBack(steps[:i], fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return false, nil
}

func (w writer) goBack(done []step, cause error) (kept bool, err error) {
	var failures []error
	for _, s := range slices.Backward(done) {
		if err := w.rename(s.backFrom, s.backTo); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	if len(failures) > 0 {
		return true, fmt.Errorf("%w; %d of the %d files changed before could not be put back: %w",
			cause, len(failures), len(done), errors.Join(failures...))
	}
	return false, fmt.Errorf("%w; all files are as they were before", cause)
}
