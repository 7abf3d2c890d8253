package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// A Scenario is a list of things that go wrong, as a file says it.
type Scenario struct {
	calls     []Fault
	resources []Broken
	findings  []Finding
}

// keys are what an item may say besides the thing that goes wrong.
func keys() []string {
	return []string{"after", "at", "code", "for", "in", "message", "operation", "path", "reason", "service", "skip", "times", "when"}
}

// doings are the things that go wrong: of calls, of resources, of change sets.
func doings() map[string]Kind {
	return map[string]Kind{"throttle": Throttled, "error": Internal, "deny": Denied, "expire": Expired, "skew": Skewed, "refuse": Refused, "lose": Lost, "half": Half, "twice": Twice, "answer": Failing,
		"fail": "", "slow": "", "stick": "", "warn": "", "reject": ""}
}

// ReadScenario reads a scenario file: a list of items such as
//
//   - {throttle: cloudformation, operation: DescribeStackEvents, times: 20}
//   - {expire: any, at: 10m}
//   - {fail: DataStack/Cluster, reason: Insufficient capacity, after: 3m}
//   - {stick: PaymentApiService}
//   - {warn: AccessLogs, in: SecurityStack, code: BUCKET_EMPTINESS_VALIDATION, reason: not empty}
//
// Calls go wrong from a time of the rehearsal on (at) and for a while (for); a resource fails a while after its beginning (after). Errors name
// the item, the key, the value and what is allowed.
func ReadScenario(origin string, data []byte) (Scenario, error) {
	var s Scenario
	var items []map[string]yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&items); err != nil && !errors.Is(err, io.EOF) {
		return s, &fault.Error{Code: fault.Usage, What: origin + " is no scenario", Err: err, Allowed: "a list of items such as {fail: Cluster, reason: …}"}
	}
	for i, item := range items {
		if err := s.add(&scenarioItem{place: fmt.Sprintf("item %d of %s", i+1, origin), nodes: item}); err != nil {
			return Scenario{}, err
		}
	}
	return s, nil
}

// Play makes go wrong what a scenario says.
func (s *Simulator) Play(scenario Scenario) {
	s.Inject(scenario.calls...)
	s.Break(scenario.resources...)
	s.Find(scenario.findings...)
}

// A scenarioItem is one of a file's, being read.
type scenarioItem struct {
	place string
	nodes map[string]yaml.Node
	err   error
}

// wrong remembers the first thing that is.
func (item *scenarioItem) wrong(what, found, allowed string) {
	if item.err == nil {
		item.err = &fault.Error{Code: fault.Usage, What: item.place + ": " + what, Found: found, Allowed: allowed}
	}
}

// text is a key's value; empty when it is not there.
func (item *scenarioItem) text(key string) string {
	node, given := item.nodes[key]
	if given && node.Kind != yaml.ScalarNode {
		item.wrong(key+" is no text", "", "a text")
	}
	return node.Value
}

func (item *scenarioItem) duration(key string) time.Duration {
	value := item.text(key)
	if value == "" {
		return 0
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		item.wrong(key+" is no duration", value, "such as 90s, 10m or 1h30m")
	}
	return d
}

func (item *scenarioItem) number(key string) int {
	value := item.text(key)
	if value == "" {
		return 0
	}
	n := integer(value, -1)
	if n < 0 {
		item.wrong(key+" is no number", value, "0, 1, 2 …")
	}
	return n
}

// doing is the one key that says what goes wrong.
func (item *scenarioItem) doing() string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(item.nodes)) {
		if _, is := doings()[key]; is {
			found = append(found, key)
		} else if !slices.Contains(keys(), key) {
			item.wrong("unknown key", key, strings.Join(append(slices.Sorted(maps.Keys(doings())), keys()...), ", "))
		}
	}
	if len(found) != 1 {
		item.wrong("not one thing that goes wrong", strings.Join(found, ", "), strings.Join(slices.Sorted(maps.Keys(doings())), ", "))
		return ""
	}
	return found[0]
}

// add reads an item.
func (s *Scenario) add(item *scenarioItem) error {
	doing := item.doing()
	subject := item.text(doing)
	if subject == "" {
		item.wrong(doing+" names nothing", "", "a service or any; for fail, slow, stick, warn and reject the logical ID of a resource")
	}
	switch kind := doings()[doing]; {
	case item.err != nil:
	case kind != "":
		s.calls = append(s.calls, item.call(kind, subject))
	case doing == "warn" || doing == "reject":
		s.findings = append(s.findings, Finding{Stack: item.text("in"), LogicalID: subject, Path: item.text("path"), Name: item.text("code"), Fails: doing == "reject", Reason: item.text("reason")})
	default:
		s.resources = append(s.resources, item.resource(doing, subject))
	}
	return item.err
}

// services are those of calls.
func services() []string {
	return []string{"any", "application-autoscaling", "cloudformation", "codedeploy", "ecr", "ecs", "elasticloadbalancing", "logs", "monitoring", "s3", "secretsmanager", "sts", "tagging"}
}

func (item *scenarioItem) call(kind Kind, service string) Fault {
	if !slices.Contains(services(), service) {
		item.wrong("unknown service", service, strings.Join(services(), ", "))
	}
	if kind == Failing && item.text("code") == "" {
		item.wrong("answer has no code", "", "code: the service's error code, such as LimitExceededException")
	}
	if service == "any" {
		service = ""
	}
	return Fault{Service: service, Operation: item.text("operation"), Kind: kind, Skip: item.number("skip"), Times: item.number("times"), From: item.duration("at"), For: item.duration("for"),
		Code: item.text("code"), Message: item.text("message")}
}

func (item *scenarioItem) resource(doing, subject string) Broken {
	b := Broken{Resource: subject, Reason: item.text("reason"), After: item.duration("after"), Stuck: doing == "stick", Skip: item.number("skip"), Times: item.number("times"), When: strings.ToUpper(item.text("when"))}
	switch {
	case b.When != "" && !slices.Contains([]string{Forward, Back, Deletion}, b.When):
		item.wrong("unknown phase in when", item.text("when"), "forward, back, delete")
	case doing == "slow" && b.After == 0:
		item.wrong("slow has no after", "", "after: how long the resource takes")
	case doing == "fail" && b.Reason == "":
		b.Reason = "The simulator was told to let this fail"
	case doing != "fail" && b.Reason != "":
		item.wrong(doing+" has no reason: the resource does not fail", b.Reason, "fail")
	}
	return b
}
