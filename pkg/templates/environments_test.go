package templates_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/pkg/templates"
)

// rootParameter is a parameter as platform.yaml declares it.
type rootParameter struct {
	Type           string   `yaml:"Type"`
	Default        *string  `yaml:"Default"`
	AllowedPattern string   `yaml:"AllowedPattern"`
	AllowedValues  []string `yaml:"AllowedValues"`
	MinValue       *float64 `yaml:"MinValue"`
	MaxValue       *float64 `yaml:"MaxValue"`
}

// refusal says why a value is refused, or "".
func (p rootParameter) refusal(value string) string {
	if p.AllowedPattern != "" && !regexp.MustCompile(p.AllowedPattern).MatchString(value) {
		return "does not match " + p.AllowedPattern
	}
	if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value) {
		return fmt.Sprint("is none of ", p.AllowedValues)
	}
	if p.Type != "Number" {
		return ""
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < *p.MinValue || n > *p.MaxValue {
		return fmt.Sprintf("is no number from %v to %v", *p.MinValue, *p.MaxValue)
	}
	return ""
}

// environmentProblems checks a parameter file against the root template.
func environmentProblems(parameters map[string]rootParameter, owned []string, file []byte) (problems []string) {
	var values map[string]string
	if err := yaml.Unmarshal(file, &values); err != nil {
		return []string{err.Error()}
	}
	for name, value := range values {
		p, known := parameters[name]
		switch {
		case !known:
			problems = append(problems, name+" is no parameter of the root")
		case slices.Contains(owned, name):
			problems = append(problems, name+" is owned by the deploy command")
		case p.refusal(value) != "":
			problems = append(problems, name+": "+value+" "+p.refusal(value))
		}
	}
	for name, p := range parameters {
		if _, given := values[name]; !given && p.Default == nil && !slices.Contains(owned, name) {
			problems = append(problems, name+" is missing")
		}
	}
	for service := range parameters {
		if stem, ok := strings.CutSuffix(service, "MinTasks"); ok {
			least, _ := strconv.Atoi(values[stem+"MinTasks"])
			most, _ := strconv.Atoi(values[stem+"MaxTasks"])
			if most < least {
				problems = append(problems, stem+"MaxTasks is below "+stem+"MinTasks")
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// readRoot returns the parameters of platform.yaml, with those of foundation.yaml, since one file holds the values of both, and the
// names of those that the deploy command owns.
func readRoot(t *testing.T) (parameters map[string]rootParameter, owned []string) {
	t.Helper()
	rendered, err := templates.Render(templates.Default())
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Parameters map[string]rootParameter `yaml:"Parameters"`
		Metadata   map[string]struct {
			ParameterGroups []struct {
				Label      struct{ Default string } `yaml:"Label"`
				Parameters []string                 `yaml:"Parameters"`
			} `yaml:"ParameterGroups"`
		} `yaml:"Metadata"`
	}
	for _, f := range rendered.Templates {
		if f.Name == "platform.yaml" || f.Name == "foundation.yaml" {
			if err := yaml.Unmarshal(f.Data, &root); err != nil { // maps are filled up
				t.Fatal(err)
			}
		}
	}
	for _, g := range root.Metadata["AWS::CloudFormation::Interface"].ParameterGroups {
		if g.Label.Default == templates.DeployOwnedGroup {
			owned = g.Parameters
		}
	}
	return root.Parameters, owned
}

func TestEnvironmentFilesFitTheRoot(t *testing.T) {
	parameters, owned := readRoot(t)
	files, err := filepath.Glob("../../environments/*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("environments: %v, %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range environmentProblems(parameters, owned, data) {
			t.Errorf("%s: %s", filepath.Base(name), problem)
		}
	}
}

func TestEnvironmentFileProblems(t *testing.T) {
	parameters, owned := readRoot(t)
	valid := "OperatorsCidr: 203.0.113.0/24\n"
	for _, tc := range []struct{ name, file, want string }{
		{"valid", valid, ""},
		{"valid for the foundation", valid + "PlanSubject: repo:example/payments:*\n", ""},
		{"anybody may push images", valid + "PublishSubject: repo:example/payments:*\n", "PublishSubject: repo:example/payments:* does not match"},
		{"anybody may deploy", valid + "PipelineSubject: repo:example/payments:*\n", "PipelineSubject: repo:example/payments:* does not match"},
		{"unknown", valid + "VpcCdir: 10.0.0.0/16\n", "VpcCdir is no parameter of the root"},
		{"missing", "VpcCidr: 10.0.0.0/16\n", "OperatorsCidr is missing"},
		{"pattern", valid + "VpcCidr: 10.0.0.0/8\n", "VpcCidr: 10.0.0.0/8 does not match"},
		{"open to everybody", "OperatorsCidr: 0.0.0.0/0\n", "OperatorsCidr: 0.0.0.0/0 does not match"},
		{"values", valid + "CloudTrail: 'on'\n", "CloudTrail: on is none of"},
		{"number", valid + "BackupRetentionDays: 36\n", "BackupRetentionDays: 36 is no number from 1 to 35"},
		{"paused database", valid + "DatabaseMinCapacity: 0\n", "DatabaseMinCapacity: 0 is no number"},
		{"fewer tasks than zones", valid + "PaymentApiMinTasks: 2\n", "PaymentApiMinTasks: 2 is no number from 3"},
		{"suffix", valid + "EnvironmentSuffix: qa7\n", "EnvironmentSuffix is owned by the deploy command"},
		{"digest", valid + "PaymentApiImageDigest: x\n", "PaymentApiImageDigest is owned by the deploy command"},
		{"colour", valid + "PaymentApiActiveColor: blue\n", "PaymentApiActiveColor is owned by the deploy command"},
		{"template key", valid + "NetworkTemplateKey: x\n", "NetworkTemplateKey is owned by the deploy command"},
		{"bucket", valid + "ArtifactBucket: x\n", "ArtifactBucket is owned by the deploy command"},
		{"bounds", valid + "PaymentApiMinTasks: 5\nPaymentApiMaxTasks: 4\n", "PaymentApiMaxTasks is below PaymentApiMinTasks"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := strings.Join(environmentProblems(parameters, owned, []byte(tc.file)), "\n")
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
