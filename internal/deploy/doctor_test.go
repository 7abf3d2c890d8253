package deploy_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

func doctor(ctx context.Context, e *deploy.Engine) error {
	return e.Doctor(ctx, deploy.DoctorRequest{Version: "v1"})
}

func repair(ctx context.Context, e *deploy.Engine) error {
	return e.Doctor(ctx, deploy.DoctorRequest{Repair: true})
}

// checks are those of a run, one a line.
func checks(r *run) string {
	var lines []string
	for _, c := range last[report.Checks](r).Checks {
		lines = append(lines, strings.Join([]string{c.Name, c.Verdict, c.Found, c.Do}, " | "))
	}
	return strings.Join(lines, "\n")
}

// healthy is a world with nothing to complain of but what its small templates leave out.
func healthy(t *testing.T) *beyond {
	w := newWorld(t)
	w.edit("foundation.yaml", "BucketName:", "VersioningConfiguration: {Status: Enabled}, BucketName:")
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	b := newBeyond(w)
	b.answers["ecr:GetRegistryScanningConfiguration"] = `{"scanningConfiguration":{"scanType":"ENHANCED"}}`
	return b
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	b := healthy(t)
	b.undated = true
	says(t, checks(b.run(doctor, b.in).ends(fault.OK)), "Clock | unknown | the answer has no date")
	b.undated = false
	r := b.run(doctor, b.in).ends(fault.OK)
	says(t, checks(r), "apart from AWS's", "Versions | ok | deploy v1, output schema deploy/1.0", "Templates | ok | 4 templates", "Credentials | ok | arn:aws:sts::111122223333:assumed-role/deployer/rehearsal", "Region | ok | us-east-1",
		"Stack foundation-dev | ok | CREATE_COMPLETE", "Stack platform-dev | ok", "Deploy role | ok", "Artifact bucket | ok | bucket-artifacts-111122223333-dev", "Lock | ok | free", "Change sets | ok", "Colours | ok", "Scaling | ok",
		"Image scanning | ok | enhanced", "Permissions | ok | 18 kinds of reading tried")
	says(t, last[report.Result](r).Text, "no problem")
}

// Each check finds what it is for.
func TestDoctorFinds(t *testing.T) {
	t.Parallel()
	lock := func(expires string) func(*beyond) {
		return func(b *beyond) {
			b.must(b.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json", `{"id":"x","owner":"somebody","command":"deploy apply","expires":"`+expires+`"}`))
		}
	}
	fails := func(operation, code string) func(*beyond) {
		return func(b *beyond) {
			b.sim.Inject(simulator.Fault{Operation: operation, Kind: simulator.Failing, Code: code, Message: "for some reason", Skip: map[bool]int{true: 1}[operation == "GetCallerIdentity"]})
		}
	}
	denied := func(operation string) func(*beyond) {
		return func(b *beyond) { b.sim.Inject(simulator.Fault{Operation: operation, Kind: simulator.Denied}) }
	}
	answer := func(call, body string) func(*beyond) { return func(b *beyond) { b.answers[call] = body } }
	for name, tc := range map[string]struct {
		before func(*beyond)
		with   option
		want   fault.Code
		says   []string
	}{
		"templates that cannot be read": {with: func(o *deploy.Options, _ *cloud.Options) { o.Roots.Platform = "none.yaml" }, want: fault.NeedsPerson, says: []string{"Templates | problem"}},
		"templates out of date": {with: func(o *deploy.Options, _ *cloud.Options) {
			o.Check = func() error { return errors.New("network.yaml differs") }
		}, want: fault.NeedsPerson, says: []string{"Templates | problem | not what the code renders: network.yaml differs"}},
		"templates up to date":        {with: func(o *deploy.Options, _ *cloud.Options) { o.Check = func() error { return nil } }, says: []string{"Templates | ok"}},
		"region":                      {with: func(_ *deploy.Options, c *cloud.Options) { c.Region = "eu-west-1" }, want: fault.NeedsPerson, says: []string{"Region | problem | eu-west-1 | the platform is written for us-east-1"}},
		"clock":                       {with: func(o *deploy.Options, _ *cloud.Options) { o.Clock = late{o.Clock} }, want: fault.NeedsPerson, says: []string{"set this machine's clock"}},
		"identity":                    {before: fails("GetCallerIdentity", "Broken"), want: fault.NeedsPerson, says: []string{"Clock | problem"}},
		"a stack that cannot be read": {before: fails("DescribeStacks", "Broken"), want: fault.NeedsPerson, says: []string{"Stack foundation-dev | problem", "Artifact bucket | problem"}},
		"a denied stack":              {before: denied("DescribeStacks"), want: fault.NeedsPerson, says: []string{"Stack platform-dev | problem | no permission: cloudformation:DescribeStacks | let the caller's role do it"}},
		"no bucket": {before: func(b *beyond) { b.emptyAndDelete("bucket-artifacts-111122223333-dev") }, want: fault.NeedsPerson,
			says: []string{"Artifact bucket | problem | bucket-artifacts-111122223333-dev does not exist | deploy bootstrap -e dev"}},
		"bucket denied":     {before: answer("s3:GetBucketVersioning", "400 AccessDenied"), want: fault.NeedsPerson, says: []string{"Artifact bucket | problem"}},
		"no versions":       {before: answer("s3:GetBucketVersioning", "<VersioningConfiguration/>"), says: []string{"Artifact bucket | warning", "keeps no versions"}},
		"locked":            {before: lock("2027-01-01T00:00:00Z"), says: []string{"Lock | ok | held by somebody, who runs deploy apply, until 2027-01-01T00:00:00Z"}},
		"a stale lock":      {before: func(b *beyond) { lock("2026-11-22T15:00:00Z")(b); b.must(b.sim.Clock().Sleep(b.Context(), time.Hour)) }, says: []string{"Lock | warning | left by somebody", "deploy unlock -e dev"}},
		"lock unreadable":   {before: fails("GetObject", "AccessDenied"), want: fault.NeedsPerson, says: []string{"Lock | problem"}},
		"change sets fail":  {before: fails("ListChangeSets", "Broken"), want: fault.NeedsPerson, says: []string{"Change sets | problem"}},
		"change sets full":  {before: answer("cloudformation:ListChangeSets", sets(1000)), want: fault.NeedsPerson, says: []string{"Change sets | problem | 1000 of at most 1000"}},
		"many change sets":  {before: answer("cloudformation:ListChangeSets", sets(900)), says: []string{"Change sets | warning | 900 of"}},
		"litter":            {before: answer("cloudformation:ListChangeSets", sets(2)), says: []string{"Change sets | warning | 2 of at most 1000, 2 left behind", "deploy apply -e dev deletes them"}},
		"services fail":     {before: fails("DescribeServices", "Broken"), want: fault.NeedsPerson, says: []string{"Services | problem"}},
		"colour unknown":    {before: answer("ecs:DescribeServices", `{"services":[{"serviceName":"service-api-dev","status":"ACTIVE"}]}`), want: fault.NeedsPerson, says: []string{"Colours | problem"}},
		"colour not level":  {before: func(b *beyond) { b.must(b.sim.Release("service-api-dev")) }, says: []string{"Colours | warning | the stack does not know the live colour of service-api-dev"}},
		"suspended":         {before: func(b *beyond) { b.must(b.sim.Suspend("service/cluster-dev/service-api-dev", true)) }, want: fault.NeedsPerson, says: []string{"Scaling | problem", "deploy doctor -e dev --repair"}},
		"basic scanning":    {before: answer("ecr:GetRegistryScanningConfiguration", `{"scanningConfiguration":{"scanType":"BASIC"}}`), says: []string{"Image scanning | warning | basic", "need enhanced scanning"}},
		"unknown scanning":  {before: answer("ecr:GetRegistryScanningConfiguration", `{}`), says: []string{"Image scanning | unknown | the answer does not tell | images without an operating system"}},
		"scanning denied":   {before: answer("ecr:GetRegistryScanningConfiguration", "400 AccessDeniedException"), says: []string{"Image scanning | unknown | no permission: "}},
		"scanning fails":    {before: answer("ecr:GetRegistryScanningConfiguration", "400 RepositoryNotFoundException"), says: []string{"Image scanning | unknown | "}},
		"nothing tells":     {before: answer("tagging:GetResources", "400 NotImplemented"), says: []string{"Permission tag:GetResources | unknown | ", "Permissions | ok | 17 kinds of reading"}},
		"permission":        {before: denied("GetTemplate"), want: fault.NeedsPerson, says: []string{"Permission cloudformation:GetTemplate | problem | denied; needed by plan, apply", "for deployer"}},
		"permission to end": {before: denied("GetResources"), says: []string{"Permission tag:GetResources | warning | denied; needed by destroy"}},
		"scans denied":      {before: answer("ecr:DescribeImageScanFindings", "400 AccessDeniedException"), want: fault.NeedsPerson, says: []string{"Permission ecr:DescribeImageScanFindings | problem | denied; needed by apply, scan, release, verify"}},
		"images denied":     {before: answer("ecr:DescribeImages", "400 AccessDeniedException"), want: fault.NeedsPerson, says: []string{"Permission ecr:DescribeImages | problem | denied; needed by plan, apply"}},
		"manifests denied":  {before: answer("ecr:BatchGetImage", "400 AccessDeniedException"), want: fault.NeedsPerson, says: []string{"Permission ecr:BatchGetImage | problem | denied"}},
		"alarms denied":     {before: denied("DescribeAlarms"), says: []string{"Permission cloudwatch:DescribeAlarms | warning | denied; needed by release, verify"}},
		"role gone":         {before: func(b *beyond) { b.deleteStack("deploy-role-dev") }, want: fault.NeedsPerson, says: []string{"Deploy role | problem", "Stack deploy-role-dev | problem | does not exist | deploy bootstrap -e dev"}},
		"other role": {before: answer("cloudformation:DescribeStacks", `<R><DescribeStacksResult><Stacks><member><StackName>s</StackName><StackStatus>UPDATE_ROLLBACK_FAILED</StackStatus><StackStatusReason>why</StackStatusReason><RoleARN>arn:aws:iam::1:role/other</RoleARN></member></Stacks></DescribeStacksResult></R>`),
			want: fault.NeedsPerson, says: []string{"Deploy role | warning | s is deployed as arn:aws:iam::1:role/other", "Stack s | problem | UPDATE_ROLLBACK_FAILED: why | deploy rollback -e dev"}},
		"busy": {before: answer("cloudformation:DescribeStacks", `<R><DescribeStacksResult><Stacks><member><StackName>s</StackName><StackStatus>UPDATE_IN_PROGRESS</StackStatus></member></Stacks></DescribeStacksResult></R>`), says: []string{"Stack s | warning | UPDATE_IN_PROGRESS | deploy watch -e dev"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			b := healthy(t)
			if tc.before != nil {
				tc.before(b)
			}
			options := []option{b.in}
			if tc.with != nil {
				options = append(options, tc.with)
			}
			says(t, checks(b.run(doctor, options...).ends(tc.want)), tc.says...)
		})
	}
}

// Who may not ask CodeDeploy cannot release; an environment with an application is asked about it.
func TestDoctorTriesReleases(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.answers["ecr:GetRegistryScanningConfiguration"] = `{"scanningConfiguration":{"scanType":"ENHANCED"}}`
	says(t, checks(b.run(doctor, b.in).ends(fault.OK)), "Permissions | ok | 18 kinds of reading tried")
	b.answers["codedeploy:ListDeploymentGroups"] = "400 AccessDeniedException"
	says(t, checks(b.run(doctor, b.in).ends(fault.OK)), "Permission codedeploy:ListDeploymentGroups | warning | denied; needed by release, watch")
}

// sets is an answer with so many change sets that runs left behind.
func sets(n int) string {
	return `<R><ListChangeSetsResult><Summaries>` + strings.Repeat(`<member><ChangeSetName>d-1</ChangeSetName><Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus></member>`, n) + `</Summaries></ListChangeSetsResult></R>`
}

func (b *beyond) deleteStack(name string) {
	b.Helper()
	_, err := b.way().CloudFormation().DeleteStack(b.Context(), &cloudformation.DeleteStackInput{StackName: &name})
	b.must(err)
	b.must(b.sim.Clock().Sleep(b.Context(), time.Hour))
}

// late is a clock that is an hour late.
type late struct{ clock }

type clock interface {
	Now() time.Time
	Sleep(context.Context, time.Duration) error
}

func (l late) Now() time.Time { return l.clock.Now().Add(-time.Hour) }

// An account without the environment is told how to begin.
func TestDoctorOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.run(doctor).ends(fault.NeedsPerson, "2 problems")
	says(t, checks(r), "Stack foundation-dev | problem | does not exist | deploy bootstrap -e dev", "Stack platform-dev | ok | does not exist yet", "Quotas | unknown | not looked at", "Elastic IP")
	foreign := w.run(doctor, func(o *deploy.Options, _ *cloud.Options) { o.Roots = deploy.Roots{Platform: "platform.yaml"} }).ends(fault.OK)
	says(t, checks(foreign), "Stack platform-dev | ok | does not exist yet")
}

// A platform without services, deployed without a role, has less to be looked at.
func TestDoctorOfAPlatformWithoutServices(t *testing.T) {
	t.Parallel()
	b := healthy(t)
	b.answers["cloudformation:DescribeStacks"] = `<R><DescribeStacksResult><Stacks><member><StackName>s</StackName><StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks></DescribeStacksResult></R>`
	r := b.run(doctor, b.in).ends(fault.OK)
	if strings.Contains(checks(r), "Scaling") || strings.Contains(checks(r), "Colours") || strings.Contains(checks(r), "Deploy role") {
		t.Error(checks(r))
	}
}

// A platform of others may have no artifact bucket, and so no lock.
func TestDoctorRepairsWithoutABucket(t *testing.T) {
	t.Parallel()
	b := healthy(t)
	b.must(b.sim.Suspend("service/cluster-dev/service-api-dev", true))
	b.deleteStack("foundation-dev")
	b.answers["cloudformation:DescribeStacks"] = `<R><DescribeStacksResult><Stacks><member><StackName>s</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member><OutputKey>ClusterName</OutputKey><OutputValue>cluster-dev</OutputValue></member>` +
		`<member><OutputKey>ApiServiceName</OutputKey><OutputValue>service-api-dev</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></R>`
	calls := 0
	b.on["cloudformation:DescribeStacks"] = func() {
		if calls++; calls == 5 { // three stacks, the bucket, and the bucket again to lock it
			b.sim.Inject(simulator.Fault{Operation: "DescribeStacks", Kind: simulator.Failing, Code: "Broken"})
			delete(b.answers, "cloudformation:DescribeStacks")
		}
	}
	answer := b.answers["cloudformation:DescribeStacks"]
	says(t, checks(b.run(repair, b.in).ends(fault.NeedsPerson)), "Scaling | problem | read stack foundation-dev")
	b.sim.Heal()
	b.answers["cloudformation:DescribeStacks"] = answer
	says(t, checks(b.run(repair, b.in).ends(fault.OK)), "Scaling | ok | resumed: service-api-dev")
}

func TestDoctorRepairs(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	const target = "service/cluster-dev/service-api-dev"
	b := healthy(t)
	says(t, checks(b.run(repair, b.in).ends(fault.OK)), "Scaling | ok | on")
	b.must(b.sim.Suspend(target, true))
	says(t, checks(b.run(repair, b.in).ends(fault.OK)), "Scaling | ok | resumed: service-api-dev")
	b.run(doctor, b.in).ends(fault.OK)
	b.must(b.sim.Suspend(target, true))
	b.answers["application-autoscaling:RegisterScalableTarget"] = "400 AccessDeniedException"
	says(t, checks(b.run(repair, b.in).ends(fault.NeedsPerson)), "Scaling | problem | no permission")
	b = healthy(t)
	b.must(b.sim.Suspend(target, true))
	b.must(b.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json", `{"id":"x","owner":"somebody","expires":"2027-01-01T00:00:00Z"}`))
	says(t, checks(b.run(repair, b.in).ends(fault.NeedsPerson)), "Scaling | problem", "locked by somebody")
}

// The caller may be an account's root user.
func TestDoctorNamesTheCaller(t *testing.T) {
	t.Parallel()
	b := healthy(t)
	b.answers["sts:GetCallerIdentity"] = `<R><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:root</Arn><Account>111122223333</Account></GetCallerIdentityResult></R>`
	b.sim.Inject(simulator.Fault{Operation: "GetTemplate", Kind: simulator.Denied})
	says(t, checks(b.run(doctor, b.in).ends(fault.NeedsPerson)), "allow cloudformation:GetTemplate for arn:aws:iam::111122223333:root")
}

func TestDoctorIsInterrupted(t *testing.T) {
	t.Parallel()
	b := healthy(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.on["ecs:DescribeServices"] = cancel
	if r := b.runIn(ctx, doctor, b.in); !errors.Is(r.err, context.Canceled) {
		t.Error(r.err)
	}
}
