package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// changedWithin is how old the value of a secret may be that no schedule of Secrets Manager rotates (PCI DSS 8.3.9: 90 days).
const changedWithin = 90 * 24 * time.Hour

// secretsRotated wants rotation on where the template has a schedule, the master secret of each database rotated by RDS, and other secrets
// changed within 90 days by whoever rotates them. Values are never read.
func secretsRotated(ctx context.Context, l *look) {
	scheduled := map[string]bool{}
	for _, r := range l.estate.Of(rotationType) {
		secret, days := r.property("SecretId"), r.property("RotationRules", "AutomaticallyAfterDays")
		if secret.text() == "" || !days.known() {
			l.untold(r, "secret and schedule")
			continue
		}
		scheduled[secret.text()] = true
		l.rotation(ctx, r, secret.text(), days.text())
	}
	for _, r := range l.estate.Of(clusterType) {
		if r.property("ManageMasterUserPassword").text() == "true" {
			l.masterSecret(ctx, r)
		}
	}
	for _, r := range l.estate.Of(secretType) {
		if !scheduled[r.ID] {
			l.changed(ctx, r)
		}
	}
}

func (l *look) describeSecret(ctx context.Context, id string) (*secretsmanager.DescribeSecretOutput, error) {
	out, err := l.Cloud.Secrets().DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	return out, asking("secretsmanager:DescribeSecret", err)
}

// rotation looks at the schedule of a secret; an empty number of days is any.
func (l *look) rotation(ctx context.Context, r *Resource, secret, days string) {
	expected := "rotation on"
	if days != "" {
		expected += ", every " + days + " days"
	}
	out, err := l.describeSecret(ctx, secret)
	if err != nil {
		l.unread(r, expected, err)
		return
	}
	observed := "rotation " + onOff(aws.ToBool(out.RotationEnabled))
	if days != "" && out.RotationRules != nil {
		observed += fmt.Sprintf(", every %d days", aws.ToInt64(out.RotationRules.AutomaticallyAfterDays))
	}
	l.add(nil, Finding{Resource: secret, Place: r.Place(), Type: r.Type, Expected: expected, Observed: observed, Result: result(observed == expected)})
}

// masterSecret looks at the secret that RDS made of a cluster's administrator (Amazon Aurora User Guide, "Password management with Amazon
// RDS and AWS Secrets Manager").
func (l *look) masterSecret(ctx context.Context, r *Resource) {
	const expected = "a secret managed by RDS, rotation on"
	all, err := l.clusters()
	if err != nil {
		l.unread(r, expected, err)
		return
	}
	if all[r.ID].Secret == "" {
		l.judge(r, false, expected, "no secret of RDS")
		return
	}
	out, err := l.describeSecret(ctx, all[r.ID].Secret)
	if err != nil {
		l.unread(r, expected, err)
		return
	}
	observed := "a secret managed by " + named(aws.ToString(out.OwningService)) + ", rotation " + onOff(aws.ToBool(out.RotationEnabled))
	l.add(nil, Finding{Resource: aws.ToString(out.ARN), Place: r.Place(), Type: r.Type, Expected: expected, Observed: observed, Result: result(strings.EqualFold(observed, expected))})
}

// changed looks at when a secret got its present value: the date of the version, not that of the secret, which a tag changes as well.
func (l *look) changed(ctx context.Context, r *Resource) {
	const expected = "changed within the last 90 days"
	in := &secretsmanager.ListSecretVersionIdsInput{SecretId: &r.ID}
	for {
		out, err := l.Cloud.Secrets().ListSecretVersionIds(ctx, in)
		if err != nil {
			l.unread(r, expected, asking("secretsmanager:ListSecretVersionIds", err))
			return
		}
		for _, v := range out.Versions {
			if slices.Contains(v.VersionStages, "AWSCURRENT") {
				at := aws.ToTime(v.CreatedDate)
				l.judge(r, l.Clock.Now().Sub(at) <= changedWithin, expected, "changed "+at.UTC().Format(time.DateOnly))
				return
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			l.judge(r, false, expected, "it has no value")
			return
		}
	}
}

// secretsUsed wants each secret of the stacks in a task definition that runs or that the stacks declare.
func secretsUsed(_ context.Context, l *look) {
	const expected = "injected by a task definition"
	users, unread := map[string]string{}, error(nil)
	var names []string
	for _, r := range l.estate.Of(definitionType) {
		names = append(names, r.ID)
	}
	if len(names) == 0 {
		l.nothing("the stacks have no task definition")
		return
	}
	for _, name := range names {
		d, err := l.definition(name)
		if err != nil {
			unread = err
			continue
		}
		for _, c := range d.ContainerDefinitions {
			for _, s := range c.Secrets {
				users[secretARN(aws.ToString(s.ValueFrom))] = lastPart(name)
			}
		}
	}
	for _, r := range l.estate.Of(secretType) {
		user, used := users[r.ID]
		if !used && unread != nil {
			l.unread(r, expected, unread)
			continue
		}
		if !used {
			user = "no task definition names it"
		}
		l.judge(r, used, expected, user)
	}
}

// secretARN is the secret of a reference, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, behind which key, stage and version may stand
// (Amazon ECS API reference, Secret).
func secretARN(reference string) string {
	const parts = 7
	if all := strings.Split(reference, ":"); len(all) > parts {
		return strings.Join(all[:parts], ":")
	}
	return reference
}
