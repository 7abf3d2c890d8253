package checks

import (
	"testing"

	"gopkg.in/yaml.v3"
)

// valueOfYAML decodes a value as templates are decoded.
func valueOfYAML(t testing.TB, text string) Value {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	decoded, err := (&decoder{}).decode(document.Content[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	return (&Stack{world: &World{}}).resolve(decoded)
}

// The operators of the EventBridge User Guide, "Comparison operators for use in event patterns".
func TestEventMatches(t *testing.T) {
	event := valueOfYAML(t, `{source: aws.x, detail: {name: Alice-1, count: 7, "yes": true, ip: 10.0.0.9, empty: '', list: [a, b], parts: [{kind: p, size: 1}, {kind: q, size: 2}], inner: {deep: v}}}`)
	for pattern, want := range map[string]bool{
		`{source: [aws.x]}`:                                             true,
		`{source: [aws.y, aws.x]}`:                                      true,
		`{source: [aws.y]}`:                                             false,
		`{detail: {absent: [a]}}`:                                       false,
		`{detail: {inner: [v]}}`:                                        false,
		`{detail: {inner: {deep: [v]}}}`:                                true,
		`{detail: {name: {deep: [v]}}}`:                                 false,
		`{detail: {list: [b]}}`:                                         true,
		`{detail: {list: [c]}}`:                                         false,
		`{detail: {count: [7.0]}}`:                                      true,
		`{detail: {count: ['7']}}`:                                      false,
		`{detail: {"yes": [true]}}`:                                     true,
		`{detail: {"yes": ['true']}}`:                                   false,
		`{detail: {empty: ['']}}`:                                       true,
		`{detail: {name: [{prefix: Ali}]}}`:                             true,
		`{detail: {name: [{prefix: ali}]}}`:                             false,
		`{detail: {name: [{prefix: {equals-ignore-case: ALI}}]}}`:       true,
		`{detail: {name: [{prefix: {equals-ignore-case: B}}]}}`:         false,
		`{detail: {count: [{prefix: '7'}]}}`:                            false,
		`{detail: {name: [{suffix: '-1'}]}}`:                            true,
		`{detail: {name: [{suffix: {equals-ignore-case: E-1}}]}}`:       true,
		`{detail: {name: [{suffix: {equals-ignore-case: E-2}}]}}`:       false,
		`{detail: {name: [{equals-ignore-case: ALICE-1}]}}`:             true,
		`{detail: {name: [{equals-ignore-case: ALICE}]}}`:               false,
		`{detail: {name: [{wildcard: 'A*-*'}]}}`:                        true,
		`{detail: {name: [{wildcard: Alice-1}]}}`:                       true,
		`{detail: {name: [{wildcard: 'A*ce*-*1*'}]}}`:                   true,
		`{detail: {name: [{wildcard: 'A*-*x*1'}]}}`:                     false,
		`{detail: {name: [{wildcard: Alice}]}}`:                         false,
		`{detail: {name: [{wildcard: 'A.*'}]}}`:                         false,
		`{detail: {ip: [{cidr: 10.0.0.0/24}]}}`:                         true,
		`{detail: {ip: [{cidr: 10.0.1.0/24}]}}`:                         false,
		`{detail: {name: [{cidr: 10.0.1.0/24}]}}`:                       false,
		`{detail: {ip: [{cidr: x}]}}`:                                   false,
		`{detail: {count: [{numeric: ['>', 5, '<=', 7]}]}}`:             true,
		`{detail: {count: [{numeric: ['>=', 7, '<', 7]}]}}`:             false,
		`{detail: {count: [{numeric: ['=', 7]}]}}`:                      true,
		`{detail: {count: [{numeric: ['=', x]}]}}`:                      false,
		`{detail: {name: [{numeric: ['=', 7]}]}}`:                       false,
		`{detail: {name: [{anything-but: Bob}]}}`:                       true,
		`{detail: {name: [{anything-but: [Bob, Alice-1]}]}}`:            false,
		`{detail: {name: [{anything-but: {prefix: Al}}]}}`:              false,
		`{detail: {absent: [{anything-but: x}]}}`:                       false,
		`{detail: {name: [{exists: true}]}}`:                            true,
		`{detail: {inner: [{exists: true}]}}`:                           false,
		`{detail: {absent: [{exists: false}]}}`:                         true,
		`{detail: {name: [{unheard: of}]}}`:                             false,
		`{detail: {name: [{}]}}`:                                        false,
		`{detail: {parts: {kind: [q], size: [2]}}}`:                     true,
		`{detail: {parts: {kind: [q], size: [1]}}}`:                     false,
		`{detail: {$or: [{count: [1]}, {name: [Alice-1]}]}}`:            true,
		`{detail: {$or: [{count: [1]}, {name: [Bob]}], "yes": [true]}}`: false,
	} {
		if got := eventMatches(valueOfYAML(t, pattern), event); got != want {
			t.Errorf("%s: %t", pattern, got)
		}
	}
}

func TestPatternProblem(t *testing.T) {
	for pattern, want := range map[string]string{
		`{source: [a, 1, true], detail: {a: [{exists: false}], $or: [{b: [1]}, {c: [{cidr: 10.0.0.0/8}]}]}}`:   "",
		`{a: [{prefix: x}, {suffix: {equals-ignore-case: x}}, {wildcard: '*'}, {numeric: ['<', 1, '>=', 0]}]}`: "",
		`{a: [{anything-but: x}, {anything-but: [1, 2]}, {anything-but: {suffix: x}}]}`:                        "",
		`{}`:                               "P: no fields",
		`x`:                                "P: no fields",
		`{a: x}`:                           "P.a: no list of values",
		`{a: []}`:                          "P.a: no list of values",
		`{a: {}}`:                          "P.a: no fields",
		`{a: {b: {c: []}}}`:                "P.a.b.c: no list of values",
		`{a: [[x]]}`:                       "P.a[0]: a list in a list",
		`{a: [{}]}`:                        "P.a[0]: not one operator",
		`{a: [x, {like: y}]}`:              "P.a[1]: an operator that EventBridge does not have: like",
		`{a: [{prefix: ''}]}`:              "P.a[0]: prefix of nothing",
		`{a: [{wildcard: ''}]}`:            "P.a[0]: wildcard of nothing",
		`{a: [{cidr: 1}]}`:                 "P.a[0]: cidr of nothing",
		`{a: [{exists: x}]}`:               "P.a[0]: exists that is neither true nor false",
		`{a: [{numeric: ['>']}]}`:          "P.a[0]: numeric without operator and number",
		`{a: [{numeric: []}]}`:             "P.a[0]: numeric without operator and number",
		`{a: [{numeric: ['', 1]}]}`:        "P.a[0]: numeric without operator and number",
		`{a: [{numeric: ['>', '1']}]}`:     "P.a[0]: numeric without operator and number",
		`{a: [{anything-but: []}]}`:        "P.a[0]: anything-but of nothing",
		`{a: [{anything-but: {like: x}}]}`: "P.a[0]: an operator that EventBridge does not have: like",
		`{$or: [{a: [1]}]}`:                "P.$or: less than two alternatives",
		`{$or: [{a: [1]}, {}]}`:            "P.$or[1]: no fields",
	} {
		at, problem := patternProblem(valueOfYAML(t, pattern), "P")
		got := at + ": " + problem
		if problem == "" {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}
