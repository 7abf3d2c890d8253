package deploy

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/teardown"
)

// A name that several failures have is refused; one in full, CloudFormation's own form among them, is not.
func TestSkipOfNamesakes(t *testing.T) {
	t.Parallel()
	failed := func(stack string, path ...string) teardown.Resource {
		return teardown.Resource{Stack: "arn:aws:cloudformation:us-east-1:111122223333:stack/" + stack + "/1", Path: path, LogicalID: "Key", Status: "UPDATE_FAILED"}
	}
	resources := []teardown.Resource{failed("platform-dev"), failed("platform-dev-DataStack-1A", "DataStack"), failed("platform-dev-ReaderStack-2B", "ReaderStack"),
		{LogicalID: "Fine", Status: "UPDATE_COMPLETE"}}
	for name, want := range map[string]string{"Key": "Key", "Data/Key": "platform-dev-DataStack-1A.Key", "platform-dev-ReaderStack-2B.Key": "platform-dev-ReaderStack-2B.Key"} {
		if got, err := skip(name, resources); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	if got, err := skip("Key", resources[1:]); err == nil || !strings.Contains(err.Error(), "more than one") || !strings.Contains(err.Error(), "Data/Key, Reader/Key") {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := skip("Fine", resources); err == nil {
		t.Errorf("%q was rolled back and is skipped", got)
	}
}
