package cfn

// Reference is implemented by the kinds of reference: named string types that hold a token. Nest turns struct fields
// of such a type into wires. A package adds a kind of its own with two lines:
//
//	type QueueARN string
//	func (QueueARN) Reference() {}
type Reference interface {
	// Reference marks the type; it is never called.
	Reference()
}

// Constrained is implemented by kinds whose parameters carry more than a type: a pattern, allowed values, a length.
// A constrained reference cannot be fed by another stack's output, because nested change sets put placeholders there.
type Constrained interface {
	// Constraint is what a parameter of this kind declares. Description and Default are ignored.
	Constraint() Parameter
}

// Text is a reference to any string; prefer a kind that says what it is.
type Text string

// Number is a reference to a numeric parameter. [Template.Int] and [Template.Float] put it into number fields.
type Number string

// EnvironmentSuffix is what the physical names of one environment end in: 1 to 12 characters, words of lower-case
// letters and digits joined by single hyphens, so that it fits every service's naming rules.
type EnvironmentSuffix string

// SuffixPattern is the pattern of an [EnvironmentSuffix].
const SuffixPattern = `^[a-z0-9]+(-[a-z0-9]+)*$`

// MaxSuffixLength is the longest [EnvironmentSuffix], in characters.
const MaxSuffixLength = 12

// Kinds of references, named after what they identify.
type (
	// ARN is an Amazon resource name of any type.
	ARN string
	// AvailabilityZone is a zone's name in this account, such as us-east-1a.
	AvailabilityZone string
	// BucketARN is the ARN of an S3 bucket.
	BucketARN string
	// BucketName is the name of an S3 bucket.
	BucketName string
	// CertificateARN is the ARN of an ACM certificate.
	CertificateARN string
	// CIDR is an IPv4 address block.
	CIDR string
	// ClusterARN is the ARN of an ECS cluster.
	ClusterARN string
	// ClusterName is the name of an ECS cluster.
	ClusterName string
	// CodeDeployApplication is the name of a CodeDeploy application.
	CodeDeployApplication string
	// DeliveryStreamARN is the ARN of a Firehose delivery stream.
	DeliveryStreamARN string
	// DeploymentGroupName is the name of a CodeDeploy deployment group.
	DeploymentGroupName string
	// HostName is a DNS name.
	HostName string
	// HostedZoneID is the ID of a Route 53 hosted zone.
	HostedZoneID string
	// Image is a container image by registry, repository and digest.
	Image string
	// KeyARN is the ARN of a KMS key.
	KeyARN string
	// ListenerARN is the ARN of a load balancer's listener.
	ListenerARN string
	// LoadBalancerName is a load balancer's full name, the value of its CloudWatch dimension.
	LoadBalancerName string
	// LogGroupARN is the ARN of a log group, ending in ":*".
	LogGroupARN string
	// LogGroupName is the name of a log group.
	LogGroupName string
	// NamespaceID is the ID of a Cloud Map namespace.
	NamespaceID string
	// Port is a TCP port that a resource reports.
	Port string
	// PrefixListID is the ID of a prefix list.
	PrefixListID string
	// RepositoryURI is the address of an ECR repository.
	RepositoryURI string
	// RoleARN is the ARN of an IAM role.
	RoleARN string
	// RouteTableID is the ID of a route table.
	RouteTableID string
	// SecretARN is the ARN of a secret in Secrets Manager.
	SecretARN string
	// SecurityGroupID is the ID of a security group.
	SecurityGroupID string
	// ServiceName is the name of an ECS service.
	ServiceName string
	// SubnetID is the ID of a subnet.
	SubnetID string
	// TargetGroupARN is the ARN of a target group.
	TargetGroupARN string
	// TargetGroupName is a target group's full name, the value of its CloudWatch dimension.
	TargetGroupName string
	// TopicARN is the ARN of an SNS topic.
	TopicARN string
	// VPCID is the ID of a VPC.
	VPCID string
	// WebACLName is the name of a WAF web ACL, the value of its CloudWatch dimension.
	WebACLName string
)

// Zoned holds one value for each availability zone; Nest names the wires of the zones A, B, C, ….
type Zoned[T any] []T

// Constraint makes every template refuse a suffix that could break a name.
func (EnvironmentSuffix) Constraint() Parameter {
	return Parameter{
		AllowedPattern: SuffixPattern, MinLength: 1, MaxLength: MaxSuffixLength,
		ConstraintDescription: "1 to 12 characters: words of a-z and 0-9 joined by single hyphens",
	}
}

// Constraint gives the parameter the type Number.
func (Number) Constraint() Parameter { return Parameter{Type: "Number"} }
