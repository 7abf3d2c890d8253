package checks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// big is a rule for tests: every T is big. Not knowing is no fault of it.
var bigRule = Rule{ID: "TST001", Title: "Every T is big", Severity: Low, Check: func(w *World, l *Looking) {
	for _, r := range w.OfType("T") {
		l.Look()
		switch size := r.At("Size"); {
		case size.Unknown() != "", size.String() == "big":
		case size.String() == "dynamic":
			l.Unsure(r, "Size", "big", "dynamic")
		default:
			l.FailUnlessExcused(r, "Size", size, "big", "make it big")
		}
	}
}}

// A rule that passes what it does not know is asked again for each way that conditions may turn out.
func TestUndecidedConditions(t *testing.T) {
	const head = `
Parameters: {P: {Type: String}, Q: {Type: String}, Known: {Type: String, Default: 'yes'}}
Conditions:
  P: !Equals [!Ref P, 'yes']
  NotP: !Not [!Condition P]
  Q: !Equals [!Ref Q, 'yes']
  Both: !And [!Condition P, !Condition Q]
  Never: !And [!Condition P, !Condition NotP]
  Known: !Equals [!Ref Known, 'yes']
Resources:
  A: {Type: T`
	tests := map[string]struct {
		resource string
		want     Outcome
		reason   string
	}{
		"decided":                    {", Properties: {Size: !If [Known, big, small]}}", Pass, ""},
		"either is good":             {", Properties: {Size: !If [P, big, big]}}", Pass, ""},
		"one is not":                 {", Properties: {Size: !If [P, big, small]}}", Unsure, "where t P is false"},
		"the other is not":           {", Properties: {Size: !If [P, small, big]}}", Unsure, "where t P is true"},
		"one is not known":           {", Properties: {Size: !If [P, big, dynamic]}}", Unsure, "where t P is false: dynamic"},
		"one is excused":             {", Metadata: {Exemptions: {Size: for a test}}, Properties: {Size: !If [P, big, small]}}", Pass, ""},
		"one by way of another":      {", Properties: {Size: !If [NotP, small, big]}}", Unsure, "where t P is false"},
		"two together":               {", Properties: {Size: !If [Both, small, big]}}", Unsure, "where t P is true and t Q is true"},
		"two that exclude the other": {", Properties: {Size: !If [P, !If [NotP, small, big], big]}}", Pass, ""},
		"what never is":              {", Properties: {Size: !If [Never, small, big]}}", Pass, ""},
		"a resource that may be":     {", Condition: P, Properties: {Size: small}}", Fail, ""},
		"a value that may be left":   {", Properties: {Size: !If [P, big, !Ref AWS::NoValue]}}", Unsure, "where t P is false"},
		"no such condition":          {", Properties: {Size: !If [Nobody, big, small]}}", Unsure, "where t Nobody is false"},
	}
	for name, tt := range tests {
		w := worldOf(t, nil, map[string]string{"t.yaml": head + tt.resource + "\n"})
		result := Verify(w, []Rule{bigRule})[0]
		reason := ""
		for _, f := range result.Findings {
			reason += f.Reason
		}
		if result.Outcome != tt.want || reason != tt.reason && tt.want == Unsure {
			t.Errorf("%s: %s %q, want %s %q", name, result.Outcome, reason, tt.want, tt.reason)
		}
	}
}

// An exemption excuses what conditions may bring as it excuses what is there.
func TestUndecidedIsExempt(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"t.yaml": "Resources: {A: {Type: T, Properties: {Size: !If [P, big, small]}}}\n"})
	if got := Verify(w, []Rule{bigRule}, Exemption{Rule: "TST001", Reason: "a test"})[0]; got.Outcome != Pass {
		t.Errorf("%+v", got)
	}
}

// A condition of a nested stack is open in each instance by itself; a template that conditions choose is followed both ways.
func TestUndecidedInNestedStacks(t *testing.T) {
	w := worldOf(t, nil, map[string]string{
		"root.yaml": `
Parameters: {P: {Type: String}}
Conditions: {Small: !Equals [!Ref P, small]}
Resources:
  One: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Size: big}}}
  Two: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Size: !Ref P}}}
  Three: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !If [Small, small.yaml, big.yaml]}}
  Four: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: big.yaml, Parameters: !If [Small, {Size: small}, {}]}}
`,
		"child.yaml": "Parameters: {Size: {Type: String}}\nConditions: {Big: !Equals [!Ref Size, big]}\nResources: {A: {Type: T, Properties: {Size: !If [Big, big, huge]}}}\n",
		"small.yaml": "Resources: {A: {Type: T, Properties: {Size: small}}}\n",
		"big.yaml":   "Parameters: {Size: {Type: String, Default: big}}\nResources: {A: {Type: T, Properties: {Size: !Ref Size}}}\n",
	})
	if diff := cmp.Diff([]string{"root", "root/One", "root/Two", "root/Three", "root/Four"}, paths(w)); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, f := range Verify(w, []Rule{bigRule})[0].Findings {
		got = append(got, fmt.Sprint(f.Template, " ", f.Found, " ", f.Reason))
	}
	want := []string{"big.yaml small where root Small is true and root/Two Big is true", "small.yaml small where root Small is true and root/Two Big is true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Where conditions can turn out in too many ways, a rule that has subjects does not pass; one without has nothing to judge.
func TestTooManyUndecided(t *testing.T) {
	var conditions, values strings.Builder
	for i := range 6 {
		fmt.Fprintf(&conditions, "  C%d: !Equals [!Ref P%d, x]\n", i, i)
		fmt.Fprintf(&values, " V%d: !If [C%d, a, b],", i, i)
	}
	text := "Conditions:\n" + conditions.String() + "Resources: {A: {Type: %s, Properties: {Size: big," + values.String() + "}}}\n"
	w := worldOf(t, nil, map[string]string{"t.yaml": fmt.Sprintf(text, "T")})
	result := Verify(w, []Rule{bigRule})[0]
	if len(result.Findings) != 1 || result.Outcome != Unsure || !strings.Contains(result.Findings[0].Reason, "in more than 16 ways") {
		t.Errorf("%+v", result)
	}
	if n := len(w.decidedWorlds()); n != maxDecided {
		t.Errorf("%d worlds", n)
	}
	w = worldOf(t, nil, map[string]string{"t.yaml": fmt.Sprintf(text, "U")})
	if got := Verify(w, []Rule{bigRule})[0].Outcome; got != NotApplicable {
		t.Error(got)
	}
}

// Several worlds are judged in order, and the first that cannot be made is the error.
func TestVerifyEach(t *testing.T) {
	sized := func(size string) func() (*World, error) {
		return func() (*World, error) {
			set, err := loadText(map[string]string{size + ".yaml": "Resources: {A: {Type: T, Properties: {Size: " + size + "}}}\n"})
			if err != nil {
				return nil, err
			}
			return Deploy(set, Environment{}), nil
		}
	}
	var worlds []func() (*World, error)
	for i := range 9 {
		worlds = append(worlds, sized([]string{"big", "small"}[i%2]))
	}
	results, err := VerifyEach(worlds, []Rule{bigRule})
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range results {
		if want := []Outcome{Pass, Fail}[i%2]; len(result) != 1 || result[0].Outcome != want {
			t.Errorf("%d: %+v, want %s", i, result, want)
		}
	}
	worlds[3], worlds[5] = sized("[}"), sized("]")
	if _, err := VerifyEach(worlds, []Rule{bigRule}); err == nil || !strings.HasPrefix(err.Error(), "[}.yaml: ") {
		t.Errorf("error %v", err)
	}
}
