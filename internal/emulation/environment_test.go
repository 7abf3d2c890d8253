package emulation

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// shop is an environment for templates of somebody else, which this project did not render: a root with two nested stacks, the second
// fed by the first.
func shop(t *testing.T, suffix string) *environment {
	t.Helper()
	return &environment{t: t, account: newAccount(t), suffix: suffix, clock: hasty{time.Now()}, client: newClient(t), templates: os.DirFS("testdata/shop"),
		roots: deploy.Roots{Platform: "platform.yaml", Foundation: "foundation.yaml"}}
}

// deployed is a shop that was deployed.
func deployed(t *testing.T, suffix string) *environment {
	t.Helper()
	e := shop(t, suffix)
	e.bootstrap().ends(fault.OK, "done")
	e.apply().ends(fault.OK, "done")
	return e
}

// edit replaces a text of a template, which must be there.
func (e *environment) edit(file, old, now string) {
	e.t.Helper()
	edited := fstest.MapFS{}
	names, err := fs.Glob(e.templates, "*.yaml")
	if err != nil {
		e.t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(e.templates, name)
		if err != nil {
			e.t.Fatal(err)
		}
		if name == file {
			if !strings.Contains(string(data), old) {
				e.t.Fatalf("%s does not hold %q", name, old)
			}
			data = []byte(strings.Replace(string(data), old, now, 1))
		}
		edited[name] = &fstest.MapFile{Data: data}
	}
	e.templates = edited
}

// pattern is what the shop's metric filter looks for: what really is, not what the stack says.
func (e *environment) pattern() string {
	e.t.Helper()
	name := "/shop/orders-" + e.suffix
	out, err := e.cloud().Logs().DescribeMetricFilters(e.t.Context(), &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: &name})
	if err != nil || len(out.MetricFilters) != 1 {
		e.t.Fatalf("metric filters %v, %v", out, err)
	}
	return aws.ToString(out.MetricFilters[0].FilterPattern)
}

// retention is how many days the shop's log group keeps.
func (e *environment) retention() int {
	e.t.Helper()
	name := "/shop/orders-" + e.suffix
	out, err := e.cloud().Logs().DescribeLogGroups(e.t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil || len(out.LogGroups) != 1 {
		e.t.Fatalf("log groups %v, %v", out, err)
	}
	return int(aws.ToInt32(out.LogGroups[0].RetentionInDays))
}

// status is that of the platform stack.
func (e *environment) status() string {
	e.t.Helper()
	name := "platform-" + e.suffix
	out, err := e.cloud().CloudFormation().DescribeStacks(e.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		e.t.Fatal(err)
	}
	return string(out.Stacks[0].StackStatus)
}

// recorded wants the results of all deployments, newest first.
func (e *environment) recorded(want ...string) {
	e.t.Helper()
	r := e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.History(ctx, 100) }).ends(fault.OK, "done")
	table, _ := last[report.Table](r)
	var got []string
	for _, row := range table.Rows {
		got = append(got, row[slices.Index(table.Columns, "Result")])
	}
	if !slices.Equal(got, want) {
		e.t.Errorf("deployments on record %q, want %q", got, want)
	}
}

// unexecuted wants no change set of the platform that still waits, but the one named.
func (e *environment) unexecuted(but string) {
	e.t.Helper()
	name := "platform-" + e.suffix
	out, err := e.cloud().CloudFormation().ListChangeSets(e.t.Context(), &cloudformation.ListChangeSetsInput{StackName: &name})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, s := range out.Summaries {
		if left := aws.ToString(s.ChangeSetName); left != but && !strings.HasPrefix(string(s.ExecutionStatus), "EXECUTE_") {
			e.t.Errorf("change set %s is left, %s and %s", left, s.Status, s.ExecutionStatus)
		}
	}
}

// leftovers compares what the account holds with what it should.
func (e *environment) leftovers(want []string) {
	e.t.Helper()
	ctx, aws1 := e.t.Context(), e.cloud()
	var got []string
	stacks, err := aws1.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, s := range stacks.Stacks {
		if name := aws.ToString(s.StackName); strings.Count(name, "-") == 1 { // nested ones have longer names
			got = append(got, "stack "+name)
		}
	}
	buckets, err := aws1.S3().ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, b := range buckets.Buckets {
		if name := aws.ToString(b.Name); strings.HasSuffix(name, e.account) {
			got = append(got, "bucket "+name)
		}
	}
	repositories, err := aws1.ECR().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, r := range repositories.Repositories {
		got = append(got, "repository "+aws.ToString(r.RepositoryName))
	}
	groups, err := aws1.Logs().DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, g := range groups.LogGroups {
		got = append(got, "log group "+aws.ToString(g.LogGroupName))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		e.t.Errorf("the account holds %q, want %q", got, want)
	}
}
