package cfn

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// File is one rendered template.
type File struct {
	// Name is the file's base name, such as network.yaml.
	Name string
	// Description is the template's description.
	Description string
	// Data are the bytes that are reviewed and deployed.
	Data []byte
}

// Compiler checks and renders templates. It may be used by many goroutines at once.
type Compiler struct {
	// Header is written on top of every file as YAML comments, one for each line; empty means none.
	Header []string

	schema  *schema
	limits  map[string]nameLimit
	workers sync.Pool
}

// NewCompiler prepares a compiler with the embedded resource schema.
func NewCompiler() (*Compiler, error) { return newCompiler(schemaText, namesText) }

func newCompiler(schemaText, namesText string) (*Compiler, error) {
	s, err := newSchema(schemaText)
	if err != nil {
		return nil, err
	}
	limits, err := parseNames(namesText)
	if err != nil {
		return nil, err
	}
	c := &Compiler{schema: s, limits: limits}
	c.workers.New = func() any { return c.newWorker() }
	return c, nil
}

// worker holds the memory of one compilation, kept for the next.
type worker struct {
	build builder
	check checker
	write writer
}

func (c *Compiler) newWorker() *worker {
	w := &worker{}
	w.build.plans = plans{}
	w.check = checker{builder: &w.build, schema: c.schema, limits: c.limits, usedParameters: map[string]bool{},
		usedOutputs: map[string]bool{}, resourceIndex: map[string]int{}}
	w.write.arena = &w.build.arena
	return w
}

// Compile renders a template and all templates nested in it, in the order of their declaration, t first. The error is
// of type [Problems] and holds every fault of all of them; there are no files then.
func (c *Compiler) Compile(t *Template) ([]File, error) {
	w := c.workers.Get().(*worker)
	defer c.workers.Put(w)
	clear(w.check.usedOutputs)
	all := t.withNested(nil)
	files := make([]File, 0, len(all))
	var problems Problems
	names := map[string]bool{}
	resources := 0
	for _, each := range all {
		file, found := w.one(c.Header, each)
		files, problems = append(files, file), append(problems, found...)
		if names[each.name] {
			problems = append(problems, Problem{Kind: DuplicateLogicalID, Template: each.name, Value: each.name,
				Message: "two nested stacks share a template name", Allowed: "a name of its own for each"})
		}
		names[each.name] = true
		resources += len(each.resources)
	}
	if resources > maxNestedResources {
		problems = append(problems, Problem{Kind: OverLimit, Template: t.name, Value: fmt.Sprint(resources),
			Message: "too many resources in one operation with nested stacks", Allowed: fmt.Sprintf("at most %d", maxNestedResources)})
	}
	for _, each := range all {
		problems = append(problems, each.unimported(w.check.usedOutputs)...)
	}
	if err := problems.sorted(); err != nil {
		return nil, err
	}
	return files, nil
}

// withNested appends t and its nested templates, depth first.
func (t *Template) withNested(list []*Template) []*Template {
	list = append(list, t)
	for _, n := range t.nested {
		list = n.withNested(list)
	}
	return list
}

// one builds, checks and writes a single template.
func (w *worker) one(header []string, t *Template) (File, Problems) {
	w.build.reset()
	w.build.template = t
	w.check.reset()
	root := w.build.document()
	w.check.document(root)
	w.check.unused()
	w.check.cycles()
	w.write.out = w.write.out[:0]
	for _, line := range header {
		w.write.comment(line)
	}
	w.write.document(root)
	w.check.sizes(len(w.write.out))
	return File{Name: t.name + ".yaml", Description: t.description, Data: slices.Clone(w.write.out)}, append(w.check.problems, t.problems...)
}

// unimported lists the outputs of a nested template that its parent does not use.
func (t *Template) unimported(used map[string]bool) (found Problems) {
	if t.parent == nil {
		return nil
	}
	for _, o := range t.outputs {
		if !used[t.parent.name+"/"+t.stack.logicalID+"/"+o.name] {
			found = append(found, Problem{Kind: UnusedOutput, Template: t.name, LogicalID: o.name,
				Message: "output is imported by nobody", Allowed: "outputs that another tier or the root uses"})
		}
	}
	return found
}

// InventoryEntry says where a resource is.
type InventoryEntry struct{ LogicalID, Type, File, Description string }

// Inventory lists the resources of t and of all templates nested in it, sorted by logical ID and file.
func Inventory(t *Template) []InventoryEntry {
	var list []InventoryEntry
	for _, each := range t.withNested(nil) {
		for _, e := range each.resources {
			list = append(list, InventoryEntry{LogicalID: e.logicalID, Type: e.properties.AWSCloudFormationType(),
				File: each.name + ".yaml", Description: e.is})
		}
	}
	SortInventory(list)
	return list
}

// SortInventory sorts entries, of several roots for instance, by logical ID and file.
func SortInventory(list []InventoryEntry) {
	slices.SortFunc(list, func(a, b InventoryEntry) int {
		return cmp.Or(cmp.Compare(a.LogicalID, b.LogicalID), cmp.Compare(a.File, b.File))
	})
}
