package templates

import (
	"strings"
	"unicode"

	"github.com/tierform/tierform/pkg/cfn"
)

// product names what belongs to the platform as a whole, where a name needs a qualifier.
const product = "payments"

// Environment is what every tier takes: the suffix that its physical names end in.
type Environment struct {
	EnvironmentSuffix cfn.EnvironmentSuffix
}

// Name is a physical name: resource type, qualifiers, suffix, joined by hyphens.
func (e Environment) Name(resourceType string, qualifiers ...string) string {
	return strings.Join(append([]string{resourceType}, append(qualifiers, string(e.EnvironmentSuffix))...), "-")
}

// Names that several stacks must agree on without passing a value, because policies name resources of later stacks or
// because AWS derives one name from another.

// ClusterName is the ECS cluster's name; Container Insights derives its log group from it.
func (e Environment) ClusterName() string { return e.Name("cluster", product) }

// ContainerInsightsLogGroup is where Container Insights writes, whether we create it or not.
func (e Environment) ContainerInsightsLogGroup() string {
	return "/aws/ecs/containerinsights/" + e.ClusterName() + "/performance"
}

// DatabaseName is the identifier of the Aurora cluster; RDS derives its log groups from it.
func (e Environment) DatabaseName() string { return e.Name("db", product) }

// DatabaseLogGroup is where RDS exports one kind of log of the cluster: postgresql, instance or iam-db-auth-error.
func (e Environment) DatabaseLogGroup(kind string) string {
	return "/aws/rds/cluster/" + e.DatabaseName() + "/" + kind
}

// RepositoryName is the ECR repository of an image.
func (e Environment) RepositoryName(image string) string { return e.Name("ecr", image) }

// DeployRoleName is the role CloudFormation acts as.
func (e Environment) DeployRoleName() string { return e.Name("role", "deploy") }

// OperatorRoleName is the role of people who set values that are made elsewhere. No template declares it: who may take it is
// the account's affair.
func (e Environment) OperatorRoleName() string { return e.Name("role", "operator") }

// PlanRoleName is the role of pipelines that plan.
func (e Environment) PlanRoleName() string { return e.Name("role", "plan") }

// PipelineRoleName is the role of pipelines that deploy.
func (e Environment) PipelineRoleName() string { return e.Name("role", "pipeline") }

// PublishRoleName is the role of pipelines that push images.
func (e Environment) PublishRoleName() string { return e.Name("role", "publish") }

// TaskRoleName is the role that the containers of a service have; "*" gives the pattern of all.
func (e Environment) TaskRoleName(service string) string { return e.Name("role", "task", service) }

// ExecutionRoleName is the role with which ECS starts the tasks of a service; "*" gives the pattern of all.
func (e Environment) ExecutionRoleName(service string) string {
	return e.Name("role", "execution", service)
}

// ArchiveRoleName is the role with which Firehose writes to the archive bucket.
func (e Environment) ArchiveRoleName() string { return e.Name("role", "archive") }

// ArchiveBucketName is the bucket that keeps audit streams, where no external one is given.
func (e Environment) ArchiveBucketName() cfn.BucketName {
	return cfn.BucketName(e.Name("bucket", "archive", cfn.AccountID))
}

// SubscriptionRoleName is the role with which CloudWatch Logs writes to Firehose.
func (e Environment) SubscriptionRoleName() string { return e.Name("role", "subscription") }

// TopicName is the topic that takes alarms and events.
func (e Environment) TopicName() string { return e.Name("topic", "alarms") }

// AuditorRoleName is the role with which auditors read the archive.
func (e Environment) AuditorRoleName() string { return e.Name("role", "auditor") }

// AuditStreamName is the Firehose stream to the archive bucket, the value of its CloudWatch dimension.
func (e Environment) AuditStreamName() string { return e.Name("stream", "audit") }

// TrailName is the CloudTrail trail.
func (e Environment) TrailName() string { return e.Name("trail", product) }

// SecretName is the secret of a service.
func (e Environment) SecretName(service string) string { return e.Name("secret", service) }

// LogGroupName is a log group of ours.
func (e Environment) LogGroupName(qualifier string) string { return e.Name("log", qualifier) }

// WAFLogGroupName is the WAF's log group, whose name must begin so.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
func (e Environment) WAFLogGroupName() string { return e.Name("aws-waf-logs", product) }

// NamespaceName is the private DNS domain in which services find each other.
func (e Environment) NamespaceName() string {
	return product + "-" + string(e.EnvironmentSuffix) + ".internal"
}

// logicalID makes the stem of a logical ID from a kebab-case name: payment-api gives PaymentApi.
func logicalID(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case r == '-':
			up = true
			continue
		case up:
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}

// zoneLetter names the zone with an index in logical IDs: A, B, C, ….
func zoneLetter(i int) string { return string(rune('A' + i)) }

// zoneQualifier names the zone with an index in physical names: a, b, c, ….
func zoneQualifier(i int) string { return string(rune('a' + i)) }
