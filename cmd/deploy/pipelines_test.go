package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// pipelineFiles run the command; the paths are from this directory.
var pipelineFiles = []string{"../../pipelines/github-actions.yml", "../../pipelines/buildspec.yml"}

func readPipeline(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Every verb, flag and DEPLOY_* variable that the pipelines use is one of the command's.
func TestPipelinesCallWhatThereIs(t *testing.T) {
	root := (&command{}).root()
	has := func(name string, verbs ...string) bool {
		return slices.ContainsFunc(verbs, func(verb string) bool {
			found, _, err := root.Find([]string{verb})
			return err == nil && found != root && (found.Flags().Lookup(name) != nil || found.InheritedFlags().Lookup(name) != nil)
		})
	}
	call, array := regexp.MustCompile(`deploy"? (plan|apply|release|scan|verify|watch|bootstrap)\b([^&|;]*)`), regexp.MustCompile(`(?:args|images)\+?=\((.*)\)`)
	flag, variable := regexp.MustCompile(`--([a-z-]+)`), regexp.MustCompile(`DEPLOY_([A-Z_]+)`)
	for _, file := range pipelineFiles {
		text := readPipeline(t, file)
		called := map[string]bool{}
		for _, line := range strings.Split(text, "\n") {
			given := map[string][]string{} // what stands after a verb, up to the end of its command
			for _, m := range call.FindAllStringSubmatch(line, -1) {
				called[m[1]] = true
				given[m[2]] = append(given[m[2]], m[1])
			}
			if m := array.FindStringSubmatch(line); m != nil && len(given) == 0 {
				given[m[1]] = []string{"plan", "apply"}
			}
			for rest, verbs := range given {
				for _, m := range flag.FindAllStringSubmatch(rest, -1) {
					if !has(m[1], verbs...) {
						t.Errorf("%s gives deploy %v the flag --%s, which it does not have", file, verbs, m[1])
					}
				}
			}
		}
		for _, verb := range []string{"plan", "apply", "release", "watch", "verify"} {
			if !called[verb] {
				t.Errorf("%s never calls deploy %s", file, verb)
			}
		}
		for _, m := range variable.FindAllStringSubmatch(text, -1) {
			if name := strings.ReplaceAll(strings.ToLower(m[1]), "_", "-"); !has(name, "apply") {
				t.Errorf("%s sets %s, and there is no flag --%s", file, m[0], name)
			}
		}
	}
}

// Actions are pinned to commits, which nobody can move, with the version beside them; runners are pinned too.
func TestWorkflowIsPinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, m := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(readPipeline(t, pipelineFiles[0]), -1) {
		if !pinned.MatchString(m[1]) {
			t.Errorf("%s is not pinned to a commit with its version", m[1])
		}
	}
	if strings.Contains(readPipeline(t, pipelineFiles[0]), "-latest") {
		t.Error("a runner is not pinned")
	}
}

// The build specification has the sections that CodeBuild knows, and its script is one that bash reads.
func TestBuildSpecification(t *testing.T) {
	var spec struct {
		Version float64 `yaml:"version"`
		Env     struct {
			Shell     string
			Variables map[string]string
		} `yaml:"env"`
		Phases map[string]struct {
			RuntimeVersions map[string]string `yaml:"runtime-versions"`
			Commands        []string          `yaml:"commands"`
		} `yaml:"phases"`
		Artifacts struct{ Files []string } `yaml:"artifacts"`
		Cache     struct {
			Key          string   `yaml:"key"`
			FallbackKeys []string `yaml:"fallback-keys"`
			Paths        []string `yaml:"paths"`
		} `yaml:"cache"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(readPipeline(t, pipelineFiles[1])))
	decoder.KnownFields(true)
	if err := decoder.Decode(&spec); err != nil {
		t.Fatal(err)
	}
	for name, phase := range spec.Phases {
		if !slices.Contains([]string{"install", "pre_build", "build", "post_build"}, name) {
			t.Errorf("CodeBuild has no phase %s", name)
		}
		for _, script := range phase.Commands {
			reads(t, script)
		}
	}
	if spec.Version != 0.2 || spec.Env.Shell != "bash" || len(spec.Artifacts.Files) == 0 || !strings.Contains(spec.Cache.Key, "go.sum") {
		t.Errorf("the specification is %+v", spec)
	}
}

// The workflow's scripts are ones that bash reads.
func TestWorkflowScripts(t *testing.T) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(readPipeline(t, pipelineFiles[0])), &workflow); err != nil {
		t.Fatal(err)
	}
	scripts := 0
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if strings.Contains(step.Run, "${{") {
				t.Errorf("an expression in a script runs what somebody else wrote: pass it by env: %s", step.Run)
			}
			if step.Run != "" {
				scripts++
				reads(t, step.Run)
			}
		}
	}
	if scripts < 5 {
		t.Errorf("%d scripts found", scripts)
	}
}

// reads lets bash read a script without running it.
func reads(t *testing.T, script string) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	check := exec.Command(bash, "-n")
	check.Stdin = bytes.NewBufferString(script)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("bash does not read this: %v\n%s\n%s", err, out, script)
	}
}
