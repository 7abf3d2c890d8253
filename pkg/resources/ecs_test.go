package resources_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// problemsOf compiles a template that declare fills and returns its problems, those about unused parameters left out.
func problemsOf(t *testing.T, declare func(*cfn.Template)) cfn.Problems {
	t.Helper()
	root := cfn.NewTemplate("root", "A test")
	declare(root)
	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	_, err = compiler.Compile(root)
	var found cfn.Problems
	if err != nil && !errors.As(err, &found) {
		t.Fatal(err)
	}
	var kept cfn.Problems
	for _, p := range found {
		if p.Kind != cfn.UnusedParameter {
			kept = append(kept, p)
		}
	}
	return kept
}

// wantInvalid checks that compiling reports exactly one invalid input that says so; an empty want means none.
func wantInvalid(t *testing.T, want string, declare func(*cfn.Template)) {
	t.Helper()
	found := problemsOf(t, declare)
	switch {
	case want == "" && len(found) > 0:
		t.Errorf("refused: %v", found)
	case want != "" && (len(found) != 1 || found[0].Kind != cfn.InvalidInput || !strings.Contains(found[0].Error(), want) || found[0].Allowed == ""):
		t.Errorf("want one invalid input with %q, got %v", want, found)
	}
}

func task(edit func(*resources.TaskDefinitionInput)) resources.TaskDefinitionInput {
	in := resources.TaskDefinitionInput{
		Family: "task", CPU: 512, Memory: 1024, TaskRole: "arn:t", ExecutionRole: "arn:e",
		Containers: []resources.ContainerInput{
			{Name: "a", Image: "i@sha256:0", CPU: 256, Memory: 512, StopSeconds: 100},
			{Name: "b", Image: "i@sha256:0", CPU: 256, Memory: 512, StopSeconds: 20},
		},
	}
	edit(&in)
	return in
}

func TestTaskDefinitionRefusesWhatDoesNotFit(t *testing.T) {
	for name, tc := range map[string]struct {
		want string
		edit func(*resources.TaskDefinitionInput)
	}{
		"fits exactly":       {"", func(*resources.TaskDefinitionInput) {}},
		"too much CPU":       {"at most 512", func(in *resources.TaskDefinitionInput) { in.Containers[0].CPU++ }},
		"too much memory":    {"at most 1024 MiB", func(in *resources.TaskDefinitionInput) { in.Containers[1].Memory++ }},
		"stops too slowly":   {"at most 120 seconds in all", func(in *resources.TaskDefinitionInput) { in.Containers[1].StopSeconds++ }},
		"never told to stop": {"1 to 120 seconds", func(in *resources.TaskDefinitionInput) { in.Containers[1].StopSeconds = 0 }},
		"one stops too late": {"1 to 120 seconds", func(in *resources.TaskDefinitionInput) {
			in.Containers = in.Containers[:1]
			in.Containers[0].StopSeconds = 121
			in.Containers[0].Name = "a"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			found := problemsOf(t, func(root *cfn.Template) { resources.AddTaskDefinition(root, "Task", "A task", task(tc.edit)) })
			if tc.want == "" && len(found) > 0 || tc.want != "" && !strings.Contains(found.Error(), tc.want) {
				t.Errorf("want %q, got %v", tc.want, found)
			}
		})
	}
}

func TestContainerDefaultsAreTheSafeOnes(t *testing.T) {
	c := resources.Container(resources.ContainerInput{Name: "a", Image: "i", CPU: 1, Memory: 2, StopSeconds: 3, LogGroup: "log",
		Environment: map[string]string{"B": "2", "A": "1"}, Secrets: map[string]string{"D": "d", "C": "c"}})
	if *c.User != "65532:65532" || !*c.ReadonlyRootFilesystem || !*c.Essential || c.Privileged != nil || c.PortMappings != nil || c.HealthCheck != nil {
		t.Errorf("container: %+v", c)
	}
	if diff := cmp.Diff([]string{"ALL"}, c.LinuxParameters.Capabilities.Drop); diff != "" {
		t.Error(diff)
	}
	if *c.Environment[0].Name != "A" || *c.Environment[1].Name != "B" || c.Secrets[0].Name != "C" || c.Secrets[1].Name != "D" {
		t.Error("variables are not sorted")
	}
	if c.LogConfiguration.Options["awslogs-group"] != "log" || c.LogConfiguration.Options["mode"] != "non-blocking" {
		t.Errorf("logs: %v", c.LogConfiguration.Options)
	}
	dispensable := resources.Container(resources.ContainerInput{Name: "a", StopSeconds: 1, Dispensable: "reason", Port: 80, HealthCommand: []string{"/up"}, After: []string{"b"}})
	if *dispensable.Essential || *dispensable.PortMappings[0].ContainerPort != 80 || dispensable.HealthCheck.Command[1] != "/up" || *dispensable.DependsOnProp[0].ContainerName != "b" {
		t.Errorf("container: %+v", dispensable)
	}
}

func TestCapacityProviderStrategyKeepsTheShare(t *testing.T) {
	for _, tc := range []struct{ share, onDemand, spot int }{{0, 1, 0}, {50, 1, 1}, {75, 1, 3}, {80, 1, 4}, {90, 1, 9}, {33, 67, 33}} {
		got := resources.CapacityProviderStrategy(2, tc.share)
		want := []ecs.Service_CapacityProviderStrategyItem{{CapacityProvider: new("FARGATE"), Base: new(2), Weight: new(tc.onDemand)}}
		if tc.spot > 0 {
			want = append(want, ecs.Service_CapacityProviderStrategyItem{CapacityProvider: new("FARGATE_SPOT"), Weight: new(tc.spot)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d %%: %s", tc.share, diff)
		}
	}
}

func TestPolicyStatementsFollowTheRules(t *testing.T) {
	good := resources.Statement{Sid: "Read", Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::b/*"}}
	for name, tc := range map[string]struct {
		want string
		edit func(*resources.Statement)
	}{
		"good":            {"", func(*resources.Statement) {}},
		"no Sid":          {"no Sid", func(s *resources.Statement) { s.Sid = "" }},
		"no action":       {"no action", func(s *resources.Statement) { s.Actions = nil }},
		"all actions":     {"wildcard action", func(s *resources.Statement) { s.Actions = []string{"*"} }},
		"some actions":    {"s3:Get*", func(s *resources.Statement) { s.Actions = []string{"s3:Get*"} }},
		"one character":   {"s3:GetObjec?", func(s *resources.Statement) { s.Actions = []string{"s3:GetObjec?"} }},
		"denied wildcard": {"", func(s *resources.Statement) { s.Deny, s.Actions = true, []string{"s3:*"} }},
		"any resource":    {"names no resources", func(s *resources.Statement) { s.Resources = []string{"*"} }},
		"no resource":     {"names no resources", func(s *resources.Statement) { s.Resources = nil }},
		"reason":          {"", func(s *resources.Statement) { s.Resources, s.AnyResource = nil, "AWS has none" }},
		"both":            {"both resources and a reason", func(s *resources.Statement) { s.AnyResource = "AWS has none" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			tc.edit(&s)
			wantInvalid(t, tc.want, func(root *cfn.Template) {
				cfn.Add(root, "Role", "A role", resources.Role(resources.RoleInput{Name: "role", Description: "x", Trust: resources.TaskTrust(), Statements: []resources.Statement{s}}))
			})
		})
	}
}

func TestReasonsStandBesideThePolicy(t *testing.T) {
	role := resources.Role(resources.RoleInput{Name: "r", MaxSessionSeconds: 3600, Statements: []resources.Statement{
		{Sid: "Any", Actions: []string{"xray:PutTraceSegments"}, AnyResource: "X-Ray has none"},
		{Sid: "One", Actions: []string{"s3:GetObject"}, Resources: []string{"arn:x"}},
	}})
	if diff := cmp.Diff(map[string]any{"AnyResource": map[string]any{"Any": "X-Ray has none"}}, role.AWSCloudFormationMetadata); diff != "" {
		t.Error(diff)
	}
	if *role.MaxSessionDuration != 3600 {
		t.Errorf("session lasts %d", *role.MaxSessionDuration)
	}
	bare := resources.Role(resources.RoleInput{Name: "r"})
	if bare.Policies != nil || bare.AWSCloudFormationMetadata != nil || bare.MaxSessionDuration != nil {
		t.Errorf("a role that may do nothing: %+v", bare)
	}
}

func TestSecretIsGeneratedAndEncrypted(t *testing.T) {
	s := resources.Secret(resources.SecretInput{Name: "n", Description: "d", Key: "k", UserName: "u"})
	if *s.KmsKeyId != "k" || *s.GenerateSecretString.PasswordLength < 32 || *s.GenerateSecretString.SecretStringTemplate != `{"username":"u"}` ||
		*s.GenerateSecretString.GenerateStringKey != "password" || s.AWSCloudFormationDeletionPolicy != "Delete" || s.AWSCloudFormationMetadata["Stateful"] != true {
		t.Errorf("secret: %+v", s)
	}
	if bare := resources.Secret(resources.SecretInput{Name: "n"}); bare.GenerateSecretString.SecretStringTemplate != nil {
		t.Error("a secret without user is no JSON object")
	}
	if got := resources.SecretValueFrom("arn", "password"); got != "arn:password::" {
		t.Error(got)
	}
	if got := resources.SecretValueFrom("arn", ""); got != "arn" {
		t.Error(got)
	}
}
