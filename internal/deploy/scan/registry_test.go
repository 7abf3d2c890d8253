package scan_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/tierform/tierform/internal/deploy/scan"
)

// counting counts calls, and can answer in the registry's place.
type counting struct {
	scan.Registry
	lock  sync.Mutex
	count map[string]int
	// together are the calls under way, most the highest number of them.
	together, most int
	// details and findings change an answer.
	details  func(*ecr.DescribeImagesOutput)
	findings func(call int, out *ecr.DescribeImageScanFindingsOutput)
	batch    func(*ecr.BatchGetImageOutput)
	// meet is called while a question about findings is under way.
	meet func()
}

func (c *counting) enter(name string) int {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.count[name]++
	c.together++
	c.most = max(c.most, c.together)
	return c.count[name]
}

func (c *counting) leave() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.together--
}

func (c *counting) DescribeImages(ctx context.Context, in *ecr.DescribeImagesInput, o ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	defer c.leave()
	c.enter("DescribeImages")
	out, err := c.Registry.DescribeImages(ctx, in, o...)
	if err == nil && c.details != nil {
		c.details(out)
	}
	return out, err
}

func (c *counting) BatchGetImage(ctx context.Context, in *ecr.BatchGetImageInput, o ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error) {
	defer c.leave()
	c.enter("BatchGetImage")
	out, err := c.Registry.BatchGetImage(ctx, in, o...)
	if err == nil && c.batch != nil {
		c.batch(out)
	}
	return out, err
}

func (c *counting) DescribeImageScanFindings(ctx context.Context, in *ecr.DescribeImageScanFindingsInput, o ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error) {
	defer c.leave()
	call := c.enter("DescribeImageScanFindings")
	if c.meet != nil {
		c.meet()
	}
	out, err := c.Registry.DescribeImageScanFindings(ctx, in, o...)
	if err == nil && c.findings != nil {
		c.findings(call, out)
	}
	return out, err
}

func (c *counting) StartImageScan(ctx context.Context, in *ecr.StartImageScanInput, o ...func(*ecr.Options)) (*ecr.StartImageScanOutput, error) {
	defer c.leave()
	c.enter("StartImageScan")
	return c.Registry.StartImageScan(ctx, in, o...)
}

func (c *counting) GetRegistryScanningConfiguration(ctx context.Context, in *ecr.GetRegistryScanningConfigurationInput, o ...func(*ecr.Options)) (*ecr.GetRegistryScanningConfigurationOutput, error) {
	defer c.leave()
	c.enter("GetRegistryScanningConfiguration")
	return c.Registry.GetRegistryScanningConfiguration(ctx, in, o...)
}
