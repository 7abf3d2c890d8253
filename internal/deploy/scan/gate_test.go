package scan_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/simulator"
)

// A hall is a simulated registry with a gate before it.
type hall struct {
	*testing.T
	sim    *simulator.Simulator
	api    *counting
	events []report.Event
	// times are when each event was told.
	times []time.Time
	scan.Rules
	platforms []string
	waiting   func(context.Context)
}

const repository = "ecr-api-dev"

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{T: t, sim: simulator.New(simulator.Options{})}
	h.sim.CreateRepository(repository)
	way, err := cloud.Open(t.Context(), cloud.Options{Region: simulator.Region, Client: h.sim.Client(), Clock: h.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	h.must(err)
	h.api = &counting{Registry: way.ECR(), count: map[string]int{}}
	return h
}

func (h *hall) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// push puts an image with what its scan comes to, a day ago.
func (h *hall) push(plan simulator.Scan) string { h.Helper(); return h.pushed(plan, 24*time.Hour) }

func (h *hall) pushed(plan simulator.Scan, ago time.Duration) string {
	h.Helper()
	digest, err := h.sim.PutImage(repository, nil)
	h.must(err)
	h.must(h.sim.PlantScan(repository, digest, plan))
	h.pass(ago)
	return digest
}

func (h *hall) pass(d time.Duration) { h.Helper(); h.must(h.sim.Clock().Sleep(h.Context(), d)) }

func (h *hall) now() time.Time { return h.sim.Clock().Now() }

func (h *hall) gate() *scan.Gate {
	return &scan.Gate{Registry: h.api, Clock: h.sim.Clock(), Platforms: h.platforms, Rules: h.Rules, Waiting: h.waiting,
		Reporter: report.Func(func(e report.Event) { h.events, h.times = append(h.events, e), append(h.times, h.now()) })}
}

// judge judges one image.
func (h *hall) judge(digest string) scan.Verdict {
	h.Helper()
	all, err := h.gate().Judge(h.Context(), []scan.Image{{Name: "api", Repository: repository, Digest: digest}})
	h.must(err)
	return all[0]
}

// passes wants an image to pass, refuses the words of a refusal.
func (h *hall) passes(v scan.Verdict) scan.Verdict {
	h.Helper()
	if !v.Passed {
		h.Fatalf("refused: %s; %s", v.Reason, v.Do)
	}
	return v
}

func (h *hall) refuses(v scan.Verdict, words ...string) scan.Verdict {
	h.Helper()
	if v.Passed || v.Do == "" {
		h.Fatalf("passed %v, do %q", v.Passed, v.Do)
	}
	for _, word := range words {
		if !strings.Contains(v.Reason+"; "+v.Do, word) {
			h.Errorf("%q is not in %q; %q", word, v.Reason, v.Do)
		}
	}
	return v
}

// except adds an exception to the rules.
func (h *hall) except(flag, text string) {
	h.Helper()
	x, err := scan.ParseException(flag, text)
	h.must(err)
	h.Exceptions = append(h.Exceptions, x)
}

// Each status that the SDK knows, and one that it does not, leads where the table says.
func TestStatuses(t *testing.T) {
	wants := map[types.ScanStatus]string{"COMPLETE": "", "ACTIVE": "", "PENDING": "not done after 10m0s: PENDING", "IN_PROGRESS": "not done after 10m0s: IN_PROGRESS", "FAILED": "push the image anew",
		"UNSUPPORTED_IMAGE": "enhanced scanning", "FINDINGS_UNAVAILABLE": "no findings any more", "SCAN_ELIGIBILITY_EXPIRED": "re-scan duration", "LIMIT_EXCEEDED": "quotas",
		"IMAGE_ARCHIVED": "restore it", "SOMETHING_NEW": "does not know the status"}
	for _, status := range append(types.ScanStatus("").Values(), "SOMETHING_NEW") {
		want, known := wants[status]
		if !known {
			t.Errorf("status %s of the SDK has no test", status)
			continue
		}
		t.Run(string(status), func(t *testing.T) {
			h := newHall(t)
			digest := h.push(simulator.Scan{Status: string(status)})
			if want == "" {
				h.passes(h.judge(digest))
				return
			}
			v := h.refuses(h.judge(digest), want)
			if v.Status != string(status) || strings.Contains(v.Reason, "()") {
				t.Errorf("status %q: %s", v.Status, v.Reason)
			}
			h.except(scan.AllowUnscanned, digest+"=built from nothing@2026-12-31")
			if v := h.passes(h.judge(digest)); len(v.Exceptions) != 1 || v.Exceptions[0].Reason != "built from nothing" || v.Reason == "" {
				t.Errorf("%+v", v)
			}
		})
	}
}

// The reason why AWS could not scan an image is passed on, with what to do under the registry's scan type.
func TestUnsupportedImage(t *testing.T) {
	for _, enhanced := range []bool{false, true} {
		h := newHall(t)
		h.sim.ScanEnhanced(enhanced)
		digest := h.push(simulator.Scan{Status: "UNSUPPORTED_IMAGE", Description: "UnsupportedImageError: no operating system"})
		v := h.refuses(h.judge(digest), "no operating system", "--allow-unscanned "+digest+"=")
		if got := strings.Contains(v.Do, "switch the registry to enhanced scanning"); got == enhanced {
			t.Errorf("enhanced %v: %s", enhanced, v.Do)
		}
	}
	h := newHall(t)
	h.sim.ScanEnhanced(true)
	h.sim.Inject(simulator.Fault{Service: "ecr", Operation: "GetRegistryScanningConfiguration", Kind: simulator.Throttled, Times: 5})
	if v := h.refuses(h.judge(h.push(simulator.Scan{Status: "UNSUPPORTED_IMAGE"}))); strings.Contains(v.Do, "switch the registry") {
		t.Errorf("enhanced, which is told late: %s", v.Do)
	}
}

// A scan on push is waited for, with a look every five seconds and a word about what is waited for once a minute.
func TestWaiting(t *testing.T) {
	h := newHall(t)
	waited := 0
	h.waiting = func(context.Context) { waited++ }
	digest := h.pushed(simulator.Scan{Hidden: 10 * time.Second, Takes: 2 * time.Minute}, 0)
	began := h.now()
	h.passes(h.judge(digest))
	if took := h.now().Sub(began); took < 130*time.Second || took > 135*time.Second || waited != 26 || h.api.count["StartImageScan"] > 0 {
		t.Errorf("waited %s in %d pauses: %v", took, waited, h.api.count)
	}
	var said []string
	for _, e := range h.events {
		if n, is := e.(report.Note); is {
			said = append(said, n.Text)
		}
	}
	if len(said) != 3 || !strings.Contains(said[0], "10m0s for scans: api (no scan is found yet)") || !strings.Contains(said[1], "IN_PROGRESS") {
		t.Errorf("%q", said)
	}
}

// Without patience there is one look, and no exception for the time being.
func TestNoWaiting(t *testing.T) {
	h := newHall(t)
	h.Wait = -1
	began := h.now()
	h.refuses(h.judge(h.pushed(simulator.Scan{Takes: time.Minute}, 0)), "its scan is not done: IN_PROGRESS", "--wait 10m0s")
	if !h.now().Equal(began) {
		t.Error("it waited")
	}
	if _, told := h.events[len(h.events)-1].(scan.Verdict); !told {
		t.Errorf("the verdict is not told: %+v", h.events)
	}
	h.Wait = 7 * time.Second
	h.refuses(h.judge(h.pushed(simulator.Scan{Takes: time.Minute}, 0)), "not done after 7s", "--wait 14s")
}

// A refusal is told within ten seconds of the finding, while others are still waited for; they are told in the end.
func TestFirstRefusal(t *testing.T) {
	h := newHall(t)
	var images []scan.Image
	for i, plan := range []simulator.Scan{{Takes: 5 * time.Minute}, {Takes: 61 * time.Second, Findings: []simulator.Vulnerability{{ID: "CVE-2026-1", Severity: "HIGH"}}}, {Takes: 4 * time.Minute, Status: "FAILED"}, {}, {}, {}, {}} {
		images = append(images, scan.Image{Name: fmt.Sprint(i), Repository: repository, Digest: h.pushed(plan, 0)})
	}
	began := h.now()
	verdicts, err := h.gate().Judge(t.Context(), images)
	h.must(err)
	var order string
	var late time.Duration
	for i, e := range h.events {
		if v, is := e.(scan.Verdict); is {
			if order += v.Name; v.Name == "1" {
				late = h.times[i].Sub(began.Add(61 * time.Second))
			}
		}
	}
	if order != "3456120" || late < 0 || late > 10*time.Second {
		t.Errorf("told in the order %s, the refusal after %s", order, late)
	}
	if got := fmt.Sprint(verdicts[0].Passed, verdicts[1].Passed, verdicts[2].Passed, len(verdicts[1].Findings)); got != "true false false 1" {
		t.Error(got)
	}
}

// Five images are asked about at the same time, and no more.
func TestParallel(t *testing.T) {
	h := newHall(t)
	var images []scan.Image
	for i := range 12 {
		images = append(images, scan.Image{Name: fmt.Sprint(i), Repository: repository, Digest: h.push(simulator.Scan{})})
	}
	five := sync.WaitGroup{}
	five.Add(5)
	var once sync.Mutex
	met := 0
	h.api.meet = func() {
		once.Lock()
		met++
		first := met <= 5
		once.Unlock()
		if first { // returns only if five are under way together
			five.Done()
			five.Wait()
			for range 10_000 { // a sixth would come
				runtime.Gosched()
			}
		}
	}
	_, err := h.gate().Judge(t.Context(), images)
	h.must(err)
	if h.api.most != 5 || h.api.count["DescribeImages"] != 12 || h.api.count["DescribeImageScanFindings"] != 12 {
		t.Errorf("%d at the same time: %v", h.api.most, h.api.count)
	}
}
