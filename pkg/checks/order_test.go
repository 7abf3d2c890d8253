package checks

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaces(t *testing.T) {
	w := Deploy(mustLoad(t, map[string]string{"a.yaml": nestedT, "a.json": `{"Resources": {"R": {"Type": "T", "Properties": {"Name": {"Ref": "AWS::URLSuffix"}}}}}`}), Environment{Partition: "aws-cn", Region: "cn-north-1", AccountID: "1"})
	if diff := cmp.Diff([]string{"a", "a.yaml"}, paths(w)); diff != "" {
		t.Error(diff)
	}
	r := w.OfType("T")[0]
	if r.Where() != "a.json R" || r.Identity() != "<a/R>" || r.At("Name").String() != "amazonaws.com.cn" {
		t.Error(r.Where(), r.Identity(), r.At("Name"))
	}
	w = worldOf(t, nil, map[string]string{"t.yaml": `Conditions: {Always: !Equals [a, a], Never: !Equals [a, b], Open: !Equals [!ImportValue x, b]}
Resources:
  R:
    Type: T
    DeletionPolicy: Delete
    Properties:
      Type: x
      Parameters:
        a.b: 1
        a: 2
      List:
        - !If
          - Never
          - Key: 1
          - Key: 2
        - Key: 3
      Open: !If
        - Open
        - Key: 1
        - Key: 2
      Chosen: !If
        - Always
        - Key: 1
        - Key: 2
`})
	r = w.OfType("T")[0]
	lines := map[string]int{"": 7, "Missing": 7, "Type": 7, "DeletionPolicy": 5, "UpdateReplacePolicy": 4, "Parameters.a.b": 9, "Parameters.a": 10, "Parameters.c": 9,
		"List[0].Key": 15, "List[1].Key": 16, "List[2].Key": 12, "List.x": 12, "Open.Key": 17, "Chosen.Key": 23, "List[x]": 12}
	for _, path := range slices.Sorted(maps.Keys(lines)) {
		if got := r.Line(path); got != lines[path] {
			t.Errorf("%q is on line %d, want %d", path, got, lines[path])
		}
	}
}

func mustLoad(t *testing.T, files map[string]string) *Set {
	t.Helper()
	set, err := loadText(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestOrder: what is there before a resource is created, within and across stacks.
func TestOrder(t *testing.T) {
	w := worldOf(t, nil, map[string]string{
		"root.yaml": `
Resources:
  First: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: one.yaml}}
  Second: {Type: AWS::CloudFormation::Stack, DependsOn: First, Properties: {TemplateURL: two.yaml}}
`,
		"one.yaml": "Resources:\n  A: {Type: A}\n",
		"two.yaml": `
Resources:
  B: {Type: B}
  C: {Type: C, Properties: {X: !If [Never, !Ref B, !Sub ['${Y}${Z}', {Z: z}]], Y: !Sub '${!D}${C}'}}
  D: {Type: D, DependsOn: [C, D, Nobody], Properties: {X: !GetAtt [C, Arn]}}
`})
	one := func(kind string) *Resource { return w.OfType(kind)[0] }
	for _, tt := range []struct {
		r, other string
		want     bool
	}{{"B", "A", true}, {"C", "B", true}, {"D", "B", true}, {"A", "B", false}, {"B", "C", false}, {"C", "D", false}, {"D", "A", true}, {"D", "D", false}} {
		if got := w.waits(one(tt.r), one(tt.other)); got != tt.want {
			t.Errorf("%s waits for %s: %v", tt.r, tt.other, got)
		}
	}
}
