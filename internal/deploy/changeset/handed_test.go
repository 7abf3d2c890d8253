package changeset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Of a stack whose template cannot be read nobody can tell anything.
func TestExposeUnread(t *testing.T) {
	var asked []string
	d := deployedRoot(t, "!Ref Plain", "some value", &asked)
	d.Root = nil
	want := changeset.Exposure{Masked: []string{"It"}, Unclear: []string{"It"}, Secrets: []string{"some value"}}
	if diff := cmp.Diff(want, d.Expose()); diff != "" {
		t.Error(diff)
	}
	if got := d.Handed(); len(got) != 0 {
		t.Errorf("learned %v", got)
	}
}

// What mappings hold is not compared with what is asked of them.
func TestExposeMapping(t *testing.T) {
	var asked []string
	d := deployedRoot(t, "!FindInMap [Sizes, small, Bits]", secret, &asked)
	d.Root.Body = []byte(strings.Replace(string(d.Root.Body), "Bits: 8", "Bits: '{{resolve:secretsmanager:s}}'", 1))
	if x := d.Expose(); len(x.Unclear) != 1 {
		t.Errorf("%+v", x)
	}
}

// Templates that refer in circles, which CloudFormation refuses, end.
func TestExposeCircle(t *testing.T) {
	var asked []string
	d := deployedRoot(t, "!GetAtt Net.Outputs.Handed", secret, &asked)
	d.Template = func([]string, string) *source.Template {
		circle, err := source.Parse("net.yaml", []byte(nestedExposing))
		if err != nil {
			t.Fatal(err)
		}
		circle.Outputs["Handed"] = map[string]any{"Value": map[string]any{"Fn::If": []any{"X", map[string]any{"Ref": "Handed"}, map[string]any{"Ref": "Handed"}}}}
		return circle
	}
	d.Root.Resources["Net"].Nested.Parameters["Handed"] = map[string]any{"Fn::Join": []any{"", []any{map[string]any{"Ref": "Password"}, map[string]any{"Fn::GetAtt": []any{"Net", "Outputs.Handed"}}}}}
	if x := d.Expose(); len(x.Masked) != 1 {
		t.Errorf("%+v", x)
	}
}

// A nested stack that is handed a secret by a parameter that is not NoEcho shows it; others are not looked at.
func TestHanded(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*changeset.Deployed)
		want   []string
		asked  []string
	}{
		"shown at two levels": {func(*changeset.Deployed) {}, []string{secret, "key=" + secret, "other-" + secret}, []string{"Net", "Odd", "Odd/Deep", "Net/Deep"}},
		"NoEcho all the way": {func(d *changeset.Deployed) {
			read := d.Template
			d.Template = func(path []string, key string) *source.Template {
				parsed := read(path, key)
				p := parsed.Parameters["Handed"]
				p.NoEcho = true
				parsed.Parameters["Handed"] = p
				return parsed
			}
		}, nil, nil},
		"a template that cannot be read": {func(d *changeset.Deployed) { d.Template = func([]string, string) *source.Template { return nil } }, []string{secret, "key=" + secret, "other-" + secret}, []string{"Net", "Odd"}},
		"values that cannot be read": {func(d *changeset.Deployed) {
			d.Values = func([]string) map[string]string { return nil }
		}, nil, nil},
		"nothing handed": {func(d *changeset.Deployed) {
			delete(d.Root.Resources, "Net")
			delete(d.Root.Resources, "Odd")
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var read, asked []string
			d := deployedRoot(t, "!Ref Plain", "x", &read)
			d.Root.Resources["Odd"].Nested.Parameters = map[string]any{"Handed": "{{resolve:secretsmanager:s}}"}
			d.Values = func(path []string) map[string]string {
				at := strings.Join(path, "/")
				asked = append(asked, at)
				return map[string]map[string]string{"Net": {"Handed": "key=" + secret, "Size": "yes"}, "Odd": {"Handed": "other-" + secret}}[at]
			}
			tt.change(&d)
			got := d.Handed()
			slices.Sort(tt.want)
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error("learned", diff)
			}
			slices.Sort(tt.asked)
			slices.Sort(asked)
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Error("asked", diff)
			}
		})
	}
}
