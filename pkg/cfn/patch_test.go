package cfn_test

import (
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"
	"github.com/awslabs/goformation/v7/cloudformation/tags"

	"github.com/tierform/tierform/pkg/cfn"
)

// task is a task definition with two containers, app and proxy.
func task(c *cfn.Template) cfn.Resource[*ecs.TaskDefinition] {
	return cfn.Add(c, "Task", "A task", &ecs.TaskDefinition{
		ContainerDefinitions: []ecs.TaskDefinition_ContainerDefinition{
			{Name: "app", Image: "app:1", Command: []string{"a", "b"}},
			{Name: "proxy", Image: "proxy:1"},
		},
		Family: new("family"),
	})
}

func TestPatch(t *testing.T) {
	rows := []struct {
		name  string
		patch func(cfn.Resource[*ecs.TaskDefinition])
		want  string // the properties
	}{{
		name: "new property before, between and behind the others, in order",
		patch: func(r cfn.Resource[*ecs.TaskDefinition]) {
			r.Patch("TaskRoleArn", "role")
			r.Patch("Cpu", "256")
			r.Patch("EnableFaultInjection", true)
			r.Patch("Volumes", []any{})
		},
		want: `
      ContainerDefinitions:
        - Command:
            - a
            - b
          Image: app:1
          Name: app
        - Image: proxy:1
          Name: proxy
      Cpu: '256'
      EnableFaultInjection: true
      Family: family
      TaskRoleArn: role
      Volumes: []
`,
	}, {
		name: "first and last property replaced",
		patch: func(r cfn.Resource[*ecs.TaskDefinition]) {
			r.Patch("ContainerDefinitions", []any{map[string]any{"Name": "a", "Image": "b"}})
			r.Patch("Family", "other")
		},
		want: `
      ContainerDefinitions:
        - Image: b
          Name: a
      Family: other
`,
	}, {
		name: "middle property replaced",
		patch: func(r cfn.Resource[*ecs.TaskDefinition]) {
			r.Patch("Cpu", "256")
			r.Patch("EnableFaultInjection", false)
			r.Patch("Cpu", "512")
			r.Patch("EnableFaultInjection", true)
			r.Patch("ContainerDefinitions[0]", map[string]any{"Name": "a", "Image": "b"})
			r.Patch("ContainerDefinitions[Name=proxy]", map[string]any{"Name": "c", "Image": "d"})
		},
		want: `
      ContainerDefinitions:
        - Image: b
          Name: a
        - Image: d
          Name: c
      Cpu: '512'
      EnableFaultInjection: true
      Family: family
`,
	}, {
		name: "item by index, by field, and what is below",
		patch: func(r cfn.Resource[*ecs.TaskDefinition]) {
			r.Patch("ContainerDefinitions[1].Cpu", 5)
			r.Patch("ContainerDefinitions[Name=app].VersionConsistency", "disabled")
			r.Patch("ContainerDefinitions[Name=app].Command[1]", "c")
			r.Patch("ContainerDefinitions[Image=proxy:1].RestartPolicy.Enabled", true)
			r.Patch("ContainerDefinitions[0].RestartPolicy.Enabled", true)
			r.Patch("ContainerDefinitions[0].RestartPolicy.RestartAttemptPeriod", 60)
		},
		want: `
      ContainerDefinitions:
        - Command:
            - a
            - c
          Image: app:1
          Name: app
          RestartPolicy:
            Enabled: true
            RestartAttemptPeriod: 60
          VersionConsistency: disabled
        - Cpu: 5
          Image: proxy:1
          Name: proxy
          RestartPolicy:
            Enabled: true
      Family: family
`,
	}}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := topicTemplate()
			row.patch(task(c))
			wantResource(t, c, "Task", "    Type: AWS::ECS::TaskDefinition\n    Metadata:\n      Description: A task\n    Properties:"+row.want)
		})
	}
}

func TestPatchOfAnEmptyResource(t *testing.T) {
	c := topicTemplate()
	r := addTopic(c, "Other")
	r.Patch("TopicName", "b")
	r.Patch("DisplayName", "a")
	r.Patch("TracingConfig", "c")
	wantResource(t, c, "Other", `
    Type: AWS::SNS::Topic
    Metadata:
      Description: A topic
    Properties:
      DisplayName: a
      TopicName: b
      TracingConfig: c
`)
}

func TestBadPatches(t *testing.T) {
	patch := func(path string) func(*cfn.Template) {
		return func(c *cfn.Template) { task(c).Patch(path, "x") }
	}
	const allowed = "; allowed: Name, Name.Name, Name[0] or Name[Field=value], lists and items being there already [bad-patch]"
	rows := []struct{ path, at, message string }{
		{"", "", "path has an empty step"},
		{".Cpu", "..Cpu", "path has an empty step"},
		{"Cpu.", ".Cpu.", "path has an empty step"},
		{"Cpu..A", ".Cpu..A", "path has an empty step"},
		{"[0]", "[0]", "step [0] goes into something that is no list"},
		{"Family.Name", ".Family.Name", `step "Name" goes into something that has no properties`},
		{"ContainerDefinitions.Name", ".ContainerDefinitions.Name", `step "Name" goes into something that has no properties`},
		{"Family[0]", ".Family[0]", "step [0] goes into something that is no list"},
		{"Volumes[0]", ".Volumes[0]", `there is no list "Volumes"`},
		{"ContainerDefinitions[2]", ".ContainerDefinitions[2]", "no item [2] in a list of 2"},
		{"ContainerDefinitions[-1]", ".ContainerDefinitions[-1]", "no item [-1] in a list of 2"},
		{"ContainerDefinitions[app]", ".ContainerDefinitions[app]", "no item [app] in a list of 2"},
		{"ContainerDefinitions[Name=web]", ".ContainerDefinitions[Name=web]", "no item [Name=web] in a list of 2"},
		{"ContainerDefinitions[Command=a]", ".ContainerDefinitions[Command=a]", "no item [Command=a] in a list of 2"},
		{"ContainerDefinitions[Name=web].Cpu", ".ContainerDefinitions[Name=web].Cpu", "no item [Name=web] in a list of 2"},
		{"A" + closing, ".A" + closing, "path has a step that can be no key"},
		{"A\xff.B", ".A\xff.B", "path has a step that can be no key"},
		{strings.Repeat("x", 256), "." + strings.Repeat("x", 256), "path has a step that can be no key"},
		{"ContainerDefinitions[0", ".ContainerDefinitions[0", "path has an empty step"},
		{"ContainerDefinitions[0].Command[2]", ".ContainerDefinitions[0].Command[2]", "no item [2] in a list of 2"},
	}
	for _, row := range rows {
		found := ""
		if row.path != "" {
			found = ` (found …)`
		}
		refusal{name: row.path, bad: patch(row.path), want: []string{
			"test/Task/Properties" + row.at + ": " + row.message + found + allowed}}.run(t)
	}
}

func TestLongestKeyOfAPatch(t *testing.T) {
	c := topicTemplate()
	raw(c, "Thing", "Custom::Thing", nil).Patch(strings.Repeat("x", 255), 1)
	files(t, c)
}

// TestPatchedDependency looks at what patches bring in: the checks run after them.
func TestPatchedDependency(t *testing.T) {
	c := topicTemplate()
	a, b := addTopic(c, "A"), addTopic(c, "B")
	a.Patch("DisplayName", b.Ref())
	b.Patch("DisplayName", a.Ref())
	wantProblems(t, c, []string{`test/A: resources wait for each other (found "A → B → A"); allowed: references in one direction [dependency-cycle]`})
}

func TestRawResource(t *testing.T) {
	c := topicTemplate()
	cfn.Add(c, "Scanning", "Scans images", &cfn.Raw{
		Type: "AWS::ECR::RegistryScanningConfiguration",
		Properties: map[string]any{
			"ScanType": "ENHANCED",
			"Rules": []any{map[string]any{"ScanFrequency": "SCAN_ON_PUSH",
				"RepositoryFilters": []any{map[string]any{"Filter": "*", "FilterType": "WILDCARD"}}}},
		},
		AWSCloudFormationDeletionPolicy:      "Retain",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            map[string]any{"B": 1, "A": []string{"x"}},
	}).When(c.Condition("Yes", always()))
	wantResource(t, c, "Scanning", `
    Type: AWS::ECR::RegistryScanningConfiguration
    Condition: 'Yes'
    DeletionPolicy: Retain
    UpdateReplacePolicy: Delete
    Metadata:
      Description: Scans images
      A:
        - x
      B: 1
    Properties:
      Rules:
        - RepositoryFilters:
            - Filter: '*'
              FilterType: WILDCARD
          ScanFrequency: SCAN_ON_PUSH
      ScanType: ENHANCED
`)
}

// newQueue has a field that goformation lacks: the fields of the embedded struct and its attributes count as its own,
// and the outer Tags hide the inner ones.
type newQueue struct {
	sqs.Queue
	FifoThroughputLimit string     `json:"FifoThroughputLimit,omitempty"`
	Tags                []tags.Tag `json:"Tags"`
	Unset               int        `json:",omitzero"`
}

func TestEmbeddedResource(t *testing.T) {
	c := topicTemplate()
	c.Condition("Odd", always())
	cfn.Add(c, "Queue", "A queue", &newQueue{
		Queue: sqs.Queue{DelaySeconds: new(0), Tags: []tags.Tag{{Key: "hidden", Value: "x"}},
			AWSCloudFormationDeletionPolicy: "Retain", AWSCloudFormationCondition: "Odd"},
		FifoThroughputLimit: "perQueue",
		Tags:                []tags.Tag{},
	})
	wantResource(t, c, "Queue", `
    Type: AWS::SQS::Queue
    Condition: Odd
    DeletionPolicy: Retain
    Metadata:
      Description: A queue
    Properties:
      DelaySeconds: 0
      FifoThroughputLimit: perQueue
      Tags: []
`)
}
