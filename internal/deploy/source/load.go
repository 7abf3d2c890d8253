package source

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// Load reads root and the templates that it nests from a directory. Errors name file, line and what is wrong.
func Load(dir fs.FS, root string) (*Set, error) {
	l := loader{dir: dir, read: map[string]*Template{}}
	t, err := l.load(root, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &fault.Error{Code: fault.Usage, What: "the directory of templates has no such root template", Found: root,
			Allowed: strings.Join(l.files("."), ", "), Do: "give --templates a directory that holds it, or render it first: go run ./cmd/render"}
	}
	if err != nil {
		return nil, err
	}
	delete(l.read, root)
	set := &Set{Root: t, Nested: l.read}
	if n := set.resources(t, map[string]int{}); n > maxOperation {
		return nil, limit(root+" and its nested stacks have too many resources for one operation", "", n, maxOperation)
	}
	return set, nil
}

// resources counts those of a template and of the stacks nested in it, each as often as it is nested.
func (s *Set) resources(t *Template, known map[string]int) int {
	if n, is := known[t.Name]; is {
		return n
	}
	n := len(t.Resources)
	for _, id := range t.stacks() {
		if child := s.Nested[t.Resources[id].Nested.Template]; child != nil {
			n += s.resources(child, known)
		}
	}
	known[t.Name] = n
	return n
}

// A loader reads templates once each.
type loader struct {
	dir  fs.FS
	read map[string]*Template
}

// files are the templates in a directory, sorted.
func (l *loader) files(directory string) []string {
	entries, _ := fs.ReadDir(l.dir, directory) // one that cannot be listed offers nothing
	var names []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json", ".template"}, path.Ext(e.Name())) {
			names = append(names, path.Join(directory, e.Name()))
		}
	}
	return names
}

// load reads a template and what it nests; way are the templates on the way to it.
func (l *loader) load(name string, way []string) (*Template, error) {
	if slices.Contains(way, name) {
		return nil, &fault.Error{Code: fault.Usage, What: "templates nest each other", Found: strings.Join(append(way, name), " > ")}
	}
	if t := l.read[name]; t != nil {
		return t, nil
	}
	body, err := fs.ReadFile(l.dir, name)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	t, err := Parse(name, body)
	if err != nil {
		return nil, err
	}
	way = append(slices.Clone(way), name)
	for _, id := range t.stacks() {
		n := t.Resources[id].Nested
		if n.Template, err = l.find(t, id, n); err != nil {
			return nil, err
		}
		if n.Template == "" {
			continue
		}
		if _, err := l.load(n.Template, way); errors.Is(err, fs.ErrNotExist) && n.Path != "" {
			return nil, &fault.Error{Code: fault.Usage, What: fmt.Sprintf("the template of %s in %s is not there", id, name), Found: n.Path,
				Allowed: strings.Join(l.files(path.Dir(n.Template)), ", ")}
		} else if err != nil {
			return nil, err
		}
	}
	l.read[name] = t
	return t, nil
}

// find is the file of a nested stack: the local file that it names, or, where parameters make its address, the one named like the stack
// (NetworkStack: network.yaml). It is empty for templates elsewhere.
func (l *loader) find(t *Template, id string, n *Nested) (string, error) {
	directory := path.Dir(t.Name)
	if n.Path != "" {
		name := path.Join(directory, n.Path)
		if path.IsAbs(n.Path) || !fs.ValidPath(name) {
			return "", &fault.Error{Code: fault.Usage, What: fmt.Sprintf("the template of %s in %s lies outside of the directory of templates", id, t.Name), Found: n.Path}
		}
		if _, known := t.places[id]; !known {
			return "", &fault.Error{Code: fault.Usage, What: fmt.Sprintf("the TemplateURL of %s in %s is written in a way that cannot be replaced", id, t.Name), Found: n.Path, Allowed: "a text on one line, plain or quoted"}
		}
		return name, nil
	}
	if n.KeyParameter == "" {
		return "", nil
	}
	for _, stem := range []string{strings.TrimSuffix(id, "Stack"), id, strings.TrimSuffix(n.KeyParameter, "TemplateKey")} {
		files := slices.DeleteFunc(l.files(directory), func(name string) bool {
			return plain(strings.TrimSuffix(path.Base(name), path.Ext(name))) != plain(stem)
		})
		if len(files) > 1 {
			return "", &fault.Error{Code: fault.Usage, What: fmt.Sprintf("several files may be the template of %s in %s", id, t.Name), Found: strings.Join(files, ", "), Allowed: "one of them"}
		}
		if len(files) == 1 {
			return files[0], nil
		}
	}
	if slices.Contains(t.Owned, n.KeyParameter) {
		return "", &fault.Error{Code: fault.Usage, What: fmt.Sprintf("there is no template for %s in %s", id, t.Name), Allowed: "a file named like the stack: " + strings.Join(l.files(directory), ", ")}
	}
	return "", nil
}

// plain is a name without case and hyphens, by which ServicePaymentApiStack finds service-payment-api.yaml.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}
