// Package scan is the gate that images pass before they are deployed: each is judged by its digest, by what Amazon ECR's scanning says of
// it. What is not known to be well is refused.
package scan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Registry are the calls of Amazon ECR that the gate makes. Only StartImageScan changes anything.
type Registry interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
	BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error)
	DescribeImageScanFindings(context.Context, *ecr.DescribeImageScanFindingsInput, ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error)
	StartImageScan(context.Context, *ecr.StartImageScanInput, ...func(*ecr.Options)) (*ecr.StartImageScanOutput, error)
	GetRegistryScanningConfiguration(context.Context, *ecr.GetRegistryScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.GetRegistryScanningConfigurationOutput, error)
}

// An Image is one to be judged.
type Image struct {
	// Name is the image as people say it: payment-api. Repository is where it is, Digest what would run.
	Name, Repository, Digest string
}

// A Verdict is what the gate makes of an image.
type Verdict = report.ImageScan

// A Gate judges images.
type Gate struct {
	Registry Registry
	Clock    clock.Clock
	// Reporter takes each verdict when it is found, and remarks about what is waited for.
	Reporter report.Reporter
	// Platforms are those that the images run on; of an index only their manifests are judged. Empty is DefaultPlatform.
	Platforms []string
	Rules
	// Waiting is called before each pause, if set.
	Waiting func(context.Context)
}

// DefaultPlatform is what a task runs on whose definition does not say (AWS::ECS::TaskDefinition, RuntimePlatform).
const DefaultPlatform = "linux/amd64"

const (
	// parallel is how many images are asked about at the same time.
	parallel = 5
	// pause is between two looks: a finding is told within ten seconds.
	pause = 5 * time.Second
	// remindEvery is how often a wait is told.
	remindEvery = time.Minute
)

// patience lets a call be repeated a few times only. The next round repeats it anyway, and a call that AWS throttles must not keep back
// what was found about the other images.
func patience(o *ecr.Options) { o.RetryMaxAttempts = 3 }

// Judge judges images and reports each verdict when it is found. All images are judged, also after a refusal. Errors are what keeps it from
// going on, such as rules that cannot be right or credentials that expired; refusals are in the verdicts.
func (g *Gate) Judge(ctx context.Context, images []Image) ([]Verdict, error) {
	if err := g.Check(g.Clock.Now()); err != nil {
		return nil, err
	}
	r := &round{Gate: g, began: g.Clock.Now(), kind: &scanKind{registry: g.Registry}}
	for _, i := range images {
		r.cases = append(r.cases, newCase(g, i))
	}
	deadline := r.began.Add(g.wait())
	for {
		if err := r.look(ctx); err != nil {
			return nil, err
		}
		now := g.Clock.Now()
		pending := r.tell(now)
		if len(pending) == 0 {
			return r.verdicts(), nil
		}
		if !now.Before(deadline) {
			for _, c := range pending {
				c.late(now.Sub(r.began), g.wait())
			}
			r.tell(now)
			return r.verdicts(), nil
		}
		r.remind(now, pending, deadline)
		if g.Waiting != nil {
			g.Waiting(ctx)
		}
		if err := g.Clock.Sleep(ctx, min(pause, deadline.Sub(now))); err != nil {
			return nil, err
		}
	}
}

// A round looks at all images once, again and again.
type round struct {
	*Gate
	cases []*imageCase
	kind  *scanKind
	began time.Time
	// reminded is when a wait was last told.
	reminded time.Time
}

// look goes on with all images that are not decided, several at a time.
func (r *round) look(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, c := range r.cases {
		if !c.decided {
			group.Go(func() error { return c.step(ctx, r) })
		}
	}
	return group.Wait()
}

// tell reports what was decided since the last time, in the images' order, and returns what was not.
func (r *round) tell(now time.Time) (pending []*imageCase) {
	for _, c := range r.cases {
		switch {
		case !c.decided:
			pending = append(pending, c)
		case !c.told:
			c.told = true
			c.verdict.Judged = now
			r.Reporter.Report(c.verdict)
		}
	}
	return pending
}

// remind says what is waited for.
func (r *round) remind(now time.Time, pending []*imageCase, deadline time.Time) {
	if !r.reminded.IsZero() && now.Sub(r.reminded) < remindEvery {
		return
	}
	r.reminded = now
	var names []string
	for _, c := range pending {
		names = append(names, c.verdict.Name+" ("+c.waitsFor+")")
	}
	r.Reporter.Report(report.Note{Level: report.Info, Text: fmt.Sprintf("waiting at most %s for scans: %s", deadline.Sub(now).Round(time.Second), strings.Join(names, ", "))})
}

func (r *round) verdicts() (all []Verdict) {
	for _, c := range r.cases {
		all = append(all, c.verdict)
	}
	return all
}
