package rehearsal

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// nestedTwice is a root whose parameter Size gets to resources on each way that there is.
func nestedTwice() fstest.MapFS {
	return fstest.MapFS{
		"platform.yaml": {Data: []byte(`
Parameters: {Size: {Type: Number, Default: 1}, Other: {Type: String, Default: x}}
Conditions: {Big: !Equals [!Ref Size, 9], Huge: !And [!Condition Big, !Equals [a, b]], Odd: !Equals [!Ref Other, y]}
Resources:
  ByReference: {Type: AWS::SNS::Topic, Properties: {DisplayName: [!Ref Size]}}
  BySubstitution: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub 'a ${Size} b'}}
  ByLongSubstitution: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub ['${X}', {X: !Ref Size}]}}
  ByCondition: {Type: AWS::SNS::Topic, Condition: Huge}
  ByChoice: {Type: AWS::SNS::Topic, Properties: {DisplayName: !If [Big, a, b]}}
  ByOutput: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt InnerStack.Outputs.Told}}
  Literal: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub 'a ${!Size} ${Other} b', Tags: {Condition: {Size: 1}}}}
  Untouched: {Type: AWS::SNS::Topic, Condition: Odd, Properties: {DisplayName: !GetAtt InnerStack.Outputs.Silent}}
  InnerStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./inner.yaml, Parameters: {Given: !Ref Size}}}
  SecondStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./second.yaml, Parameters: {Taken: !GetAtt InnerStack.Outputs.Told}}}
  ElsewhereStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://example.com/other.yaml', Parameters: {Given: !Ref Size}}}
`)},
		"inner.yaml": {Data: []byte(`
Parameters: {Given: {Type: String}}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref Given}}
  Topic: {Type: AWS::SNS::Topic}
Outputs: {Told: {Value: !Ref Given}, Silent: {Value: !Ref Topic}}
`)},
		"second.yaml": {Data: []byte(`
Parameters: {Taken: {Type: String}}
Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref Taken}}}
`)},
	}
}

// loaded is a rehearsal of templates with its set.
func loaded(t *testing.T, o Options) (Options, *source.Set) {
	t.Helper()
	o.Roots, o.Simulator = deploy.DefaultRoots(), simulator.New(simulator.Options{})
	if o.Templates == nil {
		o.Templates = os.DirFS("../../golden")
	}
	set, err := source.Load(o.Templates, o.Roots.Platform)
	if err != nil {
		t.Fatal(err)
	}
	return o, set
}

// What a parameter gets to: by each function, through nested stacks and their outputs, and nothing else.
func TestReach(t *testing.T) {
	_, set := loaded(t, Options{Templates: nestedTwice()})
	for parameter, want := range map[string][]string{
		"Size":          {"ByChoice", "ByCondition", "ByLongSubstitution", "ByOutput", "ByReference", "BySubstitution", "Inner/Queue", "Second/Queue"},
		"Other":         {"Literal", "Untouched"},
		"NoSuchOneHere": nil,
	} {
		var got []string
		for _, p := range reachOf(set, parameter) {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", parameter, diff)
		}
	}
}

// A resource to fail is named as people see it or as templates do; what cannot fail in the failing update is refused with the names that can.
func TestFailing(t *testing.T) {
	size := Change{Name: "Size", Update: "2", Failing: "3"}
	golden := func(fail string) Options { return Options{Fail: fail} }
	small := func(fail string) Options { return Options{Fail: fail, Templates: nestedTwice()} }
	for _, tc := range []struct {
		o      Options
		change Change
		want   []string
		says   string
	}{
		{golden(""), DefaultChange, []string{"Cluster"}, ""},
		{golden("Cluster"), DefaultChange, []string{"DataStack/Cluster"}, ""},
		{golden("Data/Cluster"), DefaultChange, []string{"DataStack/Cluster"}, ""},
		{golden("DataStack/Cluster"), DefaultChange, []string{"DataStack/Cluster"}, ""},
		{golden("Clutser"), DefaultChange, nil, `--fail names no resource of platform.yaml and the templates nested in it (found "Clutser"); allowed: Data/Cluster`},
		{golden("cluster"), DefaultChange, nil, `(found "cluster"); allowed: Data/Cluster`},
		{golden("VPC"), DefaultChange, nil, `--fail names a resource that the failing update (DatabaseMaxCapacity=7) does not change (found "VPC"); allowed: Data/Cluster`},
		{golden("DataStack"), DefaultChange, nil, `does not change (found "DataStack")`},
		{golden("/"), DefaultChange, nil, `no resource`},
		{small("Queue"), size, []string{"InnerStack/Queue", "SecondStack/Queue"}, ""},
		{small("Nothing"), size, nil, `allowed: ByChoice, ByCondition, ByLongSubstitution, ByOutput, ByReference, BySubstitution, Inner/Queue, Second/Queue`},
		{small("Queue"), DefaultChange, nil, `allowed: none, as DatabaseMaxCapacity changes no resource of these templates`},
	} {
		o, set := loaded(t, tc.o)
		got, err := o.failing(set, tc.change)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q: %s", tc.o.Fail, diff)
		}
		if tc.says != "" && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%q: %v\nwant %s", tc.o.Fail, err, tc.says)
		}
	}
	many := make([]place, 12)
	for i := range many {
		many[i].logicalID = string(rune('a' + i))
	}
	if got := listed(many); got != "a, b, c, d, e, f, g, h, i, j, …" {
		t.Errorf("twelve names are listed as %q", got)
	}
}

// What a scenario names must be there, and may be named as people see it.
func TestTroubles(t *testing.T) {
	for text, says := range map[string]string{
		"- {stick: PaymentApiService}":                                      "",
		"- {fail: Data/Cluster, times: 1}":                                  "",
		"- {fail: Cluster}":                                                 "",
		"- {slow: ArtifactBucket, after: 1m}":                               "", // of the foundation
		"- {warn: AccessLogBucket, in: Security, code: X}":                  "",
		"- {warn: AccessLogBucket, code: X}":                                "",
		"- {throttle: cloudformation, operation: DescribeStacks, times: 1}": "",
		"- {lose: any, operation: PutObject, times: 1}":                     "",
		"- {lose: s3, times: 1}":                                            "",
		"- {fail: Data/Clutser}":                                            `the scenario names no resource of the templates (found "Data/Clutser"); allowed: Cluster/Cluster, ClusterStack, Data/Cluster`,
		"- {reject: AccessLogBucket, in: Data, code: X}":                    `found "Data/AccessLogBucket"`,
		"- {throttle: cloudformation, operation: DescribeStack}":            `the scenario names an operation that the simulator does not answer (found "cloudformation:DescribeStack"); allowed: CancelUpdateStack, `,
		"- {lose: any, operation: GetObjekt}":                               `(found "GetObjekt"); allowed: operations that`,
	} {
		scenario, err := simulator.ReadScenario("trouble.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o, set := loaded(t, Options{Scenario: scenario})
		if _, err := o.troubles(set); says == "" && err != nil || says != "" && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, says)
		}
	}
}

// Names that cannot be right end a rehearsal before its first step.
func TestRefusedBeforeTheFirstStep(t *testing.T) {
	scenario, err := simulator.ReadScenario("trouble.yaml", []byte("- {stick: Nobody}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{Fail: "Nobody"}, {Scenario: scenario}} {
		o, _ = loaded(t, o)
		var events []report.Event
		o.Environment, o.Reporter = "dev", report.Func(func(e report.Event) { events = append(events, e) })
		if err := Run(t.Context(), o); fault.CodeOf(err) != fault.Usage || len(events) > 0 {
			t.Errorf("%v after %d events", err, len(events))
		}
	}
}

// A scenario that names a resource as people see it acts on it: here in the first step that meets it.
func TestScenarioActs(t *testing.T) {
	for text, want := range map[string]string{
		"- {fail: Data/Database, reason: the disk is full, skip: 0}":        "the disk is full",
		"- {reject: Log, in: Data, code: TAKEN, reason: the name is taken}": "the name is taken",
		"- {throttle: sts}": "step 1",
	} {
		scenario, err := simulator.ReadScenario("trouble.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o, _ := loaded(t, Options{Environment: "dev", Templates: os.DirFS("../deploy/testdata/small"), Scenario: scenario, Change: Change{Name: "Size", Update: "2", Failing: "3"}})
		var said []string
		o.Reporter = report.Func(func(e report.Event) {
			switch e := e.(type) {
			case report.Diagnosis:
				for _, cause := range e.Causes {
					said = append(said, cause.Reason)
				}
			case report.Validation:
				said = append(said, e.Text)
			}
		})
		err = Run(t.Context(), o)
		if known := (*fault.Error)(nil); !errors.As(err, &known) || fault.CodeOf(err) == fault.Usage {
			t.Errorf("%s: it ends with %v", text, err)
			continue
		}
		if !slices.ContainsFunc(append(said, err.Error()), func(text string) bool { return strings.Contains(text, want) }) {
			t.Errorf("%s: %v, said %q", text, err, said)
		}
	}
}
