package source_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

func TestReadValues(t *testing.T) {
	want := map[string]string{"A": "1", "B": "x,y", "C": "", "D": "010"}
	for name, file := range map[string]string{
		"YAML":             "A: 1\nB: [x, y]\nC: ''\nD: 010 # as written\n",
		"JSON":             "{\n\t\"A\": 1, \"B\": [\"x\", \"y\"], \"C\": \"\", \"D\": \"010\"}",
		"the command line": `[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "x,y"}, {"ParameterKey": "C", "ParameterValue": ""}, {"ParameterKey": "D", "ParameterValue": "010"}]`,
	} {
		got, err := source.ReadValues("dev.yaml", []byte(file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(source.Values{Origin: "dev.yaml", ByName: want}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, empty := range []string{"", "# nothing\n", "null", "{}", "[]"} {
		if got, err := source.ReadValues("dev.yaml", []byte(empty)); err != nil || len(got.ByName) != 0 {
			t.Errorf("%q: %v, %v", empty, got, err)
		}
	}
}

func TestNoParameterFile(t *testing.T) {
	for file, says := range map[string]string{
		"A: [":                      "line 1",
		"hello":                     "neither a map nor a list",
		"A: 1\nA: canary":           `line 2: key "A" stands twice`,
		`{"A": "1", "A": "canary"}`: `key "A" stands twice`,
		"A: 1\n---\nB: canary":      "more than one document",
		"A:":                        "A: it has no value",
		"A: {b: canary}":            "A: a map is no parameter value",
		"A: [{b: canary}]":          "A: a list of anything but texts",
		"A: !Ref canary":            "A: a map is no parameter value",
		"- B: canary":               "item 1 has no ParameterKey",
		"- canary":                  "item 1 has no ParameterKey",
		"- {ParameterKey: A}":       "A: it has no value",
		"- {ParameterKey: A, ParameterValue: {b: canary}}":                                                     "A: a map",
		"[{ParameterKey: A, ParameterValue: '1'}, {ParameterKey: A, ParameterValue: canary}]":                  "item 2: A stands twice",
		`[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": "canary"}]`: "A: it has no value",
	} {
		_, err := source.ReadValues("dev.yaml", []byte(file))
		refused(t, err, "dev.yaml is no parameter file", says, "!canary")
	}
}

func TestParseFlag(t *testing.T) {
	if name, value, err := source.ParseFlag(1, "A=b=c"); name != "A" || value != "b=c" || err != nil {
		t.Errorf("%s, %s, %v", name, value, err)
	}
	if _, value, err := source.ParseFlag(1, "A="); value != "" || err != nil {
		t.Error(err)
	}
	for position, flag := range map[string]string{"1st": "canary", "2nd": "=canary", "3rd": "", "4th": "Canary1", "11th": "canary", "23rd": "=canary"} {
		at, _ := strconv.Atoi(strings.TrimRight(position, "dhnrst"))
		_, _, err := source.ParseFlag(at, flag)
		refused(t, err, "the "+position+" -p has no ", "NAME=VALUE", "!canary", "!Canary")
	}
	_, _, err := source.ParseFlag(3, "PaymentApiCount")
	refused(t, err, "the 3rd -p has no value", "PaymentApiCount")
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		parameter   source.Parameter
		good, wrong []string
		allowed     string
	}{
		{source.Parameter{Type: "String"}, []string{"", "anything", strings.Repeat("x", 4096)}, []string{strings.Repeat("x", 4097), strings.Repeat("é", 2049)}, "at most 4096 bytes"},
		{source.Parameter{Type: "String", AllowedValues: []string{"a", "b"}}, []string{"a"}, []string{"c", "", "a,b"}, "a, b"},
		{source.Parameter{Type: "String", AllowedPattern: "[a-z]+"}, []string{"abc"}, []string{"ABC", "abc1", ""}, "values that match [a-z]+"},
		{source.Parameter{Type: "String", AllowedPattern: "a|b"}, []string{"a", "b"}, []string{"ax", "xb"}, "values that match a|b"},
		{source.Parameter{Type: "String", AllowedPattern: `(?!x)\w+`}, []string{"abc", "x"}, nil, ""},
		{source.Parameter{Type: "String", MinLength: "2", MaxLength: "3"}, []string{"ab", "éé", "abc"}, []string{"a"}, "at least 2 characters"},
		{source.Parameter{Type: "String", MaxLength: "3"}, []string{"", "ééé"}, []string{"abcd"}, "at most 3 characters"},
		{source.Parameter{Type: "Number", MinValue: "0.5", MaxValue: "9"}, []string{"0.5", "9", "5", "1e0", "+7", ".5", "7."}, []string{"0.4", "-1"}, "at least 0.5"},
		{source.Parameter{Type: "Number", MaxValue: "9"}, []string{"-7"}, []string{"10"}, "at most 9"},
		{source.Parameter{Type: "Number"}, []string{"7"}, []string{"", "seven", "NaN", "Inf", "0x10", "1_000", " 1"}, "a number"},
		{source.Parameter{Type: "List<Number>", MaxValue: "9"}, []string{"7", "7, 8"}, []string{"7,10"}, "at most 9"},
		{source.Parameter{Type: "CommaDelimitedList", AllowedValues: []string{"a", "b"}}, []string{"a", "a, b"}, []string{"a,c"}, "a, b"},
		{source.Parameter{Type: "String", AllowedPattern: "a+", ConstraintDescription: "some a"}, []string{"aa"}, []string{"b"}, "some a"},
	} {
		c.parameter.Name = "P"
		for _, value := range c.good {
			if err := c.parameter.Check(value); err != nil {
				t.Errorf("%+v: %v", c.parameter, err)
			}
		}
		for _, value := range c.wrong {
			refused(t, c.parameter.Check(value), "parameter P does not take this value", "allowed: "+c.allowed)
		}
	}
	secret := source.Parameter{Name: "P", Type: "String", NoEcho: true, AllowedPattern: "x"}
	refused(t, secret.Check("canary"), "P", "!canary")
}

// root is a root template.
func root(t *testing.T, parameters string) *source.Template {
	t.Helper()
	parsed, err := source.Parse("root.yaml", []byte("Metadata: {AWS::CloudFormation::Interface: {ParameterGroups: [{Label: {default: Set by the deploy command}, Parameters: [Suffix, ApiImageDigest, Colour]}]}}\nParameters:\n"+parameters+topic))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

const parameters = `  Suffix: {Type: String, MaxLength: 3}
  ApiImageDigest: {Type: String}
  Colour: {Type: String, Default: blue}
  Cidr: {Type: String, AllowedPattern: '[0-9.]+', Description: an address range}
  Size: {Type: Number, Default: 1, AllowedValues: [1, 2]}
  Password: {Type: String, NoEcho: true, Default: none}
`

func layer(mayOwn bool, pairs ...string) source.Values {
	v := source.Values{Origin: "dev.yaml", ByName: map[string]string{}, MayOwn: mayOwn}
	for i := 0; i < len(pairs); i += 2 {
		v.ByName[pairs[i]] = pairs[i+1]
	}
	return v
}

func TestResolve(t *testing.T) {
	r := root(t, parameters)
	own := layer(true, "Suffix", "dev", "ApiImageDigest", "sha256:1")
	for _, c := range []struct {
		name   string
		stack  []string
		layers []source.Values
		want   map[string]source.Given
	}{
		{"a first deployment", nil, []source.Values{layer(false, "Cidr", "10.0", "Password", "p"), own},
			map[string]source.Given{"Suffix": {Value: "dev"}, "ApiImageDigest": {Value: "sha256:1"}, "Colour": {Value: "blue"}, "Cidr": {Value: "10.0"}, "Size": {Value: "1"}, "Password": {Value: "p", Secret: true}}},
		{"later layers win", nil, []source.Values{layer(false, "Cidr", "10.0", "Size", "1"), layer(false, "Size", "2"), own},
			map[string]source.Given{"Suffix": {Value: "dev"}, "ApiImageDigest": {Value: "sha256:1"}, "Colour": {Value: "blue"}, "Cidr": {Value: "10.0"}, "Size": {Value: "2"}, "Password": {Value: "none", Secret: true}}},
		{"an update keeps what is the command's own or secret", []string{"Suffix", "ApiImageDigest", "Colour", "Cidr", "Size", "Password"}, []source.Values{layer(false, "Cidr", "10.0")},
			map[string]source.Given{"Suffix": {Previous: true}, "ApiImageDigest": {Previous: true}, "Colour": {Previous: true}, "Cidr": {Value: "10.0"}, "Size": {Value: "1"}, "Password": {Previous: true, Secret: true}}},
		{"a parameter that the stack does not have yet", []string{"Suffix", "ApiImageDigest"}, []source.Values{layer(false, "Cidr", "10.0")},
			map[string]source.Given{"Suffix": {Previous: true}, "ApiImageDigest": {Previous: true}, "Colour": {Value: "blue"}, "Cidr": {Value: "10.0"}, "Size": {Value: "1"}, "Password": {Value: "none", Secret: true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := source.Resolve(r, c.stack, c.layers...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResolveSaysAllThatIsWrongAtOnce(t *testing.T) {
	r := root(t, parameters)
	_, err := source.Resolve(r, nil, layer(false, "Suffix", "dev", "Nothing", "x", "Size", "3"))
	refused(t, err,
		`dev.yaml gives a parameter that the deploy command sets itself (found "Suffix"); allowed: Cidr, Password, Size`,
		`dev.yaml gives a parameter that root.yaml does not have (found "Nothing"); allowed: Cidr, Password, Size`,
		`dev.yaml: parameter Size does not take this value (found "3"); allowed: 1, 2`,
		"parameter ApiImageDigest of root.yaml has no value", "a first deployment takes --image NAME@sha256:… for it",
		"parameter Cidr of root.yaml has no value; allowed: an address range; add it to the parameter file, or give -p Cidr=VALUE",
		"parameter Suffix of root.yaml has no value")
	_, err = source.Resolve(r, nil, layer(true, "Suffix", "long"))
	refused(t, err, "at most 3 characters")
	wanting := root(t, "  A: {Type: String, ConstraintDescription: some a}\n  B: {Type: String, AllowedValues: [x, y]}\n")
	_, err = source.Resolve(wanting, nil)
	refused(t, err, "parameter A of root.yaml has no value; allowed: some a", "parameter B of root.yaml has no value; allowed: x, y")
}

func TestASecretInAParameterIsRefused(t *testing.T) {
	const key, pem, hub = "AKIAIOSFODNN7EXAMPLE", "-----BEGIN RSA PRIVATE KEY-----", "ghp_0123456789abcdefghij0123456789abcdef"
	for _, c := range []struct {
		name, typ, value string
		refused          bool
	}{
		{"DbPassword", "String", "canary", true}, {"Password", "String", "canary", true}, {"GithubToken", "String", "canary", true}, {"ClientSecret", "String", "canary", true},
		{"APIKey", "String", "canary", true}, {"DBPasswd", "String", "canary", true}, {"SecretAccessKey", "String", "canary", true}, {"Tokens", "String", "x", false},
		{"MasterPasswordValue", "String", "canary", true}, {"Credentials", "CommaDelimitedList", "canary", true},
		{"Note", "String", "canary " + key, true}, {"Note", "String", pem + " canary", true}, {"Note", "String", hub, true}, {"Note", "CommaDelimitedList", "a,xoxb-1234567890", true},
		{"SecretArn", "String", key, true},
		{"DbPassword", "String", "", false}, {"DbPassword", "String", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db", false}, {"DbPassword", "String", "{{resolve:secretsmanager:db}}", false},
		{"DbPassword", "String, NoEcho: true", "canary", false}, {"Note", "String, NoEcho: true", key, false}, {"DbPassword", "AWS::SSM::Parameter::Value<String>", "/db/password", false},
		{"PasswordLength", "String", "32", false}, {"SecretArn", "String", "x", false}, {"SecretName", "String", "x", false}, {"TokenEndpoint", "String", "x", false}, {"SecretsRotation", "String", "x", false},
		{"Token", "Number", "3", false}, {"Secret", "String, AllowedValues: [on, off]", "on", false}, {"AuditArchiveKeyArn", "String", "x", false}, {"KeyName", "String", "x", false}, {"Note", "String", "AKIA", false},
	} {
		t.Run(fmt.Sprint(c.name, " ", c.typ, " ", c.value), func(t *testing.T) {
			r := root(t, fmt.Sprintf("  %s: {Type: %s}\n", c.name, c.typ))
			_, err := source.Resolve(r, nil, layer(false, c.name, c.value))
			byDefault := root(t, fmt.Sprintf("  %s: {Type: %s, Default: %q}\n", c.name, c.typ, c.value))
			_, defaulted := source.Resolve(byDefault, nil)
			if !c.refused {
				if err != nil || defaulted != nil {
					t.Error(err, defaulted)
				}
				return
			}
			refused(t, err, "dev.yaml: parameter "+c.name+" would show a secret", "Secrets Manager", "!"+c.value, "!canary", "!"+key, "!"+hub)
			refused(t, defaulted, "the default in root.yaml: parameter "+c.name+" would show a secret", "!"+c.value)
		})
	}
}

func TestFingerprint(t *testing.T) {
	a := map[string]source.Given{"A": {Value: "1"}, "B": {Value: "canary", Secret: true}}
	if source.Fingerprint(a) != source.Fingerprint(map[string]source.Given{"B": {Value: "canary", Secret: true}, "A": {Value: "1"}}) {
		t.Error("the order of names matters")
	}
	if print := source.Fingerprint(a); print == source.Fingerprint(map[string]source.Given{"A": {Value: "2"}}) || strings.Contains(print, "canary") {
		t.Error(print)
	}
}

func FuzzReadValues(f *testing.F) {
	for _, seed := range []string{"A: 1\nB: [x, y]\n", `[{"ParameterKey": "A", "ParameterValue": "1"}]`, `{"A": {"b": 1}}`, "A: &x 1\nB: *x", "\xff", "- - -"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := source.ReadValues("dev.yaml", data); err != nil && fault.CodeOf(err) != fault.Usage {
			t.Errorf("not an error of usage: %v", err)
		}
	})
}
