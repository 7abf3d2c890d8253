package simulator_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

// TestScenario plays one of each kind.
func TestScenario(t *testing.T) {
	a, p := grown(t)
	scenario := must(simulator.ReadScenario("trouble.yaml", []byte(`
- {throttle: cloudformation, operation: DescribeStackEvents, times: 1}
- {expire: any, at: 2h, for: 1m}
- {answer: sts, code: Odd, message: so it is}
- {fail: Role, after: 10s, times: 1}
- {slow: Bucket, after: 1m}
- {stick: Child/Queue, when: back, skip: 1}
- {warn: Bucket, code: BUCKET_EMPTINESS_VALIDATION, reason: not empty, path: /Resources/Bucket}
- {reject: Queue, in: Child, code: NAME_CONFLICT_VALIDATION, reason: taken}
`)))
	a.sim.Play(scenario)
	set := must(a.propose(p))
	if set.Status != "FAILED" {
		t.Errorf("%s", set.Status)
	}
	if _, err := a.api.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("s")}); code(err) != "Throttling" {
		t.Errorf("%v", err)
	}
	a.wait(2 * time.Hour)
	_, during := a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	a.wait(time.Minute)
	if _, after := a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); code(during) != "ExpiredToken" || after != nil {
		t.Errorf("credentials run out at a time of the rehearsal, for a minute: %v, %v", during, after)
	}
	if empty, err := simulator.ReadScenario("empty.yaml", nil); err != nil {
		t.Errorf("%+v, %v", empty, err)
	}
}

// TestBrokenScenarios: an error names the item, the key, the value and what is allowed.
func TestBrokenScenarios(t *testing.T) {
	for text, want := range map[string]string{
		"a: b":                                 "trouble.yaml is no scenario",
		"- {fail: A, colour: red}":             `item 1 of trouble.yaml: unknown key (found "colour"); allowed: answer, deny`,
		"- {fail: A}\n- {times: 1}":            "item 2 of trouble.yaml: not one thing that goes wrong; allowed: answer",
		"- {fail: A, slow: B}":                 `not one thing that goes wrong (found "fail, slow")`,
		"- {throttle: dns}":                    `unknown service (found "dns"); allowed: any, application-autoscaling`,
		"- {throttle: s3, at: soon}":           `at is no duration (found "soon"); allowed: such as 90s`,
		"- {throttle: s3, times: -1}":          `times is no number (found "-1")`,
		"- {fail: }":                           "fail names nothing",
		"- {fail: [a]}":                        "fail is no text",
		"- {fail: A, when: later}":             `unknown phase in when (found "later"); allowed: forward, back, delete`,
		"- {slow: A}":                          "slow has no after",
		"- {stick: A, reason: x}":              "stick has no reason",
		"- {answer: s3}":                       "answer has no code",
		"- {fail: A, times: x, skip: y}":       `skip is no number`,
		"- {throttle: s3, at: x, for: y}":      `at is no duration`,
		"- {fail: A}\n- {fail: B}\n- nonsense": "is no scenario",
	} {
		_, err := simulator.ReadScenario("trouble.yaml", []byte(text))
		var known *fault.Error
		if !errors.As(err, &known) || known.Code != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}
