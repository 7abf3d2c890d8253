package costs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// replaced is a data file with something else in one place.
func replaced(t *testing.T, data []byte, old, replacement string) []byte {
	t.Helper()
	if !strings.Contains(string(data), old) {
		t.Fatalf("there is no %q", old)
	}
	return []byte(strings.Replace(string(data), old, replacement, 1))
}

// A price list that makes no sense is refused, with key, value and what is allowed.
func TestBadPrices(t *testing.T) {
	for _, tc := range []struct{ old, replacement, want string }{
		{"usd: 0.04048", "usd: -1", "mine.yaml: price fargate-vcpu: usd is -1: it must be more than 0, and at most a million"},
		{"usd: 0.04048", "usd: .nan", "mine.yaml: price fargate-vcpu: usd is NaN: it must be"},
		{"usd: 0.04048", "usd: .inf", "mine.yaml: price fargate-vcpu: usd is +Inf: it must be"},
		{"usd: 0.04048", "usd: cheap", "cannot unmarshal !!str `cheap` into float64"},
		{"usd: 0.04048", "price: 0.04048", "field price not found in type costs.Price"},
		{"unit: vCPU-hour", "unit: ''", "mine.yaml: price fargate-vcpu: unit is empty: it must be a text"},
		{"what: Fargate vCPU, Linux on X86, on demand", "what: ''", "mine.yaml: price fargate-vcpu: what is empty: it must be a text"},
		{"source: https://aws.amazon.com/fargate/pricing/", "source: fargate", `mine.yaml: price fargate-vcpu: source is "fargate": it must be the https:// address of a page`},
		{"seen: 2026-09-20", "seen: lately", `mine.yaml: price fargate-vcpu: seen is "lately": it must be a day such as 2026-01-31`},
		{"note: from memory", "note: ''", "mine.yaml: price stream-decompression: verified is false and note is empty: it must say why"},
		{"compiled: 2026-11-23", "compiled: ''", `mine.yaml: compiled is "": it must be a day such as 2026-01-31`},
		{"region: us-east-1", "region: ''", "mine.yaml: region is empty: it must be a text"},
		{"id: fargate-memory", "id: fargate-vcpu", "mine.yaml: price fargate-vcpu stands twice"},
		{"id: fargate-memory", "id: fargate-ram", "mine.yaml: price fargate-memory is missing"},
		{"id: fargate-memory", "id: fargate-ram", "mine.yaml: price fargate-ram is not known: it must be one of fargate-vcpu, fargate-memory, "},
	} {
		list, err := ReadPrices("mine.yaml", replaced(t, pricesText, tc.old, tc.replacement))
		if err == nil || !strings.Contains(err.Error(), tc.want) || list.Prices != nil {
			t.Errorf("%s: %v instead of %s", tc.replacement, err, tc.want)
		}
	}
}

// Assumptions that make no sense are refused, with name, value and what is allowed.
func TestBadAssumptions(t *testing.T) {
	for _, tc := range []struct{ old, replacement, want string }{
		{"environments: [dev, prod]", "environments: []", "mine.yaml: environments is empty: it must name at least one"},
		{"environments: [dev, prod]", "environments: [dev, prod, qa]", "mine.yaml: assumption requests: values has no qa"},
		{"environments: [dev, prod]", "environments: [dev]", "mine.yaml: assumption requests: values has prod: it must be one of dev"},
		{"values: {dev: 0.5, prod: 50}", "values: {dev: -1, prod: 50}", "mine.yaml: assumption requests is -1: it must be from 0 to 1e+09"},
		{"values: {dev: 0, prod: 0.1}", "values: {dev: 0, prod: 1.1}", "mine.yaml: assumption task_scaling is 1.1: it must be from 0 to 1"},
		{"values: {dev: 0.5, prod: 50}", "values: {dev: 0.5, prod: .nan}", "mine.yaml: assumption requests is NaN: it must be from 0 to 1e+09"},
		{"unit: million", "unit: ''", "mine.yaml: assumption requests: unit is empty: it must be a text"},
		{"name: connections", "name: requests", "mine.yaml: assumption requests stands twice"},
		{"name: connections", "name: conections", "mine.yaml: assumption connections is missing"},
		{"name: connections", "name: conections", "mine.yaml: assumption conections is not known: it must be one of requests, "},
		{"name: connections", "nam: connections", "field nam not found in type costs.Assumption"},
	} {
		a, err := ReadAssumptions("mine.yaml", replaced(t, assumptionsText, tc.old, tc.replacement))
		if err == nil || !strings.Contains(err.Error(), tc.want) || a.List != nil {
			t.Errorf("%s: %v instead of %s", tc.replacement, err, tc.want)
		}
	}
}

// An assumption is changed by name, for all environments, and the others stay as they are.
func TestSetAssumption(t *testing.T) {
	before, err := DefaultAssumptions()
	if err != nil {
		t.Fatal(err)
	}
	after, err := before.Set("flow_log_gb=7")
	if err != nil {
		t.Fatal(err)
	}
	for _, environment := range before.Environments {
		old, _ := before.Of(environment)
		changed, _ := after.Of(environment)
		if old.logGB("log-flow-x") == 7 || changed.logGB("log-flow-x") != 7 || changed.of("requests") != old.of("requests") {
			t.Errorf("%s: %v, then %v", environment, old.logGB("log-flow-x"), changed.logGB("log-flow-x"))
		}
	}
	for text, want := range map[string]string{
		"requests":       `assumption "requests": it must be NAME=VALUE with a number`,
		"requests=many":  `assumption "requests=many": it must be NAME=VALUE with a number`,
		"request=1":      `there is no assumption "request": it must be one of requests, connections, `,
		"compression=2":  "assumption compression is 2: it must be from 0 to 1",
		"requests=-0.01": "assumption requests is -0.01: it must be from 0 to 1e+09",
	} {
		if _, err := before.Set(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v instead of %s", text, err, want)
		}
	}
	if _, err := before.Of("qa"); err == nil || err.Error() != `nothing is assumed about environment "qa": it must be one of dev, prod` {
		t.Error(err)
	}
}

// Whoever knows no assumption about a log group says so by the one for all of them, and the longest beginning decides.
func TestLogGroups(t *testing.T) {
	u := Usage{logs: map[string]float64{"": 1, "log-": 2, "log-flow": 3, "other": 4}}
	for group, want := range map[string]float64{"": 1, "x": 1, "log-x": 2, "log-flow-dev": 3, "others": 4} {
		if got := u.logGB(group); got != want {
			t.Errorf("%s takes %v instead of %v", group, got, want)
		}
	}
}

// Each price and each assumption is used by the code, and each that the code uses is in the tables.
func TestTablesAreUsed(t *testing.T) {
	var code strings.Builder
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil && !strings.HasSuffix(name, "_test.go") {
			code.Write(data)
		}
	}
	used := func(pattern string) (list []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(code.String(), -1) {
			list = append(list, match[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	prices, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	if err := sameNames("the code", "price", used(`r\.(?:fixed|variable|add)\([a-z]+, "([a-z-]+)"`), prices.ids()); err != nil {
		t.Error(err)
	}
	assumptions, err := DefaultAssumptions()
	if err != nil {
		t.Fatal(err)
	}
	if err := sameNames("the code", "assumption", used(`\.of\("([a-z_]+)"\)`), assumptions.names()); err != nil {
		t.Error(err)
	}
}

// A type is either free or has somebody who knows what it costs.
func TestTypesAreInOneTable(t *testing.T) {
	for name := range freeTypes() {
		if pricers()[name] != nil {
			t.Errorf("%s is free, but also priced", name)
		}
	}
	if len(freeTypes()) < 30 {
		t.Errorf("only %d types are free", len(freeTypes()))
	}
}
