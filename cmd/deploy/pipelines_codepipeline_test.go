package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

const codePipeline = "../../pipelines/codepipeline.yaml"

// A codeRole is what decides what a CodeBuild project may do.
type codeRole struct {
	Condition  string `yaml:"Condition"`
	Properties struct {
		ManagedPolicyArns []string `yaml:"ManagedPolicyArns"`
		ServiceRole       string   `yaml:"ServiceRole"`
		Policies          []struct {
			PolicyDocument struct {
				Statement []struct {
					Action   any `yaml:"Action"`
					Resource any `yaml:"Resource"`
				} `yaml:"Statement"`
			} `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	} `yaml:"Properties"`
}

// codeFaults are what is wrong with who pushes, plans and deploys in the pipeline of AWS CodePipeline.
func codeFaults(t *testing.T, text string) (faults []string) {
	t.Helper()
	var template struct {
		Resources map[string]yaml.Node `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(text), &template); err != nil {
		t.Fatal(err)
	}
	resource := func(id string) (r codeRole) {
		node := template.Resources[id]
		if err := node.Decode(&r); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return r
	}
	for project, want := range map[string][]string{"Images": {"publish"}, "Plan": {"read", "plan"}, "Apply": {"read", "plan", "pipeline"}, "Release": {"read", "plan", "pipeline"}} {
		role := strings.TrimSuffix(resource(project+"Project").Properties.ServiceRole, ".Arn")
		var has []string
		for _, arn := range resource(role).Properties.ManagedPolicyArns {
			_, name, _ := strings.Cut(arn, ":policy/policy-")
			has = append(has, strings.TrimSuffix(name, "-${EnvironmentSuffix}"))
		}
		if !slices.Equal(has, want) {
			faults = append(faults, fmt.Sprintf("the project %s has the policies %q by %s", project, has, role))
		}
	}
	images := resource("ImagesRole")
	for _, policy := range images.Properties.Policies {
		for _, s := range policy.PolicyDocument.Statement {
			if strings.Contains(fmt.Sprint(s.Action), "s3:PutObject") && s.Resource != "${Artifacts.Arn}/deploy-${EnvironmentSuffix}/Images/*" {
				faults = append(faults, fmt.Sprintf("who builds images writes %v", s.Resource))
			}
		}
	}
	for _, id := range []string{"ImagesRole", "ImagesProject", "ImagesLogGroup"} {
		if resource(id).Condition != "PublishesImages" {
			faults = append(faults, id+" is there for pipelines that build no images")
		}
	}
	return faults
}

func TestCodePipelineKeepsBuildingAndDeployingApart(t *testing.T) {
	text := readPipeline(t, codePipeline)
	for _, fault := range codeFaults(t, text) {
		t.Error(fault)
	}
	tests := map[string]pipelineEdit{
		"builds with the deploying policy": {"policy/policy-publish-", "policy/policy-pipeline-", "the project Images has"},
		"deploys with the publishing one":  {"policy/policy-pipeline-", "policy/policy-publish-", "the project Apply has"},
		"plans with the builder's role":    {"ServiceRole: !GetAtt PlanRole.Arn", "ServiceRole: !GetAtt ImagesRole.Arn", "the project Plan has"},
		"writes what the plan handed on":   {"/deploy-${EnvironmentSuffix}/Images/*", "/*", "who builds images writes"},
		"always there":                     {"    Condition: PublishesImages\n", "", "is there for pipelines that build no images"},
	}
	noticed(t, text, tests, func(edited string) []string { return codeFaults(t, edited) })
}

// What the step before pushed is planned and executed; what the parameter names goes before it, and without either nothing is named.
func TestBuildSpecificationHandsTheDigestsOn(t *testing.T) {
	var spec struct {
		Phases map[string]struct{ Commands []string }
	}
	if err := yaml.Unmarshal([]byte(readPipeline(t, pipelineFiles[1])), &spec); err != nil {
		t.Fatal(err)
	}
	script := spec.Phases["build"].Commands[0]
	build := func(t *testing.T, env ...string) (string, []string) {
		t.Helper()
		dir := t.TempDir()
		calls := pipelineShell(t, dir, script, env...)
		return dir, calls
	}
	images, calls := build(t, "STEP=images")
	if diff := cmp.Diff([]string{"make images ARGS=--push --registry 111122223333.dkr.ecr.us-east-1.amazonaws.com --env dev"}, calls); diff != "" {
		t.Error(diff)
	}
	built := " --image " + paymentDigest + " --image " + processorDigest
	tests := map[string]struct {
		env  []string
		want string
	}{
		"built": {[]string{"CODEBUILD_SRC_DIR_Images=" + images}, built},
		"named": {[]string{"CODEBUILD_SRC_DIR_Images=" + images, "IMAGES=envoy=sha256:3333"}, " --image envoy=sha256:3333"},
		"none":  {nil, ""},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			plan, calls := build(t, append(tests[name].env, "STEP=plan")...)
			if want := "deploy plan --out handed-on/deploy.plan --markdown handed-on/plan.md" + tests[name].want; !slices.Equal(calls, []string{want}) {
				t.Errorf("planned by %q, want %q", calls, want)
			}
			// The execution calls the very program that planned, which writes its calls where it did before.
			pipelineRun(t, t.TempDir(), script, "STEP=apply", "CODEBUILD_SRC_DIR_Plan="+plan)
			data, err := os.ReadFile(filepath.Join(plan, "calls"))
			if err != nil || !strings.HasSuffix(strings.TrimSpace(string(data)), " --yes --wait-lock 30m --timeout 2h"+tests[name].want) {
				t.Errorf("executed by %q (%v)", data, err)
			}
		})
	}
}
