package load

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// Start starts the platform that is measured, with the templates and production's values of the repository at root.
func Start(ctx context.Context, root string) (*platform.Platform, error) {
	o := world.Options{Suffix: "prod", Parameters: map[string]string{}}
	data, err := os.ReadFile(filepath.Join(root, "environments/prod.yaml"))
	if err == nil {
		err = yaml.Unmarshal(data, &o.Parameters)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the environment: %w", err)
	}
	w, err := world.Read(filepath.Join(root, "golden"), o)
	if err != nil {
		return nil, err
	}
	return platform.Start(ctx, platform.Options{Root: root, World: w, Tasks: map[string]int{caller: 0, called: 2, "notification-service": 1}})
}
