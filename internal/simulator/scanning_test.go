package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/simulator"
)

// A scanner asks about the images of one repository.
type scanner struct {
	*account
	client *ecr.Client
	name   *string
}

func newScanner(t *testing.T) *scanner {
	a := open(t, simulator.Options{})
	a.sim.CreateRepository("r")
	return &scanner{a, ecr.NewFromConfig(a.config), aws.String("r")}
}

func (s *scanner) findings(digest string) (*ecr.DescribeImageScanFindingsOutput, error) {
	return s.client.DescribeImageScanFindings(s.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: s.name, ImageId: &ecrtypes.ImageIdentifier{ImageDigest: &digest}})
}

func (s *scanner) start(digest string) error {
	_, err := s.client.StartImageScan(s.Context(), &ecr.StartImageScanInput{RepositoryName: s.name, ImageId: &ecrtypes.ImageIdentifier{ImageDigest: &digest}})
	return err
}

// status is how far a scan is: ECR's word, or its code.
func (s *scanner) status(digest string) string {
	out, err := s.findings(digest)
	if err != nil {
		return code(err)
	}
	return string(out.ImageScanStatus.Status)
}

func (s *scanner) want(digest, status string) {
	s.Helper()
	if got := s.status(digest); got != status {
		s.Errorf("status %s, want %s", got, status)
	}
}

func (s *scanner) pass(d time.Duration) { _ = s.sim.Clock().Sleep(s.Context(), d) }

// An image is scanned on its push: the scan is not found at first, then in progress, then complete without findings.
func TestScanOnPush(t *testing.T) {
	s := newScanner(t)
	digest := must(s.sim.PutImage("r", []string{"v1"}))
	for _, then := range []struct {
		pass time.Duration
		want string
	}{{0, "ScanNotFoundException"}, {3 * time.Second, "IN_PROGRESS"}, {17 * time.Second, "COMPLETE"}} {
		s.pass(then.pass)
		s.want(digest, then.want)
	}
	out := must(s.findings(digest))
	if f := out.ImageScanFindings; f == nil || len(f.Findings) != 0 || len(f.FindingSeverityCounts) != 0 || f.ImageScanCompletedAt == nil {
		t.Errorf("%+v", f)
	}
	s.sim.ScanEnhanced(true)
	s.want(digest, "ACTIVE")
	if out := must(s.client.GetRegistryScanningConfiguration(t.Context(), &ecr.GetRegistryScanningConfigurationInput{})); out.ScanningConfiguration.ScanType != ecrtypes.ScanTypeEnhanced || len(out.ScanningConfiguration.Rules) != 1 {
		t.Errorf("%+v", out.ScanningConfiguration)
	}
	if code(s.start(digest)) != "ValidationException" {
		t.Error("enhanced scanning was started")
	}
}

// Repositories of stacks scan on push if they say so; a scan is started at most once in a day.
func TestStartedScan(t *testing.T) {
	s := newScanner(t)
	s.deploy(proposal{stack: "s", body: `{Resources: {A: {Type: AWS::ECR::Repository, Properties: {RepositoryName: a}}, B: {Type: AWS::ECR::Repository, Properties: {RepositoryName: b, ImageScanningConfiguration: {ScanOnPush: true}}}}}`})
	scanned := must(s.sim.PutImage("b", nil))
	digest := must(s.sim.PutImage("a", nil))
	s.pass(time.Hour)
	s.name = aws.String("b")
	s.want(scanned, "COMPLETE")
	if got := code(s.start(scanned)); got != "LimitExceededException" {
		t.Error(got)
	}
	s.name = aws.String("a")
	s.want(digest, "ScanNotFoundException")
	if err := s.start(digest); err != nil {
		t.Error(err)
	}
	if got := code(s.start(digest)); got != "LimitExceededException" {
		t.Error(got)
	}
	s.pass(time.Minute)
	s.want(digest, "COMPLETE")
	s.pass(24 * time.Hour)
	if err := s.start(digest); err != nil {
		t.Error(err)
	}
}

// What is planted is told, in either form of findings and page by page.
func TestPlantedScan(t *testing.T) {
	s := newScanner(t)
	digest := must(s.sim.PutImage("r", []string{"v1"}))
	plan := simulator.Scan{Description: "done", Findings: []simulator.Vulnerability{{ID: "CVE-2026-1", Severity: "HIGH", Package: "libc", Version: "1", Fixed: "2"}, {ID: "CVE-2026-2", Severity: "LOW", Status: "CLOSED", Title: "two"}}}
	if err := s.sim.PlantScan("r", digest, plan); err != nil {
		t.Fatal(err)
	}
	in := &ecr.DescribeImageScanFindingsInput{RepositoryName: s.name, ImageId: &ecrtypes.ImageIdentifier{ImageTag: aws.String("v1")}, MaxResults: aws.Int32(1)}
	first := must(s.client.DescribeImageScanFindings(t.Context(), in))
	in.NextToken = first.NextToken
	second := must(s.client.DescribeImageScanFindings(t.Context(), in))
	if f := first.ImageScanFindings; aws.ToString(f.Findings[0].Name) != "CVE-2026-1" || f.FindingSeverityCounts["HIGH"] != 1 || f.FindingSeverityCounts["LOW"] != 1 || aws.ToString(first.ImageScanStatus.Description) != "done" {
		t.Errorf("%+v", f)
	}
	if f := second.ImageScanFindings; second.NextToken != nil || aws.ToString(f.Findings[0].Name) != "CVE-2026-2" {
		t.Errorf("%+v", f)
	}
	s.sim.ScanEnhanced(true)
	f := must(s.findings(digest)).ImageScanFindings.EnhancedFindings
	if aws.ToString(f[0].Status) != "ACTIVE" || aws.ToString(f[1].Status) != "CLOSED" || aws.ToString(f[1].Title) != "two" || aws.ToString(f[0].PackageVulnerabilityDetails.VulnerablePackages[0].FixedInVersion) != "2" {
		t.Errorf("%+v", f)
	}
	plan.Counts, plan.Silent, plan.Status = map[string]int{"CRITICAL": 9}, true, "SOMETHING"
	if err := s.sim.PlantScan("r", digest, plan); err != nil {
		t.Fatal(err)
	}
	if out := must(s.findings(digest)); out.ImageScanFindings != nil || out.ImageScanStatus.Status != "SOMETHING" {
		t.Errorf("%+v", out)
	}
	plan = simulator.Scan{Counts: map[string]int{"CRITICAL": 9}}
	if err := s.sim.PlantScan("r", digest, plan); err != nil {
		t.Fatal(err)
	}
	if out := must(s.findings(digest)); out.ImageScanFindings.FindingSeverityCounts["CRITICAL"] != 9 {
		t.Errorf("%+v", out.ImageScanFindings)
	}
	if s.sim.PlantScan("r", "sha256:none", plan) == nil || s.sim.PlantScan("none", digest, plan) == nil {
		t.Error("a scan of what is not there")
	}
}

// Archived images are not scanned, and told only to those who ask for them; indexes are not scanned themselves.
func TestWhatIsNotScanned(t *testing.T) {
	s := newScanner(t)
	archived := must(s.sim.PutImage("r", nil))
	if err := s.sim.PlantScan("r", archived, simulator.Scan{Status: "IMAGE_ARCHIVED", Unstarted: true}); err != nil {
		t.Fatal(err)
	}
	index := must(s.sim.PutImage("r", nil, archived))
	in := &ecr.DescribeImagesInput{RepositoryName: s.name, ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: &archived}}}
	if out := must(s.client.DescribeImages(t.Context(), in)); len(out.ImageDetails) != 0 {
		t.Errorf("%+v", out.ImageDetails)
	}
	in.Filter = &ecrtypes.DescribeImagesFilter{ImageStatus: ecrtypes.ImageStatusFilterAny}
	if out := must(s.client.DescribeImages(t.Context(), in)); len(out.ImageDetails) != 1 || out.ImageDetails[0].ImageStatus != ecrtypes.ImageStatusArchived {
		t.Errorf("%+v", out.ImageDetails)
	}
	s.pass(time.Hour)
	s.want(index, "ScanNotFoundException")
	for digest, want := range map[string]string{archived: "ImageArchivedException", index: "UnsupportedImageTypeException", "sha256:none": "ImageNotFoundException"} {
		if got := code(s.start(digest)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	s.want("sha256:none", "ImageNotFoundException")
	s.name = aws.String("none")
	s.want(index, "RepositoryNotFoundException")
}

// An image is pushed with any digest, its tags leave other images, and an index says what it lists.
func TestPush(t *testing.T) {
	s := newScanner(t)
	old := must(s.sim.PutImage("r", []string{"latest", "v1"}))
	pushed := must(s.sim.Push("r", simulator.Push{Digest: "sha256:mine", Tags: []string{"latest"}, Manifests: []simulator.Listed{
		{Digest: old, OS: "unknown", Architecture: "unknown", Annotations: map[string]string{"k": "v"}}, {Digest: "sha256:inner", Index: true}}}))
	must(s.sim.Push("r", simulator.Push{Digest: "sha256:mine", Tags: []string{"latest"}, Manifests: []simulator.Listed{{Digest: old}}}))
	out := must(s.client.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: s.name}))
	if pushed != "sha256:mine" || len(out.ImageDetails) != 2 || strings.Join(out.ImageDetails[0].ImageTags, " ") != "v1" || strings.Join(out.ImageDetails[1].ImageTags, " ") != "latest" {
		t.Errorf("%+v", out.ImageDetails)
	}
	must(s.sim.Push("r", simulator.Push{Digest: "sha256:other", Manifests: []simulator.Listed{{Digest: old, OS: "unknown", Annotations: map[string]string{"k": "v"}}, {Digest: "sha256:inner", Index: true}}}))
	get := must(s.client.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: s.name, ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: aws.String("sha256:other")}}}))
	if text := aws.ToString(get.Images[0].ImageManifest); !strings.Contains(text, `"annotations":{"k":"v"}`) || !strings.Contains(text, `"digest":"sha256:inner","mediaType":"application/vnd.oci.image.index.v1+json"`) {
		t.Error(text)
	}
	if err := s.sim.DeleteImage("r", "sha256:other"); err != nil || s.sim.DeleteImage("r", "sha256:other") == nil {
		t.Error("an image is deleted once")
	}
}

// Scans of images in a repository that does not exist are refused as any call about it is.
func TestScanElsewhere(t *testing.T) {
	s := newScanner(t)
	s.name = aws.String("nowhere")
	const digest = "sha256:0"
	if got := code(s.start(digest)); got != "RepositoryNotFoundException" || s.status(digest) != got {
		t.Errorf("%s, %s", got, s.status(digest))
	}
}
