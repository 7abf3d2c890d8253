package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/tierform/tierform/internal/golden"
	"github.com/tierform/tierform/pkg/templates"
)

// files are all that a render writes.
func files(r templates.Rendered) []golden.File {
	var list []golden.File
	for _, t := range r.Templates {
		list = append(list, golden.File{Name: t.Name, Data: t.Data})
	}
	return append(list, golden.File{Name: templates.InventoryFile, Data: r.InventoryText()})
}

// size counts the bytes of the templates.
func size(r templates.Rendered) (bytes int) {
	for _, t := range r.Templates {
		bytes += len(t.Data)
	}
	return bytes
}

func write(dir string, r templates.Rendered, stdout, stderr io.Writer, elapsed func() time.Duration) int {
	result, err := golden.Write(dir, files(r))
	if err != nil {
		fmt.Fprintf(stderr, "render: %v\n", err)
		return exitFailure
	}
	for _, name := range result.Written {
		fmt.Fprintf(stdout, "written  %s/%s\n", dir, name)
	}
	for _, name := range result.Removed {
		fmt.Fprintf(stdout, "removed  %s/%s\n", dir, name)
	}
	fmt.Fprintf(stdout, "%s: %d templates, %d resources, %d kB, %d changed, %d ms\n", dir, len(r.Templates), len(r.Inventory),
		(size(r)+500)/1000, len(result.Written)+len(result.Removed), elapsed().Milliseconds())
	return exitOK
}

func check(dir string, r templates.Rendered, stdout, stderr io.Writer) int {
	differences, err := golden.Compare(dir, files(r))
	if err != nil {
		fmt.Fprintf(stderr, "render: %v\n", err)
		return exitFailure
	}
	if len(differences) > 0 {
		fmt.Fprint(stdout, differences.String())
		fmt.Fprintf(stderr, "render: %s is not what the code renders; run go run ./cmd/render and review the difference\n", dir)
		return exitFailure
	}
	fmt.Fprintf(stdout, "%s: %d templates are up to date\n", dir, len(r.Templates))
	return exitOK
}

func list(stdout io.Writer, r templates.Rendered) {
	resources := map[string]int{}
	for _, e := range r.Inventory {
		resources[e.File]++
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TEMPLATE\tRESOURCES\tBYTES\tWHAT IT IS")
	for _, t := range r.Templates {
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", t.Name, resources[t.Name], len(t.Data), t.Description)
	}
	fmt.Fprintf(table, "%d templates\t%d\t%d\t\n", len(r.Templates), len(r.Inventory), size(r))
	table.Flush()
}
