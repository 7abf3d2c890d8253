package scan_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/simulator"
)

// Under basic scanning an image without a scan gets one: not right after its push, and once.
func TestScanThatNeverBegan(t *testing.T) {
	h := newHall(t)
	digest := h.pushed(simulator.Scan{Unstarted: true, Takes: 30 * time.Second}, 0)
	began := h.now()
	h.passes(h.judge(digest))
	if took := h.now().Sub(began); h.api.count["StartImageScan"] != 1 || took < 90*time.Second || took > 100*time.Second {
		t.Errorf("%s, %v", took, h.api.count)
	}
	began = h.now()
	h.passes(h.judge(h.push(simulator.Scan{Unstarted: true, Takes: 30 * time.Second})))
	if took := h.now().Sub(began) - 24*time.Hour; took < 30*time.Second || took > 40*time.Second {
		t.Errorf("an image of yesterday's push took %s", took)
	}
}

// A scan that was started, or that cannot be before tomorrow, is not found for a while: it is waited for, said so, and not started again.
func TestStartedScanIsNotFound(t *testing.T) {
	for code, want := range map[string]string{"": "a scan was started", "LimitExceededException": "scanned within 24 hours"} {
		h := newHall(t)
		h.Wait = time.Minute
		if code != "" {
			h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "StartImageScan", Kind: simulator.Failing, Code: code, Message: "no"})
		}
		h.refuses(h.judge(h.push(simulator.Scan{Unstarted: true, Hidden: time.Hour})), "not done after 1m0s", want)
		if h.api.count["StartImageScan"] != 1 {
			t.Errorf("%v", h.api.count)
		}
	}
}

// The scan starts once also where the first answer is lost: the second says that the image was scanned within 24 hours.
func TestLostStart(t *testing.T) {
	h := newHall(t)
	h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "StartImageScan", Kind: simulator.Lost, Times: 1})
	h.passes(h.judge(h.push(simulator.Scan{Unstarted: true, Takes: 30 * time.Second})))
	if h.api.count["StartImageScan"] != 1 { // one call, which the SDK repeats
		t.Errorf("%v", h.api.count)
	}
	h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "StartImageScan", Kind: simulator.Internal, Times: 3})
	h.passes(h.judge(h.push(simulator.Scan{Unstarted: true, Takes: 30 * time.Second})))
	if h.api.count["StartImageScan"] != 3 {
		t.Errorf("%v", h.api.count)
	}
}

// Enhanced scanning is never started: the image is waited for, and then not covered.
func TestEnhancedScanningIsNotStarted(t *testing.T) {
	h := newHall(t)
	h.sim.ScanEnhanced(true)
	h.Wait = time.Hour
	digest := h.pushed(simulator.Scan{Unstarted: true}, 0)
	began := h.now()
	h.refuses(h.judge(digest), "enhanced scanning does not cover it", "10m0s after its push", repository)
	if took := h.now().Sub(began); took < 10*time.Minute || took > 11*time.Minute || h.api.count["StartImageScan"] != 0 || h.api.count["GetRegistryScanningConfiguration"] != 1 {
		t.Errorf("%s, %v", took, h.api.count)
	}
}

// What StartImageScan refuses, refuses the image.
func TestStartRefused(t *testing.T) {
	for code, want := range map[string]string{"LimitExceededException": "scanned within 24 hours", "UnsupportedImageTypeException": "of a type that cannot be scanned", "ImageArchivedException": "archived",
		"ImageNotFoundException": "holds no image", "AccessDeniedException": "may not be asked", "ValidationException": "refuses the question"} {
		h := newHall(t)
		h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "StartImageScan", Kind: simulator.Failing, Code: code, Message: "no"})
		h.refuses(h.judge(h.push(simulator.Scan{Unstarted: true})), want)
	}
}

// Where the scan type may not be read nothing is started.
func TestUnknownScanType(t *testing.T) {
	h := newHall(t)
	digest := h.push(simulator.Scan{Unstarted: true})
	h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "GetRegistryScanningConfiguration", Kind: simulator.Throttled, Times: 4}, simulator.Fault{Service: "ecr", Operation: "GetRegistryScanningConfiguration", Kind: simulator.Denied})
	h.refuses(h.judge(digest), "give the caller the permission ecr:GetRegistryScanningConfiguration")
	if h.api.count["StartImageScan"] != 0 {
		t.Errorf("%v", h.api.count)
	}
	h.sim.Heal()
	h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "GetRegistryScanningConfiguration", Kind: simulator.Expired})
	if _, err := h.gate().Judge(t.Context(), []scan.Image{{Name: "api", Repository: repository, Digest: digest}}); fault.CodeOf(err) != fault.Usage {
		t.Error(err)
	}
}

// An image whose push time is not told is new from the gate's beginning on.
func TestUnknownPush(t *testing.T) {
	h := newHall(t)
	h.api.details = func(out *ecr.DescribeImagesOutput) { out.ImageDetails[0].ImagePushedAt = nil }
	digest := h.push(simulator.Scan{Unstarted: true})
	began := h.now()
	h.passes(h.judge(digest))
	if took := h.now().Sub(began); took < time.Minute {
		t.Errorf("started after %s", took)
	}
}

// Each call may fail: for a while it is tried again and again, and not keeping the others back; for good it refuses.
func TestTrouble(t *testing.T) {
	for _, operation := range []string{"DescribeImages", "DescribeImageScanFindings"} {
		for _, kind := range []simulator.Kind{simulator.Throttled, simulator.Internal, simulator.Lost, simulator.Half, simulator.Refused, simulator.Twice} {
			h := newHall(t)
			digest := h.push(simulator.Scan{})
			h.sim.Inject(simulator.Fault{Service: "ecr", Operation: operation, Kind: kind, Times: 20})
			h.passes(h.judge(digest))
		}
		h := newHall(t)
		digest := h.push(simulator.Scan{})
		h.sim.Inject(simulator.Fault{Service: "ecr", Operation: operation, Kind: simulator.Throttled})
		h.refuses(h.judge(digest), "Amazon ECR does not answer", "--wait 20m0s")
		h.sim.Heal()
		h.sim.Inject(simulator.Fault{Service: "ecr", Operation: operation, Kind: simulator.Denied})
		h.refuses(h.judge(digest), "may not be asked", "ecr:"+operation, "permission")
		h.sim.Heal()
		h.sim.Inject(simulator.Fault{Service: "ecr", Operation: operation, Kind: simulator.Failing, Code: "InvalidParameterException", Message: "odd"})
		h.refuses(h.judge(digest), "odd")
		for _, kind := range []simulator.Kind{simulator.Expired, simulator.Skewed} {
			h.sim.Heal()
			h.sim.Inject(simulator.Fault{Service: "ecr", Operation: operation, Kind: kind})
			if _, err := h.gate().Judge(t.Context(), []scan.Image{{Name: "api", Repository: repository, Digest: digest}}); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "sign in") {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}

func TestInterruption(t *testing.T) {
	h := newHall(t)
	image := []scan.Image{{Name: "api", Repository: repository, Digest: h.pushed(simulator.Scan{Takes: time.Hour}, 0)}}
	ctx, cancel := context.WithCancel(t.Context())
	h.waiting = func(context.Context) { cancel() }
	if _, err := h.gate().Judge(ctx, image); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := h.gate().Judge(ctx, image); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Nothing to judge is judged at once, by rules that can be right.
func TestNoImages(t *testing.T) {
	h := newHall(t)
	h.MaxSeverity = "none"
	if _, err := h.gate().Judge(t.Context(), nil); fault.CodeOf(err) != fault.Usage {
		t.Error(err)
	}
	h.MaxSeverity = ""
	if all, err := h.gate().Judge(t.Context(), nil); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
}
