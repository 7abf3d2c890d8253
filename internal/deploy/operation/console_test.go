package operation_test

import (
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/operation"
)

// A diagnosis says where the console shows the events, in each partition, and how the operation ended.
func TestWhereAndHowItEnded(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:cloudformation:us-east-1:111122223333:stack/platform-dev/51": "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/events?stackId=arn%3Aaws%3Acloudformation%3Aus-east-1%3A111122223333%3Astack%2Fplatform-dev%2F51",
		"arn:aws-cn:cloudformation:cn-north-1:1:stack/s/1":                    "https://cn-north-1.console.amazonaws.cn/cloudformation/home?region=cn-north-1#/stacks/events?stackId=arn%3Aaws-cn%3Acloudformation%3Acn-north-1%3A1%3Astack%2Fs%2F1",
		"arn:aws-us-gov:cloudformation:us-gov-west-1:1:stack/s/1":             "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudformation/home?region=us-gov-west-1#/stacks/events?stackId=arn%3Aaws-us-gov%3Acloudformation%3Aus-gov-west-1%3A1%3Astack%2Fs%2F1",
		"platform-dev": "",
	} {
		begun := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
		d := operation.Diagnose("platform-dev", operation.Outcome{Stack: arn, Status: "UPDATE_ROLLBACK_COMPLETE", Begun: begun, Ended: begun.Add(4 * time.Minute)})
		if d.Console != want || d.Status != "UPDATE_ROLLBACK_COMPLETE" || d.Seconds != 240 {
			t.Errorf("%s: %+v", arn, d)
		}
	}
	if d := operation.Diagnose("platform-dev", operation.Outcome{}); d.Seconds != 0 {
		t.Errorf("an operation that goes on took %v seconds", d.Seconds)
	}
}
