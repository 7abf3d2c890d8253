package templates_test

import (
	"os"
	"strings"
	"testing"
)

// handlerActions are the actions that CloudFormation's handlers of a type call. That the deploy role may do what the handlers of
// all types call, and nothing else, is for the rules of package checks to prove.
func handlerActions(t *testing.T, resourceType string) (actions []string) {
	t.Helper()
	data, err := os.ReadFile("../checks/deployment_actions.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == resourceType {
			actions = append(actions, fields[2:]...)
		}
	}
	if len(actions) == 0 {
		t.Fatalf("no actions of %s", resourceType)
	}
	return actions
}

// fullARN writes an ARN as the templates do.
func fullARN(arn string) string {
	service, rest, _ := strings.Cut(arn, ":")
	region, rest, _ := strings.Cut(rest, ":")
	account, rest, _ := strings.Cut(rest, ":")
	return strings.Join([]string{"arn", "${AWS::Partition}", service, strings.ReplaceAll(region, "R", "${AWS::Region}"),
		strings.ReplaceAll(account, "A", "${AWS::AccountId}"), strings.ReplaceAll(rest, "SUFFIX", "${EnvironmentSuffix}")}, ":")
}
