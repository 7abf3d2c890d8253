package teardown_test

import (
	"testing"

	"github.com/tierform/tierform/internal/deploy/teardown"
)

func TestJudge(t *testing.T) {
	env := teardown.Environment{Suffix: "dev", Stacks: []string{"platform-dev", "foundation-dev"}, Resources: []teardown.Resource{
		{ID: "bucket-gone-dev", Type: "AWS::S3::Bucket", Status: "DELETE_COMPLETE"},
		{ID: "log-dev", Type: "AWS::Logs::LogGroup", Status: "DELETE_COMPLETE"},
		{ID: "again-dev", Type: "AWS::S3::Bucket", Status: "DELETE_COMPLETE"}, {ID: "again-dev", Type: "AWS::S3::Bucket", Status: "CREATE_COMPLETE"},
		{ID: "kept-dev", Type: "AWS::S3::Bucket", Status: "CREATE_COMPLETE", Kept: "asked for"},
		{ID: "skipped-dev", Type: "AWS::S3::Bucket", Status: "DELETE_SKIPPED"},
		{ID: "key-1", Type: "AWS::KMS::Key", Status: "DELETE_COMPLETE"},
		{Stack: "arn:stack", LogicalID: "Address", ID: "203.0.113.1", Type: "AWS::EC2::EIP", Status: "DELETE_COMPLETE"},
		{Stack: "arn:stack", LogicalID: "Volume", ID: "vol-1", Type: "AWS::EC2::Volume", Status: "DELETE_COMPLETE"},
		{LogicalID: "Unmade", Type: "AWS::EC2::EIP", Status: "DELETE_COMPLETE"},
	}}
	stack := func(name string) map[string]string { return map[string]string{"aws:cloudformation:stack-name": name} }
	logical := func(id string) map[string]string {
		return map[string]string{"aws:cloudformation:stack-id": "arn:stack", "aws:cloudformation:logical-id": id, "aws:cloudformation:stack-name": "platform-dev"}
	}
	for name, tc := range map[string]struct {
		arn  string
		tags map[string]string
		want teardown.Verdict
	}{
		"deleted, and still tagged":           {"arn:aws:s3:::bucket-gone-dev", nil, teardown.Lagging},
		"deleted log group":                   {"arn:aws:logs:us-east-1:1:log-group:log-dev:*", nil, teardown.Lagging},
		"made again":                          {"arn:aws:s3:::again-dev", nil, teardown.Left},
		"kept on request":                     {"arn:aws:s3:::kept-dev", nil, teardown.Kept},
		"kept by its template":                {"arn:aws:s3:::skipped-dev", nil, teardown.Kept},
		"key":                                 {"arn:aws:kms:us-east-1:1:key/key-1", nil, teardown.Waiting},
		"key of an earlier one":               {"arn:aws:kms:us-east-1:1:key/key-2", stack("platform-dev-SecurityStack-1A2B"), teardown.Waiting},
		"address, known by CloudFormation":    {"arn:aws:ec2:us-east-1:1:elastic-ip/eipalloc-1", logical("Address"), teardown.Lagging},
		"what a volume replaced":              {"arn:aws:ec2:us-east-1:1:volume/vol-0", logical("Volume"), teardown.Left},
		"of the stack, unknown":               {"arn:aws:ec2:us-east-1:1:volume/vol-2", stack("platform-dev"), teardown.Left},
		"of another environment":              {"arn:aws:ec2:us-east-1:1:volume/vol-3", stack("platform-dev-2"), teardown.Foreign},
		"of a stack nested in another's":      {"arn:aws:ec2:us-east-1:1:volume/vol-3", stack("platform-dev-2-DataStack-1A2B"), teardown.Foreign},
		"of another project's stack":          {"arn:aws:s3:::other-dev", stack("other"), teardown.Foreign},
		"of no stack, with our kind of name":  {"arn:aws:sns:us-east-1:1:topic-dev", nil, teardown.Left},
		"of no stack, with a stack's name":    {"arn:aws:rds:us-east-1:1:cluster-snapshot:platform-dev-DataStack-snapshot", nil, teardown.Left},
		"of no stack and with another's name": {"arn:aws:ec2:us-east-1:1:vpc/vpc-1", nil, teardown.Foreign},
		"a task in a cluster of ours":         {"arn:aws:ecs:us-east-1:1:task/cluster-payments-dev/0a1b", nil, teardown.Left},
		"not even an ARN":                     {"something", nil, teardown.Foreign},
	} {
		if got, _ := env.Judge(teardown.Thing{ARN: tc.arn, Tags: tc.tags}); got != tc.want {
			t.Errorf("%s is %s, want %s", name, got, tc.want)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:s3:::bucket":                              "s3",
		"arn:aws:sns:us-east-1:1:topic":                    "sns",
		"arn:aws:ec2:us-east-1:1:vpc/vpc-1":                "ec2:vpc",
		"arn:aws:logs:us-east-1:1:log-group:log":           "logs:log-group",
		"arn:aws:elasticloadbalancing:us-east-1:1:a/app/x": "elasticloadbalancing:a",
		"nonsense": "unknown",
	} {
		if got := teardown.TypeOf(arn); got != want {
			t.Errorf("%s is %s, want %s", arn, got, want)
		}
	}
}
