package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// eachGroup asks about the log groups that the stacks declare, of which the template promises something.
func (l *look) eachGroup(property string, expect func(value) string, judge func(r *Resource, expected string, g logs.LogGroup)) {
	for _, r := range l.estate.Of(groupType) {
		promised := r.property(property)
		if !promised.set() {
			l.inapplicable(r, "", "the template says no "+property)
			continue
		}
		if !promised.known() {
			l.untold(r, property)
			continue
		}
		all, err := l.groups()
		g, exists := all[r.ID]
		switch expected := expect(promised); {
		case err != nil:
			l.unread(r, expected, err)
		case !exists:
			l.judge(r, false, expected, "does not exist")
		default:
			judge(r, expected, g)
		}
	}
}

func groupsEncrypted(_ context.Context, l *look) {
	l.eachGroup("KmsKeyId", value.text, func(r *Resource, expected string, g logs.LogGroup) {
		l.judge(r, sameKey(expected, aws.ToString(g.KmsKeyId)), expected, named(aws.ToString(g.KmsKeyId)))
	})
}

func groupsKept(_ context.Context, l *look) {
	days := func(v value) string { return v.text() + " days" }
	l.eachGroup("RetentionInDays", days, func(r *Resource, expected string, g logs.LogGroup) {
		observed := "for ever"
		if g.RetentionInDays != nil {
			observed = fmt.Sprintf("%d days", *g.RetentionInDays)
		}
		l.same(r, expected, observed)
	})
}

// groupsDeclared wants no log group of the environment beside the declared ones: services make such groups by themselves, without key and
// for ever.
func groupsDeclared(_ context.Context, l *look) {
	const expected = "declared by a stack of the environment"
	all, err := l.groups()
	if err != nil {
		l.unread(nil, expected, err)
		return
	}
	for _, name := range sortedKeys(all) {
		declared := l.estate.by(groupType, name)
		switch {
		case declared != nil:
			l.judge(declared, true, expected, "declared")
		case carries(name, l.Environment):
			l.add(nil, Finding{Resource: aws.ToString(all[name].LogGroupArn), Type: groupType, Expected: expected, Observed: "no stack declares it", Result: Fail})
		}
	}
}

// carries tells whether a name belongs to an environment: the suffix is a word of its own in it, and the last one of a name or of a part
// of a path. That of another environment may begin with it: qa-eu.
func carries(name, suffix string) bool {
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '/' || c == '.' || c == ':' }) {
		if part == suffix || strings.HasSuffix(part, "-"+suffix) || strings.HasSuffix(part, "_"+suffix) {
			return true
		}
	}
	return false
}

// trailLogging wants each trail of the stacks to write, and to prove its files (AWS CloudTrail API reference, GetTrailStatus and
// DescribeTrails).
func trailLogging(ctx context.Context, l *look) {
	trails := l.estate.Of(trailType)
	if len(trails) == 0 {
		l.nothing("the stacks make no trail: where an organisation has one, its administrators show that it logs")
	}
	const prefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
	for _, r := range trails {
		validated := r.property("EnableLogFileValidation")
		expected := "logging, deliveries without error"
		if validated.text() == "true" {
			expected += ", files validated"
		}
		var status struct {
			IsLogging           bool
			LatestDeliveryError string
		}
		var described struct {
			Trails []struct{ LogFileValidationEnabled bool } `json:"trailList"`
		}
		err := asking("cloudtrail:GetTrailStatus", l.Signed.JSON(ctx, "cloudtrail", prefix+"GetTrailStatus", map[string]any{"Name": r.arn()}, &status))
		if err == nil {
			err = asking("cloudtrail:DescribeTrails", l.Signed.JSON(ctx, "cloudtrail", prefix+"DescribeTrails", map[string]any{"trailNameList": []string{r.arn()}}, &described))
		}
		if err != nil {
			l.unread(r, expected, err)
			continue
		}
		proven := len(described.Trails) == 1 && described.Trails[0].LogFileValidationEnabled
		observed := "not logging"
		if status.IsLogging {
			observed = "logging"
		}
		if status.LatestDeliveryError == "" {
			observed += ", deliveries without error"
		} else {
			observed += ", last delivery: " + status.LatestDeliveryError
		}
		if validated.text() == "true" {
			observed += map[bool]string{true: ", files validated", false: ", files not validated"}[proven]
		}
		l.same(r, expected, observed)
	}
}
