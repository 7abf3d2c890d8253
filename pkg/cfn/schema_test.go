package cfn

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSchemaParses(t *testing.T) {
	s, err := newSchema("# comment\n\nA::B::C\n\t=Arn s\n\t=Endpoint.Port s\n\t!Name s\n\tList [.Shape\nA::B::C.Shape\n\t!Size i\n" +
		"A::B::CD\n\tMap {[n\nA::B::D.E\n\tX j\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(s.types)); !slices.Equal(got, []string{"A::B::C", "A::B::CD", "A::B::D.E"}) {
		t.Errorf("got types %v", got)
	}
	c := s.of("A::B::C")
	if diff := cmp.Diff(map[string]bool{"Arn": true, "Endpoint.Port": true}, c.attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	root := c.shapes[""]
	if diff := cmp.Diff([][]string{{"Name", "List"}, {"Name"}}, [][]string{root.names, root.required}); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if list := root.properties["List"]; list.kind != "[.Shape" || list.shape() != nil || list.inside().shape() != c.shapes["Shape"] || list.object.required[0] != "Size" {
		t.Errorf("got %+v for List", list)
	}
	if s.of("A::B::C") != c {
		t.Error("type was parsed twice")
	}
	if s.of("A::B") != nil {
		t.Error("a type that does not exist has a schema")
	}
	if got := s.of("A::B::CD").shapes[""].properties["Map"].kind; got != "{[n" {
		t.Errorf("got kind %q for Map", got)
	}
}

func TestCorruptedSchema(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"", "resource schema holds no type"},
		{"# nothing\n\n", "resource schema holds no type"},
		{"A::B::C", "resource schema: line at byte 0 has no end"},
		{"A::B::C\n\tX s", "resource schema: line at byte 8 has no end"},
		{"\tX s\nA::B::C\n", `resource schema: line "\tX s" is not NAME KIND below a type`},
		{"A::B::C\n\t\n", `resource schema: line "\t" is not NAME KIND below a type`},
		{"A::B::C\n\tX\n", `resource schema: line "\tX" is not NAME KIND below a type`},
		{"A::B::C\n\tX \n", `resource schema: line "\tX " is not NAME KIND below a type`},
		{"A::B::C\n\t! s\n", `resource schema: line "\t! s" is not NAME KIND below a type`},
		{"A::B::C\n\t= s\n", `resource schema: line "\t= s" is not NAME KIND below a type`},
	} {
		_, err := newCompiler(row.text, "")
		if err == nil || err.Error() != row.want {
			t.Errorf("%q: got error %v, want %s", row.text, err, row.want)
		}
	}
}

// FuzzSchema: no text makes the parser panic.
func FuzzSchema(f *testing.F) {
	f.Add("A::B::C\n\t!X [.Y\nA::B::C.Y\n\t=Z s\n")
	f.Fuzz(func(_ *testing.T, text string) {
		s, err := newSchema(text)
		if err != nil {
			return
		}
		for name := range s.types {
			s.of(name)
		}
	})
}

func TestNamesParse(t *testing.T) {
	got, err := parseNames("# comment 7\n#comment A 7\n\nA::B::C Name 32\n  D::E::F  Id\t7 \n")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]nameLimit{"A::B::C": {"Name", 32}, "D::E::F": {"Id", 7}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(nameLimit{})); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	for _, line := range []string{"A::B::C Name", "A::B::C Name many", "A::B::C Name 1 2", "A::B::C"} {
		if _, err := newCompiler("A::B::C\n", line+"\n"); err == nil || !strings.HasPrefix(err.Error(), `names: line "`+line) {
			t.Errorf("%q: got error %v", line, err)
		}
	}
}

// TestEmbeddedTextsAgree: each name limit is of a property that the schema has, and each kind of the schema leads to a
// shape that it has.
func TestEmbeddedTextsAgree(t *testing.T) {
	c, err := NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	for name, limit := range c.limits {
		types := c.schema.of(name)
		if types == nil {
			t.Errorf("names.txt: no type %s", name)
		} else if kind := types.shapes[""].properties[limit.property].kind; kind != "s" {
			t.Errorf("names.txt: property %s of %s has kind %q", limit.property, name, kind)
		}
		if limit.longest < 32 {
			t.Errorf("names.txt: %s may have only %d characters", name, limit.longest)
		}
	}
	shapes := 0
	for name := range c.schema.types {
		types := c.schema.of(name)
		for shapeName, shape := range types.shapes {
			shapes++
			if !slices.IsSorted(shape.names) {
				t.Errorf("%s.%s: properties are not sorted", name, shapeName)
			}
			for property, want := range shape.properties {
				if err := wholeKind(want); err != nil {
					t.Errorf("%s.%s: property %s: %v", name, shapeName, property, err)
				}
			}
			if !strings.Contains(c.schema.types[name], "\n"+name+"."+shapeName+"\n") && shapeName != "" {
				t.Errorf("%s: a property has the shape %s, which is not defined", name, shapeName)
			}
		}
	}
	if shapes < 1000 {
		t.Errorf("got %d shapes, want a thousand or more", shapes)
	}
}

func wholeKind(e expectation) error {
	for e.isList() || e.isMap() {
		e = e.inside()
	}
	switch {
	case e.kind == "":
		return errors.New("kind is empty")
	case strings.Contains("sinbj", e.kind) && len(e.kind) == 1, e.shape() != nil:
		return nil
	}
	return errors.New("unknown kind " + e.kind)
}

func TestKindsInWords(t *testing.T) {
	for kind, want := range map[string]string{
		"s": "a string", "i": "an integer", "n": "a number", "b": "true or false", "j": "anything", "": "anything",
		"[s": "a list of a string", "{[n": "a map to a list of a number", ".Tag": "a Tag object", "[j": "a list of anything",
	} {
		if got := (expectation{kind: kind}).words(); got != want {
			t.Errorf("%q: got %q, want %q", kind, got, want)
		}
	}
}

func TestNamesOfWires(t *testing.T) {
	for name, want := range map[string]string{
		"VPC": "Vpc", "VPCID": "Vpcid", "KeyARN": "KeyArn", "ARNOfKey": "ArnOfKey", "key-arn": "KeyArn", "payment_api": "PaymentApi",
		"S3Bucket": "S3Bucket", "a": "A", "aB": "AB", "ABc": "ABc", "HTTPPort": "HttpPort", "-x--y-": "XY", "": "",
		"2nd": "2nd", "A1B": "A1B",
	} {
		if got := camel(name); got != want {
			t.Errorf("camel(%q): got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"Network": "network", "ServicePaymentApi": "service-payment-api", "A": "a", "": "", "Tier2Data": "tier2-data", "vpc": "vpc",
	} {
		if got := kebab(name); got != want {
			t.Errorf("kebab(%q): got %q, want %q", name, got, want)
		}
	}
	for index, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := letters(index); got != want {
			t.Errorf("letters(%d): got %q, want %q", index, got, want)
		}
	}
}
