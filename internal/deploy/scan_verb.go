package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A ScanRequest is what scan is asked for.
type ScanRequest struct {
	// Images are digests or tags by name; without any, all that the stack is deployed with.
	Images map[string]string
	Rules  scan.Rules
}

// Scan judges images as apply does, and deploys nothing.
func (e *Engine) Scan(ctx context.Context, r ScanRequest) error {
	if err := r.Rules.Check(e.Clock.Now()); err != nil {
		return err
	}
	set, err := source.Load(e.Templates, e.Roots.Platform)
	if err != nil {
		return err
	}
	images, err := e.asked(ctx, set.Root, r)
	if err != nil {
		return err
	}
	verdicts, err := e.gateImages(ctx, set, images, r.Rules)
	if err != nil {
		return err
	}
	e.result(report.Result{Status: "done", Text: fmt.Sprintf("%d images pass", len(verdicts))})
	return nil
}

// asked are the images to be judged.
func (e *Engine) asked(ctx context.Context, root *source.Template, r ScanRequest) ([]scan.Image, error) {
	known := imageParameters(root)
	if len(known) == 0 {
		return nil, &fault.Error{Code: fault.Usage, What: root.Name + " takes no images", Allowed: "parameters whose names end in " + imageSuffix}
	}
	digests := r.Images
	if len(digests) == 0 {
		var err error
		if digests, err = e.running(ctx, known); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(digests) {
		if known[name] == "" {
			return nil, &fault.Error{Code: fault.Usage, What: "--image names an image that " + root.Name + " does not have", Found: name, Allowed: strings.Join(sortedKeys(known), ", ")}
		}
	}
	digests, err := e.digests(ctx, root, digests)
	var images []scan.Image
	for _, name := range sortedKeys(digests) {
		images = append(images, scan.Image{Name: name, Repository: e.environment.repository(name), Digest: digests[name]})
	}
	return images, err
}

// running are the digests that the stack is deployed with.
func (e *Engine) running(ctx context.Context, known map[string]string) (map[string]string, error) {
	platform, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	if platform.exists() {
		for name, parameter := range known {
			if digest := platform.parameters[parameter]; digest != "" {
				digests[name] = digest
			}
		}
	}
	if len(digests) == 0 {
		return nil, &fault.Error{Code: fault.Usage, What: "stack " + e.environment.platform() + " runs no images yet", Do: "name those to be judged: --image NAME=sha256:… or --image NAME=TAG, of " + strings.Join(sortedKeys(known), ", ")}
	}
	return digests, nil
}
