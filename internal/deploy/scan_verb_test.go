package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// scan judges what is named, or all that is deployed.
func TestScan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.run(scanning(deploy.ScanRequest{})).ends(fault.Usage, "runs no images yet", "--image NAME=TAG, of api")
	named := deploy.ScanRequest{Images: map[string]string{"api": digest}}
	if text := last[report.Result](w.run(scanning(named)).ends(fault.OK)).Text; text != "1 images pass" {
		t.Error(text)
	}
	w.run(apply(firstRequest())).ends(fault.OK)
	w.plant(vulnerable("MEDIUM"))
	r := w.run(scanning(deploy.ScanRequest{})).ends(fault.OK)
	if v := last[report.ImageScan](r); v.Digest != digest || !v.Passed {
		t.Errorf("%+v", v)
	}
	tagged := deploy.ScanRequest{Images: map[string]string{"api": "1.4.2"}}
	if v := last[report.ImageScan](w.run(scanning(tagged)).ends(fault.OK)); v.Digest != another || v.Counts["MEDIUM"] != 1 {
		t.Errorf("%+v", v)
	}
	tagged.Rules.MaxSeverity = "LOW"
	w.run(scanning(tagged)).ends(fault.Refused, "findings above LOW: 1 MEDIUM")
	tagged.Images = map[string]string{"api": "9.9.9"}
	w.run(scanning(tagged)).ends(fault.Usage, "holds no image with this tag")
	w.run(scanning(deploy.ScanRequest{Images: map[string]string{"ui": digest}})).ends(fault.Usage, `"ui"`, "api")
	w.run(scanning(deploy.ScanRequest{Rules: scan.Rules{MaxSeverity: "none"}})).ends(fault.Usage, "--max-severity")
	b := newBeyond(w)
	b.answers["cloudformation:DescribeStacks"] = "400 Broken"
	b.run(scanning(deploy.ScanRequest{}), b.in).ends(fault.Unexpected, "Broken")
	w.sim.Inject(simulator.Fault{Service: "ecr", Kind: simulator.Expired})
	w.run(scanning(named)).ends(fault.Usage, "sign in")
	w.sim.Heal()
	w.edit("platform.yaml", "ApiActiveColor]", "ApiActiveColor]\n        Nonsense: [}")
	w.run(scanning(named)).ends(fault.Usage)
}

// Templates of others take no digests: nothing is asked of Amazon ECR, and scan has nothing to judge.
func TestTemplatesWithoutImages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("platform.yaml", "ServiceTemplateKey, ApiImageDigest, ", "ServiceTemplateKey, ")
	w.edit("platform.yaml", "  ApiImageDigest: {Type: String, AllowedPattern: '^sha256:[0-9a-f]{64}$'}\n", "")
	w.edit("platform.yaml", "!Ref ApiImageDigest", digest)
	w.run(bootstrap).ends(fault.OK)
	b := newBeyond(w)
	b.run(apply(request()), b.in).ends(fault.OK)
	if slices.ContainsFunc(b.asked, func(call string) bool { return strings.HasPrefix(call, "ecr:") }) {
		t.Errorf("%v", b.asked)
	}
	w.run(scanning(deploy.ScanRequest{})).ends(fault.Usage, "platform.yaml takes no images", "ImageDigest")
}

// The gate judges the manifest for what the task definitions run on.
func TestPlatformOfTaskDefinitions(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	arm, err := w.sim.PutImage(registry, nil)
	w.must(err)
	_, err = w.sim.Push(registry, simulator.Push{Digest: another, Manifests: []simulator.Listed{{Digest: arm, OS: "linux", Architecture: "arm64"}}})
	w.must(err)
	w.run(apply(release(another))).ends(fault.Refused, "no image for linux/amd64 (it has linux/arm64)")
	w.edit("service.yaml", "Family: !Sub task-api-${Suffix}", "Family: !Sub task-api-${Suffix}\n      RuntimePlatform: {CpuArchitecture: ARM64, OperatingSystemFamily: LINUX}")
	if v := last[report.ImageScan](w.run(scanning(deploy.ScanRequest{Images: map[string]string{"api": another}})).ends(fault.OK)); len(v.Manifests) != 1 || v.Manifests[0] != arm {
		t.Errorf("%+v", v)
	}
}

// Repositories of the real platform are where the gate looks: each task definition runs from there what a digest parameter says.
func TestRepositoriesOfThePlatform(t *testing.T) {
	t.Parallel()
	set, err := source.Load(os.DirFS("../../golden"), "platform.yaml")
	if err != nil {
		t.Fatal(err)
	}
	foundation, err := os.ReadFile("../../golden/foundation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var bodies strings.Builder
	for _, template := range set.All() {
		bodies.Write(template.Body)
	}
	for parameter := range set.Root.Parameters {
		if stem, is := strings.CutSuffix(parameter, "ImageDigest"); is {
			name := "ecr-" + deploy.ImageName(stem) + "-${EnvironmentSuffix}"
			if !strings.Contains(string(foundation), "RepositoryName: !Sub "+name) || !strings.Contains(bodies.String(), "/"+name+"@${") {
				t.Errorf("no repository %s for %s", name, parameter)
			}
		}
	}
}

// The first deployment of the real platform judges all six images in few calls, and runs on the platform that golden says.
func TestGateOfThePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.templates = os.DirFS("../../golden")
	r := goldenRequest(t)
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, r) }).ends(fault.OK)
	w.run(scanning(deploy.ScanRequest{Images: r.Images})).ends(fault.Refused, "6 of 6 images")
	for name := range r.Images {
		w.pushImage(name, digest)
	}
	b := newBeyond(w)
	verdicts := all[report.ImageScan](b.run(scanning(deploy.ScanRequest{Images: r.Images}), b.in).ends(fault.OK))
	var names []string
	for _, v := range verdicts {
		names = append(names, v.Name)
	}
	if diff := cmp.Diff([]string{"administration", "collector", "envoy", "notification-service", "payment-api", "transaction-processor"}, names); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint(count(b.asked, "ecr:DescribeImages"), changing(b.asked)); got != "6 []" {
		t.Error(got)
	}
}

// Of the real platform, one new image is judged and the five that run are not.
func TestOneNewImageOfThePlatform(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := golden(t)
	b.pushImage("payment-api", another)
	b.must(b.sim.PlantScan("ecr-payment-api-dev", another, simulator.Scan{}))
	r := goldenRequest(t)
	r.Images = map[string]string{"payment-api": another}
	ended := b.run(apply(r), b.in).ends(fault.OK)
	const skipped = "not judged, because it runs already: administration, collector, envoy, notification-service, transaction-processor"
	if !slices.Contains(all[report.Note](ended), report.Note{Level: report.Detail, Text: skipped}) || len(all[report.ImageScan](ended)) != 1 {
		t.Errorf("%v, %v", all[report.Note](ended), all[report.ImageScan](ended))
	}
	if got := fmt.Sprint(count(b.asked, "ecr:DescribeImages"), count(b.asked, "ecr:DescribeImageScanFindings")); got != "2 1" {
		t.Error(got)
	}
}

// A deployment's record without exceptions does not speak of them.
func TestRecordWithoutExceptions(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(deployed(t).record())
	if err != nil || strings.Contains(string(data), "exceptions") {
		t.Error(string(data), err)
	}
}
