package operation

import (
	"net/url"
	"strings"
)

// console is the address of a stack's events in the AWS Management Console; empty for what is no ARN. The hosts of the partitions: AWS
// General Reference, "AWS service endpoints"; Getting Started in China and AWS GovCloud User Guide, "Signing in".
func console(arn string) string {
	parts := strings.SplitN(arn, ":", 6) // arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/ID
	if len(parts) < 6 {
		return ""
	}
	host := map[string]string{"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}[parts[1]]
	if host == "" {
		host = "console.aws.amazon.com"
	}
	return "https://" + parts[3] + "." + host + "/cloudformation/home?region=" + parts[3] + "#/stacks/events?stackId=" + url.QueryEscape(arn)
}
