package scan

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// How long after a push a scan may not be found yet. AWS names no time: a basic scan starts with the push, Amazon Inspector has to notice it.
const (
	freshBasic    = time.Minute
	freshEnhanced = 10 * time.Minute
)

// A scanKind is the registry's scan type, read when it first matters.
type scanKind struct {
	registry Registry
	lock     sync.Mutex
	kind     types.ScanType
}

func (k *scanKind) get(ctx context.Context) (types.ScanType, error) {
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.kind != "" {
		return k.kind, nil
	}
	out, err := k.registry.GetRegistryScanningConfiguration(ctx, &ecr.GetRegistryScanningConfigurationInput{}, patience)
	if err != nil {
		return "", err
	}
	if k.kind = types.ScanTypeBasic; out.ScanningConfiguration != nil && out.ScanningConfiguration.ScanType != "" {
		k.kind = out.ScanningConfiguration.ScanType
	}
	return k.kind, nil
}

// notFound decides what to do about an image that has no scan: right after a push nothing; later basic scanning is started once, and enhanced
// scanning, which cannot be started, does not cover the image.
func (c *imageCase) notFound(ctx context.Context, r *round, s *subject) error {
	if s.started {
		return nil
	}
	since := c.pushed
	if since.IsZero() {
		since = r.began
	}
	age := r.Clock.Now().Sub(since)
	if c.waitsFor = "no scan is found yet"; age < freshBasic {
		return nil
	}
	kind, err := r.kind.get(ctx)
	switch {
	case cloud.Transient(err), cloud.Expired(err), ctx.Err() != nil:
		return err
	case err != nil:
		c.unscanned("there is no scan of it, and whether one can be started is not known: "+err.Error(), "give the caller the permission ecr:GetRegistryScanningConfiguration")
		return nil
	case kind == types.ScanTypeEnhanced && age < freshEnhanced:
		return nil
	case kind == types.ScanTypeEnhanced:
		c.unscanned("enhanced scanning does not cover it: no scan is found "+age.Round(time.Minute).String()+" after its push",
			"let a rule of the registry's scanning configuration match repository "+c.verdict.Repository+", look whether Amazon Inspector scans Amazon ECR, and push the image anew")
		return nil
	}
	return c.start(ctx, s)
}

// start starts a basic scan. An image can be scanned once in 24 hours (API reference, StartImageScan): a LimitExceededException says that it
// was, also when our own first answer was lost, and its findings will be found.
func (c *imageCase) start(ctx context.Context, s *subject) error {
	_, err := c.gate.Registry.StartImageScan(ctx, &ecr.StartImageScanInput{RepositoryName: &c.verdict.Repository, ImageId: &types.ImageIdentifier{ImageDigest: aws.String(s.digest)}}, patience)
	switch cloud.ErrorCode(err) {
	case "LimitExceededException":
		s.started, c.waitsFor = true, "the image was scanned within 24 hours, or the account's scans of a day are used up, and no findings are found"
		return nil
	case "UnsupportedImageTypeException":
		c.unscanned("it is of a type that cannot be scanned: "+err.Error(), unsupportedBasic+c.verdict.Digest+"=REASON@DATE")
		return nil
	case "ImageArchivedException":
		m := meaning(types.ScanStatusImageArchived)
		c.unscanned(m.Means, m.Do)
		return nil
	}
	if err != nil {
		return err
	}
	s.started, c.waitsFor = true, "a scan was started"
	return nil
}
