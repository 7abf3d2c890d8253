package verify

import (
	"context"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	registry "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// inRegistry is an image of Amazon ECR by digest: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@DIGEST.
var inRegistry = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/(.+)@(sha256:[0-9a-f]{64})$`)

// imagesScanned wants the images that run scanned: those of the services' live revisions and of task definitions that no service runs. It
// asks for the status alone; what was found is for the scan gate.
func imagesScanned(ctx context.Context, l *look) {
	services, err := l.services()
	if err != nil && len(l.estate.Of(serviceType)) > 0 {
		l.unread(nil, "scanned", err)
		return
	}
	var definitions []string
	served := map[string]bool{}
	for _, arn := range sortedKeys(services) {
		definitions = append(definitions, running(services[arn]))
		family, _ := splitDefinition(running(services[arn]))
		served[family] = true
	}
	for _, r := range l.estate.Of(definitionType) {
		if family, _ := splitDefinition(r.ID); !served[family] {
			definitions = append(definitions, r.ID)
		}
	}
	images := map[string][]string{}
	for _, name := range definitions {
		d, err := l.definition(name)
		if err != nil {
			l.add(nil, Finding{Resource: name, Type: definitionType, Expected: "scanned", Result: Unknown, Why: reason(err)})
			continue
		}
		for _, c := range d.ContainerDefinitions {
			image := aws.ToString(c.Image)
			images[image] = append(images[image], lastPart(name))
		}
	}
	for _, image := range sortedKeys(images) {
		l.scanned(ctx, image, images[image])
	}
}

// scanned looks at one image and tells where it runs.
func (l *look) scanned(ctx context.Context, image string, users []string) {
	slices.Sort(users)
	f := Finding{Resource: image, Place: users[0], Type: "AWS::ECR::Repository", Expected: "scanned: COMPLETE or ACTIVE"}
	parts := inRegistry.FindStringSubmatch(image)
	if parts == nil {
		f.Observed, f.Result = "no image of Amazon ECR by digest", Fail
		l.add(nil, f)
		return
	}
	out, err := l.Cloud.ECR().DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RegistryId: &parts[1], RepositoryName: &parts[2], ImageId: &registry.ImageIdentifier{ImageDigest: &parts[3]},
		MaxResults: new(int32(1))})
	switch {
	case cloud.ErrorCode(err) == "ScanNotFoundException":
		f.Observed, f.Result = "never scanned", Fail
	case cloud.Missing(err):
		f.Observed, f.Result = "does not exist in the registry", Fail
	case err != nil:
		f.Result, f.Why = Unknown, reason(asking("ecr:DescribeImageScanFindings", err))
	default:
		f.Observed, f.Result = string(registry.ScanStatusFailed), Fail
		if out.ImageScanStatus != nil {
			f.Observed = string(out.ImageScanStatus.Status)
			f.Result = scanResult(out.ImageScanStatus.Status)
		}
		if f.Result == Unknown {
			f.Why = "the scan has not ended"
		}
	}
	l.add(nil, f)
}

// scanResult is what a status means: a scan that goes on has not shown anything yet (Amazon ECR API reference, ImageScanStatus).
func scanResult(status registry.ScanStatus) Result {
	switch status {
	case registry.ScanStatusComplete, registry.ScanStatusActive:
		return Pass
	case registry.ScanStatusInProgress, registry.ScanStatusPending:
		return Unknown
	}
	return Fail
}
