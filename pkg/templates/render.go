package templates

import (
	"errors"
	"fmt"
	"strings"
	"sync"

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
	compiler, err := newCompiler()
	if err != nil {
		return Rendered{}, err
	}
	compiler.Header = []string{"Rendered from Go by `go run ./cmd/render`: change the code, not this file."}
	roots := []func(Config) (*cfn.Template, error){
		Foundation, func(Config) (*cfn.Template, error) { return DeployRole(), nil }, Platform,
	}
	parts, problems := make([]Rendered, len(roots)), make([]error, len(roots))
	var all sync.WaitGroup
	for i, root := range roots {
		all.Go(func() { parts[i], problems[i] = compile(compiler, root, config) })
	}
	all.Wait()
	for _, err := range problems {
		if bad := (*ConfigError)(nil); errors.As(err, &bad) {
			return Rendered{}, err // every root says the same of a bad configuration
		}
	}
	if err := errors.Join(problems...); err != nil {
		return Rendered{}, err
	}
	for _, part := range parts {
		r.Templates = append(r.Templates, part.Templates...)
		r.Inventory = append(r.Inventory, part.Inventory...)
	}
	cfn.SortInventory(r.Inventory)
	return r, nil
}

func compile(compiler *cfn.Compiler, declare func(Config) (*cfn.Template, error), config Config) (r Rendered, err error) {
	root, err := declare(config)
	if err != nil {
		return Rendered{}, err
	}
	r.Templates, err = compiler.Compile(root)
	r.Inventory = cfn.Inventory(root)
	return r, err
}

// InventoryText is the inventory as a file: a line of logical ID, type and template for each resource.
func (r Rendered) InventoryText() []byte {
	var b strings.Builder
	for _, e := range r.Inventory {
		fmt.Fprintf(&b, "%s %s %s\n", e.LogicalID, e.Type, e.File)
	}
	return []byte(b.String())
}
