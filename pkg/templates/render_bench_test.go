package templates_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/templates"
)

// BenchmarkRender is the whole platform with three services, checked and compiled, without writing files.
func BenchmarkRender(b *testing.B) {
	for b.Loop() {
		if _, err := templates.Render(templates.Default()); err != nil {
			b.Fatal(err)
		}
	}
}
