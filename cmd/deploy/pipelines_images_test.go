package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// A workflow is what of the workflow decides who pushes, plans and deploys what.
type workflow struct {
	Jobs map[string]workflowJob `yaml:"jobs"`
}

type workflowJob struct {
	If          string            `yaml:"if"`
	Needs       any               `yaml:"needs"`
	Environment string            `yaml:"environment"`
	Permissions map[string]string `yaml:"permissions"`
	Outputs     map[string]string `yaml:"outputs"`
	Steps       []workflowStep    `yaml:"steps"`
}

type workflowStep struct {
	ID   string            `yaml:"id"`
	Name string            `yaml:"name"`
	Run  string            `yaml:"run"`
	With map[string]string `yaml:"with"`
	Env  map[string]string `yaml:"env"`
}

func parseWorkflow(t *testing.T, text string) workflow {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// step is a job's step of a name.
func (w workflow) step(job, name string) workflowStep {
	for _, s := range w.Jobs[job].Steps {
		if s.Name == name {
			return s
		}
	}
	return workflowStep{}
}

// needs are the jobs that a job waits for.
func (j workflowJob) needs() (names []string) {
	switch n := j.Needs.(type) {
	case string:
		return []string{n}
	case []any:
		for _, name := range n {
			names = append(names, fmt.Sprint(name))
		}
	}
	return names
}

// workflowFaults are what is wrong with who pushes, plans and deploys: PCI DSS 6 keeps building and deploying apart.
func workflowFaults(w workflow) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	roles := map[string]string{"images": "publish", "plan": "plan", "scan": "plan", "apply": "pipeline", "release": "pipeline"}
	for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
		job := w.Jobs[name]
		for _, s := range job.Steps {
			if role, given := s.With["role-to-assume"]; given && !strings.HasSuffix(role, ":role/role-"+roles[name]+"-${{ env.DEPLOY_ENV }}") {
				fault("job %s has %s", name, role)
			}
			if strings.Contains(s.Run, "make images") && name != "images" {
				fault("job %s builds images", name)
			}
		}
		if asks := slices.Contains([]string{"apply", "release"}, name); asks != (job.Environment != "") {
			fault("job %s has the environment %q, where people approve", name, job.Environment)
		}
		// GitHub skips what comes after a skipped job, however far, unless its condition asks for the state itself.
		for _, needed := range job.needs() {
			if needed != "images" && !strings.Contains(job.If, "needs."+needed+".result == 'success'") || !strings.Contains(job.If, "!cancelled() &&") {
				fault("job %s runs after job %s if: %s", name, needed, job.If)
			}
		}
	}
	return append(append(faults, w.publishing()...), w.handing()...)
}

// publishing are the faults of when images are pushed, and with which rights.
func (w workflow) publishing() (faults []string) {
	job := w.Jobs["images"]
	for _, condition := range []string{"vars.PUBLISH_IMAGES == 'true' && ", "!inputs.images && ", "github.ref == 'refs/heads/main' && ", "(github.event_name == 'push' || github.event_name == 'workflow_dispatch')"} {
		if !strings.Contains(job.If, condition) {
			faults = append(faults, "images are built although not "+condition)
		}
	}
	for name, want := range map[string]map[string]string{
		"images": {"contents": "read", "id-token": "write"},
		"plan":   {"contents": "read", "id-token": "write", "pull-requests": "write"},
		"apply":  {"contents": "read", "id-token": "write"},
	} {
		if got := w.Jobs[name].Permissions; !maps.Equal(got, want) {
			faults = append(faults, fmt.Sprintf("job %s has the permissions %v", name, got))
		}
	}
	if run := w.step("images", "").Run + w.pushing().Run; strings.Contains(run, "--revision $") || strings.Contains(run, "--mirror") {
		faults = append(faults, "each commit would make new images, or the sidecars would be copied each time")
	}
	return faults
}

func (w workflow) pushing() workflowStep { return w.step("images", "Push") }

// handing are the faults of what the images job says and who hears it.
func (w workflow) handing() (faults []string) {
	const words = "${{ inputs.images || needs.images.outputs.images }}"
	if w.Jobs["images"].Outputs["images"] != "${{ steps."+w.pushing().ID+".outputs.images }}" {
		faults = append(faults, "the digests do not leave the images job")
	}
	for job, step := range map[string]string{"plan": "Plan", "apply": "Apply"} {
		if w.step(job, step).Env["IMAGES"] != words || !slices.Contains(w.Jobs[job].needs(), "images") {
			faults = append(faults, "the digests do not arrive at "+job)
		}
	}
	if state := w.Jobs["plan"].If; !strings.Contains(state, "(needs.images.result == 'success' || needs.images.result == 'skipped') &&") {
		faults = append(faults, "plans after a push that failed, or never without one")
	}
	return faults
}

// The job that pushes does nothing else and no other job pushes; without it, and for pull requests, the rest goes on as it is.
func TestWorkflowKeepsBuildingAndDeployingApart(t *testing.T) {
	text := readPipeline(t, pipelineFiles[0])
	for _, fault := range workflowFaults(parseWorkflow(t, text)) {
		t.Error(fault)
	}
	role := regexp.MustCompile(`role/role-(\w+)-`)
	var roles []string
	for _, m := range role.FindAllStringSubmatch(text, -1) {
		roles = append(roles, m[1])
	}
	if n := len(slices.DeleteFunc(roles, func(name string) bool { return name != "publish" })); n != 1 {
		t.Errorf("%d steps take the role that pushes", n)
	}
	tests := map[string]pipelineEdit{
		"pushes with the plan's role":       {"role/role-publish-", "role/role-plan-", "job images has "},
		"pushes with the pipeline's role":   {"role/role-publish-", "role/role-pipeline-", "job images has "},
		"plans with the publisher's role":   {"role/role-plan-", "role/role-publish-", "job plan has "},
		"deploys with the publisher's role": {"role/role-pipeline-", "role/role-publish-", "job apply has "},
		"builds where it plans":             {"- name: Comment\n", "- run: make images\n      - name: Comment\n", "job plan builds images"},
		"asks nobody":                       {"    environment: ${{ inputs.environment || vars.DEPLOY_ENV }}\n", "", "job apply has the environment"},
		"pull requests push":                {"(github.event_name == 'push' || github.event_name == 'workflow_dispatch')\n", "true\n", "images are built although not (github"},
		"other branches push":               {"github.ref == 'refs/heads/main' && ", "", "images are built although not github.ref"},
		"always pushes":                     {"vars.PUBLISH_IMAGES == 'true' && ", "", "images are built although not vars"},
		"builds although images are named":  {"!inputs.images && ", "", "images are built although not !inputs"},
		"may write the repository":          {"      contents: read\n      id-token: write\n    outputs:\n      images", "      contents: write\n      id-token: write\n    outputs:\n      images", "job images has the permissions"},
		"new images with each commit":       {"--env $DEPLOY_ENV\"", "--env $DEPLOY_ENV --revision $GITHUB_SHA\"", "each commit would make new images"},
		"digests stay":                      {"${{ steps.push.outputs.images }}", "${{ steps.build.outputs.images }}", "do not leave"},
		"digests get lost":                  {"IMAGES: ${{ inputs.images || needs.images.outputs.images }}", "IMAGES: ${{ inputs.images }}", "do not arrive at plan"},
		"applies without knowing them":      {"needs: [images, plan]", "needs: plan", "do not arrive at apply"},
		"plans after a push that failed":    {"(needs.images.result == 'success' || needs.images.result == 'skipped') &&", "true &&", "after a push that failed"},
		"never plans without a push":        {"!cancelled() && (needs.images", "(needs.images", "job plan runs after job images"},
		"applies what was not planned":      {"!cancelled() && needs.plan.result == 'success' && needs.plan.outputs.code", "!cancelled() && needs.plan.outputs.code", "job apply runs after job plan"},
		"releases what was not applied":     {" && needs.apply.result == 'success'", "", "job release runs after job apply"},
	}
	noticed(t, text, tests, func(edited string) []string { return workflowFaults(parseWorkflow(t, edited)) })
}

// What the job pushes to this environment is what the plan and the execution are given.
func TestWorkflowHandsTheDigestsOn(t *testing.T) {
	w := parseWorkflow(t, readPipeline(t, pipelineFiles[0]))
	dir := t.TempDir()
	calls := pipelineShell(t, dir, w.pushing().Run)
	want := []string{"make images ARGS=--push --registry 111122223333.dkr.ecr.us-east-1.amazonaws.com --env dev"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
	output, err := os.ReadFile(filepath.Join(dir, "output"))
	if err != nil || string(output) != "images="+paymentDigest+" "+processorDigest+"\n" {
		t.Fatalf("the job says %q (%v)", output, err)
	}
	words := strings.TrimPrefix(strings.TrimSpace(string(output)), "images=")
	for job, step := range map[string]string{"plan": "Plan", "apply": "Apply"} {
		calls := pipelineShell(t, t.TempDir(), w.step(job, step).Run, "IMAGES="+words, "KEEP=true", "DEPLOY_ALLOW_REPLACE=", "DEPLOY_ALLOW_DELETE=")
		if len(calls) != 1 || !strings.HasPrefix(calls[0], "deploy "+job) || !strings.Contains(calls[0], " --image "+paymentDigest+" --image "+processorDigest) {
			t.Errorf("%s is called as %q", job, calls)
		}
	}
}
