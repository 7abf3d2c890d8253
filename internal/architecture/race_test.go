package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The race detector makes tests ten times dearer, so make race runs it where goroutines are. Whoever starts one elsewhere adds the package.
func TestRaceCoversGoroutines(t *testing.T) {
	const root = "../.."
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, line := range regexp.MustCompile(`(?m)^(?:RACE :=|\tgo test -race) (.+)$`).FindAllSubmatch(makefile, -1) {
		words = append(words, strings.Fields(string(line[1]))...)
	}
	listed := func(dir string) bool {
		return slices.ContainsFunc(words, func(pattern string) bool {
			tree, all := strings.CutSuffix(strings.TrimPrefix(pattern, "./"), "/...")
			return dir == tree || all && strings.HasPrefix(dir, tree+"/")
		})
	}
	starting := 0
	for _, tree := range []string{"cmd", "pkg", "internal", "examples"} {
		err := filepath.WalkDir(filepath.Join(root, tree), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || !starts(t, path) {
				return err
			}
			starting++
			dir, err := filepath.Rel(root, filepath.Dir(path))
			if dir = filepath.ToSlash(dir); !listed(dir) {
				t.Errorf("%s starts a goroutine, and make race does not test ./%s: add it to RACE in the Makefile", path, dir)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if starting == 0 {
		t.Error("no file starts a goroutine: they are not recognised")
	}
}

// starts tells whether a file has a go statement or calls a method Go, as errgroup.Group and sync.WaitGroup have it.
func starts(t *testing.T, path string) (found bool) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Go" {
				found = true
			}
		}
		return true
	})
	return found
}
