package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContainerRules(t *testing.T) {
	const (
		template, task, service = "service-transaction-processor.yaml", "TransactionProcessorTaskDefinition", "TransactionProcessorService"
		images                  = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/ecr-envoy-${EnvironmentSuffix}@${EnvoyDigest}"
		envoy                   = "ContainerDefinitions[1]"
		application             = "ContainerDefinitions[0]"
	)
	within := func(old, replacement string) []edit {
		return []edit{replaceInResource(template, task, old, replacement)}
	}
	inService := func(old, replacement string) []edit {
		return []edit{replaceInResource(template, service, old, replacement)}
	}
	faults := []goldenFault{
		{rule: "CON001", name: "root", edits: within("StopTimeout: 15\n          User: '65532:65532'", "StopTimeout: 15\n          User: '0'"), path: envoy + ".User", line: "User: '0'"},
		{rule: "CON001", name: "root's group", edits: within("StopTimeout: 15\n          User: '65532:65532'", "StopTimeout: 15\n          User: '65532:0'"), path: envoy + ".User", line: "65532:0"},
		{rule: "CON001", name: "nobody said", edits: within("StopTimeout: 15\n          User: '65532:65532'", "StopTimeout: 15"), path: envoy + ".User", line: "Command:"},
		{rule: "CON002", name: "writes", edits: within("ReadonlyRootFilesystem: true\n          StopTimeout: 15", "ReadonlyRootFilesystem: false\n          StopTimeout: 15"), path: envoy + ".ReadonlyRootFilesystem", line: "false"},
		{rule: "CON003", name: "privileged", edits: within("          Name: envoy\n", "          Name: envoy\n          Privileged: true\n"), path: envoy + ".Privileged", line: "Privileged: true"},
		{rule: "CON003", name: "capabilities stay", edits: within("@${EnvoyDigest}\n          LinuxParameters:\n            Capabilities:\n              Drop:\n                - ALL\n", "@${EnvoyDigest}\n"), path: envoy + ".LinuxParameters.Capabilities.Drop", line: "Command:"},
		{rule: "CON003", name: "a capability added", edits: within("@${EnvoyDigest}\n          LinuxParameters:\n            Capabilities:\n", "@${EnvoyDigest}\n          LinuxParameters:\n            Capabilities:\n              Add: [SYS_PTRACE]\n"), path: envoy + ".LinuxParameters.Capabilities.Add", line: "SYS_PTRACE"},
		{rule: "CON003", name: "a device", edits: within("@${EnvoyDigest}\n          LinuxParameters:\n", "@${EnvoyDigest}\n          LinuxParameters:\n            Devices: [{HostPath: /dev/mem}]\n"), path: envoy + ".LinuxParameters.Devices", line: "/dev/mem"},
		{rule: "CON004", name: "a tag", edits: within("/ecr-envoy-${EnvironmentSuffix}@${EnvoyDigest}", "/ecr-envoy-${EnvironmentSuffix}:v1"), path: envoy + ".Image", line: ":v1"},
		{rule: "CON004", name: "another registry", edits: within(images, "docker.io/envoyproxy/envoy@${EnvoyDigest}"), path: envoy + ".Image", line: "docker.io"},
		{rule: "CON004", name: "another repository", edits: within("/ecr-envoy-${EnvironmentSuffix}@", "/other-${EnvironmentSuffix}@"), path: envoy + ".Image", line: "/other-", found: "no template declares"},
		{rule: "CON004", name: "not known", outcome: Unsure, edits: within("!Sub "+images, "!ImportValue image"), path: envoy + ".Image", line: "ImportValue"},
		{rule: "CON005", name: "no log", edits: within("            LogDriver: awslogs\n            Options:\n              awslogs-group: !Ref TransactionProcessorLogGroup\n              awslogs-region: !Ref AWS::Region\n              awslogs-stream-prefix: envoy", "            LogDriver: none\n            Options:\n              awslogs-stream-prefix: envoy"), path: envoy + ".LogConfiguration.LogDriver", line: "none"},
		{rule: "CON005", name: "no prefix", edits: within("              awslogs-stream-prefix: envoy\n", ""), path: envoy + ".LogConfiguration.Options.awslogs-stream-prefix", line: "Options:"},
		{rule: "CON005", name: "no region", edits: within("awslogs-region: !Ref AWS::Region\n              awslogs-stream-prefix: envoy", "awslogs-region: ''\n              awslogs-stream-prefix: envoy"), path: envoy + ".LogConfiguration.Options.awslogs-region", line: "awslogs-region: ''"},
		{rule: "CON006", name: "too slow", edits: within("StopTimeout: 15", "StopTimeout: 30"), path: "ContainerDefinitions", line: "ContainerDefinitions:", found: "130 seconds"},
		{rule: "CON006", name: "not said", edits: within("          StopTimeout: 15\n", ""), path: envoy + ".StopTimeout", line: "Command:"},
		{rule: "CON006", name: "not known", outcome: Unsure, edits: within("StopTimeout: 15", "StopTimeout: !ImportValue s"), path: envoy + ".StopTimeout", line: "ImportValue"},
		{rule: "CON007", name: "no command", edits: within("              - /service\n              - healthcheck\n", ""), path: application + ".HealthCheck.Command", line: "- CMD"},
		{rule: "CON007", name: "an empty word", edits: within("              - healthcheck\n", "              - ''\n"), path: application + ".HealthCheck.Command", line: "- CMD"},
		{rule: "CON007", name: "no health check", edits: within("          HealthCheck:\n            Command:\n              - CMD\n              - /service\n              - healthcheck\n            Interval: 10\n            Retries: 3\n            StartPeriod: 30\n            Timeout: 5\n          Image: !Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/ecr-transaction", "          Image: !Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/ecr-transaction"), path: application + ".HealthCheck.Command", line: "Cpu: 768"},
		{rule: "CON008", name: "no reason", edits: within("        collector: Payments go on without traces", "        other: Payments go on without traces"), path: "ContainerDefinitions[2].Essential", line: "Essential: false"},
		{rule: "CON008", name: "a reason to go on, and no leave", edits: within("Essential: false", "Essential: true"), path: "ContainerDefinitions[2].Essential", line: "Essential: true", found: "true"},
		{rule: "CON008", name: "not known", outcome: Unsure, edits: within("Essential: false", "Essential: !ImportValue e"), path: "ContainerDefinitions[2].Essential", line: "ImportValue"},
		{rule: "CON009", name: "no such size", edits: within("      Memory: '2048'", "      Memory: '2500'"), path: "Memory", line: "2500", found: "2500 MiB with 1024 CPU units"},
		{rule: "CON009", name: "too much together", edits: within("Cpu: 768", "Cpu: 1000"), path: "ContainerDefinitions", line: "ContainerDefinitions:", found: "Cpu of all containers: 1256"},
		{rule: "CON009", name: "too much alone", edits: within("Memory: 1536", "Memory: 4096"), path: application + ".Memory", line: "Memory: 4096"},
		{rule: "CON009", name: "no CPU", edits: within("      Cpu: '1024'\n", ""), path: "Cpu", line: "Properties:"},
		{rule: "CON009", name: "no memory", edits: within("      Memory: '2048'\n", ""), path: "Memory", line: "Properties:"},
		{rule: "CON010", name: "on instances", edits: within("        - FARGATE\n", "        - EC2\n"), path: "RequiresCompatibilities", line: "- EC2"},
		{rule: "CON010", name: "the host's network", edits: within("NetworkMode: awsvpc", "NetworkMode: host"), path: "NetworkMode", line: "NetworkMode: host"},
		{rule: "CON010", name: "the host's processes", edits: within("NetworkMode: awsvpc", "NetworkMode: awsvpc\n      PidMode: host"), path: "PidMode", line: "PidMode: host"},
		{rule: "CON010", name: "a launch type", edits: inService("      EnableECSManagedTags: true\n", "      LaunchType: EC2\n"), path: "LaunchType", line: "LaunchType: EC2"},
		{rule: "CON010", name: "another provider", edits: inService("CapacityProvider: FARGATE_SPOT", "CapacityProvider: instances"), path: "CapacityProviderStrategy[1].CapacityProvider", line: "instances"},
		{rule: "CON010", name: "an old platform", edits: inService("'1.4.0'", "'1.3.0'"), path: "PlatformVersion", line: "1.3.0"},
		{rule: "CON011", name: "a shell", edits: inService("EnableExecuteCommand: false", "EnableExecuteCommand: true"), path: "EnableExecuteCommand", line: "EnableExecuteCommand: true"},
		{rule: "CON013", name: "a parameter", edits: within("'${TransactionProcessorDatabaseSecret}:password::'", "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/password"), path: application + ".Secrets[0].ValueFrom", line: ":parameter/password"},
	}
	faults = append(faults, containerLifeFaults(within)...)
	for i := range faults {
		faults[i].template, faults[i].id = template, task
		if strings.Contains(faults[i].path, "Capacity") || strings.Contains("TaskDefinition LaunchType PlatformVersion EnableExecuteCommand", faults[i].path) {
			faults[i].id = service
		}
	}
	faults = append(faults,
		goldenFault{rule: "CON011", name: "a shell in a scheduled task", edits: []edit{replaceIn("administration.yaml", "          LaunchType: FARGATE\n", "          LaunchType: FARGATE\n          EnableExecuteCommand: true\n")},
			template: "administration.yaml", id: "AdministrationSchedule", path: "Target.EcsParameters.EnableExecuteCommand", line: "EnableExecuteCommand: true"},
		goldenFault{rule: "CON012", name: "no scan", edits: []edit{replaceInResource("foundation.yaml", "EnvoyRepository", "ScanOnPush: true", "ScanOnPush: false")},
			template: "foundation.yaml", id: "EnvoyRepository", path: "ImageScanningConfiguration.ScanOnPush", line: "ScanOnPush: false"},
		goldenFault{rule: "CON012", name: "tags move", edits: []edit{replaceInResource("foundation.yaml", "EnvoyRepository", "ImageTagMutability: IMMUTABLE", "ImageTagMutability: MUTABLE")},
			template: "foundation.yaml", id: "EnvoyRepository", path: "ImageTagMutability", line: "MUTABLE"})
	testGoldenFaults(t, containerRules(), faults)
}

// TestDigestWithoutValue: a digest that has no value yet is proven by the pattern of the root's parameter, if that demands
// one; what the pattern leaves open stays unknown.
func TestDigestWithoutValue(t *testing.T) {
	tests := map[string]struct {
		pattern, image string
		want           Outcome
	}{
		"digests only":     {"^sha256:[0-9a-f]{64}$", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app@${Digest}", Pass},
		"not anchored":     {"sha256:[0-9a-f]{64}", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app@${Digest}", Pass},
		"tags as well":     {"^(sha256:[0-9a-f]{64}|latest)$", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app@${Digest}", Unsure},
		"no pattern":       {"", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app@${Digest}", Unsure},
		"a broken pattern": {"^(sha256", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app@${Digest}", Unsure},
		"something else":   {"^[0-9]+$", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app@${Digest}", Unsure},
		"a whole image":    {"^sha256:[0-9a-f]{64}$", "!Ref Other", Unsure},
		"other registry":   {"^sha256:[0-9a-f]{64}$", "!Sub public.ecr.aws/app@${Digest}", Fail},
	}
	for name, tt := range tests {
		w := worldOf(t, nil, map[string]string{
			"root.yaml": "Parameters:\n  AppDigest:\n    Type: String\n    AllowedPattern: '" + tt.pattern + "'\n  Image:\n    Type: String\n" +
				"Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: child.yaml\n      Parameters:\n        Digest: !Ref AppDigest\n        Other: !Sub '${Image}'\n",
			"child.yaml": "Parameters:\n  Digest:\n    Type: String\n  Other:\n    Type: String\nResources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Image: " + tt.image + "\n"})
		if got := resultOf(t, w, containerRules(), "CON004"); got.Outcome != tt.want {
			t.Errorf("%s: %s, want %s: %+v", name, got.Outcome, tt.want, got.Findings)
		}
	}
}

// TestForeignTasks: a task definition in JSON, in another's words.
func TestForeignTasks(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"flat.json": `{"Resources": {
		"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT"}]}},
		"Service": {"Type": "AWS::ECS::Service", "Properties": {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}}},
		"Scan": {"Type": "AWS::ECR::RegistryScanningConfiguration"},
		"Repository": {"Type": "AWS::ECR::Repository", "Properties": {"ImageTagMutability": "IMMUTABLE"}},
		"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": ".5 vCPU", "Memory": "2 GB", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
			"ContainerDefinitions": [{"Name": "app", "User": 1000, "ReadonlyRootFilesystem": "true", "StopTimeout": 30, "MemoryReservation": 512,
				"LinuxParameters": {"Capabilities": {"Drop": ["ALL"]}},
				"LogConfiguration": {"LogDriver": "awsfirelens"},
				"Image": {"Fn::Join": ["", [{"Fn::GetAtt": ["Repository", "RepositoryUri"]}, "@sha256:0000000000000000000000000000000000000000000000000000000000000000"]]}}]}},
		"Hidden": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": {"Fn::ImportValue": "containers"}}}}}`})
	got := map[string]Outcome{}
	for _, result := range Verify(w, containerRules()) {
		got[result.Rule.ID] = result.Outcome
		for _, f := range result.Findings {
			if f.LogicalID != "Hidden" {
				t.Errorf("%+v", f)
			}
		}
	}
	want := map[string]Outcome{"CON001": Unsure, "CON002": Unsure, "CON003": Unsure, "CON004": Unsure, "CON005": Unsure, "CON006": Unsure, "CON007": Unsure,
		"CON008": Unsure, "CON009": Fail, "CON010": Fail, "CON011": Pass, "CON012": Pass, "CON013": Unsure,
		"CON014": Unsure, "CON015": Unsure, "CON016": Unsure, "CON017": Unsure, "CON018": Unsure}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
