package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func number(text string) Value { return Value{kind: numberValue, text: text} }

func TestValueAt(t *testing.T) {
	v := mapOf(map[string]Value{
		"Name": Text("x"), "Tags": listOf([]Value{mapOf(map[string]Value{"Key": Text("k")}), Unknown("why")}),
		"rds.force_ssl": Text("1"), "a": mapOf(map[string]Value{"b.c[0]": Text("2"), "b": Text("3")}), "x.y": Text("4"), "x": Text("5"), "Hidden": Unknown("secret"),
	})
	tests := map[string]string{
		"": v.Show(), "Name": "x", "Name[0]": "x", "Name[1]": "nothing", "Tags[0].Key": "k", "Tags[1].Key": "unknown (why)", "Tags[2]": "nothing", "Tags[-1]": "nothing",
		"Tags[x]": "nothing", "Tags[": "nothing", "rds.force_ssl": "1", "a.b.c[0]": "2", "x.y": "4", "x": "5", "a.b": "3", "a.c": "nothing", "Missing.At.All": "nothing", "Hidden.x[3]": "unknown (secret)",
		".": "nothing", "..": "nothing", "[0].Name": "x",
	}
	for path, want := range tests {
		if got := v.At(path).Show(); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
	if v.Field("rds.force_ssl").String() != "1" || v.Field("none").Exists() || v.Field("Hidden").Field("x").Unknown() != "secret" {
		t.Error("Field")
	}
}

func TestValueScalars(t *testing.T) {
	tests := []struct {
		v       Value
		n       int
		isInt   bool
		f       float64
		isFloat bool
		isTrue  bool
		size    int
	}{
		{Text("30"), 30, true, 30, true, false, 1},
		{number("30.0"), 30, true, 30, true, false, 1},
		{number("3e1"), 30, true, 30, true, false, 1},
		{number("0.5"), 0, false, 0.5, true, false, 1},
		{number("1e300"), 0, false, 1e300, true, false, 1},
		{Text("True"), 0, false, 0, false, true, 1},
		{truth(true), 0, false, 0, false, true, 1},
		{Unknown("30"), 0, false, 0, false, false, 1},
		{Value{}, 0, false, 0, false, false, 1},
		{Text(strings.Repeat("x", 640)), 0, false, 0, false, false, 11},
		{listOf([]Value{Text("1"), mapOf(map[string]Value{"a": Text("1")})}), 0, false, 0, false, false, 4},
	}
	for _, tt := range tests {
		n, isInt := tt.v.Int()
		f, isFloat := tt.v.Float()
		if isInt != tt.isInt || isInt && n != tt.n || isFloat != tt.isFloat || isFloat && f != tt.f || tt.v.True() != tt.isTrue || tt.v.size() != tt.size {
			t.Errorf("%s: %d %v %g %v %v %d", tt.v.Show(), n, isInt, f, isFloat, tt.v.True(), tt.v.size())
		}
	}
}

func TestValueLists(t *testing.T) {
	list := listOf([]Value{Text("a"), Unknown("why"), number("1"), listOf(nil)})
	if diff := cmp.Diff([]string{"a", "1"}, list.Texts()); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct {
		v    Value
		want int
	}{{list, 4}, {Text("a"), 1}, {Unknown("x"), 1}, {mapOf(nil), 1}, {Value{}, 0}} {
		if got := len(tt.v.List()); got != tt.want {
			t.Errorf("%s: %d items", tt.v.Show(), got)
		}
	}
	if list.anyUnknown() != "why" || mapOf(map[string]Value{"a": list}).anyUnknown() != "why" || mapOf(map[string]Value{"a": Text("x")}).anyUnknown() != "" {
		t.Error("anyUnknown")
	}
}

func TestValueShow(t *testing.T) {
	v := mapOf(map[string]Value{"b": listOf([]Value{Text("x"), Value{}}), "a": Unknown("why")})
	if got, want := v.Show(), "{a: unknown (why), b: [x, nothing]}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	long := listOf([]Value{Text(strings.Repeat("é", 300)), Text("end"), v})
	if got := long.Show(); len(got) > maxShown+3 || !strings.HasSuffix(got, "é…") || strings.Contains(got, "end") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
