package templates

import "github.com/tierform/tierform/pkg/cfn"

// ArchiveInputs are what the archive tier takes.
type ArchiveInputs struct {
	Environment
	LogsKey       cfn.KeyARN
	ArchiveBucket cfn.BucketName
	// CloudTrail is enabled or disabled (a root parameter).
	CloudTrail cfn.Text
}

// ArchiveOutputs are what subscription filters send audit streams to.
type ArchiveOutputs struct {
	Stream cfn.DeliveryStreamARN
	// SubscriptionRole is the role with which CloudWatch Logs writes to the stream.
	SubscriptionRole cfn.RoleARN
}

// Archive declares ….
func Archive(t *cfn.Template, in ArchiveInputs) ArchiveOutputs {
	t.Describe("Archive")
	return ArchiveOutputs{}
}
