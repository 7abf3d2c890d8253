package changeset_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// An account is a simulated one with a deployed platform.
type account struct {
	*testing.T
	sim    *simulator.Simulator
	cloud  *cloud.Cloud
	api    *cloudformation.Client
	bucket *store.Bucket
	files  fstest.MapFS
	set    *source.Set
	values map[string]string
	tags   map[string]string
	given  map[string]source.Given
	before changeset.Before
	number int
	last   *changeset.Set
}

const platform = "platform-dev"

// newAccount deploys a directory of templates.
func newAccount(t *testing.T, directory string, values map[string]string) *account {
	t.Helper()
	a := &account{T: t, sim: simulator.New(simulator.Options{}), files: fstest.MapFS{}, values: values, tags: map[string]string{"Environment": "dev"}}
	names, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal("no templates in", directory, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a.files[filepath.Base(name)] = &fstest.MapFile{Data: data}
	}
	a.cloud, err = cloud.Open(context.Background(), cloud.Options{Region: simulator.Region, Client: a.sim.Client(), Clock: a.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	if err != nil {
		t.Fatal(err)
	}
	a.api = a.cloud.CloudFormation()
	a.sim.CreateBucket("artifacts")
	a.bucket = store.New(a.cloud.S3(), a.sim.Clock(), "artifacts", "dev", a.sim.Account())
	set, err := a.propose(true)
	if err != nil {
		t.Fatal(err)
	}
	a.execute(set)
	return a
}

// golden deploys the real platform.
func golden(t *testing.T) *account {
	t.Helper()
	data, err := os.ReadFile("../../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values, err := source.ReadValues("dev.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return newAccount(t, "../../../golden", values.ByName)
}

// edit replaces a text in a template, which must be there.
func (a *account) edit(name, old, now string) {
	a.Helper()
	if body := string(a.files[name].Data); strings.Contains(body, old) {
		a.files[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(body, old, now))}
		return
	}
	a.Fatalf("%s does not hold %q", name, old)
}

// resolve reads the templates and decides all values, as the deploy command does.
func (a *account) resolve() {
	a.Helper()
	var err error
	if a.set, err = source.Load(a.files, "platform.yaml"); err != nil {
		a.Fatal(err)
	}
	own := source.Values{Origin: "the command", MayOwn: true, ByName: map[string]string{"EnvironmentSuffix": "dev", "ArtifactBucket": "artifacts"}}
	for name := range a.set.Root.Parameters {
		switch {
		case strings.HasSuffix(name, "ActiveColor"):
			own.ByName[name] = "blue"
		case strings.HasSuffix(name, "ImageDigest"):
			own.ByName[name] = "sha256:" + strings.Repeat("0", 64)
		}
	}
	for _, r := range a.set.Root.Resources {
		if n := r.Nested; n != nil && n.KeyParameter != "" {
			own.ByName[n.KeyParameter] = a.set.Nested[n.Template].Key()
		}
	}
	file := source.Values{Origin: "values", MayOwn: true, ByName: a.values}
	maps.DeleteFunc(own.ByName, func(name, _ string) bool { _, declared := a.set.Root.Parameters[name]; return !declared })
	if a.given, err = source.Resolve(a.set.Root, nil, own, file); err != nil {
		a.Fatal(err)
	}
}

// propose uploads the templates and proposes them.
func (a *account) propose(nested bool) (*changeset.Set, error) {
	a.Helper()
	a.resolve()
	ctx := context.Background()
	if _, err := a.bucket.Upload(ctx, a.set.All()); err != nil {
		a.Fatal(err)
	}
	a.number++
	return changeset.Propose(ctx, a.api, a.sim.Clock(), changeset.Request{Stack: platform, First: a.before.Root == nil, Name: fmt.Sprintf("d-%d", a.number),
		URL: "https://s3.us-east-1.amazonaws.com/artifacts/" + a.set.Root.Key(), Parameters: a.given, Tags: a.tags, Nested: nested})
}

// execute executes a change set to its end.
func (a *account) execute(set *changeset.Set) {
	a.Helper()
	ctx := context.Background()
	if err := changeset.Execute(ctx, a.api, set, "token", a.before.Root == nil, false); err != nil {
		a.Fatal(err)
	}
	for range 1000 {
		if err := a.sim.Clock().Sleep(ctx, time.Minute); err != nil {
			a.Fatal(err)
		}
		out, err := a.api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: new(platform)})
		if err != nil {
			a.Fatal(err)
		}
		switch status := string(out.Stacks[0].StackStatus); {
		case strings.HasSuffix(status, "_IN_PROGRESS"):
		case status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE":
			a.remember()
			return
		default:
			a.Fatal(status, *out.Stacks[0].StackStatusReason)
		}
	}
	a.Fatal("the deployment does not end")
}

// remember keeps what is deployed now.
func (a *account) remember() {
	a.before = changeset.Before{Root: a.set.Root, Parameters: map[string]string{}, Tags: maps.Clone(a.tags), Template: func(key string) *source.Template {
		body, err := a.bucket.Template(context.Background(), key)
		if err != nil || body == nil {
			return nil
		}
		t, err := source.Parse(key, body)
		if err != nil {
			return nil
		}
		return t
	}}
	for name, given := range a.given {
		a.before.Parameters[name] = given.Value
		if given.Secret {
			a.before.Parameters[name] = report.Masked
		}
	}
}

// review proposes and reviews.
func (a *account) review() changeset.Review {
	a.Helper()
	set, err := a.propose(true)
	if err != nil {
		a.Fatal(err)
	}
	a.last = set
	return changeset.ReviewSet(set, a.set, a.given, a.before)
}

// shown are the changes that text output does not fold: "stack/LogicalID action certainty".
func shown(p report.Plan) []string {
	var lines []string
	for _, c := range p.Changes() {
		if !c.Hidden {
			lines = append(lines, strings.TrimSpace(report.Place(c.Path, c.LogicalID)+" "+string(c.Action)+" "+c.Certainty))
		}
	}
	return lines
}

// real are the changes that were not disproved.
func real(p report.Plan) []string {
	return slices.DeleteFunc(shown(p), func(line string) bool { return strings.HasSuffix(line, " "+report.Spurious) })
}
