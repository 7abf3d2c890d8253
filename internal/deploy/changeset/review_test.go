package changeset_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// TestActions: every action of CloudFormation, with the policy for the old resource as it says, or as the templates do.
func TestActions(t *testing.T) {
	const database = "AWS::RDS::DBCluster"
	said := func(c types.Change, policy types.PolicyAction) types.Change {
		return with(c, func(c *types.ResourceChange) { c.PolicyAction = policy })
	}
	for _, test := range []struct {
		name   string
		change types.Change
		stage  func(*scene)
		action report.Action
		policy string
		need   string
	}{
		{name: "added", change: change(types.ChangeActionAdd, "New", database), action: report.Add},
		{name: "imported", change: change(types.ChangeActionImport, "New", database), action: report.Import},
		{name: "changed", change: modify("Database", database, direct("Port", "1", "2", never)), action: report.Modify},
		{name: "only its metadata", change: change(types.ChangeActionSyncWithActual, "Database", database), action: report.Modify},
		{name: "removed and kept", change: change(types.ChangeActionRemove, "Database", database), action: report.Delete, policy: "Retain"},
		{name: "removed, whatever the template says", change: said(change(types.ChangeActionRemove, "Database", database), types.PolicyActionDelete), action: report.Delete, policy: "Delete", need: "delete App/Database"},
		{name: "removed, kept unless new", change: change(types.ChangeActionRemove, "Database", database), action: report.Delete, policy: "Retain",
			stage: func(s *scene) {
				s.edit("was", "app.yaml", "DeletionPolicy: Retain", "DeletionPolicy: RetainExceptOnCreate")
			}},
		{name: "a database removed leaves a snapshot", change: change(types.ChangeActionRemove, "Database", database), action: report.Delete, policy: "Snapshot", need: "delete App/Database",
			stage: func(s *scene) { s.edit("was", "app.yaml", "    DeletionPolicy: Retain\n", "") }},
		{name: "a member of a cluster leaves none", change: change(types.ChangeActionRemove, "Database", "AWS::RDS::DBInstance"), action: report.Delete, policy: "Delete", need: "delete App/Database",
			stage: func(s *scene) {
				s.edit("was", "app.yaml", "    DeletionPolicy: Retain\n", "")
				s.edit("was", "app.yaml", database+"\n", "AWS::RDS::DBInstance\n")
				s.edit("was", "app.yaml", "      Port:", "      DBClusterIdentifier: x\n      Port:")
			}},
		{name: "stateful by what was said of it", change: change(types.ChangeActionRemove, "Database", "AWS::EC2::Instance"), action: report.Delete, policy: "Delete", need: "delete App/Database",
			stage: func(s *scene) {
				s.edit("was", "app.yaml", "    DeletionPolicy: Retain\n", "")
				s.edit("was", "app.yaml", database, "AWS::EC2::Instance")
				s.edit("was", "app.yaml", "Description: Holds everything", "Stateful: 'true'")
			}},
		{name: "replaced, a snapshot stays", change: replaced("Database", database, direct("KmsKeyId", "1", "2", always)), action: report.Replace, policy: "ReplaceAndSnapshot", need: "replace App/Database"},
		{name: "replaced, the old one stays", change: said(modify("Database", database), types.PolicyActionReplaceAndRetain), action: report.Replace, policy: "ReplaceAndRetain", need: "replace App/Database"},
		{name: "not decided", change: change(types.ChangeActionDynamic, "Database", database), action: report.Replace, policy: "ReplaceAndSnapshot", need: "replace App/Database"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			if test.stage != nil {
				test.stage(s)
			}
			s.app().Changes = changes(test.change)
			p := s.review().Plan
			c := p.Changes()[0]
			if c.Action != test.action || c.PolicyAction != test.policy || !c.Stateful {
				t.Errorf("%+v", c)
			}
			counts := map[report.Action]report.Counts{report.Add: {Add: 1}, report.Import: {Add: 1}, report.Modify: {Change: 1}, report.Delete: {Delete: 1}, report.Replace: {Replace: 1}}
			if p.Counts != counts[test.action] {
				t.Errorf("%s: %+v", test.action, p.Counts)
			}
			_, named := changeset.Consent{Yes: true}.Missing(p)
			if strings.Join(named, " ") != test.need {
				t.Errorf("needs %q", named)
			}
		})
	}
}

// TestTree: nested stacks are there with and without changes; those that nobody deploys are not.
func TestTree(t *testing.T) {
	s := newScene(t)
	s.edit("was", "root.yaml", "  Key:", "  OldStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub 'https://x/${Bucket}/${NetTemplateKey}'}}\n  Key:")
	s.set.Changes = append(s.set.Changes, types.Change{}, modify("Key", "AWS::KMS::Key", direct("Description", "a", "b", never)))
	p := s.review().Plan
	data, err := json.Marshal(p.Root)
	if err != nil {
		t.Fatal(err)
	}
	var tree []string
	for _, nested := range p.Root.Nested {
		tree = append(tree, nested.Name+" "+nested.Unknown)
	}
	if diff := cmp.Diff([]string{"AppStack ", "NetStack "}, tree); diff != "" || len(p.Root.Changes) != 1 || len(p.Root.Nested[0].Nested) != 1 {
		t.Errorf("%s (-want +got):\n%s", data, diff)
	}
}

// TestPartial: a nested change set that cannot be shown in full makes the preview incomplete.
func TestPartial(t *testing.T) {
	s := newScene(t)
	s.app().Partial = "[WARN] incomplete ChangeSet data"
	if p := s.review().Plan; p.Incomplete != s.app().Partial || p.Needs[1] != "incomplete preview" {
		t.Errorf("%+v", p)
	}
}

// TestFirst: for a first deployment everything is new, and nothing is compared.
func TestFirst(t *testing.T) {
	s := newScene(t)
	now, _ := s.load()
	s.set.Changes = changes(change(types.ChangeActionAdd, "NetStack", "AWS::CloudFormation::Stack"), change(types.ChangeActionAdd, "Key", "AWS::KMS::Key"))
	s.set.Nested = map[string]*changeset.Set{"NetStack": {Changes: changes(change(types.ChangeActionAdd, "VPC", "AWS::EC2::VPC"))}}
	p := changeset.ReviewSet(s.set, now, s.given, changeset.Before{}).Plan
	if !p.First || p.Counts.Add != 2 || p.Counts.Replace+p.Counts.Delete > 0 {
		t.Errorf("%+v", p)
	}
	s.set.Nested = nil
	if p := changeset.ReviewSet(s.set, now, s.given, changeset.Before{}).Plan; p.Needs[len(p.Needs)-1] != "incomplete preview" {
		t.Errorf("%+v", p)
	}
}

// TestProperties: paths as people write them, one line a property, places inside values.
func TestProperties(t *testing.T) {
	s := newScene(t)
	path := func(d types.ResourceChangeDetail, path string) types.ResourceChangeDetail {
		return changed(d, func(d *types.ResourceChangeDetail) { d.Target.Path = &path })
	}
	twice := direct("Port", "1", "2", never)
	s.app().Changes = changes(modify("Database", "AWS::RDS::DBCluster",
		path(direct("Policies", "a", "b", never), "/Properties/Policies/0/Policy~1Name"),
		twice, changed(twice, func(d *types.ResourceChangeDetail) {
			d.CausingEntity, d.Target.RequiresRecreation = new("Zone"), types.RequiresRecreationConditionally
		}),
		changed(twice, func(d *types.ResourceChangeDetail) { d.Target.RequiresRecreation = always }),
		direct("Rules", `[{"Action":["a","b"],"Same":1},{"Gone":true}]`, `[{"Action":["b","c"],"Same":1,"New":{"x":2}}]`, never),
		direct("Policy", `{"Action":["a","b"],"Effect":"Deny"}`, `{"Action":["b","a"],"Effect":"Allow"}`, never),
		direct("Order", `["a","b"]`, `["b","a"]`, never), direct("Kind", `{"a":1}`, `["a"]`, never), direct("Text", `{"a":1}`, `{a`, never), direct("Layout", `{"a":1}`, `{"a": 1}`, never),
		direct("Later", "1", afterApply, never), types.ResourceChangeDetail{}))
	want := []report.Property{
		{Path: "Kind", Before: `{"a":1}`, After: `["a"]`},
		{Path: "Later", Before: "1", After: "(known at the execution)"},
		{Path: "Layout", Before: `{"a":1}`, After: `{"a": 1}`},
		{Path: "Order", Before: `["a","b"]`, After: `["b","a"]`},
		{Path: "Policies[0].Policy/Name", Before: "a", After: "b"},
		{Path: "Policy.Action", Before: `["a","b"]`, After: `["b","a"]`},
		{Path: "Policy.Effect", Before: "Deny", After: "Allow"},
		{Path: "Port", Before: "1", After: "2", Forces: "always", Cause: "Zone"},
		{Path: "Rules[0].Action", Before: "a"},
		{Path: "Rules[0].Action", After: "c"},
		{Path: "Rules[0].New", After: `{"x":2}`},
		{Path: "Rules[1]", Before: `{"Gone":true}`},
		{Path: "Text", Before: `{"a":1}`, After: "{a"},
	}
	if diff := cmp.Diff(want, find(t, s.review().Plan, "Database").Properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

// TestLostAnswers: each call that changes something is answered twice, or not at all, and the run goes on to the same end.
func TestLostAnswers(t *testing.T) {
	for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half, simulator.Twice, simulator.Internal, simulator.Throttled} {
		for _, operation := range []string{"CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet"} {
			t.Run(string(kind)+" "+operation, func(t *testing.T) {
				a := newAccount(t, "testdata", nil)
				a.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: operation, Kind: kind, Times: 1})
				a.edit("child.yaml", "RetentionInDays: 30", "RetentionInDays: 60")
				set, err := a.propose(true)
				if err != nil {
					t.Fatal(err)
				}
				ctx := context.Background()
				if operation == "DeleteChangeSet" {
					if err := changeset.Discard(ctx, a.api, a.sim.Clock(), platform, set.Name, false); err != nil {
						t.Fatal(err)
					}
					if names, _, err := changeset.Litter(ctx, a.api, platform, ""); err != nil || len(names) > 0 {
						t.Error("left:", names, err)
					}
					return
				}
				a.execute(set)
			})
		}
	}
}

// TestAgain: the same again is no change, in CloudFormation's own words; a first deployment that is not executed leaves nothing.
func TestAgain(t *testing.T) {
	a := newAccount(t, "testdata", nil)
	a.files["platform.yaml"] = a.files["child.yaml"]
	delete(a.files, "child.yaml")
	set, err := a.propose(true)
	if err != nil {
		t.Fatal(err)
	}
	p := changeset.ReviewSet(set, a.set, a.given, a.before).Plan
	if diff := cmp.Diff([]string{"any change", "delete Child/Logs"}, p.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
}
