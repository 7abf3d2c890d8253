package rehearsal

import (
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// push puts the images into the registries of the foundation, where they are scanned. Templates of others may have theirs elsewhere.
func (o Options) push(images map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(images)) {
		digest := images[name]
		repository := "ecr-" + name + "-" + o.Environment
		if _, err := o.Simulator.Push(repository, simulator.Push{Digest: digest}); err != nil {
			o.Simulator.CreateRepository(repository)
			_, _ = o.Simulator.Push(repository, simulator.Push{Digest: digest}) // it is there now
		}
	}
}

// administer lets the administration task of the platform say what such a task says. Templates of others may have none.
func (o Options) administer() {
	o.Simulator.PlanTask("task-administration-"+o.Environment, 0, []string{"reconcile begins", "schema payments is level", "no password is older than 30 days", "reconcile is done"}, 0)
}

// images are digests for all images that a root template names.
func images(root *source.Template) map[string]string {
	found := map[string]string{}
	for name := range root.Parameters {
		if stem, is := strings.CutSuffix(name, "ImageDigest"); is {
			found[deploy.ImageName(stem)] = "sha256:" + root.Hash
		}
	}
	return found
}
