// Command pictures draws docs/pictures from the rendered templates: an SVG for each, and its source in DOT if Graphviz lays
// it out.
// It is a module of its own, as the layout engine, Graphviz as WebAssembly, costs much to compile.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-graphviz"
	"github.com/tierform/tierform/internal/pictures"
)

func main() {
	if err := run(context.Background(), "../.."); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// run writes the pictures of the repository at root.
func run(ctx context.Context, root string) error {
	list, err := pictures.Pictures(os.DirFS(root))
	if err != nil {
		return err
	}
	engine, err := graphviz.New(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	for _, p := range list {
		base := filepath.Join(root, pictures.Directory, p.Name)
		if p.Drawn {
			if err := os.WriteFile(base+".svg", []byte(p.Source), 0o644); err != nil {
				return err
			}
			continue
		}
		svg, err := draw(ctx, engine, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		if err := os.WriteFile(base+".dot", []byte(p.Source), 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(base+".svg", []byte(svg), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// draw lays a picture out.
func draw(ctx context.Context, engine *graphviz.Graphviz, p pictures.Picture) (svg string, err error) {
	parsed, err := graphviz.ParseBytes([]byte(p.Source))
	if err != nil {
		return "", err
	}
	defer parsed.Close()
	var out bytes.Buffer
	if err := engine.Render(ctx, parsed, graphviz.SVG, &out); err != nil {
		return "", err
	}
	return p.SVG(out.String())
}
