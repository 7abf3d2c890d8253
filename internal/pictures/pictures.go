// Package pictures makes the sources of the pictures in docs/pictures, in Graphviz's DOT language or drawn, from the rendered
// templates, and tells when a committed picture is out of date. It needs no layout engine: tools/pictures draws.
package pictures

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
	"gopkg.in/yaml.v3"
)

// Directory is where the pictures are, from the repository's root.
const Directory = "docs/pictures"

// parameters is the file with the values that the pictures show.
const parameters = "environments/prod.yaml"

// Picture is the source of one picture.
type Picture struct {
	// Name is the file's name without ending.
	Name string
	// Source is DOT, or SVG for a picture that is drawn already.
	Source string
	// Drawn tells that the source is the picture itself: what stands in time has no boxes and arrows to be laid out.
	Drawn bool
}

// Pictures makes the sources of all pictures, sorted by name, from golden and environments below a repository's root.
func Pictures(root fs.FS) ([]Picture, error) {
	world, err := deployed(root)
	if err != nil {
		return nil, err
	}
	platform, err := fs.ReadFile(root, "golden/platform.yaml")
	if err != nil {
		return nil, err
	}
	wires, err := readWiring(platform)
	if err != nil {
		return nil, fmt.Errorf("golden/platform.yaml: %w", err)
	}
	return []Picture{
		{Name: "network", Source: network(world)},
		{Name: "release", Source: release(world)},
		{Name: "release-time", Source: course(world), Drawn: true},
		{Name: "services", Source: services(world)},
		{Name: "stacks", Source: stacks(wires)},
	}, nil
}

// deployed is the platform as it is in production.
func deployed(root fs.FS) (*checks.World, error) {
	entries, err := fs.ReadDir(root, "golden")
	if err != nil {
		return nil, err
	}
	var templates []checks.File
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".yaml") {
			continue
		}
		data, err := fs.ReadFile(root, "golden/"+entry.Name())
		if err != nil {
			return nil, err
		}
		templates = append(templates, checks.File{Name: entry.Name(), Data: data})
	}
	set, err := checks.Load(templates)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(root, parameters)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"EnvironmentSuffix": "prod"}
	if err := yaml.Unmarshal(data, &values); err != nil {
		return nil, fmt.Errorf("%s: %w", parameters, err)
	}
	return checks.Deploy(set, checks.Environment{Parameters: values}), nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func mapped[T, U any](items []T, f func(T) U) []U {
	list := make([]U, len(items))
	for i, item := range items {
		list[i] = f(item)
	}
	return list
}
