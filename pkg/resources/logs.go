package resources

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/logs"

	"github.com/tierform/tierform/pkg/cfn"
)

// LogRetentionDays is how long CloudWatch keeps logs; the archive keeps audit streams for longer (PCI DSS 10.5.1).
const LogRetentionDays = 30

// LogGroup is a log group that is encrypted with key, keeps logs for LogRetentionDays and goes with its stack.
func LogGroup(name string, key cfn.KeyARN) *logs.LogGroup {
	return &logs.LogGroup{
		LogGroupName:                         new(name),
		KmsKeyId:                             new(string(key)),
		RetentionInDays:                      new(LogRetentionDays),
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
	}
}

// LogGroupWriters is what a role needs to write into log groups that exist: it cannot create others, which would have
// neither key nor retention.
func LogGroupWriters(sid string, groups ...cfn.LogGroupARN) Statement {
	s := Statement{Sid: sid, Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}}
	for _, g := range groups {
		s.Resources = append(s.Resources, string(g))
	}
	return s
}

// LogGroupNameARN is the ARN, ending in ":*", of a log group of this account and region by name.
func LogGroupNameARN(name string) cfn.LogGroupARN {
	return cfn.LogGroupARN(strings.Join([]string{"arn", cfn.Partition, "logs", cfn.Region, cfn.AccountID, "log-group", name, "*"}, ":"))
}

// LogStreamNameARN is the ARN of a log stream of this account and region by the names of its group and its own.
func LogStreamNameARN(group, stream string) string {
	return strings.Join([]string{"arn", cfn.Partition, "logs", cfn.Region, cfn.AccountID, "log-group", group, "log-stream", stream}, ":")
}
