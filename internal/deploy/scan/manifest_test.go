package scan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/simulator"
)

// listed are manifests of images that are there: those for linux/amd64 have a finding.
func (h *hall) listed(platforms ...string) (all []simulator.Listed) {
	h.Helper()
	for _, platform := range platforms {
		os, architecture, _ := strings.Cut(platform, "/")
		plan := simulator.Scan{}
		if architecture == "amd64" {
			plan.Findings = []simulator.Vulnerability{{ID: "CVE-2026-1", Severity: "LOW"}}
		}
		all = append(all, simulator.Listed{Digest: h.push(plan), OS: os, Architecture: architecture})
	}
	return all
}

func (h *hall) index(manifests ...simulator.Listed) simulator.Listed {
	h.Helper()
	digest, err := h.sim.Push(repository, simulator.Push{Manifests: manifests})
	h.must(err)
	return simulator.Listed{Digest: digest, Index: true}
}

// Of an index, the manifest for the platform of the task definitions is judged, and no attestation.
func TestIndex(t *testing.T) {
	h := newHall(t)
	all := h.listed("linux/arm64", "linux/amd64", "unknown/unknown")
	marked := simulator.Listed{Digest: all[0].Digest, OS: "linux", Architecture: "amd64", Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}}
	bare := simulator.Listed{Digest: all[0].Digest}
	index := h.index(append(all, marked, bare)...)
	v := h.passes(h.judge(index.Digest))
	if diff := cmp.Diff([]string{all[1].Digest}, v.Manifests); diff != "" || v.Counts["LOW"] != 1 || v.Digest != index.Digest {
		t.Errorf("%s, %v", diff, v.Counts)
	}
	h.platforms = []string{"linux/arm64"}
	if v := h.passes(h.judge(index.Digest)); v.Manifests[0] != all[0].Digest || len(v.Findings) != 0 {
		t.Errorf("%v", v.Manifests)
	}
	h.platforms = []string{"linux/amd64", "linux/arm64"}
	if v := h.passes(h.judge(index.Digest)); len(v.Manifests) != 2 {
		t.Errorf("%v", v.Manifests)
	}
}

// Indexes within indexes are followed, each manifest judged once, and not for ever.
func TestNestedIndex(t *testing.T) {
	h := newHall(t)
	inner := h.index(h.listed("linux/amd64")...)
	outer := h.index(inner, inner)
	if v := h.passes(h.judge(outer.Digest)); len(v.Manifests) != 1 || v.Counts["LOW"] != 1 {
		t.Errorf("%v, %v", v.Manifests, v.Counts)
	}
	if v := h.passes(h.judge(h.index(h.index(h.listed("linux/arm64")...), h.index(h.listed("linux/amd64")...)).Digest)); len(v.Manifests) != 1 {
		t.Errorf("of two inner indexes: %v", v.Manifests)
	}
	outer = h.index(h.index(outer))
	h.passes(h.judge(outer.Digest))
	h.refuses(h.judge(h.index(outer).Digest), "nested deeper than 4", "build and push the image anew")
	h.refuses(h.judge(h.index(simulator.Listed{Digest: "sha256:gone", Index: true}).Digest), "sha256:gone", "cannot be read: ImageNotFound")
}

// What was read of one manifest is not read again while another is waited for.
func TestIndexOfWhichOneIsScanned(t *testing.T) {
	h := newHall(t)
	both := h.listed("linux/amd64", "linux/amd64")
	h.must(h.sim.PlantScan(repository, both[1].Digest, simulator.Scan{Takes: 20 * time.Second}))
	h.passes(h.judge(h.index(both...).Digest))
	if n := h.api.count["DescribeImageScanFindings"]; n != 6 {
		t.Errorf("%d questions about findings", n)
	}
}

func TestIndexWithoutThePlatform(t *testing.T) {
	h := newHall(t)
	h.refuses(h.judge(h.index(h.listed("linux/arm64", "windows/amd64", "unknown/unknown")...).Digest), "no image for linux/amd64 (it has linux/arm64, windows/amd64)", "build the image for linux/amd64")
	h.refuses(h.judge(h.index(h.listed("unknown/unknown")...).Digest), "it has none")
}

// A manifest that an index names and that is gone, and answers that hold nothing or nonsense, are no reason to pass.
func TestBrokenIndex(t *testing.T) {
	h := newHall(t)
	gone := h.index(simulator.Listed{Digest: "sha256:gone", OS: "linux", Architecture: "amd64"})
	h.refuses(h.judge(gone.Digest), "holds no image sha256:gone")
	whole := h.index(h.listed("linux/amd64")...)
	h.api.batch = func(out *ecr.BatchGetImageOutput) { out.Images[0].ImageManifest = new("<html>") }
	h.refuses(h.judge(whole.Digest), "is no JSON")
	h.api.batch = func(out *ecr.BatchGetImageOutput) { out.Images = nil }
	h.refuses(h.judge(whole.Digest), "does not hold it")
	h.api.batch = nil
	h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "BatchGetImage", Kind: simulator.Denied})
	h.refuses(h.judge(whole.Digest), "ecr:BatchGetImage")
}

// The manifest's digest may be excepted as well as the index's.
func TestExceptedManifest(t *testing.T) {
	h := newHall(t)
	manifest := h.push(simulator.Scan{Status: "UNSUPPORTED_IMAGE"})
	index := h.index(simulator.Listed{Digest: manifest, OS: "linux", Architecture: "amd64"})
	h.refuses(h.judge(index.Digest))
	h.except(scan.AllowUnscanned, manifest+"=built from nothing@2026-12-31")
	h.passes(h.judge(index.Digest))
}

// An image that is not there is refused, exception or not.
func TestMissing(t *testing.T) {
	h := newHall(t)
	digest := h.push(simulator.Scan{})
	h.except(scan.AllowUnscanned, digest+"=because@2026-12-31")
	h.must(h.sim.DeleteImage(repository, digest))
	h.refuses(h.judge(digest), repository, digest, "push the image")
	all, err := h.gate().Judge(t.Context(), []scan.Image{{Name: "api", Repository: "ecr-none-dev", Digest: digest}})
	h.must(err)
	h.refuses(all[0], "no repository ecr-none-dev", "deploy bootstrap")
	kept := h.push(simulator.Scan{})
	h.api.details = func(out *ecr.DescribeImagesOutput) { out.ImageDetails = nil }
	h.refuses(h.judge(kept), "holds no image")
	h.api.details = nil
	h.api.findings = func(int, *ecr.DescribeImageScanFindingsOutput) { t.Error("findings of an image that is gone") }
	h.api.meet = func() { h.must(h.sim.DeleteImage(repository, kept)) }
	h.refuses(h.judge(kept), "holds no image "+kept)
}

func TestPresent(t *testing.T) {
	h := newHall(t)
	images := []scan.Image{{Name: "api", Repository: repository, Digest: h.push(simulator.Scan{})}, {Name: "ui", Repository: repository, Digest: "sha256:gone"}, {Name: "db", Repository: "none", Digest: "sha256:gone"}}
	gone, err := scan.Present(t.Context(), h.api, images)
	if diff := cmp.Diff(images[1:], gone); diff != "" || err != nil {
		t.Error(diff, err)
	}
	h.sim.Inject(simulator.Fault{Service: "ecr", Kind: simulator.Denied})
	if _, err := scan.Present(t.Context(), h.api, images); err == nil || !strings.Contains(err.Error(), repository) {
		t.Error(err)
	}
}

func TestResolve(t *testing.T) {
	h := newHall(t)
	digest, err := h.sim.PutImage(repository, []string{"1.4.2", "latest"})
	h.must(err)
	for given, want := range map[string]string{
		"1.4.2": digest + " 1.4.2", "latest": digest + " latest", "api:1.4.2": digest + " 1.4.2", repository + ":1.4.2": digest + " 1.4.2",
		"111122223333.dkr.ecr.us-east-1.amazonaws.com/" + repository + ":1.4.2": digest + " 1.4.2", "localhost:5000/api:1.4.2": digest + " 1.4.2",
		"sha256:abc": "sha256:abc ", "api@sha256:abc": "sha256:abc ", "api:1.4.2@sha256:abc": "sha256:abc ", "localhost:5000/api@sha256:abc": "sha256:abc ",
	} {
		got, tag, err := scan.Resolve(t.Context(), h.api, "api", repository, given)
		if err != nil || got+" "+tag != want {
			t.Errorf("%s: %s %s, %v", given, got, tag, err)
		}
	}
	for given, want := range map[string]string{"other:1.4.2": "another repository", "other@sha256:abc": "another repository", "": "neither digest nor tag", "api:": "neither digest nor tag", "localhost:5000/api": "neither digest nor tag",
		"a b": "neither digest nor tag", "9.9": `no image with this tag (found "9.9")`} {
		if _, _, err := scan.Resolve(t.Context(), h.api, "api", repository, given); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", given, err)
		}
	}
	h.sim.Inject(simulator.Fault{Service: "ecr", Kind: simulator.Denied})
	if _, _, err := scan.Resolve(t.Context(), h.api, "api", repository, "1.4.2"); fault.CodeOf(err) != fault.Unexpected || !strings.Contains(err.Error(), "give its digest") {
		t.Error(err)
	}
}

// The media type of ECR's own answers decides what is an index.
func TestDockerIndex(t *testing.T) {
	h := newHall(t)
	index := h.index(h.listed("linux/amd64")...)
	h.api.details = func(out *ecr.DescribeImagesOutput) {
		out.ImageDetails[0].ImageManifestMediaType = new("application/vnd.docker.distribution.manifest.list.v2+json")
		out.ImageDetails[0].ImageStatus = types.ImageStatus("")
	}
	if v := h.passes(h.judge(index.Digest)); len(v.Manifests) != 1 {
		t.Errorf("%v", v.Manifests)
	}
}

// An image that Amazon ECR archived is refused though its scan found nothing; an exception decides at once.
func TestArchivedImage(t *testing.T) {
	h := newHall(t)
	digest := h.push(simulator.Scan{})
	h.api.details = func(out *ecr.DescribeImagesOutput) { out.ImageDetails[0].ImageStatus = types.ImageStatusArchived }
	if v := h.refuses(h.judge(digest), "restore it"); v.Status != "IMAGE_ARCHIVED" {
		t.Error(v.Status)
	}
	h.except(scan.AllowUnscanned, digest+"=restored by night@2026-12-31")
	if h.passes(h.judge(digest)); h.api.count["DescribeImages"] != 2 {
		t.Errorf("%v", h.api.count)
	}
}
