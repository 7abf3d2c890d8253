package teardown_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/teardown"
)

func resources(next string, list ...string) string {
	var b strings.Builder
	b.WriteString(`<R><ListStackResourcesResult><StackResourceSummaries>`)
	for _, one := range list {
		f := strings.Fields(one)
		b.WriteString(`<member><LogicalResourceId>` + f[0] + `</LogicalResourceId><PhysicalResourceId>` + f[1] + `</PhysicalResourceId><ResourceType>` + f[2] + `</ResourceType><ResourceStatus>` + f[3] + `</ResourceStatus></member>`)
	}
	return b.String() + `</StackResourceSummaries>` + next + `</ListStackResourcesResult></R>`
}

func template(body string) string {
	return `<R><GetTemplateResult><TemplateBody>` + body + `</TemplateBody></GetTemplateResult></R>`
}

const missing = `400 <E><Error><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></E>`

func TestInventory(t *testing.T) {
	way, script := scripted(t, map[string][]string{
		"cloudformation:ListStackResources": {resources("<NextToken>n</NextToken>", "DataStack arn:aws:cloudformation:us-east-1:1:stack/data/1 AWS::CloudFormation::Stack CREATE_COMPLETE", "NewStack - AWS::CloudFormation::Stack CREATE_IN_PROGRESS"),
			resources("", "Bucket bucket-1 AWS::S3::Bucket CREATE_COMPLETE", "Old old AWS::S3::Bucket DELETE_COMPLETE"), resources("", "Bucket bucket-2 AWS::S3::Bucket CREATE_COMPLETE")},
		"cloudformation:GetTemplate": {template("Resources: {Bucket: {Type: 'AWS::S3::Bucket', DeletionPolicy: RetainExceptOnCreate}}"), template("Resources: {Bucket: {Type: 'AWS::S3::Bucket'}}")}})
	got, err := teardown.Inventory(t.Context(), way.CloudFormation(), "arn:root")
	wants(t, err, "")
	var lines []string
	for _, r := range got {
		lines = append(lines, r.Stack+" "+r.Place()+" "+r.ID+" "+r.Status+" "+r.Policy)
		if r.Retained() != (r.Policy != "") {
			t.Errorf("%s retained: %t", r.Place(), r.Retained())
		}
	}
	want := []string{"arn:root DataStack arn:aws:cloudformation:us-east-1:1:stack/data/1 CREATE_COMPLETE ", "arn:root NewStack - CREATE_IN_PROGRESS ", "arn:root Bucket bucket-2 CREATE_COMPLETE ", "arn:aws:cloudformation:us-east-1:1:stack/data/1 DataStack/Bucket bucket-1 CREATE_COMPLETE RetainExceptOnCreate",
		"arn:aws:cloudformation:us-east-1:1:stack/data/1 DataStack/Old old DELETE_COMPLETE "}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(script.bodies[3], "NextToken=n") && !strings.Contains(strings.Join(script.bodies, " "), "NextToken=n") {
		t.Error(script.bodies)
	}
}

func TestInventoryFails(t *testing.T) {
	one := resources("", "Bucket b AWS::S3::Bucket CREATE_COMPLETE")
	nested := resources("", "DataStack arn:data AWS::CloudFormation::Stack CREATE_COMPLETE")
	for name, tc := range map[string]struct {
		answers map[string][]string
		want    string
	}{
		"no stack":        {map[string][]string{"cloudformation:ListStackResources": {missing}}, ""},
		"not listed":      {map[string][]string{"cloudformation:ListStackResources": {failedXML("Broken")}}, "list the resources of s"},
		"nested fails":    {map[string][]string{"cloudformation:ListStackResources": {nested, failedXML("Broken")}}, "list the resources of arn:data"},
		"no template":     {map[string][]string{"cloudformation:ListStackResources": {one}, "cloudformation:GetTemplate": {failedXML("Broken")}}, "read the template of s"},
		"broken":          {map[string][]string{"cloudformation:ListStackResources": {one}, "cloudformation:GetTemplate": {template("{")}}, "template of s"},
		"nothing is left": {map[string][]string{"cloudformation:ListStackResources": {resources("", "B b AWS::S3::Bucket DELETE_COMPLETE")}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			way, _ := scripted(t, tc.answers)
			_, err := teardown.Inventory(t.Context(), way.CloudFormation(), "s")
			wants(t, err, tc.want)
		})
	}
}

func stacks(next string, list ...string) string {
	var b strings.Builder
	b.WriteString(`<R><ListStacksResult><StackSummaries>`)
	for _, one := range list {
		f := strings.Fields(one)
		b.WriteString(`<member><StackName>` + f[0] + `</StackName><StackId>` + f[1] + `</StackId><DeletionTime>` + f[2] + `</DeletionTime><StackStatus>DELETE_COMPLETE</StackStatus>`)
		if len(f) > 3 {
			b.WriteString(`<ParentId>` + f[3] + `</ParentId>`)
		}
		b.WriteString(`</member>`)
	}
	return b.String() + `</StackSummaries>` + next + `</ListStacksResult></R>`
}

// Of several stacks of a name the one deleted last counts; nested ones and other names do not.
func TestHistory(t *testing.T) {
	way, script := scripted(t, map[string][]string{
		"cloudformation:ListStacks": {stacks("<NextToken>n</NextToken>", "platform-dev arn:old 2026-01-01T00:00:00Z", "platform-dev-Nested arn:nested 2026-03-01T00:00:00Z arn:new", "other arn:other 2026-03-01T00:00:00Z"),
			stacks("", "platform-dev arn:new 2026-02-01T00:00:00Z", "platform-dev arn:older 2025-01-01T00:00:00Z")},
		"cloudformation:ListStackResources": {resources("", "Log log-dev AWS::Logs::LogGroup DELETE_COMPLETE")}})
	got, err := teardown.History(t.Context(), way.CloudFormation(), "platform-dev", "foundation-dev")
	wants(t, err, "")
	if len(got) != 1 || got[0].Stack != "arn:new" || got[0].ID != "log-dev" {
		t.Error(got)
	}
	if n := len(script.asked); n != 3 {
		t.Error(script.asked)
	}
	way, _ = scripted(t, map[string][]string{"cloudformation:ListStacks": {stacks("", "platform-dev arn:new 2026-02-01T00:00:00Z")}, "cloudformation:ListStackResources": {failedXML("Broken")}})
	_, err = teardown.History(t.Context(), way.CloudFormation(), "platform-dev")
	wants(t, err, "list the resources of arn:new")
	way, _ = scripted(t, map[string][]string{"cloudformation:ListStacks": {failedXML("AccessDenied")}})
	_, err = teardown.History(t.Context(), way.CloudFormation(), "platform-dev")
	wants(t, err, "list deleted stacks")
}
