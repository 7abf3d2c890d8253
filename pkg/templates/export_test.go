package templates

import "github.com/tierform/tierform/pkg/cfn"

// NetworkResources is what the check of limits reckons the network tier to declare.
func NetworkResources(c Config) int { return c.networkResources() }

// RenderWith is Render with a compiler of the test's.
func RenderWith(config Config, newCompiler func() (*cfn.Compiler, error)) (Rendered, error) {
	return render(config, newCompiler)
}
