package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/tierform/tierform/internal/simulator"
)

// A stream is read page by page; the token of its end stays what it is until there is more.
func TestStreamEvents(t *testing.T) {
	a := open(t, simulator.Options{PageSize: 2})
	if got := a.deploy(proposal{stack: "s", body: administered}); got != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	api, stream := cloudwatchlogs.NewFromConfig(a.config), ""
	in := func(token *string) *cloudwatchlogs.GetLogEventsInput {
		return &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/admin"), LogStreamName: &stream, NextToken: token, StartFromHead: aws.Bool(true)}
	}
	stream = "run/app/1"
	if got := code(second(api.GetLogEvents(t.Context(), in(nil)))); got != "ResourceNotFoundException" {
		t.Errorf("a stream without a line: %s", got)
	}
	if err := a.sim.Log("/admin", "w", "1", "2", "3"); err != nil {
		t.Fatal(err)
	}
	stream = "w"
	first := must(api.GetLogEvents(t.Context(), in(nil)))
	rest := must(api.GetLogEvents(t.Context(), in(first.NextForwardToken)))
	end := must(api.GetLogEvents(t.Context(), in(rest.NextForwardToken)))
	if len(first.Events) != 2 || len(rest.Events) != 1 || aws.ToString(rest.Events[0].Message) != "3" || len(end.Events) != 0 || aws.ToString(end.NextForwardToken) != aws.ToString(rest.NextForwardToken) {
		t.Errorf("%d, %d, %d lines, at the end %s", len(first.Events), len(rest.Events), len(end.Events), aws.ToString(end.NextForwardToken))
	}
	for _, token := range []string{"f/x", "f/-1", "f/9"} {
		if got := code(second(api.GetLogEvents(t.Context(), in(&token)))); got != "InvalidParameterException" {
			t.Errorf("%s: %s", token, got)
		}
	}
	nowhere := in(nil)
	nowhere.LogGroupName = aws.String("nobody")
	if got := code(second(api.GetLogEvents(t.Context(), nowhere))); got != "ResourceNotFoundException" {
		t.Error(got)
	}
}

func second[T any](_ T, err error) error { return err }
