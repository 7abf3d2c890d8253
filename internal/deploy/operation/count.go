package operation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Services is the call by which the tasks of services are counted.
type Services interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
}

const (
	// countEvery is how often services that start are asked for their tasks; each call comes out of the purse of nested stacks.
	countEvery = 10 * time.Second
	// perCount is how many services one call takes (Amazon ECS API Reference, DescribeServices).
	perCount = 10
)

// A starting service is one that CloudFormation waits for.
type starting struct {
	path             []string
	id               string
	running, desired int32
}

// Counting makes the follower tell how many tasks run of the services that CloudFormation waits for.
func (f *Follower) Counting(api Services) *Follower {
	f.services, f.starting = api, map[string]*starting{}
	return f
}

// start remembers a service that is created or updated, by its ARN, until it is done.
func (f *Follower) start(r report.Resource) {
	if r.Type != serviceType || len(strings.Split(r.PhysicalID, "/")) != 3 || f.services == nil { // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
		return
	}
	if ended(r.Status) || strings.HasPrefix(r.Status, "DELETE") {
		delete(f.starting, r.PhysicalID)
	} else if f.starting[r.PhysicalID] == nil {
		f.starting[r.PhysicalID] = &starting{path: r.Path, id: r.LogicalID}
	}
}

// count asks for the tasks of the services that start, if the purse has a call to spare. Nothing depends on the answer: without one,
// nothing is told.
func (f *Follower) count(ctx context.Context) {
	now := f.clock.Now()
	if len(f.starting) == 0 || f.purse.calls < 1 || now.Sub(f.counted) < countEvery {
		return
	}
	f.counted = now
	f.purse.calls--
	cluster, names := f.cluster()
	out, err := f.services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: names}, func(o *ecs.Options) { o.RetryMaxAttempts = 1 })
	if err != nil && !cloud.Transient(err) { // not permitted, mostly
		f.services, f.starting = nil, nil
		f.note(report.Detail, "the tasks of services that start are not counted: "+err.Error())
	}
	if err != nil {
		return
	}
	for _, s := range out.Services {
		known := f.starting[aws.ToString(s.ServiceArn)]
		if known == nil || known.running == s.RunningCount && known.desired == s.DesiredCount {
			continue
		}
		known.running, known.desired = s.RunningCount, s.DesiredCount
		f.reporter.Report(report.Tasks{Path: known.path, LogicalID: known.id, Running: int(s.RunningCount), Desired: int(s.DesiredCount), Time: now})
	}
}

// cluster is the one to ask, with its services: clusters take turns.
func (f *Follower) cluster() (name string, services []string) {
	byCluster, names := map[string][]string{}, []string{}
	for arn := range f.starting {
		parts := strings.Split(arn, "/")
		if byCluster[parts[1]] == nil {
			names = append(names, parts[1])
		}
		byCluster[parts[1]] = append(byCluster[parts[1]], arn)
	}
	slices.Sort(names)
	name = names[f.turns%len(names)]
	f.turns++
	services = byCluster[name]
	slices.Sort(services)
	return name, services[:min(len(services), perCount)]
}
