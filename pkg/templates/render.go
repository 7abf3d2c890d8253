package templates

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/tierform/tierform/pkg/cfn"
)

// InventoryFile names the file that says which template holds which resource.
const InventoryFile = "inventory.txt"

// Rendered is the platform as files.
type Rendered struct {
	// Templates are the roots, each followed by the templates nested in it.
	Templates []cfn.File
	// Inventory lists all resources, sorted by logical ID.
	Inventory []cfn.InventoryEntry
}

// Render compiles the foundation, the deploy role and the platform of a configuration. The error holds everything that
// is wrong with the configuration, or else with the templates; there are no files then.
func Render(config Config) (Rendered, error) { return render(config, cfn.NewCompiler) }

func render(config Config, newCompiler func() (*cfn.Compiler, error)) (r Rendered, err error) {
	platform, errPlatform := Platform(config)
	foundation, errFoundation := Foundation(config)
	compiler, errCompiler := newCompiler()
	if err := cmp.Or(errPlatform, errFoundation, errCompiler); err != nil {
		return Rendered{}, err
	}
	compiler.Header = []string{"Rendered from Go by `go run ./cmd/render`: change the code, not this file."}
	var problems []error
	for _, root := range []*cfn.Template{foundation, DeployRole(), platform} {
		files, err := compiler.Compile(root)
		problems = append(problems, err)
		r.Templates = append(r.Templates, files...)
		r.Inventory = append(r.Inventory, cfn.Inventory(root)...)
	}
	if err := errors.Join(problems...); err != nil {
		return Rendered{}, err
	}
	cfn.SortInventory(r.Inventory)
	return r, nil
}

// InventoryText is the inventory as a file: a line of logical ID, type and template for each resource.
func (r Rendered) InventoryText() []byte {
	var b strings.Builder
	for _, e := range r.Inventory {
		fmt.Fprintf(&b, "%s %s %s\n", e.LogicalID, e.Type, e.File)
	}
	return []byte(b.String())
}
